"""A scenario file to a frozen `Scenario`, or every complaint there is about it.

Reading, settings, types, rules between keys and the files that are named are all judged before anything is
refused, so that a person mends a scenario once and not line by line.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.scenario import document as documents
from sim.scenario import files, rules, settings
from sim.scenario.complaints import Complaint, Refused
from sim.scenario.document import Document, KeyPath, in_order
from sim.scenario.models import Scenario
from sim.scenario.validate import Fault, examine


@dataclass(frozen=True, slots=True)
class Review:
    """A scenario as far as it was understood; `scenario` is None when a key is missing or wrong."""

    document: Document
    scenario: Scenario | None
    complaints: list[Complaint]


def load(path: str | Path, overrides: Mapping[str, object] = {}) -> tuple[Scenario, Document]:
    """The scenario in `path`, with `overrides` (dotted key to value) put in its place, and its document.

    Refused with all complaints, each placed; those about an override are placed at `--set`.
    """
    seen = review(path, overrides)
    if seen.scenario is None or seen.complaints:
        raise Refused(seen.complaints)
    return seen.scenario, seen.document


def review(path: str | Path, overrides: Mapping[str, object] = {}) -> Review:
    """What can be said about the scenario in `path`. Refused when there are no keys and values to look at."""
    document, complaints = documents.examine(Path(path))
    document, misplaced = settings.apply(document, overrides)
    scenario, faults = examine(document.data, Scenario)
    values = _settled(document.data, faults)
    found = Refused([*rules.broken(values), *files.amiss(values, document)])
    complaints += misplaced
    complaints += [document.complaint(fault.path, fault.problem) for fault in faults]
    complaints += document.located(found).complaints
    return Review(document, scenario, in_order(dict.fromkeys(complaints)))


def _settled(data: Mapping[str, Any], faults: Sequence[Fault]) -> dict[str, Any]:
    """Every value that can be relied upon by dotted key; with the defaults, unless a required key is bad."""
    spoiled = {_without_index(fault.spoiled) for fault in faults}
    kept = _pruned(data, (), spoiled)
    with contextlib.suppress(ValidationError):  # raised again where a required key is bad
        kept = Scenario.model_validate(kept).model_dump()
    return {".".join(path): value for path, value in _leaves(kept, ()) if not _is_under(path, spoiled)}


def _without_index(path: KeyPath) -> tuple[str, ...]:
    """The path up to the first list: a list with one bad entry is bad."""
    words: list[str] = []
    for step in path:
        if isinstance(step, int):
            break
        words.append(step)
    return tuple(words)


def _pruned(data: Mapping[str, Any], path: tuple[str, ...], spoiled: set[tuple[str, ...]]) -> dict[str, Any]:
    return {
        key: _pruned(value, (*path, key), spoiled) if isinstance(value, dict) else value
        for key, value in data.items()
        if (*path, key) not in spoiled
    }


def _leaves(data: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _is_under(path: tuple[str, ...], spoiled: set[tuple[str, ...]]) -> bool:
    return any(path[:length] in spoiled for length in range(1, len(path) + 1))
