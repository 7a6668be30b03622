"""Packets that are sent only to keep steps apart, counted by the copy of the network, population and step they are
about.

A `done` or a marker is about the step that its sender has finished, a release about the step that may begin.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sim.engine.packet import Packet
from sim.mapping.mapping import Mapping

SYNC_KINDS = frozenset({"markers", "release", "done", "gather"})

Whole = npt.NDArray[np.int64]


class Messages:
    """What was sent to synchronise, a key, a population and a step for each packet: numbers in a row need the least
    memory."""

    def __init__(self) -> None:
        self._told = array("q")

    def note(self, packet: Packet) -> None:
        self._told.extend((packet.key, packet.population, packet.step))

    def count(self) -> int:
        return len(self._told) // 3

    def about(self, mappings: Sequence[Mapping], copy: int, population: int, steps: Whole) -> Whole:
        """How many were about each of `steps` of a population, in copy number `copy` of those with the `mappings`."""
        keys, populations, about = np.frombuffer(self._told, np.int64).reshape(-1, 3).T
        mine = (populations == population) & (_copies(mappings, keys) == copy)
        counts = np.bincount(about[mine], minlength=int(steps.max(initial=-1)) + 1)
        return np.asarray(counts[steps], np.int64)


def _copies(mappings: Sequence[Mapping], keys: Whole) -> Whole:
    """The copy of each key: keys of copies lie in blocks of their own."""
    blocks = sorted((group.base, number) for number, one in enumerate(mappings) for group in one.groups)
    bases, numbers = (np.array(column, np.int64) for column in zip(*blocks, strict=True))
    return np.asarray(numbers[np.searchsorted(bases, keys, side="right") - 1], np.int64)
