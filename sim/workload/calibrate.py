"""Bringing a layer to a stated mean activity by one number: a shift of the candidate's bias.

The layer runs on its real inputs for each shift tried, with the arithmetic it will run with later, so what
is measured here is what a run over the same inputs will give. More bias means more events, hence
bisection.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sim.workload.egru import update
from sim.workload.network import EgruLayer
from sim.workload.sparse import Floats

# At either end the candidate is saturated whatever the inputs: no unit fires, or all do.
SHIFTS: Final = (-8.0, 8.0)
HALVINGS: Final = 22


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A layer, what it sends over the inputs (steps, units), and the mean share of units that fire."""

    layer: EgruLayer
    outputs: Floats
    activity: float

    def error(self, asked: float) -> float:
        """How far the activity is off, relative to what was asked."""
        return abs(self.activity - asked) / asked


def calibrate(layer: EgruLayer, inputs: Floats, asked: float, tolerance: float) -> Fit:
    """The best of the layers that differ from `layer` in a shift of the candidate's bias.

    `inputs` is (steps, inputs), `asked` the mean activity; the search ends when the relative error is
    within `tolerance`, or when the shift can no longer be halved to effect.
    """
    sums = np.stack([layer.W.times(x) for x in inputs])
    low, high = SHIFTS
    best = _fit(layer, sums, 0.0)
    fit, shift = best, 0.0
    for _ in range(HALVINGS):
        if best.error(asked) <= tolerance:
            break
        low, high = (shift, high) if fit.activity < asked else (low, shift)
        shift = (low + high) / 2
        fit = _fit(layer, sums, shift)
        best = min(best, fit, key=lambda candidate: candidate.error(asked))
    return best


def _fit(layer: EgruLayer, sums: Floats, shift: float) -> Fit:
    """The layer with `shift` added to the candidate's input bias, run over precomputed input sums."""
    bx = layer.bx.copy()
    bx[2 * layer.units :] += np.float32(shift)
    shifted = replace(layer, bx=bx)
    outputs = _outputs(shifted, sums)
    return Fit(shifted, outputs, np.count_nonzero(outputs) / outputs.size)


def _outputs(layer: EgruLayer, sums: Floats) -> Floats:
    y = h = np.zeros(layer.units, np.float32)
    outputs = np.zeros((len(sums), layer.units), np.float32)
    for now, from_input in enumerate(sums):
        y, h = update(layer, from_input, layer.R.times(y), h)
        outputs[now] = y
    return outputs
