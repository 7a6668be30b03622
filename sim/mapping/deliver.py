"""Following the packets of a mapping without sending any: does each reach all who need it, and nobody else?

Who needs what is read off the schedule anew, keys are looked up in the merged table bit by bit, and routes are walked
from site to site, through the event router where it copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from sim.machine.machine import Machine
from sim.mapping.between import ChipRoutes, MachineRoutes
from sim.mapping.follow import Followed, tables_of
from sim.mapping.mapping import Destinations, Group, GroupKind, Mapping
from sim.mapping.ports import port_for
from sim.mapping.walk import astray, copied_wrongly

KEY_BITS = 32
Keys = npt.NDArray[np.uint64]


def _wrong_deputies(mapping: Mapping, machine: Machine) -> Iterator[str]:
    """Where there are deputies, each chip with slices has one of its own, who hears all of its slices."""
    heard = {group.population: group.destinations.pes for group in mapping.groups if group.kind == "gather"}
    chips = {machine.pes[piece.pe].chip for piece in mapping.slices} if mapping.deputies else set()
    for chip in sorted(chips):
        if [machine.pes[pe].chip for pe in heard.get(chip, ())] != [chip]:
            yield f"slices on chip {chip} have no deputy there"


def misdelivered(mapping: Mapping, machine: Machine, routes: MachineRoutes, *, routed: bool) -> Iterator[str]:
    """What is wrong with groups, keys, tables and routes, in words."""
    yield from _wrong_groups(mapping)
    yield from _wrong_deputies(mapping, machine)
    yield from _clashing_keys(mapping, machine)
    if routed:
        yield from _wrong_lines(mapping, machine)
    if not routed and not machine.parts:
        yield from copied_wrongly(machine, routes.on[0], _ends(mapping, machine))
    legs = _legs(mapping, machine, routes, routed=routed)
    for chip in machine.chips:
        first, count = chip.first_site, len(chip.die.sites)
        own = [(start - first, goal - first) for start, goal in legs if 0 <= start - first < count]
        yield from astray(chip.die, routes.on[chip.index], own, chip.called)
    yield from _lost_between(mapping, machine, routes.between)


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
        elif waiting and schedule.stride is None:
            demanded["markers", source] = _all_of(mapping, waiting)
    if mapping.scheduler_pe is not None:
        demanded["done", 0] = Destinations((mapping.scheduler_pe,))
    for group in mapping.groups:
        if group.kind == "gather":
            demanded["gather", group.population] = Destinations(group.destinations.pes[:1])
    return demanded


def _all_of(mapping: Mapping, populations: set[int]) -> Destinations:
    pes = {piece.pe for piece in mapping.slices if piece.layer in populations}
    return Destinations(tuple(sorted(pes)), not populations.isdisjoint({0, mapping.schedule.output}))


def _clashing_keys(mapping: Mapping, machine: Machine) -> Iterator[str]:
    """Blocks fit the key and do not overlap, and within its block each packet has a key of its own."""
    end, before = 0, ""
    for group in sorted(mapping.groups, key=lambda group: group.base):
        keys, start = np.concatenate(list(_keys_sent(mapping, machine, group).values())), end
        end = group.base + (1 << group.member_bits + group.unit_bits)
        if len(np.unique(keys)) < len(keys) or int(keys.max(initial=0)) >= end:
            yield f"{_name(group)} have {group.member_bits} + {group.unit_bits} bits of key, too few for their slices"
        if group.base < start:
            yield f"keys of {_name(group)} from {group.base:#x} overlap those of {before}"
        if end > 1 << KEY_BITS:
            yield f"keys of {_name(group)} go up to {end - 1:#x}, a key has {KEY_BITS} bits"
        before = _name(group)


def _wrong_lines(mapping: Mapping, machine: Machine) -> Iterator[str]:
    """Every key that is copied on its way finds one line or goes straight on, and gets where it should."""
    tables = tables_of(mapping, machine)
    for group in mapping.groups:
        where = _by_chip(machine, group.destinations)
        for chip, keys in _keys_sent(mapping, machine, group).items() if _copied(group) else ():
            found = Followed(machine, tables, chip, keys, where)
            wrong = np.flatnonzero((found.matches != 1) | ~found.right)
            if len(wrong):
                first = wrong[0]
                strayed = f"; one {found.strayed[0]}" if found.strayed else ""
                yield (
                    f"{len(wrong)} keys of {_name(group)} are routed wrongly, as {int(keys[first]):#x}: it matches "
                    f"{found.matches[first]} lines, of which {int(found.right[first])} lead to "
                    f"{_listed(group.destinations)}{strayed}"
                )


def _by_chip(machine: Machine, where: Destinations) -> dict[int, Destinations]:
    own: dict[int, list[int]] = {}
    for pe in where.pes:
        own.setdefault(machine.pes[pe].chip, []).append(pe)
    home = machine.sites[machine.host.site].chip if where.host and machine.host else None
    if home is not None:
        own.setdefault(home, [])
    return {chip: Destinations(tuple(pes), chip == home) for chip, pes in own.items()}


def _lost_between(mapping: Mapping, machine: Machine, between: ChipRoutes) -> Iterator[str]:
    """Core-to-core packets from chip to chip that do not arrive."""
    pairs = {
        (start, goal)
        for group in mapping.groups
        for start in _chips(machine, _senders(mapping, machine, group))
        for goal in _chips(machine, _goals(machine, group))
    }
    for start, goal in sorted(pairs):
        here = start
        for _ in machine.chips:
            here = machine.chip_links[between.next_link(here, goal)].target if here != goal else goal
        if here != goal:
            yield f"a packet from {machine.chips[start].name} cannot reach {machine.chips[goal].name}"


def _keys_sent(mapping: Mapping, machine: Machine, group: Group) -> dict[int, Keys]:
    """All keys of a group by the chip that sends them; of the host, whose vectors can have any number of packets, all
    of the first member's."""
    keys: dict[int, list[int]] = {}
    for piece in mapping.slices:
        if piece.layer == group.population and group.kind in ("events", "markers"):
            start = group.base + (piece.member << group.unit_bits)
            units = piece.units if group.kind == "events" else 1
            keys.setdefault(machine.pes[piece.pe].chip, []).extend(range(start, start + units))
    if not keys:
        units = 1 << group.unit_bits if group.kind == "events" else 1
        home = min(_chips(machine, _senders(mapping, machine, group)), default=0)
        keys[home] = list(range(group.base, group.base + units))
    return {chip: np.array(own, np.uint64) for chip, own in keys.items()}


def _legs(mapping: Mapping, machine: Machine, routes: MachineRoutes, *, routed: bool) -> set[tuple[int, int]]:
    """From where to where, on one chip each, packets travel: to and from the event router where it copies or sends
    on."""
    legs = set()
    for group in mapping.groups:
        senders, goals = _senders(mapping, machine, group), _goals(machine, group)
        by_router = routed and _copied(group)
        starts, ends = _chips(machine, senders), _chips(machine, goals)
        leaving = [site for site in senders if by_router or ends != {machine.sites[site].chip}]
        coming = [site for site in goals if by_router or starts != {machine.sites[site].chip}]
        legs |= {(site, _door(machine, routes, site)) for site in leaving}
        legs |= {(_door(machine, routes, site), site) for site in coming}
        if not by_router:
            chip_of = machine.sites
            legs |= {(start, goal) for start in senders for goal in goals if chip_of[start].chip == chip_of[goal].chip}
    return legs


def _chips(machine: Machine, sites: Iterable[int]) -> set[int]:
    return {machine.sites[site].chip for site in sites}


def _door(machine: Machine, routes: MachineRoutes, site: int) -> int:
    """The site of the port of the event router that serves a site, on the same chip."""
    chip = machine.chips[machine.sites[site].chip]
    router = chip.die.event_router
    if router is None:
        return site
    return chip.first_site + router.port_sites[port_for(routes.on[chip.index], site - chip.first_site)]


def _ends(mapping: Mapping, machine: Machine) -> set[tuple[int, frozenset[int]]]:
    """Each sender's site with the sites that its packets of one group are for."""
    ends = set()
    for group in mapping.groups:
        goals = frozenset(_goals(machine, group))
        ends |= {(start, goals) for start in _senders(mapping, machine, group)}
    return ends


def _senders(mapping: Mapping, machine: Machine, group: Group) -> set[int]:
    """The sites from which packets of a group come."""
    if group.kind == "release":
        return {machine.pes[mapping.scheduler_pe].site} if mapping.scheduler_pe is not None else set()
    if group.kind == "gather":
        return {machine.pes[one.pe].site for one in mapping.slices if machine.pes[one.pe].chip == group.population}
    if group.kind == "done" and mapping.deputies:
        host = {machine.host.site} if machine.host else set()
        return host | {machine.pes[pe].site for pe in mapping.deputies}
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
