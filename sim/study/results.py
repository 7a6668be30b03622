"""What a study found, as data: a table with a row for each point, failures, and thresholds with their confidence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.study.axes import Cell
from sim.study.bisection import Threshold
from sim.study.campaign import Campaign, Hunt, Row, leaves
from sim.study.models import Study
from sim.study.plan import Plan, Point
from sim.study.sensitivity import NOTHING_MOVED, Moved
from sim.study.statistics import Estimate, estimate

LABELS = ("schema_version", "scenario", "seed", "completed", "versions.")
"""What a summary says about itself and that is no number of the point."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The threshold at one combination of the axes: one search for each replica, and their estimate together.

    `together` is None when a search of any replica did not find it.
    """

    axes: Cell
    each: tuple[Threshold, ...]
    together: Estimate | None


@dataclass(frozen=True, slots=True, eq=False)
class StudyResult:
    """What a study left behind at `path`, and the same in memory."""

    path: Path
    study: Study
    rows: tuple[Row, ...]
    thresholds: tuple[Found, ...]
    completed: bool
    moved: Moved = NOTHING_MOVED

    @property
    def failures(self) -> list[Row]:
        """Points that failed, each once though the grid and a search may both have asked for it."""
        failed = {row.point.identity: row for row in reversed(self.rows) if row.outcome.summary is None}
        return list(failed.values())[::-1]


def found(hunts: Iterable[Hunt]) -> tuple[Found, ...]:
    """Thresholds by combination of the axes, replicas together; searches that were interrupted say so."""
    cells: dict[int, list[Hunt]] = {}
    for hunt in hunts:
        cells.setdefault(hunt.search.cell, []).append(hunt)
    return tuple(_found(same) for same in cells.values())


def grid_cells(result: StudyResult) -> dict[int, list[Row]]:
    """The rows of the grid by combination of the axes, replicas together."""
    cells: dict[int, list[Row]] = {}
    for row in result.rows:
        if row.point.purpose == "grid":
            cells.setdefault(row.point.cell, []).append(row)
    return cells


def columns(study: Study, rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """The table `points`: what each point is, its axes, then every number, yes-or-no and word of its summary.

    A summary key that is called like an axis has `summary.` before its name; what a point has not is masked.
    """
    table: dict[str, list[Any]] = {
        "point": [row.point.identity for row in rows],
        "purpose": [row.point.purpose for row in rows],
        "replica": [row.point.replica for row in rows],
        "seed": [row.point.scenario["seed"] for row in rows],
        "failed": [row.outcome.summary is None for row in rows],
    }
    own, axes = set(table), varied(study, rows)
    table |= {f"scenario.{key}" if key in own else key: [row.point.axes.get(key) for row in rows] for key in axes}
    numbers = [numbers_of(row) for row in rows]
    for name in dict.fromkeys(name for one in numbers for name in one):
        table[f"summary.{name}" if name in table else name] = [one.get(name) for one in numbers]
    return {name: _column(values) for name, values in table.items()}


def varied(study: Study, rows: Iterable[Row]) -> list[str]:
    """Every key that differs between points."""
    searched = [study.bisect.key] if study.bisect else []
    return list(dict.fromkeys([*study.axes, *searched, *(key for row in rows for key in row.point.axes)]))


def numbers_of(row: Row) -> dict[str, Any]:
    """Every number, yes-or-no and word a point's summary has, by dotted name."""
    named = leaves(row.outcome.summary or {})
    return {name: value for name, value in named if _is_scalar(value) and not name.startswith(LABELS)}


def described(result: StudyResult, digest: str) -> dict[str, Any]:
    """The content of study.json but for its version."""
    study = result.study
    return {
        "study": study.name,
        "digest": digest,
        "completed": result.completed,
        "definition": study.model_dump(mode="json"),
        "points": [{**_named(row.point), "failed": row.outcome.summary is None} for row in result.rows],
        "failures": [
            {**_named(row.point), "stage": row.outcome.stage, "message": row.outcome.message} for row in result.failures
        ],
        "thresholds": [_threshold(study, one) for one in result.thresholds],
    }


def result_of(path: Path, plan: Plan, campaign: Campaign, *, completed: bool) -> StudyResult:
    """What is known of a study now."""
    return StudyResult(
        path, plan.file.study, tuple(campaign.rows()), found(campaign.hunts), completed, moved=plan.moved
    )


def _found(hunts: Sequence[Hunt]) -> Found:
    each = tuple(hunt.threshold or Threshold(problem="the search was interrupted") for hunt in hunts)
    values = [one.value for one in each if one.value is not None]
    return Found(hunts[0].search.axes, each, estimate(values) if len(values) == len(each) else None)


def _named(point: Point) -> dict[str, Any]:
    return {
        "point": point.identity,
        "purpose": point.purpose,
        "axes": dict(point.axes),
        "replica": point.replica,
        "seed": point.scenario["seed"],
    }


def _threshold(study: Study, one: Found) -> dict[str, Any]:
    assert study.bisect is not None
    together = one.together
    return {
        "axes": dict(one.axes),
        "key": study.bisect.key,
        "until": study.bisect.until,
        "value": together.mean if together else None,
        "half_width_95": together.half_width if together else None,
        "replicas": [
            {"value": each.value, "last_no": each.last_no, "first_yes": each.first_yes, "problem": each.problem}
            for each in one.each
        ],
    }


def _is_scalar(value: object) -> bool:
    return isinstance(value, bool | int | float | str)


def _column(values: Sequence[Any]) -> np.ndarray:
    """One column of one type: yes-or-no, whole numbers, numbers, or else words with lists and mappings as JSON."""
    kinds = {type(value) for value in values if value is not None}
    for kind, dtype in (({bool}, np.bool_), ({int}, np.int64), ({int, float}, np.float64)):
        if kinds and kinds <= kind:
            filled = [dtype(0) if value is None else value for value in values]
            array = np.array(filled, dtype=dtype)
            absent = [value is None for value in values]
            return np.ma.array(array, mask=absent) if any(absent) else array
    return np.array([None if value is None else _word(value) for value in values], dtype=object)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
