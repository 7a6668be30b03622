"""What is wrong with the faults of several chips: names of no part, what a chip needs cut off, nothing left.

Parts of a chip are checked as those of one chip are, with the chip's name taken off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.machine.chip_faults import find_chip_faults, on_chip, parted
from sim.machine.chips import arrange
from sim.machine.fault_checks import chance, cut_off_problems, fault_problems, listed_problems
from sim.machine.fault_checks import said as in_words
from sim.machine.hexagon import Arrangement
from sim.machine.layout import Layout, lay_out, site_index
from sim.machine.sections import FaultsSection, SiteRef, Topology
from sim.scenario.complaints import Refused, did_you_mean

Found = Iterator[tuple[str, str]]


def faults_of(topology: Topology, chips: int | None) -> list[tuple[str, str]]:
    """Every problem with the faults of an otherwise sound machine of so many `chips`, as (dotted path, problem)."""
    try:
        arrangement = arrange(topology, chips)
    except Refused:  # said where so many chips are asked for
        return []
    if arrangement is None:
        return fault_problems(topology)
    section = topology.faults
    if section is None:
        return []
    layout = lay_out(topology)
    return [*_listed(topology, section, layout, arrangement)] or [*_left(topology, section, layout, arrangement)]


def _listed(topology: Topology, section: FaultsSection, layout: Layout, arrangement: Arrangement) -> Found:
    names = arrangement.names
    yield from _unknown("chips", "chip", section.chips, names)
    yield from _unknown("chip_links", "link", section.chip_links, [*map(arrangement.called, arrangement.joints)])
    for key in ("pes", "links", "sites"):
        chips = [parted(written)[0] for written in getattr(section, key)]
        for number, chip in enumerate(chips):
            if chip is not None and chip >= len(names):
                yield f"faults.{key}[{number}]", f"no chip 'chip{chip}', there are {len(names)} from chip0"
    bare = {key: tuple(parted(one)[1] for one in getattr(section, key)) for key in ("pes", "links", "sites")}
    yield from listed_problems(topology.model_copy(update={"host": None}), section.model_copy(update=bare), layout)
    yield from _hosts(topology, section, arrangement)


def _unknown(key: str, kind: str, written: Iterable[str], names: list[str]) -> Found:
    for number, name in enumerate(written):
        if name not in names:
            near = did_you_mean(name, names) or f", such names are {names[0]}"
            yield f"faults.{key}[{number}]", f"no {kind} '{name}' among {len(names)}{near}"


def _hosts(topology: Topology, section: FaultsSection, arrangement: Arrangement) -> Found:
    """The host's chip and its site there."""
    if topology.host is None:
        return
    home, site = arrangement.host_chip, site_index(topology, topology.host.site.value)
    words = "carries the host and cannot be dead; move that first"
    for number, name in enumerate(section.chips):
        if name == arrangement.names[home]:
            yield f"faults.chips[{number}]", f"{name} {words}"
    for number, written in enumerate(section.sites):
        chip, bare = parted(written)
        if chip in (None, home) and site_index(topology, bare) == site:
            yield f"faults.sites[{number}]", f"site {arrangement.names[home]}.{_shown(bare)} {words}"


def _left(topology: Topology, section: FaultsSection, layout: Layout, arrangement: Arrangement) -> Found:
    broken = find_chip_faults(topology, arrangement, layout)
    kept = [number for number in range(len(broken.own)) if number not in broken.gone]
    for number in kept:
        chip = on_chip(topology, number, arrangement.host_chip)
        yield from cut_off_problems(chip, layout, arrangement.names[number])
    pes = len(layout.pes) * len(broken.own)
    if all(len(broken.own[n].dead_pes) + len(broken.own[n].unreachable) == len(layout.pes) for n in kept):
        lists = {
            "dead chips": [arrangement.names[number] for number in sorted(broken.dead)],
            "chips cut off": [arrangement.names[number] for number in sorted(broken.cut_off)],
            "dead PEs": [f"{arrangement.names[n]}.{name}" for n in kept for name in broken.own[n].dead_pes],
            "PEs cut off": [f"{arrangement.names[n]}.{name}" for n in kept for name in broken.own[n].unreachable],
        }
        yield "faults", f"no PE is left of {pes}: {in_words(lists)}{chance(section)}"


def _shown(written: SiteRef) -> str:
    return f"({written[0]},{written[1]})" if isinstance(written, tuple) else str(written)
