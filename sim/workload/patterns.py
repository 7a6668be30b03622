"""Who sends to whom: the traffic patterns of the network literature, as BookSim 2 and Dally and Towles define them.

Nodes are numbered row by row. Patterns on bits need a power of two of nodes, `transpose` a square; what does not fit is
refused with the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.scenario.complaints import Refused, did_you_mean

Goals = Callable[[int], npt.NDArray[np.int64]]
"""Draws so many destinations."""

KEY = "workload.pattern"
HOTSPOTS = "workload.hotspots"
DRAWN = ("uniform", "bursty", "hotspot")
"""Patterns by which every node sends to every other."""
NEEDS_GRID = ("transpose", "tornado", "neighbor")


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes that send and receive: `width` columns of `height` rows, by their names; `absent` are those that would
    be there but for faults."""

    width: int
    height: int
    names: tuple[str, ...]
    absent: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return self.width * self.height


def goals(pattern: str, node: int, nodes: Nodes, weights: Mapping[str, float], rng: np.random.Generator) -> Goals:
    """Destinations of `node` under `pattern`; `weights` are those of hotspots. Refused where it has no meaning."""
    if pattern in ("uniform", "bursty"):
        return lambda count: rng.integers(nodes.count, size=count)
    if pattern == "hotspot":
        shares = np.cumsum(hotspot_weights(nodes, weights))
        return lambda count: np.searchsorted(shares, rng.random(count) * shares[-1], side="right")
    fixed = fixed_goal(pattern, node, nodes)
    return lambda count: np.full(count, fixed)


def hotspot_weights(nodes: Nodes, weights: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """The weight of each node as a destination: 1, or as given by name or number."""
    if not weights:
        raise Refused.at(HOTSPOTS, "hotspot needs at least one node with its weight, such as {'0': 8}")
    found = np.ones(nodes.count)
    spots: dict[int, str] = {}
    for written, weight in weights.items():
        spot = node_number(written, nodes, HOTSPOTS)
        if spot in spots:
            raise Refused.at(HOTSPOTS, f"'{written}' and '{spots[spot]}' are the same node")
        spots[spot], found[spot] = written, weight
    if not found.any():
        raise Refused.at(HOTSPOTS, "every node has weight 0, so there is nowhere to send to")
    return found


def node_number(written: str, nodes: Nodes, key: str) -> int:
    """The node called `written`, by name or number; Refused at `key` where there is none."""
    if written.isdecimal():  # no name of a PE is
        if len(written) < 20 and int(written) < nodes.count:
            return int(written)
    elif written in nodes.names:
        return nodes.names.index(written)
    if written in nodes.absent:
        raise Refused.at(key, f"'{written}' is dead or cut off by faults")
    near = did_you_mean(written, nodes.names)
    raise Refused.at(key, f"no node '{written}'{near}; nodes are 0 to {nodes.count - 1} or named like {nodes.names[0]}")


def fixed_goal(pattern: str, node: int, nodes: Nodes) -> int:
    """The one destination of `node`."""
    x, y = node % nodes.width, node // nodes.width
    if pattern == "transpose":
        return x * _square(nodes) + y
    if pattern == "tornado":
        return _shifted(x, nodes.width, _halfway(nodes.width)) + nodes.width * _shifted(
            y, nodes.height, _halfway(nodes.height)
        )
    if pattern == "neighbor":
        return _shifted(x, nodes.width, 1) + nodes.width * _shifted(y, nodes.height, 1)
    return _of_bits(pattern, node, _bits(pattern, nodes.count))


def _of_bits(pattern: str, node: int, bits: int) -> int:
    """The number made from the bits of `node`."""
    all_ones = (1 << bits) - 1
    if pattern == "bit_complement":
        return node ^ all_ones
    if pattern == "shuffle":
        return ((node << 1) | (node >> max(0, bits - 1))) & all_ones
    return int(f"{node:0{bits}b}"[::-1], 2) if bits else 0


def _square(nodes: Nodes) -> int:
    if nodes.width != nodes.height:
        problem = f"transpose needs as many columns as rows, the machine has {nodes.width} x {nodes.height}"
        if nodes.height == 1:
            problem = f"transpose needs a square number of nodes, the machine has {nodes.count}"
        raise Refused.at(KEY, problem)
    return nodes.width


def _bits(pattern: str, count: int) -> int:
    if count & (count - 1):
        raise Refused.at(KEY, f"{pattern} needs a power of two of nodes, the machine has {count}")
    return count.bit_length() - 1


def _shifted(place: int, size: int, by: int) -> int:
    return (place + by) % size


def _halfway(size: int) -> int:
    return (size + 1) // 2 - 1
