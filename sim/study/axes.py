"""Which combinations of values a study runs: the grid of its axes, or its axes moving together.

A cell is one combination, dotted key to value. The key that is bisected is no part of the cells that are searched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from sim.study.models import Axis, Number, Study

Cell = Mapping[str, Any]

SIGNIFICANT = 12
"""Digits kept of a computed value, so that a step of 0.05 gives 0.15 and not 0.15000000000000002."""


def values(axis: Axis) -> tuple[Any, ...]:
    """The values of an axis in order; whole numbers when both ends are and every value falls on one."""
    if isinstance(axis, tuple):
        return axis
    first, last, steps = getattr(axis, "from"), axis.to, axis.points - 1
    between = [_between(first, last, step / steps, axis.scale) for step in range(1, steps)]
    whole = isinstance(first, int) and isinstance(last, int) and all(value.is_integer() for value in between)
    return (first, *(int(value) if whole else value for value in between), last)


def grid(study: Study) -> list[Cell]:
    """Every cell that is run, the last axis varying fastest; none when a threshold is all that is asked for."""
    if not study.axes and study.bisect:
        return []
    return _combined(study, study.axes)


def searched(study: Study) -> list[Cell]:
    """Every cell at which the threshold is searched, once each."""
    if study.bisect is None:
        return []
    others = {key: axis for key, axis in study.axes.items() if key != study.bisect.key}
    cells = _combined(study, others)
    return list({json.dumps(cell, sort_keys=True): cell for cell in cells}.values())


def cell_count(study: Study) -> int:
    """How many cells the axes have, without making them."""
    return prod(min(length(study.axes[key]) for key in keys) for keys in bundles(study, study.axes))


def bundles(study: Study, keys: Iterable[str]) -> list[tuple[str, ...]]:
    """`keys` by those that move together, in order; one that moves alone is a bundle of its own."""
    joined = tuple(key for key in keys if study.zip is True or (study.zip and key in study.zip))
    alone = [joined if key in joined else (key,) for key in keys]
    return list(dict.fromkeys(alone))


def beside(study: Study, key: str) -> list[str]:
    """One axis of each bundle that `key` is not in: what tells points of equal `key` apart."""
    return [keys[0] for keys in bundles(study, study.axes) if key not in keys]


def length(axis: Axis) -> int:
    """How many values an axis has."""
    return len(axis) if isinstance(axis, tuple) else axis.points


def _combined(study: Study, axes: Mapping[str, Axis]) -> list[Cell]:
    blocks = [_moving_together(axes, keys) for keys in bundles(study, axes)]
    joined = ({key: value for part in row for key, value in part.items()} for row in product(*blocks))
    return [{key: cell[key] for key in axes} for cell in joined]


def _moving_together(axes: Mapping[str, Axis], keys: Sequence[str]) -> list[Cell]:
    rows = zip(*(values(axes[key]) for key in keys), strict=True)
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _between(first: Number, last: Number, share: float, scale: str) -> float:
    value = first * (last / first) ** share if scale == "log" else first + (last - first) * share
    return float(f"{value:.{SIGNIFICANT}g}")
