"""Walking routes site by site, to see that packets arrive whatever a router chooses, and each copy once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator

from sim.machine.machine import Machine
from sim.mapping.route import Routes, Ways


def astray(
    machine: Machine, routes: Routes, legs: Iterable[tuple[int, int]], called: Callable[[str], str] = str
) -> Iterator[str]:
    """The legs, pairs of sites of one chip, on which a packet can fail to arrive, in words; what sites are `called`."""
    starts: dict[int, set[int]] = {}
    for start, goal in legs:
        starts.setdefault(goal, set()).add(start)
    for goal, wanted in sorted(starts.items()):
        arriving = _arriving(_onward(machine, routes, wanted, goal), goal)
        for start in sorted(wanted - arriving):
            ends = called(machine.sites[start].name), called(machine.sites[goal].name)
            yield f"a packet from {ends[0]} can fail to reach {ends[1]}"


def copied_wrongly(machine: Machine, routes: Routes, ends: Iterable[tuple[int, frozenset[int]]]) -> Iterator[str]:
    """The trees from a site to a set of sites that miss one of them, reach a site twice, or end where nobody waits."""
    for start, goals in sorted(ends, key=lambda end: (end[0], sorted(end[1]))):
        ways = routes.tree(start, sorted(goals))
        times = _visits(machine, ways, start)
        tree = f"the tree from {machine.sites[start].name}"
        for site in sorted(goals | times.keys()):
            if times[site] != 1:
                yield f"{tree} reaches {machine.sites[site].name} {times[site]} times"
            elif site not in goals and not ways.get(site):
                yield f"{tree} ends at {machine.sites[site].name}, where nobody waits"


def _visits(machine: Machine, ways: Ways, start: int) -> Counter[int]:
    """How often a packet that is copied along `ways` comes to each site; each goes on once only."""
    times = Counter({start: 1})
    front = deque([start])
    while front:
        for channel in ways.get(front.popleft(), ()):
            target = machine.channels[channel].target
            times[target] += 1
            if times[target] == 1:
                front.append(target)
    return times


def _onward(machine: Machine, routes: Routes, starts: Iterable[int], goal: int) -> dict[int, list[int]]:
    """For each site on a way from `starts` to `goal`, the sites that may come next; itself where a route is wrong."""
    onward: dict[int, list[int]] = {}
    front = sorted(starts)
    while front:
        site = front.pop()
        if site == goal or site in onward:
            continue
        hops = [machine.channels[channel] for channel in routes.choices(site, goal)]
        onward[site] = [hop.target if hop.source == site else site for hop in hops]
        front += onward[site]
    return onward


def _arriving(onward: dict[int, list[int]], goal: int) -> set[int]:
    """The sites from which every way ends at `goal`: found backwards from it, so that no circle is among them."""
    before: dict[int, list[int]] = {}
    for site, following in onward.items():
        for one in following:
            before.setdefault(one, []).append(site)
    missing = {site: len(following) for site, following in onward.items()}
    arriving, front = {goal}, [goal]
    while front:
        for site in before.get(front.pop(), []):
            missing[site] -= 1
            if missing[site] == 0:
                arriving.add(site)
                front.append(site)
    return arriving
