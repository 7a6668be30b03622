"""Cutting blocks of slices into parts of stated sizes so that little is said between the parts.

`greedy`: parts grow one after another, each from the lowest block left, always by the block that says most to what the
part holds already. `metis`: METIS (Karypis and Kumar 1998) cuts the graph of blocks; it needs pymetis, the extra
`partition`. Which of them cuts is said in the scenario, so that the result does not depend on what is installed.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from sim.scenario.complaints import Complaint, Refused

KEY = "mapping.cut"


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring slices of one layer (from 0) that stay together."""

    layer: int
    slices: int


def cut(blocks: Sequence[Block], room: Sequence[int], talk: Sequence[Sequence[float]], method: str) -> list[int]:
    """The part of each block, by `greedy` or `metis`; part p is meant to hold up to `room[p]` slices.

    Parts with the same room are numbered by their lowest block. Refused where METIS is asked and not installed.
    """
    if method == "metis":
        return _renumbered(_by_metis(blocks, room, talk), room)
    return _renumbered(_grown(blocks, room, talk), room)


def missing_metis() -> list[Complaint]:
    """What to say where METIS is asked, none if it is installed."""
    if find_spec("pymetis"):
        return []
    advice = "install it (pip install 's2sim[partition]'), or set mapping.cut: greedy"
    return [Complaint(KEY, f"'metis' asked, but pymetis is not installed here; {advice}")]


def _renumbered(parts: Sequence[int], room: Sequence[int]) -> list[int]:
    """The same parts, those of one room dealt to its numbers in the order of their lowest blocks."""
    numbers = {size: [part for part, own in enumerate(room) if own == size] for size in room}
    order = {part: numbers[room[part]].pop(0) for part in dict.fromkeys(parts)}
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


def _by_metis(blocks: Sequence[Block], room: Sequence[int], talk: Sequence[Sequence[float]]) -> list[int]:
    if missing := missing_metis():
        raise Refused(missing)
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
    used = [part for part, size in enumerate(room) if size][: len(blocks)]
    shares = [room[part] / sum(room[part] for part in used) for part in used]
    graph = pymetis.CSRAdjacency(starts, others)
    _, parts = pymetis.part_graph(len(used), graph, vweights=sizes, eweights=weights, tpwgts=shares)
    return [used[part] for part in parts]
