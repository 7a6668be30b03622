"""The readout of a classifier: a trace of each unit's events, and one linear layer over the traces.

The trace keeps a share of itself from step to step and takes the rest from what the unit sends, as in the reference
code of EvNN (share 0.9); without events it decays. Products are added in the order of the units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.workload.sparse import Floats


@dataclass(frozen=True, slots=True, eq=False)
class ReadoutLayer:
    """`weights` (inputs, units) and `bias` (units,) float32; `units` are the classes; `kept` the trace's share."""

    weights: Floats
    bias: Floats
    kept: float

    @property
    def inputs(self) -> int:
        return len(self.weights)

    @property
    def units(self) -> int:
        return len(self.bias)

    def trace(self, before: Floats, y: Floats) -> Floats:
        """The traces (inputs,) after a step in which the units sent `y` (inputs,)."""
        kept = np.float32(self.kept)
        return kept * before + (np.float32(1) - kept) * y

    def scores(self, trace: Floats) -> Floats:
        """Of each class, (units,) float32, from the traces (inputs,)."""
        total = np.zeros(self.units, np.float32)
        for unit in np.flatnonzero(trace):
            total += self.weights[unit] * trace[unit]
        return total + self.bias

    def part(self, start: int, stop: int) -> ReadoutLayer:
        """The classes `start` to `stop` (not included)."""
        return ReadoutLayer(np.ascontiguousarray(self.weights[:, start:stop]), self.bias[start:stop], self.kept)
