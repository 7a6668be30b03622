"""Who sends to whom: the traffic patterns of the network literature, as BookSim 2 and Dally and Towles define them.

Nodes are numbered row by row. Patterns on bits need a power of two of nodes, `transpose` a square, `tornado` and
`neighbor` a full rectangle; what does not fit is refused with the numbers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sim.scenario.complaints import Refused

Goals = Callable[[int], npt.NDArray[np.int64]]
"""Draws so many destinations."""

KEY = "workload.pattern"
NEEDS_GRID = ("transpose", "tornado", "neighbor")


def goals(pattern: str, node: int, width: int, height: int, rng: np.random.Generator) -> Goals:
    """Destinations of `node` on `width` x `height` nodes under `pattern`; Refused where that has no meaning."""
    nodes = width * height
    if pattern == "uniform":
        return lambda count: rng.integers(nodes, size=count)
    x, y = node % width, node // width
    fixed = {
        "transpose": lambda: x * _square(width, height) + y,
        "bit_complement": lambda: nodes - 1 - node if _bits(pattern, nodes) else node,
        "bit_reverse": lambda: int(f"{node:0{_bits(pattern, nodes)}b}"[::-1], 2) if nodes > 1 else node,
        "shuffle": lambda: _rotate(node, _bits(pattern, nodes)),
        "tornado": lambda: _shifted(x, width, _halfway(width)) + width * _shifted(y, height, _halfway(height)),
        "neighbor": lambda: _shifted(x, width, 1) + width * _shifted(y, height, 1),
    }[pattern]()
    return lambda count: np.full(count, fixed)


def _square(width: int, height: int) -> int:
    if width != height:
        raise Refused.at(KEY, f"transpose needs as many columns as rows, the machine has {width} x {height}")
    return width


def _bits(pattern: str, nodes: int) -> int:
    if nodes & (nodes - 1):
        raise Refused.at(KEY, f"{pattern} needs a power of two of nodes, the machine has {nodes}")
    return nodes.bit_length() - 1


def _rotate(node: int, bits: int) -> int:
    """The number with its highest bit moved to the lowest place."""
    return ((node << 1) | (node >> (bits - 1))) & ((1 << bits) - 1) if bits else node


def _shifted(place: int, size: int, by: int) -> int:
    return (place + by) % size


def _halfway(size: int) -> int:
    return (size + 1) // 2 - 1
