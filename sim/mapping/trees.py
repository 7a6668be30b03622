"""Next hops towards one destination, on any graph of channels."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from sim.machine.machine import Channel, Machine

Towards = dict[int, int]
"""Site -> the number of the channel to leave by; sites that cannot reach the destination are absent."""


def shortest(machine: Machine, goal: int, rank: Sequence[int]) -> Towards:
    """Shortest paths to `goal`; of channels that are equally good the one with the lowest rank."""
    distances = distances_to(machine.channels, goal)
    return _nearest(machine.channels, distances, rank)


@dataclass(frozen=True, slots=True)
class Heights:
    """How far each site is from the root, ties by number, so that of any two neighbours one is above the other; and the
    cables, channels that are alive in both directions, which alone are climbed and descended."""

    of: dict[int, tuple[int, int]]
    cables: tuple[Channel, ...]


def heights(machine: Machine) -> Heights:
    """Seen from the most central of the sites that are joined to the first PE's: the one whose farthest site is
    nearest, the lowest numbered of several."""
    pairs = {(channel.source, channel.target) for channel in machine.channels}
    cables = tuple(channel for channel in machine.channels if (channel.target, channel.source) in pairs)
    views = {site: distances_to(cables, site) for site in sorted({channel.source for channel in cables})}
    home = machine.pes[0].site
    joined = [site for site, view in views.items() if home in view]
    root = min(joined, key=lambda site: (max(views[site].values()), site), default=home)
    return Heights({site: (far, site) for site, far in views.get(root, {root: 0}).items()}, cables)


def up_and_down(height: Heights, goal: int, rank: Sequence[int]) -> Towards:
    """Paths that climb towards the root, site by site, and then only descend (Autonet, Schroeder et al. 1991).

    Where a way only down exists the shortest such is taken, else the step up that leads nearest. No step up ever
    follows a step down, so the channels cannot wait for one another in a circle.
    """
    known = [c for c in height.cables if c.source in height.of]
    down = [c for c in known if height.of[c.target] > height.of[c.source]]
    up: dict[int, list[Channel]] = {}
    for channel in known:
        if height.of[channel.target] < height.of[channel.source]:
            up.setdefault(channel.source, []).append(channel)
    reach = distances_to(down, goal)
    towards = _nearest(down, reach, rank)
    for site in sorted(height.of, key=lambda one: height.of[one]):
        ways = [c for c in up.get(site, ()) if c.target in reach] if site not in reach else []
        if ways:
            best = min(ways, key=lambda c: (reach[c.target], rank[c.index]))
            towards[site], reach[site] = best.index, reach[best.target] + 1
    return towards


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
