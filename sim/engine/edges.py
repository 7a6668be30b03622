"""One clock of the machine, as the one SimPy event an edge that everything on this clock shares.

Synchronous hardware decides on clock edges, many units on the same one. `Edges` keeps, for each edge that anybody
waits for, the list of those to wake: a single event in SimPy's queue wakes them all, which is what makes a
network of processes affordable. Edges nobody waits for do not exist.
"""

from __future__ import annotations

from collections.abc import Callable

from simpy import Event

from sim.engine.kernel import DECISION, EFFECT, SETTLEMENT, Kernel
from sim.units import Clock


class Wake(Event):
    """An event a process can wait for again and again; fired by the clock it belongs to."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self._ok, self._value = True, None
        self.callbacks: list[Callable[[Event], None]] = []

    def fire(self) -> None:
        callbacks, self.callbacks = self.callbacks, []
        for resume in callbacks:
            resume(self)


class Edges:
    """The edges of one clock; `cycle` is the number of the edge being worked on."""

    def __init__(self, kernel: Kernel, clock: Clock) -> None:
        self.kernel = kernel
        self.clock = clock
        self.cycle = -1
        self._deciding: dict[int, list[Wake]] = {}
        self._arriving: dict[int, list[Callable[[], None]]] = {}
        self._settling: list[Callable[[], None]] = []

    def decide_at(self, cycle: int, wake: Wake) -> None:
        """Fire `wake` in the decision phase of edge `cycle`."""
        waiting = self._deciding.get(cycle)
        if waiting is None:
            self._deciding[cycle] = [wake]
            self.kernel.at(self.clock.edge(cycle) - self.kernel.now, DECISION, lambda _: self._decide(cycle))
        else:
            waiting.append(wake)

    def happen_at(self, cycle: int, effect: Callable[[], None]) -> None:
        """Call `effect` in the effect phase of edge `cycle`."""
        effects = self._arriving.get(cycle)
        if effects is None:
            self._arriving[cycle] = [effect]
            self.kernel.at(self.clock.edge(cycle) - self.kernel.now, EFFECT, lambda _: self._happen(cycle))
        else:
            effects.append(effect)

    def enter_at(self, cycle: int, wake: Wake) -> None:
        """Fire `wake` in the effect phase of edge `cycle`."""
        self.happen_at(cycle, wake.fire)

    def settle(self, decision: Callable[[], None]) -> None:
        """Call `decision` when everybody has decided on the edge that is being worked on."""
        if not self._settling:
            self.kernel.at(0, SETTLEMENT, lambda _: self._settle())
        self._settling.append(decision)

    def _settle(self) -> None:
        settling, self._settling = self._settling, []
        for decision in self.kernel.arranged(settling):
            decision()

    def _decide(self, cycle: int) -> None:
        self.cycle = cycle
        waiting = self._deciding.pop(cycle)
        self.kernel.wakes += len(waiting)
        for wake in self.kernel.arranged(waiting):
            wake.fire()

    def _happen(self, cycle: int) -> None:
        self.cycle = cycle
        for effect in self.kernel.arranged(self._arriving.pop(cycle)):
            effect()
