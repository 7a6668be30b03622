"""Which part of a trace is wanted: a window given beforehand, or what lies around something that happens in the run.

A trigger is only known after it has happened, so what may turn out to be wanted is kept until it is certain not to be.
Times are in ps.
"""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from sim.engine.probe import TaskRecord
from sim.scenario.trace import Trace
from sim.units import us_to_ps

Window = tuple[int, int]
EVER = 1 << 62
LATE = us_to_ps(1000)
"""How long after a window the hops of packets that were sent in it are still kept."""


class Keep(Protocol):
    """What is wanted of a trace, as far as is known."""

    def window(self) -> Window:
        """The first and last instant that are wanted."""

    def may_want(self, first: int, last: int, now: int) -> bool:
        """Whether anything between these instants is or may yet be wanted."""

    def task(self, record: TaskRecord) -> None: ...

    def loss(self, now: int) -> None: ...


class Given:
    """A window known beforehand."""

    def __init__(self, window: Window) -> None:
        self._window = window

    def window(self) -> Window:
        return self._window

    def may_want(self, first: int, last: int, now: int) -> bool:
        return first <= self._window[1] + LATE and last >= self._window[0]

    def task(self, record: TaskRecord) -> None: ...

    def loss(self, now: int) -> None: ...


class FirstLoss(Given):
    """The time around the first loss; nothing where there is none."""

    def __init__(self, around: int) -> None:
        super().__init__((EVER, -1))
        self._around = around

    def loss(self, now: int) -> None:
        if self._window[1] < 0:
            self._window = now - self._around, now + self._around

    def may_want(self, first: int, last: int, now: int) -> bool:
        return super().may_want(first, last, now) or (self._window[1] < 0 and last >= now - self._around)


class SlowestStep(Given):
    """The time around the step that took longest, the first of equals; a step ends when all slices have finished it."""

    def __init__(self, around: int, slices: int) -> None:
        super().__init__((EVER, -1))
        self._around = around
        self._slices = slices
        self._finished: Counter[int] = Counter()
        self._ended = 0
        self._longest = -1

    def task(self, record: TaskRecord) -> None:
        self._finished[record.step] += 1
        if self._finished[record.step] < self._slices:
            return
        del self._finished[record.step]
        if record.done - self._ended > self._longest:
            self._longest = record.done - self._ended
            self._window = self._ended - self._around, record.done + self._around
        self._ended = record.done

    def may_want(self, first: int, last: int, now: int) -> bool:
        return super().may_want(first, last, now) or last >= self._ended - self._around


def keep(asked: Trace, slices: int) -> Keep:
    """What `asked` wants, in a run whose steps are finished by so many slices."""
    around = us_to_ps(asked.around_us)
    if asked.trigger == "first_loss":
        return FirstLoss(around)
    if asked.trigger == "slowest_step":
        return SlowestStep(around, slices)
    start, stop = asked.window_us or (0.0, 0.0)
    return Given((us_to_ps(start), us_to_ps(stop)) if asked.window_us else (0, EVER))
