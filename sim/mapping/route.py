"""Which channel a packet leaves a router by, and whether such routes can ever wait for one another in a circle.

Routes depend on the place and the destination only. `xy` and `yx` go straight in one dimension, then in the other;
`table` follows shortest paths on whatever graph there is, the channel with the lowest number among equals.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import cached_property

import networkx as nx

from sim.machine.machine import Channel, Machine, Site
from sim.scenario.complaints import Refused

Ways = dict[int, tuple[int, ...]]


class Routes:
    """The routes of one machine under one method; worked out when first asked for."""

    def __init__(self, machine: Machine, method: str) -> None:
        self.machine = machine
        self.method = method
        self._tables: dict[int, dict[int, int]] = {}

    def channel(self, site: int, goal: int) -> int:
        """The number of the channel towards `goal`, another site."""
        if self.method == "table":
            return self._table(goal)[site]
        return self._by_place[site, self._straight(site, goal)]

    def path(self, start: int, goal: int) -> list[int]:
        """The channels from `start` to `goal`, none when they are the same."""
        taken = []
        while start != goal:
            taken.append(self.channel(start, goal))
            start = self.machine.channels[taken[-1]].target
        return taken

    def tree(self, start: int, goals: Iterable[int]) -> Ways:
        """Site -> channels to leave by, ascending, so that a packet from `start` reaches each goal once."""
        branches: dict[int, set[int]] = {}
        for goal in goals:
            for channel in self.path(start, goal):
                branches.setdefault(self.machine.channels[channel].source, set()).add(channel)
        return {site: tuple(sorted(channels)) for site, channels in branches.items()}

    @cached_property
    def _by_place(self) -> dict[tuple[int, tuple[int, int]], int]:
        """(site, step in x and y) -> channel, for neighbours on the grid."""
        sites = self.machine.sites
        return {(c.source, _step(sites[c.source], sites[c.target])): c.index for c in self.machine.channels}

    def _straight(self, site: int, goal: int) -> tuple[int, int]:
        here, there = self.machine.sites[site], self.machine.sites[goal]
        along_x, along_y = _sign(there.x - here.x), _sign(there.y - here.y)
        if self.method == "xy":
            return (along_x, 0) if along_x else (0, along_y)
        return (0, along_y) if along_y else (along_x, 0)

    def _table(self, goal: int) -> dict[int, int]:
        if goal not in self._tables:
            self._tables[goal] = _shortest(self.machine.channels, goal)
        return self._tables[goal]


def refuse_deadlock(machine: Machine, routes: Routes) -> None:
    """Refuse routes whose channels can wait for one another in a circle, naming the circle.

    A flit in a channel waits for the next channel of its route; where this relation has no circle, some flit can
    always move (Dally and Seitz, 1987).
    """
    waits: nx.DiGraph[int] = nx.DiGraph()
    for goal in machine.sites:
        for channel in machine.channels:
            if goal.index in (channel.source, channel.target):
                continue
            if routes.channel(channel.source, goal.index) == channel.index:
                waits.add_edge(channel.index, routes.channel(channel.target, goal.index))
    try:
        circle = nx.find_cycle(waits)
    except nx.NetworkXNoCycle:
        return
    names = [machine.channels[first].name for first, _ in circle]
    raise Refused.at(
        "network.routing",
        f"routes by '{routes.method}' can deadlock: {' waits for '.join([*names, names[0]])}; "
        "choose another routing, or set network.allow_deadlock: true",
    )


def _shortest(channels: tuple[Channel, ...], goal: int) -> dict[int, int]:
    """Site -> first channel of a shortest path to `goal`, breadth first from the goal."""
    into: dict[int, list[Channel]] = {}
    for channel in channels:
        into.setdefault(channel.target, []).append(channel)
    towards: dict[int, int] = {}
    reached = {goal}
    front = deque([goal])
    while front:
        for channel in into.get(front.popleft(), []):
            if channel.source not in reached:
                reached.add(channel.source)
                towards[channel.source] = channel.index
                front.append(channel.source)
    return towards


def _step(here: Site, there: Site) -> tuple[int, int]:
    return there.x - here.x, there.y - here.y


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
