"""Every number of a topology in one flat list, with its meaning, its plausible range and what it rests on.

A result names the assumed ones, a sensitivity study takes its ranges from here, the machine tool prints them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sim.machine.quantity import Basis, Quantity
from sim.machine.sections import Topology
from sim.scenario.models import Section


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number (or list of positions or sizes); `name` is its dotted path in the topology file."""

    name: str
    value: Any
    low: Any
    high: Any
    basis: Basis | None
    source: str
    description: str


def parameters(topology: Topology) -> list[Parameter]:
    """Every number of `topology`, in the order of the schema; lists that are empty are left out."""
    return [
        Parameter(name, stated.value, stated.low, stated.high, stated.basis, stated.source, description)
        for name, stated, description in _quantities(topology, "")
        if stated.value != ()
    ]


def _quantities(section: Section, prefix: str) -> Iterator[tuple[str, Quantity[Any], str]]:
    for key, field in type(section).model_fields.items():
        content = getattr(section, key)
        if isinstance(content, Quantity):
            yield prefix + key, content, field.description or ""
        for name, inner in _inner_sections(key, content):
            yield from _quantities(inner, f"{prefix}{name}.")


def _inner_sections(key: str, content: object) -> list[tuple[str, Section]]:
    if isinstance(content, Section) and not isinstance(content, Quantity):
        return [(key, content)]
    if isinstance(content, dict):
        return [(f"{key}.{name}", inner) for name, inner in content.items()]
    return []
