"""A study as the points it consists of, each a resolved scenario with a name that says what is in it.

All points of the grid and the ends of every search are read and judged before the first is run, and what is wrong
with them is told at the line of the study file that asked for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np

from sim.scenario.complaints import Complaint, Refused
from sim.scenario.document import SETTING, KeyPath, in_order
from sim.scenario.dump import dump
from sim.scenario.load import load
from sim.scenario.yaml12 import parted
from sim.study.axes import Cell, grid, searched, values
from sim.study.identity import digest, identity
from sim.study.load import StudyFile
from sim.study.scale import scaled
from sim.study.sensitivity import NOTHING_MOVED, Case, Move, Moved, cases, moved

Purpose = Literal["grid", "bisect"] | Move
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One run: `cell` numbers the combinations of its purpose, `scenario` is resolved, `identity` names its content."""

    purpose: Purpose
    cell: int
    axes: Cell
    replica: int
    scenario: dict[str, Any]
    identity: str


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """A threshold to find: `at` gives the point for a value of the bisected key, `ends` the first two points."""

    cell: int
    axes: Cell
    replica: int
    at: Callable[[Any], Point]
    ends: tuple[Point, Point]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything a study is to run, as far as it is known before the first answer; what it `moved`, if anything."""

    file: StudyFile
    grid: tuple[Point, ...]
    searches: tuple[Search, ...]
    digest: str
    moved: Moved = NOTHING_MOVED


def make_plan(file: StudyFile) -> Plan:
    """The plan of a study. Refused with everything that is wrong with any of its points."""
    faults = _Faults(file)
    points = [point for number, cell in enumerate(grid(file.study)) for point in faults.of(_points, number, cell)]
    searches = [one for number, cell in enumerate(searched(file.study)) for one in faults.of(_searches, number, cell)]
    what = moved(file) if points and file.study.sensitivity else NOTHING_MOVED
    points += [point for case in cases(file, what) for point in faults.of(_moving(case), case.number, case.cell)]
    faults.refuse()
    return Plan(file, tuple(points), tuple(searches), _digest(file, points, searches), what)


def replica_seed(seed: int, replica: int) -> int:
    """The seed of a replica: the scenario's own for the first, then drawn from it, whatever the number of replicas.

    53 bits, so that any reader of JSON keeps it whole.
    """
    if replica == 0:
        return seed
    words = np.random.SeedSequence(seed, spawn_key=(replica,)).generate_state(1, np.uint64)
    return int(words[0]) >> 11


def _points(file: StudyFile, number: int, cell: Cell) -> list[Point]:
    return [_resolved(file, "grid", number, cell, replica) for replica in range(file.study.replicas)]


def _moving(case: Case) -> Callable[[StudyFile, int, Cell], list[Point]]:
    return lambda file, number, cell: [_resolved(file, case.move, number, cell, 0)]


def _searches(file: StudyFile, number: int, cell: Cell) -> list[Search]:
    return [_search(file, number, cell, replica) for replica in range(file.study.replicas)]


def _search(file: StudyFile, number: int, cell: Cell, replica: int) -> Search:
    asked = file.study.bisect
    assert asked is not None

    def at(value: Any) -> Point:
        return _resolved(file, "bisect", number, {**cell, asked.key: value}, replica)

    return Search(number, cell, replica, at, (at(asked.low), at(asked.high)))


def _resolved(file: StudyFile, purpose: Purpose, number: int, axes: Cell, replica: int) -> Point:
    axes = {**axes, **scaled(file, axes)}
    scenario, document = load(file.base, {**file.study.set, **axes})
    scenario = scenario.model_copy(update={"seed": replica_seed(scenario.seed, replica)})
    resolved = dump(scenario, document)
    return Point(purpose, number, axes, replica, resolved, identity(resolved, document))


def _digest(file: StudyFile, points: Iterable[Point], searches: Iterable[Search]) -> str:
    """What makes two studies the same: their points and searches; how they are drawn may change."""
    asked = file.study.bisect
    ends = [[end.identity for end in search.ends] for search in searches]
    return digest(
        [file.study.name, [point.identity for point in points], ends, asked.model_dump(mode="json") if asked else None]
    )


@dataclass(slots=True)
class _Fault:
    complaint: Complaint
    cell: Cell
    times: int = 0


class _Faults:
    """Collects what is wrong with the cells of a study, each thing once."""

    def __init__(self, file: StudyFile) -> None:
        self._file = file
        self._cells = 0
        self._found: dict[tuple[str, str], _Fault] = {}

    def of(self, make: Callable[[StudyFile, int, Cell], list[Made]], number: int, cell: Cell) -> list[Made]:
        """What `make` gives for a cell, nothing when it is refused."""
        self._cells += 1
        try:
            return make(self._file, number, cell)
        except Refused as refused:
            for complaint in refused.complaints:
                self._add(_placed(self._file, complaint, cell), cell)
        return []

    def refuse(self) -> None:
        for key, axis in self._file.study.axes.items():
            self._fold(key, [f"axes.{key}[{index}]" for index in range(len(axis) if isinstance(axis, tuple) else 0)])
        if self._found:
            raise Refused(in_order(map(self._told, self._found.values())))

    def _fold(self, key: str, places: Sequence[str]) -> None:
        """What is wrong in the same words with every value of an axis is wrong with its key, and told once."""
        for problem in {problem: None for _, problem in self._found} if len(places) > 1 else ():
            if all((place, problem) in self._found for place in places):
                first, *_ = (self._found.pop((place, problem)) for place in places)
                complaint = self._file.document.complaint(("axes", key), problem)
                self._found[complaint.path, problem] = dataclasses.replace(first, complaint=complaint)

    def _add(self, complaint: Complaint, cell: Cell) -> None:
        self._found.setdefault((complaint.path, complaint.problem), _Fault(complaint, cell)).times += 1

    def _told(self, fault: _Fault) -> Complaint:
        """A fault of the base that some cells have and others have not is told with the first cell that has it."""
        if fault.times == self._cells or fault.complaint.path != "base":
            return fault.complaint
        told = ", ".join(f"{key}={value}" for key, value in fault.cell.items())
        return dataclasses.replace(fault.complaint, problem=f"with {told}: {fault.complaint.problem}")


def _placed(file: StudyFile, complaint: Complaint, cell: Cell) -> Complaint:
    """The complaint about a scenario as one about the study that asked for it."""
    if complaint.file == str(file.document.path):
        return complaint
    if complaint.file != SETTING:
        return file.document.complaint(("base",), str(complaint))
    key, origin = _origin(file, complaint.path, cell)
    problem = complaint.problem if key == complaint.path else f"{complaint.path}: {complaint.problem}"
    return file.document.complaint(origin, problem)


def _origin(file: StudyFile, path: str, cell: Cell) -> tuple[str, KeyPath]:
    """The varied or fixed key that a complaint about `path` is due to, and where the study gives it its value."""
    near = [item for item in _given(file, cell) if _related(parted(item[0]), parted(path))]
    return max(near, key=lambda item: len(parted(item[0])), default=("", ()))


def _related(key: KeyPath, path: KeyPath) -> bool:
    shorter = min(len(key), len(path))
    return key[:shorter] == path[:shorter]


def _given(file: StudyFile, cell: Cell) -> Iterator[tuple[str, KeyPath]]:
    study = file.study
    yield from ((key, ("set", key)) for key in study.set)
    yield from ((key, ("scale", key)) for key in study.scale)
    if study.bisect is not None and study.bisect.key not in cell:
        yield study.bisect.key, ("bisect", "key")
    for key, value in cell.items():
        axis = study.axes.get(key)
        if axis is None:
            yield key, ("sensitivity",)
            continue
        yield key, ("axes", key, values(axis).index(value)) if isinstance(axis, tuple) else ("axes", key)
