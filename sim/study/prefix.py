"""Numbers of a study in a unit that suits them: times, energies and powers with the prefix that makes the smallest of
them 1 or more, so that a column of a table and an axis of a picture need no zeros after the point."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.report.glossary import find

FACTORS = {"": 1.0, "m": 1e3, "u": 1e6, "n": 1e9}
ENDINGS = {"s": "_s", "J": "_j", "W": "_w"}
"""Units that take a prefix, and how names of numbers in them end."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How the numbers called `name` are shown: what stands above them, their unit, and what they are multiplied by."""

    name: str
    unit: str | None
    factor: float = 1.0


def suited(name: str, numbers: Iterable[float]) -> Shown:
    """The name without its unit, and the unit with a prefix, where the unit takes one and another than none suits."""
    term = find(name)
    unit = None if term is None or term.unit == "true or false" else term.unit
    if unit not in ENDINGS:
        return Shown(name, unit)
    least = min((abs(number) for number in numbers if number), default=1.0)
    prefix = next((one for one, factor in FACTORS.items() if least * factor >= 1), "n")
    return Shown(name.removesuffix(ENDINGS[unit]) if prefix else name, prefix + unit, FACTORS[prefix])
