"""All groups of figures by name, the quick ones first; to add one, write a function that yields rows and list it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.anchors.booksim import booksim, every_row
from sim.anchors.chip import arithmetic, memory, network, power
from sim.anchors.dramsim import dramsim, every_stream
from sim.anchors.gesture import gesture, whole_gesture
from sim.anchors.many_chips import every_way, many_chips
from sim.anchors.published import published, readings
from sim.anchors.row import Row
from sim.anchors.runs import Runs
from sim.anchors.theory import theory, whole_theory
from sim.anchors.trained import trained

Group = Callable[[Runs], Iterator[Row]]

GROUPS: dict[str, Group] = {
    "power": power,
    "arithmetic": arithmetic,
    "network": network,
    "memory": memory,
    "theory": theory,
    "booksim": booksim,
    "dramsim": dramsim,
    "trained": trained,
    "chips": many_chips,
    "gesture": gesture,
    "published": published,
}
SLOW: dict[str, Group] = {
    "theory": whole_theory,
    "booksim": every_row,
    "dramsim": every_stream,
    "chips": every_way,
    "gesture": whole_gesture,
    "readings": readings,
}
"""Run where all rows are asked for: in place of the quick group of the same name; one without, also by its name."""
