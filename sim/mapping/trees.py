"""Next hops towards one destination, on any graph of channels."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

from sim.machine.machine import Channel, Machine

Towards = dict[int, int]
"""Site -> the number of the channel to leave by; sites that cannot reach the destination are absent."""


def shortest(machine: Machine, goal: int, rank: Sequence[int]) -> Towards:
    """Shortest paths to `goal`; of channels that are equally good the one with the lowest rank."""
    distances = distances_to(machine.channels, goal)
    return _nearest(machine.channels, distances, rank)


def up_and_down(machine: Machine, goal: int, rank: Sequence[int]) -> Towards:
    """Paths that climb towards the root, site by site, and then only descend (Autonet, Schroeder et al. 1991).

    Where a way only down exists the shortest such is taken, else the step up that leads nearest. No step up ever
    follows a step down, so the channels cannot wait for one another in a circle.
    """
    height = _heights(machine)
    down = [c for c in machine.channels if height[c.target] > height[c.source]]
    up = [c for c in machine.channels if height[c.target] < height[c.source]]
    below = distances_to(down, goal)
    towards = _nearest(down, below, rank)
    reach = dict(below)
    for site in sorted(height, key=lambda one: height[one]):
        ways = [c for c in up if c.source == site and c.target in reach] if site not in reach else []
        if ways:
            best = min(ways, key=lambda c: (reach[c.target], rank[c.index]))
            towards[site], reach[site] = best.index, reach[best.target] + 1
    return towards


def along_tree(machine: Machine, start: int, goal: int) -> list[int]:
    """The channels from `start` to `goal` on the spanning tree that `up_and_down` climbs: paths from one start to
    many goals never part and meet again."""
    height = _heights(machine)
    ups = {c.source: c for c in reversed(machine.channels) if height[c.target] < height[c.source]}
    back = {(c.source, c.target): c.index for c in machine.channels}
    climb, descent = [start], [goal]
    while climb[-1] != descent[-1]:
        lower = climb if height[climb[-1]] > height[descent[-1]] else descent
        lower.append(ups[lower[-1]].target)
    sites = climb + descent[-2::-1]
    return [back[pair] for pair in pairwise(sites)]


def distances_to(channels: Sequence[Channel], goal: int) -> dict[int, int]:
    """Channels to cross from each site to `goal`, by the channels given."""
    into: dict[int, list[int]] = {}
    for channel in channels:
        into.setdefault(channel.target, []).append(channel.source)
    distances = {goal: 0}
    front = deque([goal])
    while front:
        site = front.popleft()
        for source in into.get(site, []):
            if source not in distances:
                distances[source] = distances[site] + 1
                front.append(source)
    return distances


def _nearest(channels: Sequence[Channel], distances: dict[int, int], rank: Sequence[int]) -> Towards:
    """For each site the channel that leads one nearer."""
    best: dict[int, Channel] = {}
    for channel in channels:
        source, target = channel.source, channel.target
        if target not in distances or distances.get(source) != distances[target] + 1:
            continue
        if source not in best or rank[channel.index] < rank[best[source].index]:
            best[source] = channel
    return {site: channel.index for site, channel in best.items()}


def _heights(machine: Machine) -> dict[int, tuple[int, int]]:
    """Distance from the root, the lowest numbered of the sites most central to others; ties by number, so that any two
    sites are one above the other."""
    live = {channel.source for channel in machine.channels} | {channel.target for channel in machine.channels}
    root = min(live, key=lambda site: (_eccentricity(machine, site), site), default=0)
    return {site: (far, site) for site, far in distances_to(machine.channels, root).items()}


def _eccentricity(machine: Machine, site: int) -> int:
    return max(distances_to(machine.channels, site).values())
