"""What is wrong with the faults of a topology: names of no part, a dead part that nothing works without, nothing left.

The listed names are looked at first; only when all of them exist is there a machine to take parts away from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sim.machine.faults import anchor, carriers, find_faults, reachable_sites
from sim.machine.graph_checks import some
from sim.machine.layout import Layout, lay_out, site_index
from sim.machine.machine import Faults
from sim.machine.sections import FaultsSection, SiteRef, Topology
from sim.scenario.complaints import did_you_mean

Found = Iterator[tuple[str, str]]


def fault_problems(topology: Topology) -> list[tuple[str, str]]:
    """Every problem with the faults of one chip that is otherwise sound, as (dotted path, problem)."""
    if topology.faults is None:
        return []
    layout = lay_out(topology)
    found = [*_of_several(topology.faults), *listed_problems(topology, topology.faults, layout)]
    return found or [*cut_off_problems(topology, layout), *_none_left(topology, layout)]


def chance(section: FaultsSection) -> str:
    """Advice where faults are drawn."""
    rates = (section.pe_rate, section.link_rate, section.site_rate, section.chip_rate, section.chip_link_rate)
    return "; take another seed or lower rates" if any(rate.value for rate in rates) else ""


def said(lists: Mapping[str, Sequence[str]]) -> str:
    """Lists of names in words, those with any."""
    return "; ".join(f"{words} {some(names)}" for words, names in lists.items() if names)


def _of_several(section: FaultsSection) -> Found:
    """Chips and links between them are named, where there is one chip."""
    for key in ("chips", "chip_links"):
        for number, name in enumerate(getattr(section, key)):
            yield f"faults.{key}[{number}]", f"no '{name}', the machine is a single chip"


def listed_problems(topology: Topology, section: FaultsSection, layout: Layout) -> Found:
    """The names of `section` that no part of one chip has, or a part that it cannot do without."""
    yield from _unknown("pes", "PE", section.pes, [pe.name for pe in layout.pes], ".")
    yield from _unknown("links", "link", section.links, [channel.name for channel in layout.channels], "->")
    needed = carriers(topology)
    for number, written in enumerate(section.sites):
        index = site_index(topology, written)
        if index is None:
            yield f"faults.sites[{number}]", _no_site(written, layout)
        elif index in needed:
            problem = f"site {layout.sites[index].name} carries {needed[index]} and cannot be dead; move that first"
            yield f"faults.sites[{number}]", problem


def _unknown(key: str, kind: str, written: Iterable[str], names: list[str], joint: str) -> Found:
    """The names that no part has, with the nearest at the same site, or the nearest anywhere."""
    known = set(names)
    for number, name in enumerate(written):
        if name not in known:
            site = "".join(name.rpartition(joint)[:2])
            near = did_you_mean(name, [other for other in names if other.startswith(site)] or names)
            example = f", such names are {names[0]}" if names else ", there is none"
            yield f"faults.{key}[{number}]", f"no {kind} '{name}'{near or example}"


def _no_site(written: SiteRef, layout: Layout) -> str:
    name = f"({written[0]},{written[1]})" if isinstance(written, tuple) else str(written)
    names = [site.name for site in layout.sites]
    return f"no site '{name}'{did_you_mean(name, names) or f', such names are {names[0]}'}"


def cut_off_problems(topology: Topology, layout: Layout, chip: str = "") -> Found:
    """What a chip needs and its faults cut off; `chip` is its name where there are several."""
    assert topology.faults is not None
    faults = find_faults(topology, layout, chip)
    reached = reachable_sites(topology, layout, faults)
    needed = carriers(topology)
    lost = [f"{layout.sites[index].name} ({what})" for index, what in needed.items() if index not in reached]
    if lost:
        why = said({"dead links": _edge(layout, faults, reached), "dead sites": faults.dead_sites})
        yield (
            "faults",
            f"what {chip or 'the machine'} needs is cut off from {_home(topology, layout)}: {some(lost)}; {why}"
            f"{chance(topology.faults)}",
        )


def _none_left(topology: Topology, layout: Layout) -> Found:
    assert topology.faults is not None
    faults = find_faults(topology, layout)
    if len(faults.dead_pes) + len(faults.unreachable) == len(layout.pes):
        lists = {"dead sites": faults.dead_sites, "dead PEs": faults.dead_pes, "PEs cut off": faults.unreachable}
        yield "faults", f"no PE is left of {len(layout.pes)}: {said(lists)}{chance(topology.faults)}"


def _home(topology: Topology, layout: Layout) -> str:
    index = anchor(topology)
    if index is None:
        return "most PEs"
    return f"{'the event router' if topology.host is None else 'the host'} at {layout.sites[index].name}"


def _edge(layout: Layout, faults: Faults, reached: Collection[int]) -> list[str]:
    """The dead links between the sites that are `reached` and the others."""
    dead = set(faults.dead_links)
    over = [c for c in layout.channels if (c.source in reached) != (c.target in reached)]
    return [channel.name for channel in over if channel.name in dead]
