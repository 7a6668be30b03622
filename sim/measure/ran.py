"""A run of a network as it stands: what was run, and what was heard of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sim.hardware.mesh import LinkFact
from sim.machine.machine import Machine
from sim.mapping.foresee import Foreseen
from sim.mapping.mapping import Mapping
from sim.mapping.memory import room_for_data
from sim.mapping.replicas import joined
from sim.measure.joules import Account, Terms, account
from sim.measure.outputs import Together
from sim.measure.recorder import Recorder
from sim.workload.parts import Layer


@dataclass(frozen=True, eq=False)
class Ran:
    """A network's run as it stands: what was run, how long (ps), and what was heard."""

    machine: Machine
    mappings: tuple[Mapping, ...]
    layers: tuple[Layer, ...]
    steps: int
    links: tuple[LinkFact, ...]
    recorder: Recorder
    outputs: Together
    busy_waits: bool
    total_ps: int
    foreseen: Foreseen | None = None
    unused_off: bool = False
    host_counts: bool = False
    period_s: float = 0.0

    @cached_property
    def account(self) -> Account | None:
        """What was drawn, where the machine says what its parts draw."""
        heard, energy = self.recorder.energy, self.machine.energy
        if heard is None or energy is None:
            return None
        return account(heard, Terms(energy, self.unused_off, self.busy_waits, self.host_counts, self.total_ps))

    @cached_property
    def mapping(self) -> Mapping:
        """That of the network, or of all copies of it together."""
        return joined(self.mappings)

    @cached_property
    def replica_of(self) -> npt.NDArray[np.int64]:
        """The number of the copy, from 0, that each slice is of."""
        return np.repeat(np.arange(len(self.mappings)), [len(one.slices) for one in self.mappings])

    @property
    def fixed_bytes(self) -> int:
        """SRAM that code, stack and FIFO take on every PE in use."""
        return self.machine.sram.total_bytes - room_for_data(self.machine.sram)

    @property
    def elapsed(self) -> int:
        """The run's time, at least 1 ps so that shares of it can be formed."""
        return max(1, self.total_ps)
