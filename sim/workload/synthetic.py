"""A network drawn from the seed that is as sparse and as active as asked.

Weights sit at uniformly drawn places and are scaled by fan-in so that every unit sees sums of about one.
Units differ in bias and threshold, which skews their rates as in trained models. Layer after layer is then
calibrated on what the layers before it really send, so the activity asked for is met on each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from sim.scenario.complaints import Refused
from sim.scenario.models import Synthetic
from sim.scenario.streams import stream
from sim.workload.calibrate import Fit, calibrate
from sim.workload.network import GATES, EgruLayer, Network
from sim.workload.sparse import Floats, Longs, SparseRows

KEY: Final = "workload.weights.synthetic"
# 12 bytes each by column and 8 by row: the most that a workstation holds.
MOST_NONZEROS: Final = 100_000_000
CALIBRATION_STEPS: Final = 256

# Standard deviation of the sums of weighted inputs and of weighted events that reach a gate.
INPUT_DRIVE: Final = 1.0
EVENT_DRIVE: Final = 0.6
# Mean square of an event's value, and the spreads of bias and threshold over units, chosen so that unit
# rates have the spread of the trained models (standard deviation of rates about 0.2, a third of events
# from a tenth of the units).
EVENT_POWER: Final = 0.2
CANDIDATE_SPREAD: Final = 0.4
GATE_SPREAD: Final = 0.3
THRESHOLDS: Final = (0.02, 0.3)

# Weaker inputs are not made up for: the weights would grow beyond what float32 sums are safe with.
LEAST_POWER: Final = 1e-20

# A small layer can be too coarse to meet the activity with one set of biases; these many sets are tried.
ATTEMPTS: Final = 4
AIMED_ERROR: Final = 0.02
ALLOWED_ERROR: Final = 0.1


def build(spec: Synthetic, seed: int, inputs: Floats) -> tuple[Network, tuple[str, ...]]:
    """The network and its warnings: a layer whose activity over `inputs` (steps, inputs) is over 10 % off.

    The first 256 steps of `inputs` are used. Weights depend on the seed, on `spec` and on the mean square
    of the inputs; biases also on the inputs themselves. Refused when the matrices would not fit into
    memory.
    """
    _check_size(spec)
    x = inputs[:CALIBRATION_STEPS]
    power = _mean_square(x)
    layers, warnings = [], []
    for number in range(len(spec.layers) - 1):
        activity = spec.activity[number] if isinstance(spec.activity, tuple) else spec.activity
        weights = _weights(spec, seed, number, power, activity)
        fit = _fitted(weights, spec, seed, number, x, activity)
        warnings += _warnings(number, activity, fit)
        layers.append(fit.layer)
        x, power = fit.outputs, activity * EVENT_POWER
    return Network(tuple(layers), synthetic=True), tuple(warnings)


def structure(sizes: Sequence[int], sparsity: float, seed: int) -> Network:
    """A network whose weights are where drawn ones would be and have no value worth computing with; `sizes` are the
    number of inputs and then the units of each layer.
    """
    spec = Synthetic(layers=tuple(sizes), sparsity=sparsity)
    _check_size(spec)
    layers = [_valueless(_weights(spec, seed, number, 1.0, 1.0)) for number in range(len(sizes) - 1)]
    return Network(tuple(layers), synthetic=True)


def _valueless(layer: EgruLayer) -> EgruLayer:
    """The layer with 1 for each weight, held once."""
    W, R = (replace(matrix, values=np.broadcast_to(np.float32(1), matrix.nnz)) for matrix in (layer.W, layer.R))
    return replace(layer, W=W, R=R)


def _fitted(layer: EgruLayer, spec: Synthetic, seed: int, number: int, x: Floats, activity: float) -> Fit:
    """The layer calibrated on `x`, with the first set of constants that meets the aim, else the best."""
    fits: list[Fit] = []
    for attempt in range(ATTEMPTS):
        drawn = _with_constants(layer, stream(seed, "workload", "constants", str(number), str(attempt)))
        fits.append(calibrate(drawn, x, activity, AIMED_ERROR / 2))
        if fits[-1].error(activity) <= AIMED_ERROR:
            break
    return min(fits, key=lambda fit: fit.error(activity))


def _weights(spec: Synthetic, seed: int, number: int, power: float, activity: float) -> EgruLayer:
    """Layer `number` with its matrices drawn and all its constants zero."""
    sources, units = spec.layers[number : number + 2]
    rows = GATES * units
    W = _matrix(stream(seed, "workload", "W", str(number)), rows, sources, spec.sparsity, INPUT_DRIVE, power)
    of_events = activity * EVENT_POWER
    R = _matrix(stream(seed, "workload", "R", str(number)), rows, units, spec.sparsity, EVENT_DRIVE, of_events)
    nothing = np.zeros(rows, np.float32)
    return EgruLayer(sources, units, W, R, nothing, nothing, nothing[:units], spec.zoneout)


def _with_constants(layer: EgruLayer, rng: np.random.Generator) -> EgruLayer:
    """The layer with biases and thresholds that differ from unit to unit."""
    n = layer.units
    spreads = np.repeat(np.array([GATE_SPREAD, GATE_SPREAD, CANDIDATE_SPREAD], np.float32), n)
    bx = _bell(rng, GATES * n) * spreads
    br = _bell(rng, GATES * n) * np.float32(GATE_SPREAD)
    least, most = map(np.float32, THRESHOLDS)
    thr = least + (most - least) * rng.random(n, dtype=np.float32)
    return EgruLayer(layer.inputs, n, layer.W, layer.R, bx, br, thr, layer.zoneout)


def _bell(rng: np.random.Generator, count: int) -> Floats:
    """Near normal, mean 0, deviation 1: a sum of three uniforms, which needs nothing of the C library."""
    first, second, third = (rng.random(count, dtype=np.float32) for _ in range(3))
    return (first + second + third - np.float32(1.5)) * np.float32(2)


def _matrix(
    rng: np.random.Generator, rows: int, columns: int, sparsity: float, drive: float, power: float
) -> SparseRows:
    """Exactly `_nonzeros` entries at uniformly drawn places, uniform in +-amplitude and never 0.

    Over sources of mean square `power`, a row of mean fan-in sums to a standard deviation of `drive`;
    sources that are always zero are taken as if their mean square were 1.
    """
    nonzeros = _nonzeros(rows, columns, sparsity)
    cells = _places(rng, rows * columns, nonzeros)
    starts = np.searchsorted(cells, np.arange(rows + 1, dtype=np.int64) * columns).astype(np.int64)
    per_source = max(power, LEAST_POWER) if power else 1.0
    amplitude = drive * math.sqrt(3 * rows / (max(nonzeros, 1) * per_source))
    odd = 2 * rng.integers(0, 2**23, nonzeros, dtype=np.int32) + np.int32(1 - 2**23)
    values = odd.astype(np.float32) * np.float32(amplitude / 2**23)
    return SparseRows(columns, starts, (cells % columns).astype(np.int32), values)


def _places(rng: np.random.Generator, cells: int, count: int) -> Longs:
    """`count` of `cells` numbers without replacement, ascending; drawn are the fewer of taken and left."""
    if 2 * count > cells:
        left = np.ones(cells, dtype=np.bool_)
        left[_places(rng, cells, cells - count)] = False
        return np.flatnonzero(left)
    drawn = np.empty(0, dtype=np.int64)
    while len(drawn) < count:
        more = np.sort(rng.integers(0, cells, count - len(drawn)))
        drawn = np.sort(np.concatenate([drawn, more]), kind="stable")  # which merges what is sorted
        drawn = drawn[np.diff(drawn, prepend=-1) > 0]  # as np.unique, which takes several times as long
    return drawn


def _nonzeros(rows: int, columns: int, sparsity: float) -> int:
    return round((1 - sparsity) * rows * columns)


def _mean_square(x: Floats) -> float:
    return math.fsum(np.square(x, dtype=np.float64).ravel().tolist()) / max(x.size, 1)


def _check_size(spec: Synthetic) -> None:
    """Refuse matrices that would not fit into memory, before any is drawn."""
    total = sum(_nonzeros(GATES * units, sources + units, spec.sparsity) for sources, units in pairwise(spec.layers))
    if total > MOST_NONZEROS:
        problem = f"these layers have {total} non-zero weights, at most {MOST_NONZEROS} can be held; "
        raise Refused.at(f"{KEY}.layers", problem + "make layers smaller, or sparsity higher")


def _warnings(number: int, asked: float, fit: Fit) -> list[str]:
    if fit.error(asked) <= ALLOWED_ERROR:
        return []
    found = f"layer {number + 1} has an activity of {fit.activity:.4g} over the calibration inputs"
    chances = f"its {fit.layer.units} units over {len(fit.outputs)} steps came no closer"
    return [f"{found}, not {asked:g} as asked: {chances}"]
