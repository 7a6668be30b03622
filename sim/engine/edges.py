"""One clock of the machine, as the one SimPy event an edge that everything on this clock shares.

Synchronous hardware decides on clock edges, many units on the same one. An `Agenda` keeps, for each edge that anybody
waits for, what to call there: a single event in SimPy's queue stands for them all, which is what makes a network of
processes affordable. Edges nobody waits for do not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol, TypeVar

from sim.engine.kernel import DECISION, EFFECT, SETTLEMENT, Kernel
from sim.units import Clock

Call = Callable[[int], object]
"""What happens at an edge; it is told the number of the edge."""

FORGOTTEN_TOGETHER = 64
"""Units taken off an agenda at a time: to let go of the thousands of a large mesh at the end would touch each again,
long after it has left the computer's caches."""

Entry = TypeVar("Entry")

Clocked = Generator[object, int, None]
"""A process that waits for edges of one clock: each `yield` gives the number of the edge."""


class Edges:
    """The edges of one clock; `cycle` is the number of the edge being worked on, `now` its instant (ps).

    Anybody may put a call on the agenda of `effects`, and a unit whose process waits on that of `decisions`, for an
    edge that is still to come; units on that of `entries` go on before, as a part of the edge's effects. `ahead` are
    the numbers of the edges from the one being worked on: `ahead[3]` is three cycles later. Thousands of units that
    keep the same few number objects need a fraction of the computer's cache that as many of their own would take.
    """

    def __init__(self, kernel: Kernel, clock: Clock) -> None:
        self.kernel = kernel
        self.clock = clock
        self.cycle = -1
        self.now = 0
        self.ahead: list[int] = []
        self.effects = Effects(self, EFFECT)
        self.entries = Decisions(self, EFFECT)
        self.decisions = Decisions(self, DECISION)
        self._settling: list[Callable[[], None]] = []
        self._sight = 2

    def see(self, cycles: int) -> None:
        """Have `ahead` reach so far."""
        self._sight = max(self._sight, cycles + 1)

    def come(self, cycle: int) -> None:
        """Edge number `cycle` is worked on from now on."""
        if cycle != self.cycle:
            self.cycle, self.now = cycle, self.kernel.now
            self.ahead[:] = range(cycle, cycle + self._sight)

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
        edges.come(cycle)
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


class Unit(Protocol):
    """Whoever has a process that waits for edges of one clock and for nothing else."""

    process: Clocked


class Decisions(Agenda[Unit]):
    """Units whose processes the clock resumes, without the detour through an event and a callback of their own: that
    would cost as much as the decision of a link."""

    def _do(self, entries: list[Unit], cycle: int) -> None:
        units = self._edges.kernel.arranged(entries)
        while units:
            some = units[:FORGOTTEN_TOGETHER]
            del units[:FORGOTTEN_TOGETHER]
            for unit in some:
                unit.process.send(cycle)


def started(behaviour: Clocked) -> Clocked:
    """A process that has come to its first wait."""
    next(behaviour)
    return behaviour
