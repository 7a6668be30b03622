"""What a sensitivity study found: the swing of each number over each parameter, and its spread when all are drawn.

A swing is how far a number goes when one parameter goes from the low to the high end of its range while all others keep
their values; bars are in the order of their swings. The spread is that over the draws that did not fail.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sim.machine.parameters import Parameter
from sim.study.campaign import Row
from sim.study.results import StudyResult, numbers_of

QUANTILES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}


@dataclass(frozen=True, slots=True)
class Bar:
    """One parameter and what a number becomes at the ends of its range, None where the run failed."""

    parameter: Parameter
    at_low: float | None
    at_high: float | None

    @property
    def swing(self) -> float:
        """How far the two ends are apart; 0 where one of them is not known."""
        if self.at_low is None or self.at_high is None:
            return 0.0
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True, slots=True)
class Spread:
    """A number over the draws: how many there were, the smallest and largest, and three quantiles between."""

    draws: int
    least: float
    p5: float
    p50: float
    p95: float
    most: float


@dataclass(frozen=True, slots=True)
class Tornado:
    """One number of the summary: its value at the base, its bars, longest first, and its spread if there were draws."""

    name: str
    base: float
    bars: tuple[Bar, ...]
    spread: Spread | None


def tornadoes(result: StudyResult) -> list[Tornado]:
    """One for each number that was asked for, as far as the base has it."""
    asked = result.study.sensitivity
    if asked is None:
        return []
    base = [row for row in result.rows if row.point.purpose == "grid"]
    known = [(name, value) for name in asked.of if base and (value := _number(base[0], name)) is not None]
    return [Tornado(name, value, _bars(result, name, value), _spread(result, name)) for name, value in known]


def described_tornadoes(result: StudyResult) -> list[dict[str, Any]]:
    """The same as plain data."""
    return [
        {
            "number": one.name,
            "base": one.base,
            "bars": [_bar(bar) for bar in one.bars],
            "spread": asdict(one.spread) if one.spread else None,
        }
        for one in tornadoes(result)
    ]


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of the `ordered` values lie, between two of them in proportion."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _bars(result: StudyResult, name: str, base: float) -> tuple[Bar, ...]:
    ends: dict[tuple[str, int], Row] = {(row.point.purpose, row.point.cell): row for row in result.rows}
    bars = []
    for number, one in enumerate(result.moved.alone):
        low, high = (
            base if end == one.value else _of(ends.get((move, number)), name)
            for move, end in (("low", one.low), ("high", one.high))
        )
        bars.append(Bar(one, low, high))
    return tuple(sorted(bars, key=lambda bar: (-bar.swing, bar.parameter.name)))


def _spread(result: StudyResult, name: str) -> Spread | None:
    drawn = [_number(row, name) for row in result.rows if row.point.purpose == "draw"]
    values = sorted(value for value in drawn if value is not None)
    if not values:
        return None
    return Spread(
        draws=len(values),
        least=values[0],
        most=values[-1],
        **{key: quantile(values, share) for key, share in QUANTILES.items()},
    )


def _of(row: Row | None, name: str) -> float | None:
    return _number(row, name) if row else None


def _number(row: Row, name: str) -> float | None:
    value = numbers_of(row).get(name)
    return float(value) if isinstance(value, int | float) else None


def _bar(bar: Bar) -> dict[str, Any]:
    one = bar.parameter
    return {
        "parameter": one.name,
        "value": one.value,
        "low": one.low,
        "high": one.high,
        "basis": one.basis,
        "at_low": bar.at_low,
        "at_high": bar.at_high,
        "swing": bar.swing,
    }
