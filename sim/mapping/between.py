"""Ways from chip to chip: shortest paths over the links, the same for every packet between two chips.

On a hexagonal mesh a packet goes north-east or south-west as long as that is on a shortest path, then east or west,
then north or south; on any other graph the lowest numbered link wins. So ways from one chip part and never meet again
where chips fill a convex outline, and the union of them is the tree that a packet to many chips is copied along.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.machine.links import ChipLink
from sim.machine.machine import Machine
from sim.mapping.route import Routes

Links = dict[int, tuple[int, ...]]
"""Chip -> the links that a packet leaves it by, ascending; chips where it ends are there too."""

RANK_OF_DIRECTION = {1: 0, 4: 0, 0: 1, 3: 1, 2: 2, 5: 2, -1: 3}


class ChipRoutes:
    """The links of one machine as ways; worked out for a goal when first asked for."""

    def __init__(self, machine: Machine) -> None:
        self.links = machine.chip_links
        self._leaving: dict[int, list[ChipLink]] = {chip.index: [] for chip in machine.chips}
        self._entering: dict[int, list[ChipLink]] = {chip.index: [] for chip in machine.chips}
        for link in self.links:
            self._leaving[link.source].append(link)
            self._entering[link.target].append(link)
        self._towards: dict[int, dict[int, int]] = {}

    def next_link(self, here: int, goal: int) -> int:
        """The number of the link by which a packet for chip `goal` leaves chip `here`."""
        if goal not in self._towards:
            self._towards[goal] = self._shortest(goal)
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
        branches: dict[int, set[int]] = {start: set()}
        for goal in goals:
            path = [self.links[number] for number in self.path(start, goal)]
            reached = max((place + 1 for place, link in enumerate(path) if link.target in branches), default=0)
            for link in path[reached:]:
                branches[link.source].add(link.index)
                branches[link.target] = set()
        return {chip: tuple(sorted(links)) for chip, links in branches.items()}

    def _shortest(self, goal: int) -> dict[int, int]:
        """For each chip the link that leads one nearer to `goal`."""
        distance = {goal: 0}
        front = deque([goal])
        while front:
            chip = front.popleft()
            for link in self._entering[chip]:
                if link.source not in distance:
                    distance[link.source] = distance[chip] + 1
                    front.append(link.source)
        nearer = {
            chip: [link for link in self._leaving[chip] if distance.get(link.target) == distance[chip] - 1]
            for chip in distance
            if chip != goal
        }
        return {chip: min(links, key=_rank).index for chip, links in nearer.items()}


@dataclass(frozen=True, slots=True, eq=False)
class MachineRoutes:
    """The routes on each chip by its number, shared by chips that are alike, and those between chips."""

    on: tuple[Routes, ...]
    between: ChipRoutes


def route_machine(machine: Machine, method: str, rng: np.random.Generator | None = None) -> MachineRoutes:
    """Routes on every chip by `method` and between chips; chips with the same links share theirs."""
    known: dict[int, Routes] = {}
    for chip in machine.chips:
        if id(chip.die.channels) not in known:
            known[id(chip.die.channels)] = Routes(chip.die, method, rng)
    return MachineRoutes(tuple(known[id(chip.die.channels)] for chip in machine.chips), ChipRoutes(machine))


def _rank(link: ChipLink) -> tuple[int, int]:
    return RANK_OF_DIRECTION[link.direction], link.index
