"""All groups of figures by name, the quick ones first; to add one, write a function that yields rows and list it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.anchors.chip import arithmetic, memory, network, power
from sim.anchors.published import published, readings
from sim.anchors.row import Row
from sim.anchors.runs import Runs
from sim.anchors.trained import trained

Group = Callable[[Runs], Iterator[Row]]

GROUPS: dict[str, Group] = {
    "power": power,
    "arithmetic": arithmetic,
    "network": network,
    "memory": memory,
    "trained": trained,
    "published": published,
}
SLOW: dict[str, Group] = {"readings": readings}
"""Run only where they are asked for by name, or all are."""
