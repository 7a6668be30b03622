"""Tornadoes on the page of a sensitivity study: the longest bars of each number, its band, and a table of all bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.report.glossary import find
from sim.study.prefix import suited
from sim.study.tornado_view import LEAST_SHARE, MOST_BARS

Plain = dict[str, Any]

COLUMNS = ("number", "parameter", "basis", "value", "low", "high", "at_low", "at_high", "swing")


def tornado_figures(found: Sequence[Plain]) -> list[Plain]:
    """A figure for each number, in the unit that suits it; bars too short to be seen are counted."""
    return [_figure(one) for one in found]


def _figure(one: Plain) -> Plain:
    how, term = suited(one["number"], [one["base"]]), find(one["number"])
    shown = [bar for bar in one["bars"] if bar["swing"] > LEAST_SHARE * abs(one["base"])][:MOST_BARS]
    spread = one["spread"]
    return {
        "name": how.name,
        "unit": how.unit or "",
        "meaning": term.meaning if term else "",
        "base": one["base"] * how.factor,
        "bars": [_scaled(bar, how.factor) for bar in shown],
        "left_out": len(one["bars"]) - len(shown),
        "band": {name: spread[name] * (1 if name == "draws" else how.factor) for name in spread} if spread else None,
    }


def _scaled(bar: Plain, factor: float) -> Plain:
    ends = {end: None if bar[end] is None else bar[end] * factor for end in ("at_low", "at_high")}
    return bar | ends


def tornado_table(found: Sequence[Plain]) -> Plain:
    """A row for each number and parameter."""
    rows = [[one["number"], *(bar.get(name) for name in COLUMNS[1:])] for one in found for bar in one["bars"]]
    columns = [{"name": name, "unit": "", "meaning": ""} for name in COLUMNS]
    meaning = "One row per number and parameter: what the number is at both ends of the parameter's range."
    return {"name": "sensitivity", "meaning": meaning, "columns": columns, "rows": rows, "count": len(rows)}
