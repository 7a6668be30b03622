"""A sensitivity study as a person sees it: table and picture of the longest bars, and the interval of the draws."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.report.bars import TornadoBar, TornadoPanel, draw_bars
from sim.study.figure import ENDINGS, label
from sim.study.results import StudyResult
from sim.study.tornado import Bar, Tornado, tornadoes

MOST_BARS = 15
LEAST_SHARE = 1e-4
"""Bars that are a smaller share of the number than this are counted and not shown."""


def print_tornadoes(result: StudyResult, console: Console) -> None:
    """A table for each number, what the draws say, and what could not be moved."""
    for one in tornadoes(result):
        console.print(_table(one))
        for line in _lines(result, one):
            console.print(Text(line), soft_wrap=True)
    if result.moved.unranged:
        names = ", ".join(result.moved.unranged)
        console.print(Text(f"assumed without a range, and so not moved: {names}", "yellow"), soft_wrap=True)


def draw_tornadoes(result: StudyResult) -> list[Path]:
    """Draw `tornado.svg` and `tornado.png` beside the points; nothing where no bar is long enough to be seen."""
    panels = [_panel(result, one) for one in tornadoes(result)]
    if not any(panel.bars for panel in panels):
        return []
    paths = [result.path / f"tornado{ending}" for ending in ENDINGS]
    for path in paths:
        draw_bars(panels, result.study.name, path)
    return paths


def shown_bars(one: Tornado) -> list[Bar]:
    """The longest bars that are long enough to be seen."""
    least = LEAST_SHARE * abs(one.base)
    return [bar for bar in one.bars if bar.swing > least][:MOST_BARS]


def _table(one: Tornado) -> Table:
    title = f"{one.name} = {one.base:.5g}: one parameter at a time"
    table = Table(title=title, title_justify="left", box=SIMPLE, caption="* assumed", caption_justify="left")
    table.add_column("parameter", no_wrap=True)
    for heading in ("value", "range", "at low", "at high"):
        table.add_column(heading, justify="right")
    for bar in shown_bars(one):
        p = bar.parameter
        mark = "*" if p.basis == "assumed" else " "
        ends = (_change(one, end) for end in (bar.at_low, bar.at_high))
        table.add_row(p.name, f"{p.value:g}{mark}", f"{p.low:g} - {p.high:g}", *ends)
    return table


def _lines(result: StudyResult, one: Tornado) -> Iterator[str]:
    rest = len(one.bars) - len(shown_bars(one))
    unknown = [bar.parameter.name for bar in one.bars if bar.at_low is None or bar.at_high is None]
    if rest:
        yield f"{rest} more parameters move it less than these, or not at all"
    if unknown:
        yield f"not known for want of a run that ended well: {', '.join(unknown)}"
    if one.spread:
        s = one.spread
        yield (
            f"{_together(result)}, {s.draws} draws: 5 % {s.p5:.5g}, half {s.p50:.5g}, 95 % {s.p95:.5g}; "
            f"least {s.least:.5g}, most {s.most:.5g}"
        )


def _change(one: Tornado, value: float | None) -> str:
    if value is None:
        return "failed"
    return f"{(value / one.base - 1) * 100:+.2f} %" if one.base else f"{value:.4g}"


def _together(result: StudyResult) -> str:
    """Which parameters were drawn together, in words."""
    asked, count = result.study.sensitivity, len(result.moved.together)
    return f"all {count} {'assumed' if asked and asked.together == 'assumed' else 'ranged'} parameters drawn together"


def _panel(result: StudyResult, one: Tornado) -> TornadoPanel:
    bars = tuple(TornadoBar(_beside(bar), bar.at_low, bar.at_high) for bar in shown_bars(one))
    spread = one.spread
    band = (spread.p5, spread.p95, f"{_together(result)}, 5 % to 95 % of {spread.draws} draws") if spread else None
    return TornadoPanel(label(one.name), one.base, bars, band)


def _beside(bar: Bar) -> str:
    p = bar.parameter
    return f"{p.name}  {p.low:g} - {p.high:g}"
