"""Whether routes can ever wait for one another in a circle, told before time starts.

A flit in a channel waits for the next channel of its way; where this relation has no circle, some flit can always move
(Dally and Seitz 1987). On a torus with virtual channels a channel counts once for each class. Packets that wait for the
event router wait for its copies to leave, so the router is one more thing to wait for.
"""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from sim.machine.machine import Channel, Machine
from sim.mapping.ports import port_for
from sim.mapping.route import KEY, Routes, Ways
from sim.scenario.complaints import Refused

Place = tuple[int, int]
"""A channel and the class of virtual channels (0 lower, 1 upper); the event router is (-1, 0)."""

Wait = tuple[Place, Place]
"""The first waits for the second."""

ROUTER: Place = (-1, 0)


def refuse_deadlock(
    machine: Machine, routes: Routes, channels: int, *, routed: bool, trees: Iterable[Ways] = ()
) -> None:
    """Refuse routes on `channels` virtual channels that can deadlock, naming a circle. `routed`: packets go through the
    event router; `trees`: the ways of packets that the mesh copies."""
    rings = channels > 1 and machine.grid is not None and machine.grid.torus
    waits = _waits(machine, routes, rings=rings)
    if routed:
        _add_router(waits, machine, routes, rings=rings)
    for ways in trees:
        _add_tree(waits, machine, ways, rings=rings)
    if nx.is_directed_acyclic_graph(waits):  # in one pass; to find a circle takes far longer
        return
    names = [_name(machine, first) for first, _ in nx.find_cycle(waits)]
    raise Refused.at(
        KEY,
        f"routes by '{routes.method}' can deadlock: {' waits for '.join([*names, names[0]])}; choose another routing"
        f"{_remedy(machine, channels)}, or set network.allow_deadlock: true",
    )


def _waits(machine: Machine, routes: Routes, *, rings: bool) -> nx.DiGraph[Place]:
    """The waits of single packets; `rings`: channels count once for each class."""
    waits: set[Wait] = set()
    ends = _ends(machine)
    for goal in ends:
        towards = routes.towards(goal)
        for start in ends:
            if start != goal and not towards[start]:
                routes.choices(start, goal)  # refuses, as no way leads
        waits |= _class_waits(machine, routes, goal) if rings else _plain_waits(machine, routes, goal)
    graph: nx.DiGraph[Place] = nx.DiGraph()
    graph.add_edges_from(sorted(waits))
    return graph


def _ends(machine: Machine) -> list[int]:
    """The sites where packets can begin or end."""
    sites = {pe.site for pe in machine.pes} | {dram.site for dram in machine.drams}
    if machine.event_router:
        sites |= set(machine.event_router.port_sites)
    return sorted(sites | ({machine.host.site} if machine.host else set()))


def _plain_waits(machine: Machine, routes: Routes, goal: int) -> set[Wait]:
    """Every channel that leads to `goal` from its own site waits for those its other end leaves by."""
    towards, channels = routes.towards(goal), machine.channels
    return {
        ((channel, 0), (onward, 0))
        for choices in towards
        for channel in choices
        for onward in towards[channels[channel].target]
    }


def _class_waits(machine: Machine, routes: Routes, goal: int) -> set[Wait]:
    """The same class by class: which class a flit is in depends on where it started."""
    front = {
        _entered(machine, channel, rings=True)
        for site in _ends(machine)
        if site != goal
        for channel in routes.choices(site, goal)
    }
    seen, waits = set(front), set()
    while front:
        place = front.pop()
        for channel in routes.towards(goal)[machine.channels[place[0]].target]:
            following = _after(machine, place, channel, rings=True)
            waits.add((place, following))
            if following not in seen:
                seen.add(following)
                front.add(following)
    return waits


def _entered(machine: Machine, channel: int, *, rings: bool) -> Place:
    """Where a flit is that takes `channel` first."""
    return channel, int(rings and _wraps(machine, machine.channels[channel]))


def _after(machine: Machine, place: Place, channel: int, *, rings: bool) -> Place:
    """Where a flit is on `channel` that came by `place`."""
    before, after = machine.channels[place[0]], machine.channels[channel]
    same_ring = _along_x(machine, before) == _along_x(machine, after)
    return channel, int(rings and (_wraps(machine, after) or (same_ring and place[1] == 1)))


def _wraps(machine: Machine, channel: Channel) -> bool:
    source, target = machine.sites[channel.source], machine.sites[channel.target]
    return abs(source.x - target.x) > 1 or abs(source.y - target.y) > 1


def _along_x(machine: Machine, channel: Channel) -> bool:
    return machine.sites[channel.source].y == machine.sites[channel.target].y


def _add_router(graph: nx.DiGraph[Place], machine: Machine, routes: Routes, *, rings: bool) -> None:
    """What comes to the event router waits for it, and it waits for the first channels of its copies."""
    router = machine.event_router
    if router is None:
        return
    for site in _ends(machine):
        door = router.port_sites[port_for(routes, site)]
        if site != door:
            inward = routes.path(site, door)
            place = _entered(machine, inward[0], rings=rings)
            for channel in inward[1:]:
                place = _after(machine, place, channel, rings=rings)
            graph.add_edge(place, ROUTER)
            graph.add_edge(ROUTER, _entered(machine, routes.path(door, site)[0], rings=rings))


def _add_tree(graph: nx.DiGraph[Place], machine: Machine, ways: Ways, *, rings: bool) -> None:
    """A copy in a channel of the tree waits for all channels that its next site leaves by."""
    inside = {machine.channels[channel].target for channels in ways.values() for channel in channels}
    front = [_entered(machine, channel, rings=rings) for site in ways.keys() - inside for channel in ways[site]]
    while front:
        place = front.pop()
        onward = ways.get(machine.channels[place[0]].target, ())
        following = [_after(machine, place, channel, rings=rings) for channel in onward]
        graph.add_edges_from((place, one) for one in following)
        front += following


def _name(machine: Machine, place: Place) -> str:
    if place == ROUTER:
        return "the event router"
    return machine.channels[place[0]].name + (" (upper channels)" if place[1] else "")


def _remedy(machine: Machine, channels: int) -> str:
    torus = machine.grid is not None and machine.grid.torus
    return ", or 2 virtual channels" if torus and channels == 1 else ""
