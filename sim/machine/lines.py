"""Where the sites and links of a machine are in a picture.

A grid is drawn as it stands. A graph that says where its sites are is drawn by the order of their coordinates, one that
does not as a circle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from typing import Literal

from sim.machine.machine import Machine

Point = tuple[float, float]
State = Literal["live", "dead"]
APART, ASIDE, BOW, STUB, STEPS = 1.3, 0.07, 0.15, 0.6, 12


@dataclass(frozen=True, slots=True)
class Line:
    """One stroke of a link, of either state; an arrow where no link leads back."""

    points: tuple[Point, ...]
    state: State
    one_way: bool


def places(machine: Machine) -> list[Point]:
    """The middle of every site's tile, tiles being less than 1 wide."""
    stated = [(float(site.x), float(site.y)) for site in machine.sites]
    if machine.grid is not None:
        return stated
    count = len(stated)
    if count > 2 and stated == [(number, 0) for number in range(count)]:
        radius = APART / 2 / sin(pi / count)
        angles = [2 * pi * number / count for number in range(count)]
        return [(radius * sin(angle), radius * cos(angle)) for angle in angles]
    columns, rows = (_ranks(along) for along in zip(*stated, strict=True))
    return list(zip(columns, rows, strict=True))


def link_lines(machine: Machine, points: Sequence[Point]) -> Iterator[Line]:
    """Every link: one line for both ways where they are alike, two side by side where one way is dead."""
    numbers = {site.name: site.index for site in machine.sites}
    channels = [edge for edge in machine.graph.edges(data=True) if edge[2]["kind"] == "channel"]
    states: dict[tuple[int, int], State] = {(numbers[a], numbers[b]): data["state"] for a, b, data in channels}
    for (one, other), state in states.items():
        back = states.get((other, one))
        ends = points[one], points[other]
        if machine.grid is not None and _length(*ends) > 1:
            yield Line(_stub(*ends), state, one_way=False)
        elif one < other or back != state:
            yield Line(_between(*ends, aside=back not in (None, state)), state, one_way=back is None)


def _ranks(values: Sequence[float]) -> list[float]:
    ranks = {value: float(rank) for rank, value in enumerate(sorted(set(values)))}
    return [ranks[value] for value in values]


def _length(one: Point, other: Point) -> float:
    return hypot(other[0] - one[0], other[1] - one[1])


def _stub(one: Point, other: Point) -> tuple[Point, ...]:
    """The start of a link round the edge of a torus, which leaves away from where it leads."""
    length = _length(one, other)
    return one, (one[0] - STUB * (other[0] - one[0]) / length, one[1] - STUB * (other[1] - one[1]) / length)


def _between(one: Point, other: Point, aside: bool) -> tuple[Point, ...]:
    """A link from tile to tile, bowed where it is long enough to run over others, `aside` to its right."""
    length = _length(one, other) or 1.0
    dx, dy = (other[0] - one[0]) / length, (other[1] - one[1]) / length
    shift, bow, steps = (ASIDE if aside else 0.0), BOW * length, STEPS if length > APART + 0.01 else 1
    along = [(step / steps, shift + 4 * bow * step / steps * (1 - step / steps)) for step in range(steps + 1)]
    return tuple((one[0] + length * t * dx + off * dy, one[1] + length * t * dy - off * dx) for t, off in along)
