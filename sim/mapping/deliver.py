"""Following the packets of a mapping without sending any: does each reach all who need it, and nobody else?

Who needs what is read off the schedule anew, keys are looked up in the merged table bit by bit, and routes are walked
from site to site, through the event router where it copies.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from sim.machine.machine import Machine
from sim.mapping.mapping import Destinations, Group, GroupKind, Mapping
from sim.mapping.ports import port_for
from sim.mapping.route import Routes
from sim.mapping.walk import astray, copied_wrongly

KEY_BITS = 32
Keys = npt.NDArray[np.uint64]


def misdelivered(mapping: Mapping, machine: Machine, routes: Routes, *, routed: bool) -> Iterator[str]:
    """What is wrong with groups, keys, table and routes, in words."""
    yield from _wrong_groups(mapping)
    yield from _clashing_keys(mapping)
    if routed:
        yield from _wrong_lines(mapping)
        yield from astray(machine, routes, _legs(mapping, machine))
    else:
        yield from astray(machine, routes, _legs_without_router(mapping, machine))
        yield from copied_wrongly(machine, routes, _ends(mapping, machine))


def _wrong_groups(mapping: Mapping) -> Iterator[str]:
    """Each kind of packet goes to those who wait for it by the schedule, and to no others."""
    demanded = _demanded(mapping)
    present = [(group.kind, group.population) for group in mapping.groups]
    for kind, population in demanded:
        if present.count((kind, population)) != 1:
            yield f"{present.count((kind, population))} groups for {kind} of population {population}, expected 1"
    for group in mapping.groups:
        wanted = demanded.get((group.kind, group.population), Destinations(()))
        if group.destinations != wanted:
            yield f"{_name(group)} go to {_listed(group.destinations)}, expected {_listed(wanted)}"


def _demanded(mapping: Mapping) -> dict[tuple[GroupKind, int], Destinations]:
    schedule = mapping.schedule
    hosts = {0, schedule.output}
    needs = [need for need in schedule.needs if not {need.source, need.target} <= hosts]
    demanded: dict[tuple[GroupKind, int], Destinations] = {}
    for source in schedule.populations:
        readers = {need.target for need in needs if need.source == source and need.carries}
        waiting = {need.target for need in needs if need.source == source}
        if readers:
            demanded["events", source] = _all_of(mapping, readers)
        if mapping.scheduler_pe is not None:
            demanded["release", source] = _all_of(mapping, {source})
        elif waiting:
            demanded["markers", source] = _all_of(mapping, waiting)
    if mapping.scheduler_pe is not None:
        demanded["done", 0] = Destinations((mapping.scheduler_pe,))
    return demanded


def _all_of(mapping: Mapping, populations: set[int]) -> Destinations:
    pes = {piece.pe for piece in mapping.slices if piece.layer in populations}
    return Destinations(tuple(sorted(pes)), not populations.isdisjoint({0, mapping.schedule.output}))


def _clashing_keys(mapping: Mapping) -> Iterator[str]:
    """Blocks fit the key and do not overlap, and within its block each packet has a key of its own."""
    end, before = 0, ""
    for group in sorted(mapping.groups, key=lambda group: group.base):
        keys, start = _keys_sent(mapping, group), end
        end = group.base + (1 << group.member_bits + group.unit_bits)
        if len(np.unique(keys)) < len(keys) or int(keys.max(initial=0)) >= end:
            yield f"{_name(group)} have {group.member_bits} + {group.unit_bits} bits of key, too few for their slices"
        if group.base < start:
            yield f"keys of {_name(group)} from {group.base:#x} overlap those of {before}"
        if end > 1 << KEY_BITS:
            yield f"keys of {_name(group)} go up to {end - 1:#x}, a key has {KEY_BITS} bits"
        before = _name(group)


def _wrong_lines(mapping: Mapping) -> Iterator[str]:
    """Every key that is sent to the router finds one line, with the right destinations."""
    for group in mapping.groups:
        if _copied(group):
            keys = _keys_sent(mapping, group)
            matches, right = np.zeros(len(keys), np.int64), np.zeros(len(keys), np.int64)
            for entry in mapping.entries:
                hit = (keys ^ np.uint64(entry.key)) & np.uint64(entry.mask) == 0
                matches += hit
                right += hit & (entry.destinations == group.destinations)
            wrong = np.flatnonzero((matches != 1) | (right != 1))
            if len(wrong):
                first = wrong[0]
                yield (
                    f"{len(wrong)} keys of {_name(group)} are routed wrongly, as {int(keys[first]):#x}: it matches "
                    f"{matches[first]} lines, of which {right[first]} lead to {_listed(group.destinations)}"
                )


def _keys_sent(mapping: Mapping, group: Group) -> Keys:
    """All keys of a group; of the host, whose vectors can have any number of packets, all of the first member's."""
    members = [piece for piece in mapping.slices if piece.layer == group.population]
    if group.kind in ("release", "done"):
        keys = [group.base]
    elif group.kind == "markers":
        keys = [group.base + (piece.member << group.unit_bits) for piece in members] or [group.base]
    elif members:
        starts = [(group.base + (piece.member << group.unit_bits), piece.units) for piece in members]
        keys = [start + unit for start, units in starts for unit in range(units)]
    else:
        keys = list(range(group.base, group.base + (1 << group.unit_bits)))
    return np.array(keys, np.uint64)


def _legs(mapping: Mapping, machine: Machine) -> set[tuple[int, int]]:
    """From where to where packets travel when the event router copies those for many."""
    router = machine.event_router
    if router is None:
        return _legs_without_router(mapping, machine)
    legs = set()
    for group in mapping.groups:
        senders, goals = _senders(mapping, machine, group), _goals(machine, group)
        if _copied(group):
            legs |= {(start, router.port_sites[port_for(machine, router, start)]) for start in senders}
            legs |= {(router.port_sites[port_for(machine, router, goal)], goal) for goal in goals}
        else:
            legs |= {(start, goal) for start in senders for goal in goals}
    return legs


def _legs_without_router(mapping: Mapping, machine: Machine) -> set[tuple[int, int]]:
    return {(start, goal) for start, goals in _ends(mapping, machine) for goal in goals}


def _ends(mapping: Mapping, machine: Machine) -> set[tuple[int, frozenset[int]]]:
    """Each sender's site with the sites that its packets of one group are for."""
    return {
        (start, frozenset(_goals(machine, group)))
        for group in mapping.groups
        for start in _senders(mapping, machine, group)
    }


def _senders(mapping: Mapping, machine: Machine, group: Group) -> set[int]:
    """The sites from which packets of a group come."""
    if group.kind == "release":
        return {machine.pes[mapping.scheduler_pe].site} if mapping.scheduler_pe is not None else set()
    sources = {group.population} if group.kind != "done" else set(mapping.schedule.populations)
    return _goals(machine, _all_of(mapping, sources))


def _goals(machine: Machine, where: Group | Destinations) -> set[int]:
    """The sites of all destinations."""
    all_of = where.destinations if isinstance(where, Group) else where
    host = {machine.host.site} if all_of.host and machine.host else set()
    return {machine.pes[pe].site for pe in all_of.pes} | host


def _copied(group: Group) -> bool:
    return len(group.destinations.pes) + group.destinations.host > 1


def _name(group: Group) -> str:
    return f"{group.kind} of population {group.population}"


def _listed(where: Destinations) -> str:
    """Destinations in a few words."""
    shown = ", ".join(map(str, where.pes[:6])) + (" ..." if len(where.pes) > 6 else "")
    pes = f"{len(where.pes)} PEs ({shown})" if where.pes else "no PE"
    return f"{pes} and the host" if where.host else pes
