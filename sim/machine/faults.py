"""What of a machine is dead, and which living parts are cut off because of it.

Dead parts are listed, or drawn: each part of the whole machine has one random number of its own kind's stream, and is
dead where that is below the rate. So raising a rate only adds to the dead, and no rate moves what another one draws.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from sim.machine.layout import Layout, site_index
from sim.machine.machine import Channel, Faults
from sim.machine.reach import groups, mutually_reachable
from sim.machine.sections import FaultsSection, Topology


def find_faults(topology: Topology, layout: Layout) -> Faults:
    """The dead and the unreachable parts of `layout`, by name; the names listed in `topology` exist."""
    section = topology.faults
    if section is None:
        return Faults()
    sites = _dead_sites(topology, section, layout)
    links = _dead_links(section, layout, sites)
    pes = _dead_pes(section, layout, sites)
    group = _group_in_use(topology, layout, [c for c in layout.channels if c.name not in links], pes)
    return Faults(
        dead_pes=tuple(pe.name for pe in layout.pes if pe.name in pes),
        dead_links=tuple(channel.name for channel in layout.channels if channel.name in links),
        dead_sites=tuple(site.name for site in layout.sites if site.index in sites),
        unreachable=tuple(pe.name for pe in layout.pes if pe.site not in group and pe.name not in pes),
    )


def reachable_sites(topology: Topology, layout: Layout, faults: Faults) -> frozenset[int]:
    """The sites that can exchange packets with the host's; without a host, the group with most working PEs."""
    links, pes = set(faults.dead_links), set(faults.dead_pes)
    return _group_in_use(topology, layout, [c for c in layout.channels if c.name not in links], pes)


def cut_off_sites(faults: Faults) -> set[str]:
    """The names of the sites where unreachable PEs stand."""
    return {name.rpartition(".")[0] for name in faults.unreachable}


def carriers(topology: Topology) -> dict[int, str]:
    """The sites that a machine cannot do without, with what each carries; they are never drawn dead."""
    routers = dict.fromkeys(topology.sites.event_router.value, "the event router")
    memory = dict.fromkeys(topology.sites.memory.value, "a memory port")
    host = {topology.host.site.value: "the host"} if topology.host is not None else {}
    found = [(site_index(topology, at), what) for at, what in (routers | memory).items()]
    found += [(site_index(topology, at), what) for at, what in host.items()]
    return {index: what for index, what in found if index is not None}


def _dead_sites(topology: Topology, section: FaultsSection, layout: Layout) -> set[int]:
    listed = {site_index(topology, written) for written in section.sites}
    drawn = _drawn(section.seed, "sites", len(layout.sites), section.site_rate.value)
    return {index for index in listed if index is not None} | (drawn - set(carriers(topology)))


def _dead_links(section: FaultsSection, layout: Layout, sites: Collection[int]) -> set[str]:
    """Names of the links that are dead, or whose site is; a drawn one takes both directions, as one cable."""
    cables = list(dict.fromkeys(_cable(channel) for channel in layout.channels))
    drawn = {cables[number] for number in _drawn(section.seed, "links", len(cables), section.link_rate.value)}
    dead = {c.name for c in layout.channels if _cable(c) in drawn or c.source in sites or c.target in sites}
    return dead | set(section.links)


def _dead_pes(section: FaultsSection, layout: Layout, sites: Collection[int]) -> set[str]:
    drawn = _drawn(section.seed, "pes", len(layout.pes), section.pe_rate.value)
    dead = {pe.name for pe in layout.pes if pe.index in drawn or pe.site in sites}
    return dead | set(section.pes)


def _cable(channel: Channel) -> tuple[int, int]:
    return min(channel.source, channel.target), max(channel.source, channel.target)


def _drawn(seed: int, kind: str, count: int, rate: float) -> set[int]:
    """The numbers, of `count` parts, whose own random number is below `rate`."""
    if not rate:
        return set()
    from sim.scenario.streams import stream  # only here is NumPy needed

    return set((stream(seed, "faults", kind).random(count) < rate).nonzero()[0].tolist())


def _group_in_use(
    topology: Topology, layout: Layout, channels: Sequence[Channel], dead_pes: Collection[str]
) -> frozenset[int]:
    ends = [(channel.source, channel.target) for channel in channels]
    host = site_index(topology, topology.host.site.value) if topology.host is not None else None
    if host is not None:
        return mutually_reachable(host, ends)
    living = Counter(pe.site for pe in layout.pes if pe.name not in dead_pes)
    return max(groups(range(len(layout.sites)), ends), key=lambda group: sum(living[site] for site in group))
