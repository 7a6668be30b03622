"""What a study found as a person reads it: its grid with confidence intervals, its thresholds, what failed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.study.campaign import Row
from sim.study.models import Study
from sim.study.prefix import Shown, suited
from sim.study.results import Found, StudyResult, grid_cells, numbers_of
from sim.study.statistics import Estimate, estimate, scaled

HEADLINES = (
    "time.step_mean_s",
    "energy.total_j",
    "traffic.accepted_rate",
    "traffic.latency_cycles.mean",
    "traffic.saturated",
)
"""What is shown when a study draws no figure, as far as its points have it."""

MOST_ROWS = 200
MOST_PLACES = 6


def print_study(result: StudyResult, console: Console) -> None:
    """Show a finished or interrupted study: points, thresholds, failures, and where the files are."""
    cells = grid_cells(result)
    if cells:
        console.print(_points(result, list(cells.values())))
    if result.thresholds:
        console.print(_threshold_title(result), soft_wrap=True)
        console.print(_thresholds(result))
    for one in result.study.references if cells else ():
        console.print(Text(f"{one.name}: not run here, {one.source}", "dim"), soft_wrap=True)
    for line in failure_lines(result):
        console.print(Text(line, "red"))
    console.print(Text(f"study in {result.path}", "dim"), soft_wrap=True)


def estimated(rows: Sequence[Row], name: str) -> Estimate | None:
    """What the replicas of a combination say a number of the summary is, None when none of them has it."""
    values = [value for row in rows if isinstance(value := numbers_of(row).get(name), int | float)]
    return estimate(values) if values else None


def failure_lines(result: StudyResult) -> Iterator[str]:
    """What became of each failed point, one line each; replicas that failed alike share one."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for row in result.failures:
        varied = {key: value for key, value in row.point.axes.items() if key not in result.study.scale}
        told = f"draw {row.point.cell}" if row.point.purpose == "draw" else _setting(varied)
        alike.setdefault((row.outcome.stage, told, row.outcome.message), []).append(str(row.point.replica))
    for (stage, told, message), replicas in alike.items():
        which = f", replica {', '.join(replicas)}" if result.study.replicas > 1 else ""
        yield f"failed at {stage}: {told}{which}: {message}"


def _points(result: StudyResult, cells: Sequence[list[Row]]) -> Table:
    names = {name: _suited(name, result.study, cells) for name in _shown_names(result)}
    table = Table(
        title=result.study.name + _confidence(result), title_justify="left", caption=_caption(result, len(cells))
    )
    for key in result.study.axes:
        table.add_column(_heading(suited(key, ())), justify="right")
    for name in names.values():
        table.add_column(_heading(name), justify="right")
    for rows in cells[:MOST_ROWS]:
        axes = [str(rows[0].point.axes[key]) for key in result.study.axes]
        table.add_row(*axes, *(_number(rows, name, one.factor) for name, one in names.items()))
    _add_references(table, result.study, names)
    return table


def _suited(name: str, study: Study, cells: Sequence[list[Row]]) -> Shown:
    """How all that stands below one heading is shown."""
    means = [found.mean for rows in cells if (found := estimated(rows, name))]
    return suited(name, [*means, *(one.values[name] for one in study.references if name in one.values)])


def _add_references(table: Table, study: Study, names: Mapping[str, Shown]) -> None:
    """Rows from elsewhere below the points, apart from them: the name stands where points have their axes."""
    if study.references:
        table.add_section()
    for one in study.references:
        found = [f"{one.values[name] * how.factor:.5g}" if name in one.values else "" for name, how in names.items()]
        table.add_row(Text(one.name), *[""] * (len(study.axes) - 1), *found, style="dim")


def _caption(result: StudyResult, cells: int) -> str | None:
    return f"and {cells - MOST_ROWS} more in points.parquet" if cells > MOST_ROWS else None


def _shown_names(result: StudyResult) -> list[str]:
    figure, bisect = result.study.figure, result.study.bisect
    drawn = [name for name in (figure.x, *figure.y) if name not in result.study.axes] if figure else HEADLINES
    asked = [*drawn, *([bisect.until] if bisect else [])]
    there = {name for row in result.rows for name in numbers_of(row)}
    return [name for name in dict.fromkeys(asked) if name in there]


def _number(rows: Sequence[Row], name: str, factor: float) -> str:
    said = [numbers_of(row).get(name) for row in rows]
    if any(isinstance(value, bool) for value in said):
        return _yes_or_no([value for value in said if value is not None])
    if together := estimated(rows, name):
        return shown(scaled(together, factor))
    return "failed" if any(row.outcome.summary is None for row in rows) else "-"


def _yes_or_no(said: Sequence[Any]) -> str:
    if all(said) or not any(said):
        return "yes" if said[0] else "no"
    return f"{sum(said)} of {len(said)}"


def shown(together: Estimate) -> str:
    """`22.18 ± 0.31`, both to the same place, or the mean alone when there is but one value."""
    half = together.half_width
    if half is None:
        return f"{together.mean:.5g}"
    places = 1 - math.floor(math.log10(half)) if half > 0 else MOST_PLACES + 1
    if places > MOST_PLACES:
        return f"{together.mean:.5g} ± {half:.2g}"
    return f"{together.mean:.{max(places, 0)}f} ± {half:.{max(places, 0)}f}"


def _threshold_title(result: StudyResult) -> Text:
    bisect = result.study.bisect
    assert bisect is not None
    told = f"where {bisect.until} begins, searched for to within {bisect.tolerance:g}{_confidence(result)}"
    return Text(told, "italic")


def _confidence(result: StudyResult) -> str:
    count = result.study.replicas
    return f", mean of {count} replicas ± 95 % confidence" if count > 1 else ""


def _thresholds(result: StudyResult) -> Table:
    bisect = result.study.bisect
    assert bisect is not None
    table = Table()
    for key in (key for key in result.study.axes if key != bisect.key):
        table.add_column(_heading(suited(key, ())), justify="right")
    table.add_column(_heading(suited(bisect.key, ())), justify="right")
    for one in result.thresholds:
        table.add_row(*(str(value) for value in one.axes.values()), _threshold(one))
    return table


def _threshold(one: Found) -> str:
    if one.together is not None:
        return shown(one.together)
    return next(f"not found: {each.problem}" for each in one.each if each.problem)


def _heading(one: Shown) -> Text:
    """The name, broken only after its dots, and its unit."""
    return Text(one.name.replace(".", ".\n") + (f"\n[{one.unit}]" if one.unit else ""))


def _setting(axes: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in axes.items()) or "the only point"
