"""One clock of the machine, as the one SimPy event an edge that everything on this clock shares.

Synchronous hardware decides on clock edges, many units on the same one. An `Agenda` keeps, for each edge that anybody
waits for, what to call there: a single event in SimPy's queue stands for them all, which is what makes a network of
processes affordable. Edges nobody waits for do not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from sim.engine.kernel import DECISION, EFFECT, SETTLEMENT, Kernel
from sim.units import Clock

Call = Callable[[int], object]
"""What happens at an edge; it is told the number of the edge."""

Entry = TypeVar("Entry")

Clocked = Generator[object, int, None]
"""A process that waits for edges of one clock and for nothing else: each `yield` gives the number of the edge."""


class Edges:
    """The edges of one clock; `cycle` is the number of the edge being worked on, `now` its instant (ps).

    Anybody may put a call on the agenda of `effects`, and the number of a unit on that of `decisions`, for an edge that
    is still to come.
    """

    def __init__(self, kernel: Kernel, clock: Clock) -> None:
        self.kernel = kernel
        self.clock = clock
        self.cycle = -1
        self.now = 0
        self.units: list[Clocked] = []
        self.effects = Effects(self, EFFECT)
        self.decisions = Decisions(self, DECISION)
        self._settling: list[Callable[[], None]] = []

    def serve(self, behaviour: Clocked) -> int:
        """Start a process, up to its first wait; its number as a unit of this clock.

        The clock resumes it without the detour through an event and a callback of its own, which would cost as much
        as the decision of a link.
        """
        next(behaviour)
        self.units.append(behaviour)
        return len(self.units) - 1

    def settle(self, decision: Callable[[], None]) -> None:
        """Call `decision` when everybody has decided on the edge that is being worked on."""
        if not self._settling:
            self.kernel.at(0, SETTLEMENT, lambda _: self._settle())
        self._settling.append(decision)

    def _settle(self) -> None:
        settling, self._settling = self._settling, []
        for decision in self.kernel.arranged(settling):
            decision()


class Agenda(dict[int, list[Entry]]):
    """What is to be done in one phase of the edges to come: `agenda[cycle].append(...)`.

    The first to ask for an edge has it entered in SimPy's queue.
    """

    def __init__(self, edges: Edges, phase: int) -> None:
        super().__init__()
        self._edges = edges
        self._phase = phase

    def __missing__(self, cycle: int) -> list[Entry]:
        entries = self[cycle] = []
        kernel = self._edges.kernel
        kernel.at(self._edges.clock.edge(cycle) - kernel.now, self._phase, lambda _: self._due(cycle))
        return entries

    def _due(self, cycle: int) -> None:
        edges = self._edges
        edges.cycle, edges.now = cycle, edges.kernel.now
        entries = self.pop(cycle)
        edges.kernel.calls += len(entries)
        self._do(entries, cycle)

    def _do(self, entries: list[Entry], cycle: int) -> None:
        raise NotImplementedError


class Effects(Agenda[Call]):
    """Calls, as they come."""

    def _do(self, entries: list[Call], cycle: int) -> None:
        for call in self._edges.kernel.arranged(entries):
            call(cycle)


class Decisions(Agenda[int]):
    """Numbers of units, which are woken in the order of these numbers: as neighbours have been made one after another,
    what they share is then still in the computer's caches."""

    def _do(self, entries: list[int], cycle: int) -> None:
        units = self._edges.units
        entries.sort()
        for unit in self._edges.kernel.arranged(entries):
            units[unit].send(cycle)
