"""The core of a PE, which every program on it shares: its clock, its receive FIFO, and cycles that take time.

What a core does on end in many short pieces, such as to take in packets, is told as one span, when something else
follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.engine.kernel import Behaviour, Kernel
from sim.engine.probe import Probe
from sim.hardware.fifo import ReceiveFifo
from sim.machine.machine import Costs, OperatingPoint
from sim.units import Clock

TAKEN_TOGETHER = 16
"""Packets read from the FIFO in one go; what lies beyond is still counted as waiting there."""


@dataclass(frozen=True, slots=True)
class Dvfs:
    """When a PE works at a higher operating point: while at least `threshold` packets of its step are there. A change
    takes `switch_ps`."""

    normal: OperatingPoint
    raised: OperatingPoint
    threshold: int
    switch_ps: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a PE works, and its state with nothing to do: "wait" keeps polling, "sleep" waits for an interrupt.
    Without `dvfs` its clock never changes."""

    clock: Clock
    costs: Costs
    idle: str
    dvfs: Dvfs | None = None


class Core:
    """The part of a PE every program on it shares: a name, a FIFO, and cycles that take time."""

    def __init__(self, kernel: Kernel, probe: Probe, pace: Pace, fifo: ReceiveFifo) -> None:
        self.kernel = kernel
        self.probe = probe
        self.pace = pace
        self.fifo = fifo
        self.name = fifo.unit
        self.clock = pace.clock
        self.raised = False
        self._untold: tuple[str, int, int] | None = None

    def choose_point(self, load: int) -> Behaviour:
        """Go to the operating point for work on so many packets, where there is a choice and it is another one."""
        dvfs = self.pace.dvfs
        if dvfs is None or (load >= dvfs.threshold) == self.raised:
            return
        start = self.kernel.now
        yield self.kernel.timeout(dvfs.switch_ps)
        self.tell("switch", start)
        self.raised = not self.raised
        point = dvfs.raised if self.raised else dvfs.normal
        self.clock = point.clock
        self.probe.switched(self.name, point.name, self.kernel.now)

    def spend(self, activity: str, cycles: float) -> Behaviour:
        """Be busy for `cycles`, part cycles rounded up."""
        start = self.kernel.now
        yield self.kernel.timeout(self.clock.duration(cycles))
        self.tell(activity, start)

    def spend_more(self, activity: str, cycles: float) -> Behaviour:
        """The same, for what is often done many times on end: that is told as one span, when something else follows."""
        start = self.kernel.now
        yield self.kernel.timeout(self.clock.duration(cycles))
        untold = self._untold
        if untold and untold[0] == activity and untold[2] == start:
            start = untold[1]
        elif untold:
            self.probe.span(self.name, *untold)
        self._untold = activity, start, self.kernel.now

    def tell(self, activity: str, start: int) -> None:
        """What the PE did from `start` until now."""
        self.tell_all()
        self.probe.span(self.name, activity, start, self.kernel.now)

    def tell_all(self) -> None:
        """Keep nothing back of what the PE has done."""
        if self._untold:
            self.probe.span(self.name, *self._untold)
            self._untold = None

    def begin(self, when: int, behaviour: Behaviour) -> Behaviour:
        """Have the PE idle until `when` (ps), and then its behaviour."""
        if when:
            yield self.kernel.timeout(when)
            self.tell(self.pace.idle, 0)
            self.probe.ticked(self.name, when)
        yield from behaviour

    def rest(self, missing: Callable[[], str]) -> Behaviour:
        """Do nothing until a packet lands."""
        self.tell_all()
        start = self.kernel.now
        yield from self.fifo.filled(missing)
        self.tell(self.pace.idle, start)
