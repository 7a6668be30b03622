"""Which channel a packet leaves a router by.

Routes depend on the place and the destination only. `xy` and `yx` go straight in one dimension, then in the other (on a
torus the shorter way round); `west_first` goes west before anything else and may then choose among the channels that
lead nearer (turn model, Glass and Ni 1992); `table` follows shortest paths on whatever graph there is, ties broken by
the seed; `up_down` climbs a spanning tree towards its root and then descends, which no fault can make deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from sim.machine.machine import Machine, Site
from sim.mapping.trees import Towards, along_tree, shortest, up_and_down
from sim.scenario.complaints import Refused

Ways = dict[int, tuple[int, ...]]

KEY = "network.routing"
ON_GRID = ("xy", "yx", "west_first")


class Routes:
    """The routes of one machine under one method; worked out when first asked for."""

    def __init__(self, machine: Machine, method: str, rng: np.random.Generator | None = None) -> None:
        if method in ON_GRID and machine.grid is None:
            raise Refused.at(KEY, f"'{method}' needs a grid, {machine.name} is a graph; expected table or up_down")
        if method == "west_first" and machine.grid and machine.grid.torus:
            raise Refused.at(KEY, "'west_first' is deadlock-free on a mesh only, not on a torus; expected xy or yx")
        self.machine = machine
        self.method = method
        self.adaptive = method == "west_first"
        self._rank = _ranks(len(machine.channels), rng)
        self._tables: dict[int, Towards] = {}

    def choices(self, site: int, goal: int) -> tuple[int, ...]:
        """The channels a packet for `goal`, another site, may leave `site` by; one unless routes are adaptive."""
        if self.method in ON_GRID:
            return self._on_grid(site, goal)
        if goal not in self._tables:
            find = shortest if self.method == "table" else up_and_down
            self._tables[goal] = find(self.machine, goal, self._rank)
        if site not in self._tables[goal]:
            raise Refused.at(KEY, f"no way from {self._name(site)} to {self._name(goal)}: {self._faults()}")
        return (self._tables[goal][site],)

    def channel(self, site: int, goal: int) -> int:
        """The first of the choices."""
        return self.choices(site, goal)[0]

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
        entered: dict[int, int] = {}
        for goal in goals:
            path = along_tree(self.machine, start, goal) if self.method == "up_down" else self.path(start, goal)
            for channel in self._new_part(path, entered):
                hop = self.machine.channels[channel]
                branches.setdefault(hop.source, set()).add(channel)
                entered[hop.target] = channel
        return {site: tuple(sorted(channels)) for site, channels in branches.items()}

    def _new_part(self, path: list[int], entered: dict[int, int]) -> list[int]:
        """The end of `path` from the last site that the tree already reaches."""
        for place in range(len(path), 0, -1):
            if self.machine.channels[path[place - 1]].target in entered:
                return path[place:]
        return path

    def _on_grid(self, site: int, goal: int) -> tuple[int, ...]:
        found = [self._by_place.get((site, step)) for step in self._steps(site, goal)]
        alive = tuple(channel for channel in found if channel is not None)
        if not alive:
            raise Refused.at(
                KEY,
                f"'{self.method}' cannot go from {self._name(site)} towards {self._name(goal)}: {self._faults()}; "
                "up_down goes round faults",
            )
        return alive

    @cached_property
    def _by_place(self) -> dict[tuple[int, tuple[int, int]], int]:
        """(site, step in x and y) -> channel, for neighbours on the grid."""
        sites = self.machine.sites
        return {(c.source, _step(sites[c.source], sites[c.target])): c.index for c in self.machine.channels}

    def _steps(self, site: int, goal: int) -> tuple[tuple[int, int], ...]:
        """The steps in x and y that the method allows."""
        here, there = self.machine.sites[site], self.machine.sites[goal]
        grid = self.machine.grid
        assert grid is not None
        along_x = _direction(there.x - here.x, grid.width if grid.torus else 0)
        along_y = _direction(there.y - here.y, grid.height if grid.torus else 0)
        in_x, in_y = (along_x, 0), (0, along_y)
        if self.adaptive and along_x > 0 and along_y:
            return in_x, in_y
        x_next = bool(along_x) if self.method != "yx" else not along_y
        return (in_x if x_next else in_y,)

    def _name(self, site: int) -> str:
        return self.machine.sites[site].name

    def _faults(self) -> str:
        dead = [*self.machine.faults.dead_links, *self.machine.faults.dead_sites]
        return f"{', '.join(dead[:4])}{' ...' if len(dead) > 4 else ''} dead" if dead else "nothing leads there"


def _ranks(channels: int, rng: np.random.Generator | None) -> list[int]:
    """The order in which equals are preferred: by number, or drawn."""
    order = range(channels) if rng is None else rng.permutation(channels).tolist()
    return list(order)


def _direction(distance: int, around: int) -> int:
    """-1, 0 or 1; on a ring of `around` sites the shorter way, forwards where both are equal."""
    if around > 2 and 2 * abs(distance) > around:
        distance = -distance
    elif around > 2 and 2 * abs(distance) == around:
        return 1
    return (distance > 0) - (distance < 0)


def _step(here: Site, there: Site) -> tuple[int, int]:
    """One step between neighbours; the step over the wrap-around link of a torus goes on in its direction."""
    return _unit(there.x - here.x), _unit(there.y - here.y)


def _unit(difference: int) -> int:
    return difference if abs(difference) <= 1 else (-1 if difference > 0 else 1)
