"""Two runs side by side: the parameters that differ, and the numbers that differ, with their ratio.

What differs most comes first, the headline figures before all others; what is equal is not shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.report.aligned import aligned
from sim.report.glossary import find
from sim.report.headline import HEADLINE
from sim.report.result import Result
from sim.report.terminal import quantity

ABSENT = "absent"
NOT_COMPARED = ("engine.", "versions.", "schema_version", "warnings", "assumed", "seed", "scenario", "completed")
MOST_ROWS = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """One name and its two values, None where a run has none."""

    name: str
    first: Any
    second: Any

    @property
    def ratio(self) -> float | None:
        """The second over the first, None where that means nothing."""
        numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (self.first, self.second))
        return self.second / self.first if numbers and self.first else None

    @property
    def importance(self) -> tuple[bool, float]:
        """Headline figures first, then by how many times one is the other; what has no ratio counts as most."""
        ratio = self.ratio
        apart = abs(math.log(ratio)) if ratio and ratio > 0 else math.inf
        return self.name in HEADLINE, apart


def compared(first: Result, second: Result) -> list[str]:
    """What differs between two results."""
    parameters = differences(first.scenario, second.scenario)
    numbers = [one for one in differences(first.summary, second.summary) if not one.name.startswith(NOT_COMPARED)]
    numbers.sort(key=lambda one: (-one.importance[0], -one.importance[1], one.name))
    lines = ["parameters that differ", *_parameters(parameters), "", "numbers that differ"]
    return lines + _numbers(numbers)


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Difference]:
    """Every dotted name whose values differ."""
    one, other = dict(_leaves(first)), dict(_leaves(second))
    names = dict.fromkeys([*one, *other])
    return [Difference(name, one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)]


def _leaves(section: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in section.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _parameters(found: list[Difference]) -> list[str]:
    rows = [[one.name, _told(one.first), _told(one.second)] for one in found if one.name != "name"]
    return aligned(("key", "first", "second"), rows) if rows else ["none"]


def _numbers(found: list[Difference]) -> list[str]:
    if not found:
        return ["none"]
    rows = []
    for one in found[:MOST_ROWS]:
        term = find(one.name)
        unit = term.unit if term else "number"
        shown = [ABSENT if value is None else quantity(value, unit)[:44] for value in (one.first, one.second)]
        rows.append([one.name, *shown, "" if one.ratio is None else f"{one.ratio:.4g} x"])
    more = [f"and {len(found) - MOST_ROWS} more"] if len(found) > MOST_ROWS else []
    return [*aligned(("number", "first", "second", "ratio"), rows), *more]


def _told(value: Any) -> str:
    return ABSENT if value is None else str(value)
