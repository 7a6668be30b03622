"""The critical path of a study of memory ports: what led to the burst that was over last.

Where each burst follows from one that is done, its path is that one's path and its own time in the port; bursts that
come by a timetable follow from nothing but that. So the path tells how long a study waited for its ports.
"""

from __future__ import annotations

from sim.engine.probe import Probe
from sim.measure.critical_path import Span, Way

TIMETABLE = "timetable"


class LastBurst(Probe):
    """The path of the burst that ended last; of several that of the port whose name comes last.

    `follow` says that a burst is asked for at the instant another of its port is done. A burst has one follower at
    most, so no more paths are kept than bursts are under way.
    """

    def __init__(self, *, follow: bool) -> None:
        self._follow = follow
        self._done: dict[tuple[str, int], Span] = {}
        self._last: tuple[int, str] = (0, "")
        self._path = Span(None, TIMETABLE, "other", 0)

    def burst(self, unit: str, direction: str, row: str, size: int, asked: int, end: int) -> None:
        followed = self._done.pop((unit, asked), None)
        before: Span | Way = followed or Span(Span(None, TIMETABLE, "other", 0), TIMETABLE, "other", asked)
        if followed and followed.before:
            before = followed.before  # the port was busy on end: one span
        path = Span(before, unit, "read", end)
        if self._follow:
            self._done[unit, end] = path
        if (end, unit) > self._last:
            self._last, self._path = (end, unit), path

    def end(self, total: int) -> Span:
        """The end of the path of a study that took `total` (ps); a burst that nobody waits for may still move then."""
        path = self._path
        if path.end > total and path.before:
            return path._replace(end=total)
        return Span(path, TIMETABLE, "other", total) if path.end < total else path
