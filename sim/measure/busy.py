"""How each unit spent its time: a listener that adds up spans by unit and activity, and by window for groups of units.

Most spans lie in the window that time has come to, so what a group's spans sum to there is kept until time leaves it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sim.engine.probe import Probe
from sim.measure.windows import Windows

OTHERS = ""
"""The group of units that were put into none."""
FOREVER = 1 << 60
"""A window that no run outlives, 13 days."""

Sums = defaultdict[str, int]
"""Picoseconds by activity."""


class Spent:
    """Of one unit: its time, when the last span ended, its group, and the time of that in the present window."""

    __slots__ = ("ended", "group", "on", "together")

    def __init__(self, group: str, together: Sums) -> None:
        self.on: Sums = defaultdict(int)
        self.ended = 0
        self.group = group
        self.together = together


class BusyTime(Probe):
    """Picoseconds by unit and activity, and by group and activity in windows of `width` ps."""

    def __init__(self, width: int = FOREVER) -> None:
        self.width = width
        self.overlaps = 0
        self._groups: defaultdict[str, Sums] = defaultdict(lambda: defaultdict(int))
        self._units: defaultdict[str, Spent] = defaultdict(lambda: Spent(OTHERS, self._groups[OTHERS]))
        self._from, self._upto = 0, width
        self._windows: defaultdict[tuple[str, str], Windows] = defaultdict(lambda: Windows(width))

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        one = self._units[unit]
        took = end - start
        one.on[activity] += took
        if start < one.ended or took < 0:
            self.overlaps += 1
        one.ended = end
        if start >= self._from and end <= self._upto:
            one.together[activity] += took
        else:
            self._windows[one.group, activity].add(start, end)
            if end > self._upto:
                self._leave_window(end)

    def put(self, unit: str, group: str) -> None:
        """From now on count the time of `unit` with that of `group`."""
        one = self._units[unit]
        one.group, one.together = group, self._groups[group]

    def group(self, unit: str) -> str:
        """The group that `unit` is counted with now."""
        return self._units[unit].group if unit in self._units else OTHERS

    def windows(self) -> Mapping[tuple[str, str], Windows]:
        """The windows of each group and activity, with all that was told so far."""
        self._leave_window(self._from)
        return self._windows

    def of(self, unit: str, activity: str) -> int:
        """Picoseconds that `unit` was in the state `activity`, 0 when it never was."""
        return self.activities(unit).get(activity, 0)

    def busy(self, unit: str) -> int:
        """Picoseconds that `unit` was in any state it told of."""
        return sum(self.activities(unit).values())

    def activities(self, unit: str) -> Mapping[str, int]:
        """Picoseconds of `unit` by activity."""
        return self._units[unit].on if unit in self._units else {}

    def ended(self, unit: str) -> int:
        """When the last span of `unit` ended (ps), 0 when it had none."""
        return self._units[unit].ended if unit in self._units else 0

    def gapless(self, unit: str) -> bool:
        """Whether the spans of `unit` fill the time from 0 to the end of the last one."""
        return self.busy(unit) == self.ended(unit)

    def _leave_window(self, now: int) -> None:
        """Count what lay inside the window, and go on to the one that `now` (ps) lies in."""
        for group, inside in self._groups.items():
            for activity, amount in inside.items():
                self._windows[group, activity].put(self._from, amount)
            inside.clear()
        self._from = now // self.width * self.width
        self._upto = self._from + self.width
