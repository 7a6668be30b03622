"""A scaling study as a person sees it: a table and a sentence for each curve, and one picture of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.report.curves import Curve as Line
from sim.report.curves import Mark, Panel, draw_curves, is_wide
from sim.study.figure import ENDINGS, label
from sim.study.models import Scaling
from sim.study.prefix import suited
from sim.study.results import StudyResult
from sim.study.scaling import ENERGY, Curve, Size, curves
from sim.study.statistics import Estimate, scaled
from sim.study.text import shown

IDEAL = "ideal"
SHOWN_SHARE = 0.005
"""Parts of the critical path that stay below this share at every size are not drawn."""


def print_scaling(result: StudyResult, console: Console) -> None:
    """A table for each curve, and where more of the machine stops paying."""
    asked = result.study.scaling
    for curve in curves(result):
        assert asked is not None
        console.print(_table(result, asked, curve))
        console.print(Text(_knee(asked, curve)), soft_wrap=True)


def draw_scaling(result: StudyResult) -> list[Path]:
    """Draw `scaling.svg` and `scaling.png` beside the points; nothing where no point has the time asked for."""
    asked, found = result.study.scaling, curves(result)
    if asked is None or not found:
        return []
    paths = [result.path / f"scaling{ending}" for ending in ENDINGS]
    for path in paths:
        draw_curves(scaling_panels(asked, found), f"{result.study.name}: {asked.kind} scaling", path)
    return paths


def scaling_panels(asked: Scaling, found: Sequence[Curve]) -> list[Panel]:
    """Time, speed-up and efficiency of all curves with their knees; then each curve's parts of the critical path."""
    ticks = tuple(dict.fromkeys(float(size.at) for curve in found for size in curve.sizes))
    x = label(asked.axis)
    how = suited(asked.of, [size.time.mean for curve in found for size in curve.sizes])
    times = tuple(_line(curve, lambda size: scaled(size.time, how.factor)) for curve in found)
    speed_ups = tuple(_line(curve, lambda size: size.speed_up) for curve in found)
    efficiencies = tuple(_line(curve, lambda size: size.efficiency) for curve in found)
    marks = tuple(_mark(curve) for curve in found if curve.knee is not None)
    return [
        Panel(x, f"{how.name}\n[{how.unit}]", times, marks, log_x=True, x_ticks=ticks, from_zero=not is_wide(times)),
        Panel(x, "speed-up", (*speed_ups, _ideal(ticks)), log_x=True, x_ticks=ticks),
        Panel(x, "efficiency", efficiencies, log_x=True, x_ticks=ticks, from_zero=True),
        *(Panel(x, _parts_label(curve), _parts(curve), log_x=True, x_ticks=ticks, from_zero=True) for curve in found),
    ]


def _table(result: StudyResult, asked: Scaling, curve: Curve) -> Table:
    replicas = result.study.replicas
    told = f", mean of {replicas} replicas ± 95 % confidence" if replicas > 1 else ""
    title = f"{asked.kind} scaling{_of(curve)}{told}"
    table = Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False, collapse_padding=True)
    time = suited(asked.of, [size.time.mean for size in curve.sizes])
    energy = suited(ENERGY, [size.energy.mean for size in curve.sizes if size.energy])
    headings = (
        asked.axis.replace(".", ".\n"),
        f"{time.name.replace('.', '.' + chr(10))}\n[{time.unit}]",
        "speed-up",
        "effi-\nciency",
        "next\ndoubling",
        f"energy\nper step\n[{energy.unit}]",
        "limited by",
    )
    for heading in headings:  # numbers are never cut short: the last column, of words, is what may wrap
        table.add_column(Text(heading), justify="right", no_wrap=heading != headings[-1])
    for size in curve.sizes:
        table.add_row(*_row(size, time.factor, energy.factor))
    return table


def _row(size: Size, time: float, energy: float) -> tuple[str, ...]:
    return (
        f"{size.at:g}",
        shown(scaled(size.time, time)),
        shown(size.speed_up),
        f"{size.efficiency.mean:.0%}",
        "" if size.gain is None else f"{size.gain:+z.0%}",
        "" if size.energy is None else shown(scaled(size.energy, energy)),
        "" if size.limit is None else f"{size.limit} {size.parts[size.limit]:.0%}",
    )


def _knee(asked: Scaling, curve: Curve) -> str:
    if len(curve.sizes) < 2:
        return "one size alone ran to its end: nothing to compare it with"
    last = curve.sizes[-1].at
    if curve.knee is None:
        return f"no knee up to {last:g}: each doubling gains {asked.least_gain:.0%} or more"
    return f"knee at {curve.knee:g}: the next doubling gains less than {asked.least_gain:.0%}"


def _of(curve: Curve) -> str:
    return f", {_name(curve)}" if curve.axes else ""


def _name(curve: Curve) -> str:
    return ", ".join(f"{key} = {value}" for key, value in curve.axes.items())


def _line(curve: Curve, number: Callable[[Size], Estimate]) -> Line:
    values = [number(size) for size in curve.sizes]
    return Line(
        _name(curve),
        tuple(float(size.at) for size in curve.sizes),
        tuple(value.mean for value in values),
        tuple(value.half_width or 0.0 for value in values),
        (False,) * len(values),
    )


def _ideal(sizes: Sequence[float]) -> Line:
    ordered = sorted(sizes)
    return Line(
        IDEAL, tuple(ordered), tuple(at / ordered[0] for at in ordered), (0.0,) * len(ordered), (False,) * len(ordered)
    )


def _mark(curve: Curve) -> Mark:
    name = _name(curve)
    assert curve.knee is not None
    return Mark(name, float(curve.knee), f"{name}: knee at {curve.knee:g}" if name else f"knee at {curve.knee:g}")


def _parts_label(curve: Curve) -> str:
    return "share of the critical path" + (f"\n{_name(curve)}" if curve.axes else "")


def _parts(curve: Curve) -> tuple[Line, ...]:
    """A line for each part that is seen at any size, in the order of the first size."""
    names = dict.fromkeys(part for size in curve.sizes for part in size.parts)
    seen = [name for name in names if any(size.parts.get(name, 0.0) >= SHOWN_SHARE for size in curve.sizes)]
    sizes = tuple(float(size.at) for size in curve.sizes)
    shares = {name: tuple(size.parts.get(name, 0.0) for size in curve.sizes) for name in seen}
    zero, false = (0.0,) * len(sizes), (False,) * len(sizes)
    return tuple(Line(name, sizes, shares[name], zero, false) for name in seen)
