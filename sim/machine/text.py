"""A machine in words for a terminal: its site map in characters, its counts, a table of all its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from sim.machine.machine import Machine, Site
from sim.machine.parameters import Parameter

LETTERS = {"event_router": "R", "memory": "M", "plain": "."}


def site_map(machine: Machine) -> str:
    """One line of text for each row of sites, largest y first; a number is how many PEs stand at a site."""
    rows: dict[int, list[str]] = {}
    for site in machine.sites:
        rows.setdefault(site.y, []).append(f"{_letter(machine, site):>4}")
    lines = [f"{y:>4} {''.join(row)}" for y, row in sorted(rows.items(), reverse=True)]
    columns = dict.fromkeys(site.x for site in machine.sites)
    return "\n".join([*lines, f"   y{'':1}{''.join(f'{x:>4}' for x in columns)}  x", "", _key(machine)])


def counts(machine: Machine) -> str:
    """How many of each part there are, in one line."""
    quads = sum(site.kind == "quad" for site in machine.sites)
    ports = len(machine.event_router.port_sites) if machine.event_router is not None else 0
    numbers = {
        "sites": len(machine.sites),
        "sites with PEs": quads,
        "PEs": len(machine.pes),
        "links": len(machine.channels),
        "event router ports": ports,
        "DRAM ports": len(machine.drams),
    }
    return ", ".join(f"{number} {name}" for name, number in numbers.items() if number)


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


def _letter(machine: Machine, site: Site) -> str:
    mark = "h" if machine.host is not None and machine.host.site == site.index else ""
    return mark + LETTERS.get(site.kind, str(machine.pes[-1].core + 1))


def _key(machine: Machine) -> str:
    words = {"event_router": "R event router", "memory": "M memory port", "plain": ". traffic only"}
    kinds = {site.kind for site in machine.sites}
    said = [text for kind, text in words.items() if kind in kinds]
    return ", ".join(["a number: PEs", *said, *(["h host"] if machine.host is not None else [])])


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
