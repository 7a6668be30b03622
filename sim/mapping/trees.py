"""Next hops towards one destination, on any graph of channels."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sim.machine.machine import Machine


class Hop(Protocol):
    """A channel between sites, or a link between chips."""

    @property
    def index(self) -> int: ...
    @property
    def source(self) -> int: ...
    @property
    def target(self) -> int: ...


Towards = dict[int, int]
"""Site -> the number of the channel to leave by; sites that cannot reach the destination are absent."""


def shortest(machine: Machine, goal: int, rank: Sequence[int]) -> Towards:
    """Shortest paths to `goal`; of channels that are equally good the one with the lowest rank."""
    distances = distances_to(machine.channels, goal)
    return nearest(machine.channels, distances, rank)


@dataclass(frozen=True, slots=True)
class Heights:
    """How far each site is from the root, ties by number, so that of any two neighbours one is above the other; and the
    cables, channels that are alive in both directions, which alone are climbed and descended."""

    of: dict[int, tuple[int, int]]
    cables: tuple[Hop, ...]

    def descends(self, hop: Hop) -> bool:
        """Whether a channel between known sites leads away from the root."""
        return self.of[hop.target] > self.of[hop.source]


def heights(channels: Sequence[Hop], home: int, root: int | None = None) -> Heights:
    """Seen from `root`, or from the most central of the sites that are joined to `home`: the one whose farthest site is
    nearest, the lowest numbered of several."""
    pairs = {(channel.source, channel.target) for channel in channels}
    cables = tuple(channel for channel in channels if (channel.target, channel.source) in pairs)
    if root is not None:
        return Heights({site: (far, site) for site, far in distances_to(cables, root).items()}, cables)
    views = {site: distances_to(cables, site) for site in sorted({channel.source for channel in cables})}
    joined = [site for site, view in views.items() if home in view]
    root = min(joined, key=lambda site: (max(views[site].values()), site), default=home)
    return Heights({site: (far, site) for site, far in views.get(root, {root: 0}).items()}, cables)


def up_and_down(height: Heights, goal: int, rank: Sequence[int]) -> Towards:
    """Paths that climb towards the root, site by site, and then only descend (Autonet, Schroeder et al. 1991).

    Where a way only down exists the shortest such is taken, else the step up that leads nearest. No step up ever
    follows a step down, so the channels cannot wait for one another in a circle.
    """
    known = [c for c in height.cables if c.source in height.of]
    down = [c for c in known if height.descends(c)]
    up: dict[int, list[Hop]] = {}
    for channel in known:
        if not height.descends(channel):
            up.setdefault(channel.source, []).append(channel)
    reach = distances_to(down, goal)
    towards = nearest(down, reach, rank)
    for site in sorted(height.of, key=lambda one: height.of[one]):
        ways = [c for c in up.get(site, ()) if c.target in reach] if site not in reach else []
        if ways:
            best = min(ways, key=lambda c: (reach[c.target], rank[c.index]))
            towards[site], reach[site] = best.index, reach[best.target] + 1
    return towards


def copies(hops: Sequence[Hop], start: int, goals: Iterable[int], crossed: Sequence[int]) -> dict[int, set[int]]:
    """Place -> channels to leave by, so that a packet from `start` reaches each goal once.

    Made of the channels `crossed` on the ways of single packets: each place that several of them enter is entered by
    the first that does.
    """
    entry = {hops[channel].target: channel for channel in reversed(crossed)}
    branches: dict[int, set[int]] = {}
    reached = {start}
    for place in goals:
        while place not in reached:
            reached.add(place)
            channel = entry[place]
            place = hops[channel].source
            branches.setdefault(place, set()).add(channel)
    return branches


def distances_to(channels: Sequence[Hop], goal: int) -> dict[int, int]:
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


def nearest(channels: Sequence[Hop], distances: dict[int, int], rank: Sequence[int]) -> Towards:
    """For each site the channel that leads one nearer."""
    best: dict[int, Hop] = {}
    for channel in channels:
        source, target = channel.source, channel.target
        if target not in distances or distances.get(source) != distances[target] + 1:
            continue
        if source not in best or rank[channel.index] < rank[best[source].index]:
            best[source] = channel
    return {site: channel.index for site, channel in best.items()}
