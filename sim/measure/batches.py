"""Batch means: what a statistic of one run is worth, when its samples depend on one another.

The measured cycles are cut into equal parts; means over parts hardly depend on one another, so Student's t applies to
them (Law and Kelton, Simulation Modeling and Analysis).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from sim.measure.arrivals import NOW, RECEIVERS, SENT, Arrivals
from sim.measure.study_arrivals import STEP, created_in
from sim.measure.tally import Whole

BATCHES = 20
STUDENT_T = 2.093
"""97.5 % quantile of Student's t with 19 degrees of freedom, for a two-sided 95 % interval from 20 batches."""


def first_cycles(cycles: range) -> list[int]:
    """The first cycle of each batch, and the cycle after the last."""
    length = cycles.stop - cycles.start
    return [cycles.start - -batch * length // BATCHES for batch in range(BATCHES + 1)]


def t_values(batches: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Student's t of each row (rows, BATCHES) against a mean of 0; without a bound where all of a row are equal."""
    means, errors = batches.mean(axis=1), batches.std(axis=1, ddof=1) / math.sqrt(BATCHES)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(means == 0, 0.0, means / errors)


class BatchMeans:
    """Mean latency of measured packets by the batch they were created in."""

    def __init__(self, arrivals: Arrivals, cycles: range) -> None:
        self._arrivals = arrivals
        self._cycles = cycles
        self._sum = [0] * BATCHES
        self._count = [0] * BATCHES
        arrivals.give(self._take)

    def _take(self, rows: Whole) -> None:
        rows = created_in(rows, self._cycles)
        batches = (rows[STEP] - self._cycles.start) * BATCHES // len(self._cycles)
        for batch in np.unique(batches):
            now, receivers, sent = rows[[NOW, RECEIVERS, SENT]][:, batches == batch]
            self._sum[batch] += int(receivers @ (now - sent))
            self._count[batch] += int(receivers.sum())

    def half_width(self) -> float | None:
        """Half of the 95 % confidence interval of the mean (ps); None when a batch is empty."""
        self._arrivals.count()
        if not all(self._count):
            return None
        means = [total / count for total, count in zip(self._sum, self._count, strict=True)]
        middle = sum(means) / BATCHES
        variance = sum((mean - middle) ** 2 for mean in means) / (BATCHES - 1)
        return STUDENT_T * math.sqrt(variance / BATCHES)
