"""Cutting blocks of slices into parts of stated sizes so that little is said between the parts.

With pymetis (extra `partition`) METIS cuts the graph of blocks; without it parts grow one after another, each from the
lowest block left, always by the block that says most to what the part holds already.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring slices of one layer (from 0) that stay together."""

    layer: int
    slices: int


def cut(blocks: Sequence[Block], room: Sequence[int], talk: Sequence[Sequence[float]]) -> list[int]:
    """The part of each block; part p is meant to hold up to `room[p]` slices. Parts are numbered by their lowest
    block."""
    parts = _by_metis(blocks, len(room), talk) if find_spec("pymetis") else _grown(blocks, room, talk)
    order = {part: number for number, part in enumerate(dict.fromkeys(parts))}
    return [order[part] for part in parts]


def said_between(one: Block, other: Block, talk: Sequence[Sequence[float]]) -> float:
    """Packets between two blocks, both ways."""
    return (talk[one.layer][other.layer] + talk[other.layer][one.layer]) * one.slices * other.slices


def _grown(blocks: Sequence[Block], room: Sequence[int], talk: Sequence[Sequence[float]]) -> list[int]:
    parts = [-1] * len(blocks)
    share = sum(block.slices for block in blocks) / sum(room)
    for part, size in enumerate(room):
        heard, held = [0.0] * len(blocks), 0.0
        while -1 in parts and held < size * share:
            free = [number for number, known in enumerate(parts) if known == -1]
            chosen = max(free, key=lambda number: (heard[number], -number))
            parts[chosen] = part
            held += blocks[chosen].slices
            for number in free:
                heard[number] += said_between(blocks[chosen], blocks[number], talk)
    return [max(part, 0) for part in parts]


def _by_metis(blocks: Sequence[Block], count: int, talk: Sequence[Sequence[float]]) -> list[int]:
    pymetis: Any = importlib.import_module("pymetis")
    highest = max((said_between(a, b, talk) for a in blocks for b in blocks), default=1.0) or 1.0
    starts, others, weights = [0], list[int](), list[int]()
    for number, block in enumerate(blocks):
        for neighbour, other in enumerate(blocks):
            said = said_between(block, other, talk)
            if neighbour != number and said:
                others.append(neighbour)
                weights.append(max(1, round(1000 * said / highest)))
        starts.append(len(others))
    sizes = [block.slices for block in blocks]
    _, parts = pymetis.part_graph(count, xadj=starts, adjncy=others, vweights=sizes, eweights=weights)
    return [int(part) for part in parts]
