"""A machine in words for a terminal: its site map in characters, its counts and faults, a table of all its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from sim.machine.faults import cut_off_sites
from sim.machine.machine import Machine, Site
from sim.machine.parameters import Parameter

LETTERS = {"event_router": "R", "memory": "M", "plain": "."}
WORDS = {"event_router": "R event router", "memory": "M memory port", "plain": ". traffic only"}
DEAD, CUT_OFF = "x", "-"
MOST_NAMES = 20


def site_map(machine: Machine) -> str:
    """The sites with what stands there; a number is how many usable PEs there are.

    A grid is one line of text for each row, largest y first; a graph is one for each site, with where its live links
    lead. Several chips are one line each, with the usable PEs and the chips that live links lead to.
    """
    if machine.parts:
        return "\n".join(_chips(machine))
    letters = _letters(machine)
    lines = _rows(machine, letters) if machine.grid is not None else _neighbours(machine, letters)
    return "\n".join([*lines, "", _key(machine, letters)])


def counts(machine: Machine) -> str:
    """How many of each part there are, in one line; dead ones are not counted, but for dead sites."""
    ports = len(machine.event_router.port_sites) if machine.event_router is not None else 0
    numbers = {
        "chips": len(machine.parts),
        "links between chips": len(machine.chip_links),
        "sites": len(machine.sites),
        "sites with PEs": len({pe.site for pe in machine.pes}),
        "PEs": len(machine.pes),
        "links": len(machine.channels),
        "event router ports": ports,
        "DRAM ports": len(machine.drams),
    }
    return ", ".join(f"{number} {name}" for name, number in numbers.items() if number)


def fault_list(machine: Machine) -> str:
    """What is dead or cut off, one line a kind with its number and names; empty when nothing is."""
    faults = machine.faults
    kinds = {
        "dead chips": faults.dead_chips,
        "chips cut off": faults.cut_off_chips,
        "dead links between chips": faults.dead_chip_links,
        "dead sites": faults.dead_sites,
        "dead links": faults.dead_links,
        "dead PEs": faults.dead_pes,
        "PEs cut off": faults.unreachable,
    }
    return "\n".join(f"{kind} ({len(names)}): {_first(names)}" for kind, names in kinds.items() if names)


def parameter_table(numbers: Sequence[Parameter]) -> Table:
    """Every number with its range, basis and source; what was given without a basis says so."""
    table = Table(box=None, pad_edge=False)
    for heading in ("parameter", "value", "low to high", "basis"):
        table.add_column(heading, no_wrap=True)
    table.add_column("source", overflow="fold")
    for number in numbers:
        basis, span = number.basis or "given", _span(number)
        table.add_row(number.name, _shown(number.value), span, basis, number.source, style=_STYLES.get(basis))
    return table


_STYLES = {"assumed": "yellow"}


def _rows(machine: Machine, letters: Sequence[str]) -> list[str]:
    rows: dict[int, list[str]] = {}
    for site in machine.sites:
        rows.setdefault(site.y, []).append(f"{letters[site.index]:>4}")
    lines = [f"{y:>4} {''.join(row)}" for y, row in sorted(rows.items(), reverse=True)]
    columns = dict.fromkeys(site.x for site in machine.sites)
    return [*lines, f"   y{'':1}{''.join(f'{x:>4}' for x in columns)}  x"]


def _neighbours(machine: Machine, letters: Sequence[str]) -> list[str]:
    leads: dict[int, list[str]] = {}
    for channel in machine.channels:
        leads.setdefault(channel.source, []).append(machine.sites[channel.target].name)
    width = max(len(site.name) for site in machine.sites)
    ways = [", ".join(leads.get(site.index, [])) or "nothing" for site in machine.sites]
    return [f"{site.name:>{width}} {letters[site.index]:>4}  to {ways[site.index]}" for site in machine.sites]


def _chips(machine: Machine) -> list[str]:
    chips, home = machine.chips, machine.sites[machine.host.site].chip if machine.host is not None else None
    leads: dict[int, list[str]] = {}
    for link in machine.chip_links:
        leads.setdefault(link.source, []).append(chips[link.target].name)
    width = max(len(chip.name) for chip in chips)
    return [
        f"{'h' if chip.index == home else ' '} {chip.name:<{width}} ({chip.x},{chip.y}) {len(chip.die.pes):>4} PEs  to "
        f"{', '.join(leads.get(chip.index, [])) or 'nothing'}"
        for chip in chips
    ]


def _letters(machine: Machine) -> list[str]:
    """What stands for each site."""
    usable, dead = Counter(pe.site for pe in machine.pes), set(machine.faults.dead_sites)
    lost = cut_off_sites(machine.faults)
    host = machine.host.site if machine.host is not None else None
    return [
        ("h" if site.index == host else "") + _letter(site, usable, site.name in dead, site.name in lost)
        for site in machine.sites
    ]


def _letter(site: Site, usable: Mapping[int, int], dead: bool, lost: bool) -> str:
    if dead or lost:
        return DEAD if dead else CUT_OFF
    return LETTERS.get(site.kind, str(usable[site.index]))


def _key(machine: Machine, letters: Sequence[str]) -> str:
    kinds = {site.kind for site in machine.sites}
    said = [text for kind, text in WORDS.items() if kind in kinds]
    said += [f"{DEAD} dead site"] if DEAD in letters else []
    said += [f"{CUT_OFF} cut off"] if CUT_OFF in letters else []
    return ", ".join(["a number: PEs", *said, *(["h host"] if machine.host is not None else [])])


def _first(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _span(number: Parameter) -> str:
    if number.low is None and number.high is None:
        return ""
    return f"{_shown(number.low)} to {_shown(number.high)}"


def _shown(value: Any) -> str:
    if value is None:
        return "?"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(f"({_shown(inner)})" if isinstance(inner, tuple) else str(inner) for inner in value)
    return str(value)
