"""Whether a network bears its load: do the queues of its sources grow?

What is offered and does not enter the mesh stays in the queue of its source. Below saturation these queues come and go;
past it at least one of them grows as long as the load is on, however good the mean latency and the mean rate look, for
a few starving sources are enough. So growth is judged for all sources together and for each by itself, and called real
when chance alone would show as much in at most one run of twenty.

On one chip what does not get into the mesh soon stays outside. Of several chips the buffers on the ways to a link hold
so much that sources may not notice for long, so there all packets under way are judged together, wherever they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.measure.arrivals import NOW, RECEIVERS, Arrivals
from sim.measure.batches import BATCHES, first_cycles, t_values
from sim.measure.study_arrivals import ENTERED, SOURCE
from sim.measure.tally import Whole
from sim.units import Clock

CHANCE = 0.05
"""How often a network that bears its load is called saturated: half of it for the sum, half for the worst source."""

Counts = npt.NDArray[np.int64]
"""Flits by source and batch (nodes, BATCHES)."""


@dataclass(frozen=True, slots=True)
class Growth:
    """How fast source queues grow, in flits per node and cycle: in the mean, and the one that grows most.

    `real` says whether it is more than chance.
    """

    rate: float
    worst_node: int
    worst_rate: float
    real: bool


class SourceQueues:
    """Flits that left the queue of each source in each batch, told when they arrive."""

    def __init__(self, arrivals: Arrivals, nodes: int, clock: Clock, cycles: range, *, chips: int = 1) -> None:
        self._arrivals = arrivals
        self._chips = chips
        self._arrived = np.zeros(BATCHES + 2, np.int64)
        self._entered = np.zeros((nodes, BATCHES + 2), np.int64)
        self._instants = np.array([clock.edge(cycle) for cycle in first_cycles(cycles)])
        self._length = cycles.stop - cycles.start
        arrivals.give(self._take)

    def _take(self, rows: Whole) -> None:
        np.add.at(self._entered, (rows[SOURCE], self._batches(rows[ENTERED])), rows[RECEIVERS])
        np.add.at(self._arrived, self._batches(rows[NOW]), rows[RECEIVERS])

    def _batches(self, instants: Whole) -> npt.NDArray[np.intp]:
        """The batch each instant lies in, from 1; 0 before the first, and one more than there are after the last."""
        return np.searchsorted(self._instants, instants, side="right")

    @property
    def entered(self) -> Counts:
        """What left in the measured cycles."""
        self._arrivals.count()
        return self._entered[:, 1:-1]

    def growth(self, created: Counts) -> Growth:
        """Of the flits `created` in each batch, how many more than left."""
        entered = self.entered
        under_way = created.sum(axis=0) - self._arrived[1:-1] if self._chips > 1 else None
        return judge(created - entered, self._length, under_way)


def judge(more: Counts, cycles: int, whole: Counts | None = None) -> Growth:
    """The growth of queues that got `more` flits longer in each batch of a window of so many cycles; `whole` is what is
    judged for all of them together, (BATCHES,), where that is not their sum.

    The sum over sources and each source have a one-sided t test of their batch means; that of the sources is divided by
    their number (Bonferroni). Increments of a queue that only fluctuates cancel, so for it the test errs on the safe
    side.
    """
    from scipy.special import stdtrit

    nodes = len(more)
    total = more.sum(axis=0) if whole is None else whole
    alone, (together,) = t_values(more), t_values(total[np.newaxis])
    worst = int(np.argmax(more.sum(axis=1)))
    limits = [float(stdtrit(BATCHES - 1, 1 - CHANCE / 2 / tests)) for tests in (1, nodes)]
    return Growth(
        rate=float(more.sum()) / (nodes * cycles),
        worst_node=worst,
        worst_rate=float(more[worst].sum()) / cycles,
        real=bool(together > limits[0] or alone.max() > limits[1]),
    )
