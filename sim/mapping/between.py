"""Ways from chip to chip: shortest paths over the links, the same for every packet between two chips.

`shortest`: on a hexagonal mesh a packet goes north-east or south-west as long as that is on a shortest path, then east
or west, then north or south; on any other graph the lowest numbered link wins. So ways from one chip part and never
meet again where chips fill a convex outline, and the union of them is the tree that a packet to many chips is copied
along. `up_down` climbs a spanning tree of the chips and then descends, which no dead chip or link can make deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.machine.links import ChipLink
from sim.machine.machine import Host, Machine
from sim.mapping.route import Routes
from sim.mapping.trees import Heights, Towards, copies, distances_to, heights, nearest, up_and_down
from sim.scenario.complaints import Refused

KEY = "network.chip_links.routing"

Links = dict[int, tuple[int, ...]]
"""Chip -> the links that a packet leaves it by, ascending; chips where it ends are there too."""

RANK_OF_DIRECTION = {1: 0, 4: 0, 0: 1, 3: 1, 2: 2, 5: 2, -1: 3}


class ChipRoutes:
    """The links of one machine as ways; worked out for a goal when first asked for."""

    def __init__(self, machine: Machine, method: str = "shortest") -> None:
        self.machine = machine
        self.links = machine.chip_links
        self.method = method
        ranked = sorted(self.links, key=_rank)
        self._rank = [place for place, _ in sorted(enumerate(ranked), key=lambda known: known[1].index)]
        self._towards: dict[int, Towards] = {}

    def next_link(self, here: int, goal: int) -> int:
        """The number of the link by which a packet for chip `goal` leaves chip `here`."""
        if goal not in self._towards:
            self._towards[goal] = self._find(goal)
        if here not in self._towards[goal]:
            names = [self.machine.chips[chip].name for chip in (here, goal)]
            dead = ", ".join([*self.machine.faults.dead_chips, *self.machine.faults.dead_chip_links][:4])
            raise Refused.at(KEY, f"'{self.method}' cannot go from {names[0]} to {names[1]}: {dead} dead")
        return self._towards[goal][here]

    def path(self, start: int, goal: int) -> list[int]:
        """The links from chip to chip, none when they are the same."""
        taken = []
        while start != goal:
            taken.append(self.next_link(start, goal))
            start = self.links[taken[-1]].target
        return taken

    def tree(self, start: int, goals: Iterable[int]) -> Links:
        """The links that a packet from chip `start` is copied to so that it comes once to each of `goals`."""
        ends = tuple(goals)
        crossed = [link for goal in ends for link in self.path(start, goal)]
        if self.method == "up_down":
            crossed.sort(key=lambda link: self._heights.descends(self.links[link]))
        branches = copies(self.links, start, ends, crossed)
        return {chip: tuple(sorted(branches.get(chip, ()))) for chip in dict.fromkeys((start, *branches, *ends))}

    def _find(self, goal: int) -> Towards:
        if self.method == "up_down":
            return up_and_down(self._heights, goal, self._rank)
        return nearest(self.links, distances_to(self.links, goal), self._rank)

    @cached_property
    def _heights(self) -> Heights:
        return heights(self.links, 0)


@dataclass(frozen=True, slots=True, eq=False)
class MachineRoutes:
    """The routes on each chip by its number, shared by chips that are alike, and those between chips."""

    on: tuple[Routes, ...]
    between: ChipRoutes


def by_routers(multicast: str, machine: Machine) -> bool:
    """Whether event routers copy packets to many places: by `tree` too, from chip to chip; meshes then copy on."""
    return multicast == "event_router" or (multicast == "tree" and machine.parts != ())


def route_machine(
    machine: Machine,
    method: str,
    rng: np.random.Generator | None = None,
    between: str = "shortest",
    *,
    routed: bool = True,
) -> MachineRoutes:
    """Routes on every chip by `method`, and `between` chips; chips with the same links, PEs and host share theirs.
    `routed`: packets go through event routers."""
    known: dict[tuple[int, int, Host | None], Routes] = {}
    found: list[Routes] = []
    for chip in machine.chips:
        die = chip.die
        alike = id(die.channels), id(die.pes), die.host
        if alike not in known:
            known[alike] = Routes(die, method, rng, chip.name, routed=routed)
        found.append(known[alike])
    return MachineRoutes(tuple(found), ChipRoutes(machine, between))


def _rank(link: ChipLink) -> tuple[int, int]:
    return RANK_OF_DIRECTION[link.direction], link.index
