"""From one chip to a machine of many: every part of every chip numbered and named over all of them.

Chips that are alike share one description; what is made here are the parts by number, and the links between chips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from math import ceil
from typing import TypeVar

import networkx as nx

from sim.machine.chip_faults import Broken
from sim.machine.chip_sections import LinksSection
from sim.machine.hexagon import Arrangement, Joint
from sim.machine.links import ChipLink, LinkTiming
from sim.machine.machine import Channel, Chip, Faults, Machine, PeSite, Site
from sim.units import ns_to_ps, transfer_ps

Part = TypeVar("Part", PeSite, Channel)


def assembled(name: str, dies: Sequence[Machine], whole: Arrangement, broken: Broken, links: LinksSection) -> Machine:
    """The machine of these `dies`, one for each place of the `whole`, less what is `broken`; links, host and memories
    are where they are on the dies."""
    kept = [number for number in range(len(dies)) if number not in broken.gone]
    chips = _chips(dies, whole, kept)
    arrangement = _left(whole, broken, kept)
    home = chips[arrangement.host_chip]
    host, energy = home.die.host, dies[0].energy
    return replace(
        home.die,
        name=name,
        sites=tuple(_site(chip, site) for chip in chips for site in chip.die.sites),
        pes=tuple(_pe(chip, pe) for chip in chips for pe in chip.die.pes),
        channels=tuple(_channel(chip, channel) for chip in chips for channel in chip.die.channels),
        drams=tuple(
            replace(dram, name=chip.called(dram.name), site=chip.first_site + dram.site)
            for chip in chips
            for dram in chip.die.drams
        ),
        host=replace(host, site=home.first_site + host.site) if host else None,
        energy=replace(energy, uncore_mw=energy.uncore_mw * len(chips)) if energy else None,
        graph=_graph(whole, broken),
        grid=None,
        faults=_faults(chips, whole, broken),
        parts=chips,
        chip_links=_links(chips, arrangement.joints, links),
    )


def _chips(dies: Sequence[Machine], whole: Arrangement, kept: Sequence[int]) -> tuple[Chip, ...]:
    """The chips that are kept, numbered anew."""
    chips: list[Chip] = []
    sites = pes = channels = 0
    for number in kept:
        die, place = dies[number], whole.places[number]
        chips.append(Chip(len(chips), whole.names[number], *place, die, sites, pes, channels))
        sites, pes, channels = sites + len(die.sites), pes + len(die.pes), channels + len(die.channels)
    return tuple(chips)


def _left(whole: Arrangement, broken: Broken, kept: Sequence[int]) -> Arrangement:
    """What is left of the whole, numbered anew; the first chip stands for that of a host that there is not."""
    numbers = {number: place for place, number in enumerate(kept)}
    joints = [
        replace(joint, source=numbers[joint.source], target=numbers[joint.target])
        for joint in whole.joints
        if {joint.source, joint.target} <= numbers.keys() and whole.called(joint) not in broken.links
    ]
    places = tuple(whole.places[number] for number in kept)
    return Arrangement(places, tuple(joints), numbers.get(whole.host_chip, 0))


def _site(chip: Chip, site: Site) -> Site:
    return Site(chip.first_site + site.index, site.x, site.y, site.kind, chip.called(site.name), chip.index)


def _pe(chip: Chip, pe: PeSite) -> PeSite:
    return PeSite(chip.first_pe + pe.index, chip.first_site + pe.site, pe.core, chip.called(pe.name), chip.index)


def _channel(chip: Chip, channel: Channel) -> Channel:
    first = chip.first_site
    ends = first + channel.source, first + channel.target
    return Channel(chip.first_channel + channel.index, *ends, chip.called(channel.name), chip.index)


def _faults(chips: Sequence[Chip], whole: Arrangement, broken: Broken) -> Faults:
    """The faults of all chips that are kept, by their names in the whole machine, and those of chips and links."""
    named = {
        kind: tuple(chip.called(name) for chip in chips for name in getattr(chip.die.faults, kind))
        for kind in ("dead_pes", "dead_links", "dead_sites", "unreachable")
    }
    return Faults(
        **named,
        dead_chips=tuple(whole.names[number] for number in sorted(broken.dead)),
        dead_chip_links=tuple(name for name in map(whole.called, whole.joints) if name in broken.links),
        cut_off_chips=tuple(whole.names[number] for number in sorted(broken.cut_off)),
    )


def _links(chips: Sequence[Chip], joints: Sequence[Joint], section: LinksSection) -> tuple[ChipLink, ...]:
    short = _timing(section)
    long = _long(section, short)
    by_way = {(joint.source, joint.direction): number for number, joint in enumerate(joints) if joint.direction >= 0}
    straight = [by_way.get((joint.target, joint.direction)) for joint in joints]
    rings = _rings(straight)
    lowest = {ring: min(joints[number].target for number in members) for ring, members in enumerate(rings)}
    ring_of = {number: ring for ring, members in enumerate(rings) for number in members}
    return tuple(
        ChipLink(
            number,
            joint.source,
            joint.target,
            f"{chips[joint.source].name}->{chips[joint.target].name}",
            "between_boards" if joint.long else "board",
            long if joint.long else short,
            joint.direction,
            straight[number],
            ring_of.get(number, -1),
            number in ring_of and joint.target == lowest[ring_of[number]],
        )
        for number, joint in enumerate(joints)
    )


def _rings(straight: Sequence[int | None]) -> list[list[int]]:
    """The circles that going straight on leads round."""
    rings: list[list[int]] = []
    ringed: set[int] = set()
    for start in range(len(straight)):
        way, link = [start], straight[start]
        while link is not None and link != start and len(way) <= len(straight):
            way.append(link)
            link = straight[link]
        if link == start and start not in ringed:
            rings.append(way)
            ringed.update(way)
    return rings


def _timing(section: LinksSection) -> LinkTiming:
    return LinkTiming(
        packet_ps=ns_to_ps(section.packet_ns.value),
        latency_ps=max(1, ns_to_ps(section.latency_ns.value)),
        packet_bits=section.packet_bits.value,
        payload_bits=section.payload_bits.value,
        buffer_packets=section.buffer_packets.value,
        error_rate=section.error_rate.value,
        timeout_ps=max(1, ns_to_ps(section.timeout_ns.value)),
        reinject_ps=max(1, ns_to_ps(section.reinject_ns.value)),
    )


def _long(section: LinksSection, short: LinkTiming) -> LinkTiming:
    """The timing of a link between boards, as the others where nothing is said of these."""
    line = section.between_boards
    if line is None:
        return short
    bits = ceil(section.packet_bits.value * line.line_bits_per_byte.value / 8)
    return replace(
        short,
        packet_ps=transfer_ps(bits, line.gbit_per_s.value),
        latency_ps=max(1, ns_to_ps(line.latency_ns.value)),
    )


def _graph(whole: Arrangement, broken: Broken) -> nx.DiGraph[str]:
    """Chips and links between them, for networkx, dead ones included; each chip's own graph is that of its die."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    indices, links = count(), count()
    for number, (name, (x, y)) in enumerate(zip(whole.names, whole.places, strict=True)):
        state = "dead" if number in broken.dead else "unreachable" if number in broken.cut_off else "live"
        index = next(indices) if state == "live" else -1
        graph.add_node(name, kind="chip", x=float(x), y=float(y), name=name, index=index, state=state)
    for joint in whole.joints:
        kind, ends = "between_boards" if joint.long else "board", (whole.names[joint.source], whole.names[joint.target])
        dead = whole.called(joint) in broken.links or not broken.dead.isdisjoint((joint.source, joint.target))
        used = not dead and broken.cut_off.isdisjoint((joint.source, joint.target))
        graph.add_edge(*ends, kind=kind, index=next(links) if used else -1, state="dead" if dead else "live")
    return graph
