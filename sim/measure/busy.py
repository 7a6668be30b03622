"""How each unit spent its time: a listener that adds up spans by unit and activity."""

from __future__ import annotations

from collections import Counter, defaultdict

from sim.engine.probe import Probe


class BusyTime(Probe):
    """Picoseconds by unit and activity, and when each unit's last span ended."""

    def __init__(self) -> None:
        self._spent: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._ended: dict[str, int] = {}
        self.overlaps = 0

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        spent = self._spent[unit]
        spent[activity] = spent.get(activity, 0) + end - start
        if start < self._ended.get(unit, 0) or end < start:
            self.overlaps += 1
        self._ended[unit] = end

    def of(self, unit: str, activity: str) -> int:
        """Picoseconds that `unit` was in the state `activity`, 0 when it never was."""
        return self._spent[unit][activity] if unit in self._spent else 0

    def busy(self, unit: str) -> int:
        """Picoseconds that `unit` was in any state it told of."""
        return self._spent[unit].total() if unit in self._spent else 0

    def gapless(self, unit: str) -> bool:
        """Whether the spans of `unit` fill the time from 0 to the end of the last one."""
        return self.busy(unit) == self._ended.get(unit, 0)
