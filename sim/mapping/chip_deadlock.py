"""Whether packets between chips can ever wait for one another in a circle, told before time starts.

A packet that came over a link holds its place in the far buffer until its copies have gone on; so each virtual channel
of a link waits for those of the links its packets leave by. Copies for the chip itself always leave in the end, as
long as the chip's own routes cannot deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import networkx as nx

from sim.machine.links import ChipLink
from sim.machine.machine import Machine
from sim.mapping.between import ChipRoutes
from sim.mapping.mapping import Mapping
from sim.mapping.tables import chips_of, home_chip, senders
from sim.scenario.complaints import Refused

KEY = "network.chip_links.virtual_channels"
Place = tuple[int, int]
"""A link and one of its virtual channels."""
Flow = tuple[int, tuple[int, ...]]
"""A chip that sends, and the chips that its packets are for."""


def flows(machine: Machine, mapping: Mapping, *, copied: bool) -> set[Flow]:
    """Between which chips packets go; where they are not `copied` on their way, one goal at a time."""
    found: set[Flow] = set()
    for group in mapping.groups:
        goals = tuple(chips_of(machine, group.destinations))
        starts = set(senders(machine, group, mapping.slices, mapping.scheduler_pe))
        if group.kind == "done":
            starts = {machine.pes[piece.pe].chip for piece in mapping.slices} | {home_chip(machine)}
        for start in starts:
            found |= {(start, goals)} if copied else {(start, (goal,)) for goal in goals}
    return found


def refuse_chip_deadlock(machine: Machine, between: ChipRoutes, wanted: Iterable[Flow], channels: int) -> None:
    """Refuse flows that can deadlock on links of so many virtual channels, naming a circle."""
    waits: nx.DiGraph[Place] = nx.DiGraph()
    for start, goals in sorted(wanted):
        waits.add_edges_from(_waits(between, start, goals, channels))
    try:
        circle = nx.find_cycle(waits)
    except nx.NetworkXNoCycle:
        return
    names = [_name(machine, first) for first, _ in circle]
    remedy = "set it to 2, or " if channels == 1 else ""
    up_down = "network.chip_links.routing: up_down, " if between.method != "up_down" else ""
    raise Refused.at(
        KEY,
        f"packets between chips can deadlock: {' waits for '.join([*names, names[0]])}; {remedy}set "
        f"{up_down}network.chip_links.full: drop, or network.allow_deadlock: true",
    )


def channel_of(came: tuple[ChipLink, int] | None, link: ChipLink, channels: int) -> int:
    """The virtual channel of a packet on `link` that came by a link and its channel: the upper one past a dateline."""
    if channels == 1 or link.ring < 0:
        return 0
    goes_on = came is not None and came[0].straight == link.index and came[1] == 1
    return int(link.dateline or goes_on)


def _waits(between: ChipRoutes, start: int, goals: tuple[int, ...], channels: int) -> Iterator[tuple[Place, Place]]:
    """Which places wait for which along the tree from `start`."""
    tree = between.tree(start, goals)
    front: list[tuple[int, tuple[ChipLink, int] | None]] = [(start, None)]
    while front:
        chip, came = front.pop()
        for number in tree[chip]:
            link = between.links[number]
            channel = channel_of(came, link, channels)
            if came is not None:
                yield (came[0].index, came[1]), (number, channel)
            front.append((link.target, (link, channel)))


def _name(machine: Machine, place: Place) -> str:
    return machine.chip_links[place[0]].name + (" (upper channel)" if place[1] else "")
