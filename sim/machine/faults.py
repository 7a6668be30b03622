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


def find_faults(topology: Topology, layout: Layout, chip: str = "") -> Faults:
    """The dead and the unreachable parts of `layout`, by name; the names listed in `topology` exist. A `chip` of
    several has random numbers of its own."""
    section = topology.faults
    if section is None:
        return Faults()
    sites = _dead_sites(topology, section, layout, chip)
    links = _dead_links(section, layout, sites, chip)
    pes = _dead_pes(section, layout, sites, chip)
    group = _group_in_use(topology, layout, [c for c in layout.channels if c.name not in links], pes)
    return Faults(
        dead_pes=tuple(pe.name for pe in layout.pes if pe.name in pes),
        dead_links=tuple(channel.name for channel in layout.channels if channel.name in links),
        dead_sites=tuple(site.name for site in layout.sites if site.index in sites),
        unreachable=tuple(pe.name for pe in layout.pes if pe.site not in group and pe.name not in pes),
    )


def reachable_sites(topology: Topology, layout: Layout, faults: Faults) -> frozenset[int]:
    """The sites that can exchange packets with the host's, or without a host the event router's; without either, the
    group with most working PEs."""
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


def anchor(topology: Topology) -> int | None:
    """The site that others must be able to exchange packets with: the host's, or the event router's first."""
    routers = topology.sites.event_router.value
    if topology.host is not None:
        return site_index(topology, topology.host.site.value)
    return site_index(topology, routers[0]) if routers else None


def _dead_sites(topology: Topology, section: FaultsSection, layout: Layout, chip: str) -> set[int]:
    listed = {site_index(topology, written) for written in section.sites}
    drawn = drawn_dead(section.seed, "sites", len(layout.sites), section.site_rate.value, chip)
    return {index for index in listed if index is not None} | (drawn - set(carriers(topology)))


def _dead_links(section: FaultsSection, layout: Layout, sites: Collection[int], chip: str) -> set[str]:
    """Names of the links that are dead, or whose site is; a drawn one takes both directions, as one cable."""
    cables = list(dict.fromkeys(_cable(channel) for channel in layout.channels))
    numbers = drawn_dead(section.seed, "links", len(cables), section.link_rate.value, chip)
    drawn = {cables[number] for number in numbers}
    dead = {c.name for c in layout.channels if _cable(c) in drawn or c.source in sites or c.target in sites}
    return dead | set(section.links)


def _dead_pes(section: FaultsSection, layout: Layout, sites: Collection[int], chip: str) -> set[str]:
    drawn = drawn_dead(section.seed, "pes", len(layout.pes), section.pe_rate.value, chip)
    dead = {pe.name for pe in layout.pes if pe.index in drawn or pe.site in sites}
    return dead | set(section.pes)


def _cable(channel: Channel) -> tuple[int, int]:
    return min(channel.source, channel.target), max(channel.source, channel.target)


def drawn_dead(seed: int, kind: str, count: int, rate: float, chip: str = "") -> set[int]:
    """The numbers, of `count` parts of that kind on a `chip`, whose own random number is below `rate`."""
    if not rate:
        return set()
    from sim.scenario.streams import stream  # only here is NumPy needed

    names = ("faults", chip, kind) if chip else ("faults", kind)
    return set((stream(seed, *names).random(count) < rate).nonzero()[0].tolist())


def _group_in_use(
    topology: Topology, layout: Layout, channels: Sequence[Channel], dead_pes: Collection[str]
) -> frozenset[int]:
    ends = [(channel.source, channel.target) for channel in channels]
    start = anchor(topology)
    if start is not None:
        return mutually_reachable(start, ends)
    living = Counter(pe.site for pe in layout.pes if pe.name not in dead_pes)
    return max(groups(range(len(layout.sites)), ends), key=lambda group: sum(living[site] for site in group))
