"""What is wrong with the faults of a topology: names of no part, a dead part that nothing works without, nothing left.

The listed names are looked at first; only when all of them exist is there a machine to take parts away from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.machine.faults import carriers, find_faults, reachable_sites
from sim.machine.graph_checks import some
from sim.machine.layout import Layout, lay_out, site_index
from sim.machine.machine import Faults
from sim.machine.sections import FaultsSection, SiteRef, Topology
from sim.scenario.complaints import did_you_mean

Found = Iterator[tuple[str, str]]


def fault_problems(topology: Topology) -> list[tuple[str, str]]:
    """Every problem with the faults of a topology that is otherwise sound, as (dotted path, problem)."""
    if topology.faults is None:
        return []
    layout = lay_out(topology)
    return [*_listed(topology, topology.faults, layout)] or [*_left(topology, topology.faults, layout)]


def _listed(topology: Topology, section: FaultsSection, layout: Layout) -> Found:
    yield from _unknown("pes", "PE", section.pes, [pe.name for pe in layout.pes])
    yield from _unknown("links", "link", section.links, [channel.name for channel in layout.channels])
    needed = carriers(topology)
    for number, written in enumerate(section.sites):
        index = site_index(topology, written)
        if index is None:
            yield f"faults.sites[{number}]", _no_site(written, layout)
        elif index in needed:
            problem = f"site {layout.sites[index].name} carries {needed[index]} and cannot be dead; move that first"
            yield f"faults.sites[{number}]", problem


def _unknown(key: str, kind: str, written: Iterable[str], names: list[str]) -> Found:
    known = set(names)
    for number, name in enumerate(written):
        if name not in known:
            example = f", such names are {names[0]}" if names else ", there is none"
            yield f"faults.{key}[{number}]", f"no {kind} '{name}'{did_you_mean(name, names) or example}"


def _no_site(written: SiteRef, layout: Layout) -> str:
    name = f"({written[0]},{written[1]})" if isinstance(written, tuple) else str(written)
    names = [site.name for site in layout.sites]
    return f"no site '{name}'{did_you_mean(name, names) or f', such names are {names[0]}'}"


def _left(topology: Topology, section: FaultsSection, layout: Layout) -> Found:
    faults = find_faults(topology, layout)
    reached = reachable_sites(topology, layout, faults)
    chance = any(rate.value for rate in (section.pe_rate, section.link_rate, section.site_rate))
    advice = "; take another seed or lower rates" if chance else ""
    for index, what in carriers(topology).items():
        if index not in reached:
            lost = _said(faults, ("dead_links", "dead_sites"))
            yield "faults", f"{layout.sites[index].name}, the site of {what}, is cut off: {lost}{advice}"
    if len(faults.dead_pes) + len(faults.unreachable) == len(layout.pes):
        yield "faults", f"no PE is left of {len(layout.pes)}: {_said(faults, _WORDS)}{advice}"


_WORDS = {
    "dead_sites": "dead sites",
    "dead_pes": "dead PEs",
    "unreachable": "PEs cut off",
    "dead_links": "dead links",
}


def _said(faults: Faults, keys: Iterable[str]) -> str:
    lists: dict[str, tuple[str, ...]] = {_WORDS[key]: getattr(faults, key) for key in keys}
    return "; ".join(f"{words} {some(names)}" for words, names in lists.items() if names)
