"""Which units fire, drawn instead of computed: skewed rates, locked to tokens, with counts that spread as real ones do.

Unit i fires when X_i(t) lies below the normal quantile of its rate p_i. Rates are drawn from a beta distribution and
scaled to the mean that is asked for. X_i is normal and a sum of independent parts: one common to all units of a layer
and one along random directions, both fixed by the current token; a slow and a fast wander of each unit's own; noise.
The model and its figures are measured on trained EGRU language models (project's facts on EGRU, section 4). Normal and
beta numbers are made from uniform ones by correctly rounded operations, so they are the same on every machine.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.scenario.activity import Correlation
from sim.scenario.streams import stream
from sim.workload.elementary import exp, log, polynomial

Doubles = npt.NDArray[np.float64]
Fired = npt.NDArray[np.bool_]

LEAST_RATE, MOST_RATE = 1e-9, 1 - 1e-9
TINY = 1e-300


class Tokens:
    """The token of each step, drawn by Zipf's law; asked for in any order."""

    def __init__(self, model: Correlation, seed: int) -> None:
        ranks = np.arange(1, model.token_types + 1, dtype=np.float64)
        self._shares = np.cumsum(exp(-model.zipf * log(ranks)))
        self._seed = seed
        self._drawn = np.zeros(0, np.int64)

    def __getitem__(self, step: int) -> int:
        if step >= len(self._drawn):
            rng = stream(self._seed, "workload", "activity", "tokens")
            uniform = rng.random(2 * step + 64) * self._shares[-1]
            self._drawn = np.minimum(np.searchsorted(self._shares, uniform, side="right"), len(self._shares) - 1)
        return int(self._drawn[step])


class LayerActivity:
    """The firing of one layer of `units` units at a mean rate `activity`; steps must be asked for in order."""

    def __init__(self, model: Correlation, name: str, units: int, activity: float, seed: int) -> None:
        rng = stream(seed, "workload", "activity", name)
        self.rates = _rates(rng, units, activity, model.concentration)
        self._limits = normal_quantile(self.rates)
        self._model = model
        self._common = _normal(rng, (model.token_types,))
        self._tokens = _normal(rng, (model.token_types, model.directions))
        self._directions = _unit_vectors(rng, units, model.directions)
        self._rng = rng
        self._slow, self._fast = _normal(rng, (2, units))

    def step(self, token: int) -> Fired:
        """Which units fire in the next step, (units,), when its token is `token`."""
        model = self._model
        x = (
            model.common**0.5 * self._common[token]
            + model.token**0.5 * (self._directions * self._tokens[token]).sum(axis=1)
            + model.slow**0.5 * self._slow
            + model.fast**0.5 * self._fast
            + model.white**0.5 * _normal(self._rng, self._slow.shape)
        )
        self._slow = self._wandered(self._slow, model.slow_steps)
        self._fast = self._wandered(self._fast, model.fast_steps)
        fired: Fired = x < self._limits
        return fired

    def _wandered(self, at: Doubles, steps: float) -> Doubles:
        """One step of a walk that forgets with a time constant of `steps`, of variance 1 throughout."""
        kept = float(exp(-1.0 / steps))
        return kept * at + float(np.sqrt(1.0 - kept * kept)) * _normal(self._rng, at.shape)


def _rates(rng: np.random.Generator, units: int, activity: float, concentration: float) -> Doubles:
    """Rates of the units with the mean `activity`."""
    drawn = _beta(rng, units, activity * concentration, (1 - activity) * concentration)
    low, high = 0.0, 2.0 / max(drawn.mean(), LEAST_RATE)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(drawn * middle, 1.0).mean() < activity else (low, middle)
    rates: Doubles = np.clip(drawn * high, LEAST_RATE, MOST_RATE)
    return rates


def _beta(rng: np.random.Generator, count: int, a: float, b: float) -> Doubles:
    """Beta numbers as the share of one gamma number in two."""
    x, y = _gamma(rng, count, a), _gamma(rng, count, b)
    return x / (x + y)


def _gamma(rng: np.random.Generator, count: int, shape: float) -> Doubles:
    """Gamma numbers (Marsaglia and Tsang, 2000); a shape below 1 is that of one more, times u^(1 / shape)."""
    d = (shape if shape >= 1 else shape + 1) - 1 / 3
    c = 1 / math.sqrt(9 * d)
    kept = np.zeros(0)
    while len(kept) < count:
        x, u = _normal(rng, (count,)), 1.0 - rng.random(count)
        v = 1 + c * x
        v = np.where(v > 0, v * v * v, 1.0)
        inside = (1 + c * x > 0) & (log(u) < 0.5 * x * x + d - d * v + d * log(v))
        kept = np.concatenate([kept, d * v[inside]])
    made = kept[:count]
    return made if shape >= 1 else np.maximum(made * exp(log(1.0 - rng.random(count)) / shape), TINY)


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Doubles:
    """Normal numbers of mean 0 and variance 1."""
    return normal_quantile(1.0 - rng.random(shape) * MOST_RATE - LEAST_RATE / 2)


def _unit_vectors(rng: np.random.Generator, count: int, size: int) -> Doubles:
    """Random directions, (count, size)."""
    drawn = _normal(rng, (count, size))
    lengths: Doubles = np.sqrt((drawn * drawn).sum(axis=1, keepdims=True))
    return drawn / lengths


# P. J. Acklam's rational approximation of the normal quantile, relative error below 1.2e-9.
MIDDLE_UP: Final = (-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.3577518672690, -30.66479806614716)
MIDDLE_UP_0: Final = 2.506628277459239
MIDDLE_DOWN: Final = (-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572)
TAIL_UP: Final = (-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968)
TAIL_UP_0: Final = 2.938163982698783
TAIL_DOWN: Final = (0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416)
TAIL: Final = 0.02425


def normal_quantile(p: Doubles) -> Doubles:
    """The x below which a standard normal number lies with probability `p`, 0 < p < 1."""
    q = p - 0.5
    r = q * q
    middle = q * polynomial((*MIDDLE_UP, MIDDLE_UP_0), r) / polynomial((*MIDDLE_DOWN, 1.0), r)
    s = np.sqrt(-2.0 * log(np.minimum(p, 1.0 - p)))
    tail = polynomial((*TAIL_UP, TAIL_UP_0), s) / polynomial((*TAIL_DOWN, 1.0), s)
    return np.where((p < TAIL) | (p > 1 - TAIL), np.where(q < 0, tail, -tail), middle)
