"""The picture of a study: which of its points become which line, and how axes are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from sim.report.curves import Curve, Known, Mark, Panel, draw_curves, is_wide
from sim.report.glossary import find
from sim.scenario.fields import field_at
from sim.scenario.models import Scenario
from sim.scenario.yaml12 import parted
from sim.study.axes import beside
from sim.study.campaign import Row
from sim.study.models import Figure, Study
from sim.study.prefix import suited
from sim.study.results import Found, StudyResult, grid_cells, numbers_of
from sim.study.text import estimated, shown

ENDINGS = (".svg", ".png")
OVERRIDE = "machine.override."
ALIKE = 0.1
"""Numbers that differ by no more than this share of the largest hardly change."""
GROWING = 1.5
"""An axis whose values each are at least this many times the one before is logarithmic."""


def draw_study(result: StudyResult) -> list[Path]:
    """Draw `figure.svg` and `figure.png` beside the points. None without a figure asked or numbers."""
    panels = study_panels(result)
    if not any(panel.curves for panel in panels):
        return []
    paths = [result.path / f"figure{ending}" for ending in ENDINGS]
    for path in paths:
        draw_curves(panels, result.study.name, path)
    return paths


def study_panels(result: StudyResult) -> list[Panel]:
    """One panel for each number on y, with a curve for each group and a mark for each threshold on x."""
    study, figure = result.study, result.study.figure
    if figure is None:
        return []
    groups = _groups(result, figure)
    marks = _marks(result, list(groups))
    return [_panel(study, groups, marks, figure.x, name) for name in figure.y]


def _panel(study: Study, groups: Mapping[str, list[list[Row]]], marks: tuple[Mark, ...], x: str, y: str) -> Panel:
    """One number over x; a share, and what hardly changes, begin at 0, so that a small change looks small."""
    curves, known = _curves(study, groups, x, y), _known(study, x, y)
    numbers = [number for curve in curves for number in curve.y] + [one.y for one in known]
    how = suited(y, numbers)
    ticks = powers(study.axes.get(x))
    return Panel(
        label(x),
        f"{how.name}\n[{how.unit}]" if how.unit else label(y),
        tuple(_times(curve, how.factor) for curve in curves),
        marks,
        bool(ticks) or _is_log(study, x),
        ticks,
        not is_wide(curves, known) and _is_flat(numbers, how.unit),
        tuple(replace(one, y=one.y * how.factor) for one in known),
    )


def _is_flat(numbers: Sequence[float], unit: str | None) -> bool:
    """Whether an axis from 0 on shows best what numbers are."""
    if not numbers or min(numbers) < 0:
        return False
    return unit == "share" or max(numbers) - min(numbers) <= ALIKE * max(numbers)


def _times(curve: Curve, factor: float) -> Curve:
    """The same curve with all that is measured on y multiplied."""
    return replace(
        curve, y=tuple(y * factor for y in curve.y), half_width=tuple(half * factor for half in curve.half_width)
    )


def powers(axis: Any) -> tuple[float, ...]:
    """The values of an axis that is a list of numbers each of which is a multiple of the one before, as with chips
    that double; else nothing."""
    if not isinstance(axis, list | tuple) or len(axis) < 3 or any(type(one) not in (int, float) for one in axis):
        return ()
    ordered = sorted(map(float, axis))
    is_growing = ordered[0] > 0 and all(above >= GROWING * below for below, above in pairwise(ordered))
    return tuple(ordered) if is_growing else ()


def _known(study: Study, x: str, y: str) -> tuple[Known, ...]:
    """References that have a value of y, at their own x where they have that as well."""
    return tuple(Known(one.name, one.values.get(x), one.values[y]) for one in study.references if y in one.values)


def label(name: str) -> str:
    """What stands at an axis: the name, and its unit or what the schema says about it."""
    term = find(name)
    if term is not None:
        return name if term.unit == "true or false" else f"{name}\n[{term.unit}]"
    field = None if name.startswith(OVERRIDE) else field_at(Scenario, parted(name))
    meaning = (field.description or "").partition(";")[0] if field else ""
    return f"{name}\n{meaning}" if meaning else name


def _groups(result: StudyResult, figure: Figure) -> dict[str, list[list[Row]]]:
    """The grid's combinations by the text that tells their curve from others."""
    keys = _group_keys(result.study, figure)
    groups: dict[str, list[list[Row]]] = {}
    for rows in grid_cells(result).values():
        groups.setdefault(_group(rows[0].point.axes, keys), []).append(rows)
    return groups


def _group_keys(study: Study, figure: Figure) -> Sequence[str]:
    if figure.group_by is not None:
        return figure.group_by
    return beside(study, figure.x) if figure.x in study.axes else []


def _group(axes: Mapping[str, Any], keys: Sequence[str]) -> str:
    return ", ".join(f"{key} = {axes[key]}" for key in keys)


def _curves(study: Study, groups: Mapping[str, list[list[Row]]], x: str, y: str) -> tuple[Curve, ...]:
    curves = (_curve(study, group, cells, x, y) for group, cells in groups.items())
    return tuple(curve for curve in curves if curve.x)


def _curve(study: Study, group: str, cells: Sequence[list[Row]], x: str, y: str) -> Curve:
    points = []
    for rows in cells:
        across, up = _across(rows, x), estimated(rows, y)
        if across is not None and up is not None:
            points.append((across, up.mean, up.half_width or 0.0, _is_beyond(study, rows)))
    points.sort(key=lambda point: point[0] if isinstance(point[0], float) else 0.0)
    return Curve(group, *(tuple(column) for column in zip(*points, strict=True))) if points else Curve(group)


def _across(rows: Sequence[Row], x: str) -> float | str | None:
    """Where a combination stands on x: a number, a word of an axis, or what its replicas say on average."""
    value = rows[0].point.axes.get(x)
    if value is not None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number else str(value)
    together = estimated(rows, x)
    return together.mean if together else None


def _is_beyond(study: Study, rows: Sequence[Row]) -> bool:
    """Whether any replica is past the threshold that the study looks for."""
    return study.bisect is not None and any(numbers_of(row).get(study.bisect.until) is True for row in rows)


def _marks(result: StudyResult, groups: Sequence[str]) -> tuple[Mark, ...]:
    study, figure = result.study, result.study.figure
    if study.bisect is None or figure is None or figure.x != study.bisect.key:
        return ()
    keys = _group_keys(study, figure)
    marks = (_mark(one, _group(one.axes, keys), study.bisect.until) for one in result.thresholds)
    return tuple(mark for mark in marks if mark is not None and mark.curve in groups)


def _mark(one: Found, group: str, until: str) -> Mark | None:
    if one.together is None:
        return None
    told = f"{until} from {shown(one.together)}"
    return Mark(group, one.together.mean, f"{group}: {told}" if group else told)


def _is_log(study: Study, x: str) -> bool:
    return getattr(study.axes.get(x), "scale", "linear") == "log"
