"""What each link carried step by step, in bounded memory: when there are too many steps, neighbours are put together.

A step has ended when its last slice has finished it. What the links had carried until then, less what they had carried
until the step before, is what they carried in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.probe import Probe, TaskRecord
from sim.measure.network import LinkUse

Whole = npt.NDArray[np.int64]

MOST_NUMBERS = 1_500_000
FEWEST_INTERVALS, MOST_INTERVALS = 16, 512


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """The time up to `end` (ps), in which the last of `steps` steps was number `last`; by link flits granted, cycles
    they waited, and the fullest its buffer was."""

    last: int
    steps: int
    end: int
    flits: Whole
    waited: Whole
    peak: Whole

    def joined(self, later: Interval) -> Interval:
        """This and the one that follows as one."""
        return Interval(
            later.last,
            self.steps + later.steps,
            later.end,
            self.flits + later.flits,
            self.waited + later.waited,
            np.maximum(self.peak, later.peak),
        )


class LinkSteps(Probe):
    """Intervals of one step each, or of as many as it takes to stay small."""

    def __init__(self, use: LinkUse) -> None:
        self.intervals: list[Interval] = []
        self._when_over: Callable[[Callable[[], None]], None] = _at_once
        self._use = use
        self._slices = 0
        self._finished: Counter[int] = Counter()
        self._before: tuple[Whole, Whole] | None = None
        self._joining = 1

    def watch(self, slices: int, when_over: Callable[[Callable[[], None]], None] | None = None) -> None:
        """A step has ended when so many slices have finished it; `when_over` has something done once all of the present
        instant has happened, so that what else happens in it counts whole, whatever its order.
        """
        self._slices = slices
        self._when_over = when_over or _at_once

    def task(self, unit: str, record: TaskRecord) -> None:
        self._finished[record.step] += 1
        if self._finished[record.step] == self._slices:
            del self._finished[record.step]
            self._when_over(lambda: self._close(record))

    def _close(self, record: TaskRecord) -> None:
        flits, waited = self._use.flits, np.array(self._use.waited)
        before = self._before or (np.zeros_like(flits), np.zeros_like(waited))
        self._before = flits, waited
        peak = np.array(self._use.close_interval())
        new = Interval(record.step, 1, record.done, flits - before[0], waited - before[1], peak)
        if self.intervals and self.intervals[-1].steps < self._joining:
            self.intervals[-1] = self.intervals[-1].joined(new)
        else:
            self.intervals.append(new)
        if len(self.intervals) > max(FEWEST_INTERVALS, min(MOST_INTERVALS, MOST_NUMBERS // max(1, 3 * len(flits)))):
            self._join_neighbours()

    def _join_neighbours(self) -> None:
        pairs = zip(self.intervals[::2], self.intervals[1::2], strict=False)
        odd = self.intervals[-1:] if len(self.intervals) % 2 else []
        self.intervals = [*(first.joined(second) for first, second in pairs), *odd]
        self._joining *= 2


def _at_once(act: Callable[[], None]) -> None:
    act()
