"""A plan being worked off: what to run next, what is known so far, and which thresholds that settles.

Searches go first, since each of their points waits for the one before. Nothing here depends on the order in which
outcomes come in.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sim.scenario.complaints import Refused
from sim.study.bisection import Threshold, look, most_left
from sim.study.cost import Pace, work
from sim.study.directory import StudyDirectory
from sim.study.models import Bisect, Number
from sim.study.plan import Plan, Point, Search
from sim.study.point import Outcome, Task

Tell = Callable[["StudyProgress"], None]


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """How far a study is: points done (`found` of them finished earlier), failed, and the most there can be.

    `seconds_left` is None until a point has shown how long one takes.
    """

    done: int
    found: int
    failed: int
    points: int
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A point and what became of it."""

    point: Point
    outcome: Outcome


class Campaign:
    """The source of tasks of one study, and its answers."""

    def __init__(
        self,
        plan: Plan,
        directory: StudyDirectory,
        progress: Tell | None = None,
        workers: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan = plan
        self._directory = directory
        self._progress = progress
        self._outcomes: dict[str, Outcome] = {}
        self._planned = {point.identity for point in plan.grid}
        self._taken: set[str] = set()
        self._found = self._failed = 0
        self.hunts = tuple(Hunt(search, plan.file.study.bisect) for search in plan.searches if plan.file.study.bisect)
        ends = [point for hunt in self.hunts for point in hunt.tried.values()]
        self._waiting = deque([*ends, *_pilot_first(plan.grid)])
        self._workers, self._clock, self._pace = workers, clock, Pace()
        self._begun: dict[str, float] = {}
        self._work = {point.identity: work(point.scenario) for point in [*ends, *plan.grid]}
        self._work_left = sum(self._work.values())

    def recall(self) -> None:
        """Read the outcome of every point that was finished earlier, so that what is told from now on has them all."""
        missing = list(iter(self._missing, None))
        self._taken.difference_update(point.identity for point in missing)
        self._waiting.extend(missing)
        if self._progress:
            self._progress(self._how_far())

    def take(self) -> Task | None:
        """The next point that is neither finished nor under way."""
        point = self._missing()
        if point is None:
            return None
        self._begun[point.identity] = self._clock()
        return Task(point.identity, point.scenario, str(self._directory.points.resolve()))

    def tell(self, task: Task, outcome: Outcome) -> None:
        """Take note of what became of a point, and how long it took."""
        self._pace.add(work(task.scenario), self._clock() - self._begun[task.identity])
        self._settle(task.identity, outcome)

    def gather(self) -> None:
        """Note points that were finished but not told of when the work was broken off."""
        for identity in sorted(self._taken - self._outcomes.keys()):
            if outcome := self._directory.find(identity):
                self._outcomes[identity] = outcome

    def rows(self) -> list[Row]:
        """Every point with its outcome: the grid in order, then each search from low to high."""
        searched = [hunt.tried[value] for hunt in self.hunts for value in sorted(hunt.tried)]
        known = [point for point in [*self._plan.grid, *searched] if point.identity in self._outcomes]
        return [Row(point, self._outcomes[point.identity]) for point in known]

    def _missing(self) -> Point | None:
        """The next point that has no outcome on disk; those that have are noted on the way to it."""
        while self._waiting:
            point = self._waiting.popleft()
            if point.identity in self._taken:
                continue
            self._taken.add(point.identity)
            outcome = self._directory.find(point.identity)
            if outcome is None:
                return point
            self._found += 1
            self._recall_pace(point, outcome)
            self._settle(point.identity, outcome)
        return None

    def _recall_pace(self, point: Point, outcome: Outcome) -> None:
        seconds = (outcome.summary or {}).get("engine", {}).get("wall_s")
        if seconds is not None:
            self._pace.add(work(point.scenario), seconds)

    def _settle(self, identity: str, outcome: Outcome) -> None:
        if identity not in self._outcomes:
            self._work_left -= self._work.get(identity, 0.0)
        self._outcomes[identity] = outcome
        self._failed += outcome.summary is None
        self._planned.add(identity)
        for hunt in self.hunts:
            self._waiting.extendleft(hunt.next_points(self._outcomes))
        if self._progress:
            self._progress(self._how_far())

    def _how_far(self) -> StudyProgress:
        to_come = sum(hunt.most_left(self._outcomes) for hunt in self.hunts)
        done, points = len(self._outcomes), len(self._planned) + to_come
        left = points - done
        seconds = self._pace.expected(left, self._work_left + to_come * self._work_of_a_search())
        at_once = max(1, min(self._workers, left))
        return StudyProgress(done, self._found, self._failed, points, None if seconds is None else seconds / at_once)

    def _work_of_a_search(self) -> float:
        """The work of a point between the ends of a search."""
        ends = [self._work[end.identity] for hunt in self.hunts for end in hunt.search.ends]
        return fmean(ends) if ends else 0.0


def _pilot_first(points: Sequence[Point]) -> list[Point]:
    """The smallest point, which soon tells how long the study will be; then from the largest down.

    The largest last would keep one worker busy when all others have nothing left to do.
    """
    if not points:
        return []
    pilot = min(points, key=lambda point: work(point.scenario))
    rest = [point for point in points if point is not pilot]
    return [pilot, *sorted(rest, key=lambda point: -work(point.scenario))]


class Hunt:
    """One search: the points tried so far, and the threshold once it is settled."""

    def __init__(self, search: Search, asked: Bisect) -> None:
        self.search = search
        self.threshold: Threshold | None = None
        self.tried: dict[Number, Point] = dict(zip((asked.low, asked.high), search.ends, strict=True))
        self._asked = asked

    def next_points(self, outcomes: Mapping[str, Outcome]) -> list[Point]:
        """Points that these outcomes make necessary and that were not asked for before."""
        if self.threshold is not None:
            return []
        found = look(self._asked, self._answers(outcomes))
        if isinstance(found, Threshold):
            self.threshold = found
            return []
        try:
            new = {value: self.search.at(value) for value in found if value not in self.tried}
        except Refused as refused:
            self.threshold = Threshold(problem=f"{self._asked.key}={found[0]} is refused: {refused.complaints[0]}")
            return []
        self.tried |= new
        unknown = [point for point in new.values() if point.identity not in outcomes]
        # A point that the grid has answered already brings the search on at once.
        return self.next_points(outcomes) if new and not unknown else unknown

    def most_left(self, outcomes: Mapping[str, Outcome]) -> int:
        return most_left(self._asked, self._answers(outcomes)) if self.threshold is None else 0

    def _answers(self, outcomes: Mapping[str, Outcome]) -> dict[Number, bool | None]:
        known = {value: outcomes[point.identity] for value, point in self.tried.items() if point.identity in outcomes}
        return {value: _answer(outcome, self._asked.until) for value, outcome in known.items()}


def _answer(outcome: Outcome, name: str) -> bool | None:
    said = dict(leaves(outcome.summary or {})).get(name)
    return said if isinstance(said, bool) else None


def leaves(section: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted name and value of everything in a summary that is no mapping."""
    for key, value in section.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
