"""What a larger machine is worth: speed-up, efficiency, the knee, and what limits each point.

With the same work at every point (strong scaling) the speed-up at n times the first size is T(first) / T; with work
that grows with the machine (weak) it is n T(first) / T, the work done in the time of the first point. Efficiency is
speed-up over n in both. The gain of a doubling is that of the speed-up from one point to the next, per doubling of the
size; the knee is the first point whose next doubling gains too little. What limits a point is the largest part of its
critical path.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from sim.study.axes import Cell, beside
from sim.study.campaign import Row
from sim.study.models import Number, Scaling
from sim.study.results import StudyResult, grid_cells, numbers_of
from sim.study.statistics import Estimate, estimate, scaled

PATH = "critical_path."
ENERGY = "energy.per_step_j"


@dataclass(frozen=True, slots=True)
class Size:
    """One size of the machine: time, speed-up and efficiency over the replicas that ran at this and the first size.

    `gain` is what the next doubling adds to the speed-up as a share, None at the last size; `parts` are the shares of
    the critical path, the largest first, empty where the points have none.
    """

    at: Number
    time: Estimate
    speed_up: Estimate
    efficiency: Estimate
    gain: float | None
    energy: Estimate | None
    parts: dict[str, float]

    @property
    def limit(self) -> str | None:
        """The largest part of the critical path."""
        return next(iter(self.parts), None)


@dataclass(frozen=True, slots=True)
class Curve:
    """The sizes of one combination of the other axes in order, and the knee if the sizes reach it."""

    axes: Cell
    sizes: tuple[Size, ...]
    knee: Number | None


def curves(result: StudyResult) -> list[Curve]:
    """One curve for each combination of the other axes; sizes at which every replica failed are left out."""
    asked = result.study.scaling
    if asked is None:
        return []
    keys = beside(result.study, asked.axis)
    groups: dict[str, list[list[Row]]] = {}
    for rows in grid_cells(result).values():
        groups.setdefault(repr([rows[0].point.axes[key] for key in keys]), []).append(rows)
    made = (_curve(asked, keys, cells) for cells in groups.values())
    return [curve for curve in made if curve.sizes]


def described_scaling(result: StudyResult) -> list[dict[str, Any]]:
    """The same as plain data."""
    return [{**asdict(curve), "sizes": [_described(size) for size in curve.sizes]} for curve in curves(result)]


def gains(sizes: Sequence[Number], speed_ups: Sequence[float]) -> list[float | None]:
    """What a doubling gains from each size on, as a share, by the speed-up at the next; None for the last."""
    steps = zip(pairwise(sizes), pairwise(speed_ups), strict=True)
    found: list[float | None] = [(after / before) ** (1 / math.log2(b / a)) - 1 for (a, b), (before, after) in steps]
    return [*found, None]


def _curve(asked: Scaling, keys: Iterable[str], cells: Iterable[list[Row]]) -> Curve:
    by_size = sorted(((rows[0].point.axes[asked.axis], rows) for rows in cells), key=lambda one: float(one[0]))
    ran = [(at, rows) for at, rows in by_size if _each(rows, asked.of)]
    if not ran:
        return Curve({}, (), None)
    shares = [_speed_ups(asked, ran[0], one) for one in ran]
    known = [(one, estimate(speed_ups)) for one, speed_ups in zip(ran, shares, strict=True) if speed_ups]
    rates = gains([at for (at, _), _ in known], [speed_up.mean for _, speed_up in known])
    sizes = tuple(
        _size(asked, at, float(at) / float(ran[0][0]), rows, speed_up, gain)
        for ((at, rows), speed_up), gain in zip(known, rates, strict=True)
    )
    knee = next((size.at for size in sizes if size.gain is not None and size.gain < asked.least_gain), None)
    axes = ran[0][1][0].point.axes
    return Curve({key: axes[key] for key in keys}, sizes, knee)


def _speed_ups(asked: Scaling, first: tuple[Number, list[Row]], one: tuple[Number, list[Row]]) -> list[float]:
    """The speed-up of each replica over itself at the first size, so that what all sizes share drops out."""
    work = one[0] / first[0] if asked.kind == "weak" else 1.0
    before, after = _each(first[1], asked.of), _each(one[1], asked.of)
    return [work * before[replica] / after[replica] for replica in after if replica in before]


def _each(rows: Iterable[Row], name: str) -> dict[int, float]:
    """A number above 0 of each replica that has it."""
    said = {row.point.replica: numbers_of(row).get(name) for row in rows}
    return {replica: float(value) for replica, value in said.items() if isinstance(value, int | float) and value > 0}


def _size(
    asked: Scaling, at: Number, times: float, rows: Sequence[Row], speed_up: Estimate, gain: float | None
) -> Size:
    energy = _each(rows, ENERGY)
    return Size(
        at=at,
        time=estimate(list(_each(rows, asked.of).values())),
        speed_up=speed_up,
        efficiency=scaled(speed_up, 1 / times),
        gain=gain,
        energy=estimate(list(energy.values())) if energy else None,
        parts=_parts(rows),
    )


def _parts(rows: Iterable[Row]) -> dict[str, float]:
    """Shares of the critical path, over all replicas; equal ones in the order of their names."""
    seconds: dict[str, float] = {}
    for row in rows:
        for name, value in numbers_of(row).items():
            if name.startswith(PATH):
                part = name.removeprefix(PATH).removesuffix("_s")
                seconds[part] = seconds.get(part, 0.0) + value
    total = math.fsum(seconds.values())
    ordered = sorted(seconds, key=lambda part: (-seconds[part], part))
    return {part: seconds[part] / total for part in ordered} if total > 0 else {}


def _described(size: Size) -> dict[str, Any]:
    return {**asdict(size), "limited_by": size.limit}
