"""What replicas say together: their mean, and how far the true mean may be from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with half the width of its 95 % confidence interval, None when there is but one value."""

    mean: float
    half_width: float | None
    count: int


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of independent values, at least one, and Student's t interval around it.

    Source: Student, The probable error of a mean, Biometrika 6 (1908); the values are taken to be near normal.
    """
    count = len(values)
    mean = math.fsum(values) / count
    if count == 1:
        return Estimate(mean, None, 1)
    from scipy.special import stdtrit

    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    quantile = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2))
    return Estimate(mean, quantile * spread / math.sqrt(count), count)


def scaled(one: Estimate, factor: float) -> Estimate:
    """The estimate of `factor` times the same quantity; `factor` is above 0."""
    half = None if one.half_width is None else one.half_width * factor
    return Estimate(one.mean * factor, half, one.count)
