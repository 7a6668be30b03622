"""How each unit spent its time: a listener that adds up spans by unit and activity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sim.engine.probe import Probe


class Spent:
    """Of one unit: picoseconds by activity, and when the last span ended."""

    __slots__ = ("ended", "on")

    def __init__(self) -> None:
        self.on: dict[str, int] = {}
        self.ended = 0


class BusyTime(Probe):
    """Picoseconds by unit and activity, and when each unit's last span ended."""

    def __init__(self) -> None:
        self._units: defaultdict[str, Spent] = defaultdict(Spent)
        self.overlaps = 0

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        one = self._units[unit]
        one.on[activity] = one.on.get(activity, 0) + end - start
        if start < one.ended or end < start:
            self.overlaps += 1
        one.ended = end

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
