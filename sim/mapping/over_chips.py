"""Which chip each slice goes to: chips filled in turn, layers spread over all, layers on chips of their own, or a cut.

Every way gives runs of neighbouring slices of a layer to chips in order, never more slices to a chip than it has free
processing elements; what would be too many goes to the next chip with room.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from sim.mapping.cut import Block, cut

Counts = list[list[int]]
"""For each layer the slices of it on each chip."""


def over_chips(
    pieces: Sequence[int], room: Sequence[int], method: str, talk: Sequence[Sequence[float]], cutter: str = "greedy"
) -> Counts:
    """How many of the `pieces` (slices of each layer) go to each chip, which has `room` for so many in all.

    `talk`: packets a slice of one layer sends to one of another, by layer and layer; `cutter`: who cuts where that is
    the `method` (see `sim.mapping.cut`). There is room for all.
    """
    ways = {"spread": _spread, "layer_per_chip": _layer_per_chip}
    wanted = _by_cut(pieces, room, talk, cutter) if method == "cut" else ways[method](pieces, room)
    return _within(wanted, room)


def _spread(pieces: Sequence[int], room: Sequence[int]) -> Counts:
    """Each layer over all chips, in proportion to their room."""
    bounds = [0, *accumulate(room)]
    return [[count * b // bounds[-1] - count * a // bounds[-1] for a, b in pairwise(bounds)] for count in pieces]


def _layer_per_chip(pieces: Sequence[int], room: Sequence[int]) -> Counts:
    """Each layer on chips of its own, as many as its share of the slices, or several layers to a chip."""
    chips, layers = len(room), len(pieces)
    if chips < layers:
        homes = [layer * chips // layers for layer in range(layers)]
        return [[count * (home == chip) for chip in range(chips)] for count, home in zip(pieces, homes, strict=True)]
    shares = [1] * layers
    for _ in range(chips - layers):
        shares[max(range(layers), key=lambda layer: (pieces[layer] / shares[layer], -layer))] += 1
    firsts = [0, *accumulate(shares)]
    return [
        [_part(count, share, chip - first) if first <= chip < first + share else 0 for chip in range(chips)]
        for count, share, first in zip(pieces, shares, firsts, strict=False)
    ]


def _part(count: int, parts: int, number: int) -> int:
    """The size of one of `parts` nearly equal parts."""
    return count * (number + 1) // parts - count * number // parts


def _by_cut(pieces: Sequence[int], room: Sequence[int], talk: Sequence[Sequence[float]], cutter: str) -> Counts:
    """Blocks of slices on as many parts as there are chips, so that little is said between parts."""
    size = max(1, sum(pieces) // (4 * len(room)))
    blocks = [
        Block(layer, min(size, count - start)) for layer, count in enumerate(pieces) for start in range(0, count, size)
    ]
    counts = [[0] * len(room) for _ in pieces]
    for block, chip in zip(blocks, cut(blocks, room, talk, cutter), strict=True):
        counts[block.layer][chip] += block.slices
    return counts


def _within(wanted: Counts, room: Sequence[int]) -> Counts:
    """The same with no chip over its room: layer by layer, what is too much goes to the nearest chip that has some."""
    left = list(room)
    counts = [[0] * len(room) for _ in wanted]
    for layer, row in enumerate(wanted):
        for chip, count in enumerate(row):
            for other in sorted(range(len(room)), key=lambda one: (abs(one - chip), one)):
                taken = min(count, left[other])
                counts[layer][other] += taken
                left[other] -= taken
                count -= taken
    return counts
