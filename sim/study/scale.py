"""Models that grow with the machine: keys of the scenario whose values follow an axis by a power law.

The rule is the same for a stack of layers, for the PEs of each and for a plain number, so that what belongs together
grows together; where it grows from is what `set` or the base says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.scenario import document as documents
from sim.scenario import settings
from sim.scenario.complaints import Refused
from sim.scenario.yaml12 import parted
from sim.study.axes import SIGNIFICANT, Cell, values
from sim.study.load import StudyFile
from sim.study.models import Number, Scale

STACK = "layers"
"""A list with this name begins with the number of inputs, and layers follow."""


def scaled(file: StudyFile, cell: Cell) -> Cell:
    """The values at `cell` of all keys that grow. Refused about a key that has nothing to grow from."""
    if not file.study.scale:
        return {}
    document, _ = documents.examine(file.base)
    document, _ = settings.apply(document, file.study.set)
    return {
        key: grown(_valued(file, key, document.data), key, scale, cell[scale.along] / _first(file, scale.along))
        for key, scale in file.study.scale.items()
    }


def grown(value: Any, key: str, scale: Scale, factor: float) -> Any:
    """A number, or a list of numbers, when the axis is `factor` times its first value."""
    if not isinstance(value, list | tuple):
        return _wider(value, factor**scale.width)
    kept = 1 if parted(key)[-1] == STACK else 0
    layers = repeated(value[kept:], factor**scale.depth)
    return [_wider(one, factor**scale.width) for one in [*value[:kept], *layers]]


def repeated(entries: Sequence[Number], times: float) -> list[Number]:
    """The entries in order, each `times` times; where that is no whole number some once more than others."""
    count = max(1, round(len(entries) * times)) if entries else 0
    return [entries[place * len(entries) // count] for place in range(count)]


def _wider(number: Number, times: float) -> Number:
    """A whole number stays whole, and above 0 where it was."""
    if isinstance(number, int):
        return max(round(number * times), min(number, 1))
    return float(f"{number * times:.{SIGNIFICANT}g}")


def _first(file: StudyFile, key: str) -> Number:
    axis, search = file.study.axes.get(key), file.study.bisect
    if axis is None:
        assert search is not None, "the rules of a study ask for an axis or a search"
        return search.low
    first: Number = values(axis)[0]
    return first


def _valued(file: StudyFile, key: str, data: Any) -> Any:
    """What the base says at `key`, with the study's `set` in place."""
    for step in parted(key):
        is_there = step in data if isinstance(data, dict) else isinstance(step, int) and step < len(data)
        if not is_there:
            raise _refused(file, key, "has no value to grow from; give it one under 'set'")
        data = data[step]
    numbers = data if isinstance(data, list) else [data]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers):
        raise _refused(file, key, f"is {data!r}, but only a number or a list of numbers can grow")
    return data


def _refused(file: StudyFile, key: str, problem: str) -> Refused:
    return Refused([file.document.complaint(("scale", key), problem)])
