"""Which channel a packet leaves a router by.

Routes depend on the place and the destination only. `xy` and `yx` go straight in one dimension, then in the other (on a
torus the shorter way round); `west_first` goes west before anything else and may then choose among the channels that
lead nearer (turn model, Glass and Ni 1992); `table` follows shortest paths on whatever graph there is, ties broken by
the seed; `up_down` climbs a spanning tree towards its root and then descends, which no fault can make deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from sim.machine.machine import Machine, Site
from sim.mapping.trees import Heights, copies, heights, shortest, up_and_down
from sim.scenario.complaints import Refused

Ways = dict[int, tuple[int, ...]]
Numbers = npt.NDArray[np.int64]

KEY = "network.routing"
ON_GRID = ("xy", "yx", "west_first")


class Routes:
    """The routes of one machine under one method; worked out for a goal when first asked for.

    `chip` is the name of the machine where it is one chip of several. Where packets are `routed` by the event router,
    up_down climbs to it: what goes there then waits only for what comes from there, and not the other way round.
    """

    def __init__(
        self,
        machine: Machine,
        method: str,
        rng: np.random.Generator | None = None,
        chip: str = "",
        *,
        routed: bool = False,
    ) -> None:
        if method in ON_GRID and machine.grid is None:
            raise Refused.at(KEY, f"'{method}' needs a grid, {machine.name} is a graph; expected table or up_down")
        if method == "west_first" and machine.grid and machine.grid.torus:
            raise Refused.at(KEY, "'west_first' is deadlock-free on a mesh only, not on a torus; expected xy or yx")
        self.machine = machine
        self.chip = chip
        self.routed = routed
        self.method = method
        self.adaptive = method == "west_first"
        self._rank = _ranks(len(machine.channels), rng)
        self._known: dict[int, list[tuple[int, ...]]] = {}
        self._choices = Choices()

    @cached_property
    def doors(self) -> tuple[int, ...]:
        """The ports of the event router that packets use: all, or those at the root that ways go up to."""
        router = self.machine.event_router
        sites = router.port_sites if router else ()
        root = sites[0] if sites and self.routed and self.method == "up_down" else None
        return tuple(port for port, site in enumerate(sites) if root in (None, site))

    def towards(self, goal: int) -> list[tuple[int, ...]]:
        """For each site the channels a packet for `goal` may leave by: none at `goal` itself and where no way leads
        on, else one unless routes are adaptive."""
        if goal not in self._known:
            self._known[goal] = self._on_grid(goal) if self.method in ON_GRID else self._on_graph(goal)
        return self._known[goal]

    def choices(self, site: int, goal: int) -> tuple[int, ...]:
        """The channels a packet for `goal`, another site, may leave `site` by. Refused where there is none."""
        found = self.towards(goal)[site]
        if not found:
            self._refuse(site, goal)
        return found

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
        """Site -> channels to leave by, ascending, so that a packet from `start` reaches each goal once.

        Made of channels on the ways of single packets, so it is never longer than these together: each site that
        several of them reach by different channels is entered by one. For `up_down` that is one that climbs where
        there is such, so that no copy climbs after a descent.
        """
        ends = tuple(goals)
        crossed = [channel for goal in ends for channel in self.path(start, goal)]
        if self.method == "up_down":
            crossed.sort(key=lambda channel: self._heights.descends(self.machine.channels[channel]))
        branches = copies(self.machine.channels, start, ends, crossed)
        return {site: tuple(sorted(channels)) for site, channels in sorted(branches.items())}

    def _on_graph(self, goal: int) -> list[tuple[int, ...]]:
        if self.method == "table":
            found = shortest(self.machine, goal, self._rank)
        else:
            found = up_and_down(self._heights, goal, self._rank)
        return [(found[site.index],) if site.index in found else () for site in self.machine.sites]

    def _on_grid(self, goal: int) -> list[tuple[int, ...]]:
        return [self._choices[pair] for pair in zip(*self._steps(goal), strict=True)]

    def _steps(self, goal: int) -> tuple[list[int], list[int]]:
        """For each site the channel to leave by, and a second one where there is a choice; -1 for none."""
        compass = self._compass
        grid = self.machine.grid
        assert grid is not None
        there = self.machine.sites[goal]
        in_x = _direction(there.x - compass.x, grid.width if grid.torus else 0)
        in_y = _direction(there.y - compass.y, grid.height if grid.torus else 0)
        x_way = np.choose(in_x + 1, [compass.west, compass.nowhere, compass.east])
        y_way = np.choose(in_y + 1, [compass.south, compass.nowhere, compass.north])
        first = np.where(in_y != 0, y_way, x_way) if self.method == "yx" else np.where(in_x != 0, x_way, y_way)
        second = np.where((in_x > 0) & (in_y != 0), y_way, -1) if self.adaptive else compass.nowhere
        return first.tolist(), second.tolist()

    @cached_property
    def _heights(self) -> Heights:
        """Seen from the event router or the middle of what is joined to the first PE, or to the first channel."""
        router = self.machine.event_router if self.routed else None
        homes = [pe.site for pe in self.machine.pes[:1]] + [hop.source for hop in self.machine.channels[:1]]
        return heights(self.machine.channels, homes[0] if homes else 0, router.port_sites[0] if router else None)

    @cached_property
    def _compass(self) -> Compass:
        return Compass.of(self.machine)

    def _refuse(self, site: int, goal: int) -> NoReturn:
        chip = f"{self.chip}." if self.chip else ""
        here, there = (chip + self.machine.sites[end].name for end in (site, goal))
        dead = [*self.machine.faults.dead_links, *self.machine.faults.dead_sites]
        climbs = self.method == "up_down"
        none = "no way there climbs first and only descends then" if climbs else "nothing leads there"
        why = f"{', '.join(dead[:4])}{' ...' if len(dead) > 4 else ''} dead" if dead else none
        hint = "; up_down goes round faults" if self.method in ON_GRID else ""
        raise Refused.at(KEY, f"'{self.method}' cannot go from {here} towards {there}: {why}{hint}")


class Choices(dict[tuple[int, int], tuple[int, ...]]):
    """First and second choice, -1 for none -> the choices there are; few, so all goals and sites share them."""

    def __missing__(self, pair: tuple[int, int]) -> tuple[int, ...]:
        self[pair] = tuple(channel for channel in pair if channel >= 0)
        return self[pair]


@dataclass(frozen=True, slots=True, eq=False)
class Compass:
    """By site, arrays (sites,): its place, and the channel to each neighbour, -1 where there is none."""

    x: Numbers
    y: Numbers
    east: Numbers
    west: Numbers
    north: Numbers
    south: Numbers
    nowhere: Numbers

    @classmethod
    def of(cls, machine: Machine) -> Compass:
        """North is where y grows; the wrap-around link of a torus leads on in its direction."""
        sites = machine.sites
        ways = {step: np.full(len(sites), -1) for step in ((1, 0), (-1, 0), (0, 1), (0, -1))}
        for channel in machine.channels:
            ways[_step(sites[channel.source], sites[channel.target])][channel.source] = channel.index
        x, y = (np.array([getattr(site, axis) for site in sites]) for axis in "xy")
        return cls(x, y, ways[1, 0], ways[-1, 0], ways[0, 1], ways[0, -1], np.full(len(sites), -1))


def _ranks(channels: int, rng: np.random.Generator | None) -> list[int]:
    """The order in which equals are preferred: by number, or drawn."""
    order = range(channels) if rng is None else rng.permutation(channels).tolist()
    return list(order)


def _direction(distance: Numbers, around: int) -> Numbers:
    """-1, 0 or 1; on a ring of `around` sites the shorter way, forwards where both are equal."""
    if around > 2:
        distance = np.where(2 * np.abs(distance) > around, -distance, distance)
        distance = np.where(2 * np.abs(distance) == around, 1, distance)
    return np.sign(distance)


def _step(here: Site, there: Site) -> tuple[int, int]:
    """One step between neighbours; the step over the wrap-around link of a torus goes on in its direction."""
    return _unit(there.x - here.x), _unit(there.y - here.y)


def _unit(difference: int) -> int:
    return difference if abs(difference) <= 1 else (-1 if difference > 0 else 1)
