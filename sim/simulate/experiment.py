"""What the assembler needs of anything it can run."""

from __future__ import annotations

from typing import Any, Protocol

from sim.engine.kernel import Kernel
from sim.engine.stuck import Waiting
from sim.measure.books import Books
from sim.measure.columns import Table
from sim.measure.trace import Tracer
from sim.simulate.foreseen import Forecast


class Experiment(Protocol):
    """Units started on a kernel, and the listeners that can tell what became of them."""

    @property
    def kernel(self) -> Kernel: ...

    @property
    def tracer(self) -> Tracer | None:
        """Who records what happens, where the scenario asks for that."""

    @property
    def steps(self) -> int:
        """Steps there are to do."""

    def forecast(self) -> Forecast | None:
        """What a step is foreseen to ask of the links between chips, where there are any."""

    def steps_done(self) -> int:
        """Steps that are done."""

    def held_up(self) -> list[tuple[str, Waiting]]:
        """What still waits in the network when nothing more can happen."""

    def lost(self) -> str:
        """What was lost so far, in words; nothing where nothing was."""

    def books(self) -> Books:
        """Which conservation laws held, at the end of a complete run."""

    def tables(self) -> dict[str, Table]:
        """The tables by name."""

    def sections(self, made: dict[str, Table]) -> dict[str, Any]:
        """The summary's sections, from the tables made and the listeners."""

    def mapping(self) -> dict[str, Any] | None:
        """The mapping as plain data, where there is one."""

    def flit_hops(self) -> int:
        """Link crossings so far."""
