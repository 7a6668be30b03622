"""What came out: the last layer's outputs of each step, hashed in order as they become whole."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from sim.workload.sparse import Floats


class Outputs:
    """SHA-256 over the float32 outputs, little-endian, step by step and in the order of the units."""

    def __init__(self, units: int) -> None:
        self.units = units
        self.steps = 0
        self._sum = hashlib.sha256()
        self._parts: dict[int, list[tuple[int, Floats]]] = {}

    def take(self, step: int, start: int, outputs: Floats) -> None:
        """The outputs of some units, from number `start`, of one step; steps may come in any order."""
        self._parts.setdefault(step, []).append((start, outputs))
        while self._whole(self.steps):
            parts = sorted(self._parts.pop(self.steps), key=lambda part: part[0])
            self._sum.update(np.concatenate([values for _, values in parts]).astype("<f4").tobytes())
            self.steps += 1

    def sha256(self) -> str:
        """Of all steps that are whole so far."""
        return self._sum.hexdigest()

    def _whole(self, step: int) -> bool:
        return sum(len(values) for _, values in self._parts.get(step, ())) == self.units


class Together:
    """The outputs of several copies of a network, each with a sample of its own."""

    def __init__(self, each: Sequence[Outputs]) -> None:
        self.each = tuple(each)

    @property
    def steps(self) -> int:
        """Whole steps of all of them."""
        return sum(one.steps for one in self.each)

    def sha256(self) -> str:
        """That of the only one, or the SHA-256 of theirs put together, as text, in order."""
        found = [one.sha256() for one in self.each]
        return found[0] if len(found) == 1 else hashlib.sha256("".join(found).encode()).hexdigest()


class Kept:
    """Everything that layers sent, for who compares it: by layer an array (steps, units)."""

    def __init__(self, units: Sequence[int], steps: int) -> None:
        self.sent = [np.zeros((steps, count), np.float32) for count in units]

    def take(self, layer: int, step: int, start: int, outputs: Floats) -> None:
        """What the units of a layer, from 1, beginning with number `start`, sent in a step."""
        self.sent[layer - 1][step, start : start + len(outputs)] = outputs
