"""How long a study will take: a guess at each point's work from its scenario, and the seconds that finished ones took.

Work is in units of nothing: steps times what may be on the way in one. Seconds are taken to be a + b times work, fitted
to the points known so far with neither below 0, so that set-up counts once a point and only the rest grows with the
work. Nothing but the order of points and what is told of the time left hangs on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

LASTING = ("tokens", "steps", "measure_cycles")
PES_OF_A_CHIP = 152


def work(scenario: Mapping[str, Any]) -> float:
    """A number that grows with what a resolved scenario asks for; only its ratio to others means anything."""
    workload = scenario["workload"]
    drawn = _drawn(workload)
    lasting = next((workload[key] for key in LASTING if workload.get(key)), 1) + workload.get("warmup_cycles", 0)
    mapping = scenario.get("mapping", {})
    pes = mapping.get("pes_per_layer") or [PES_OF_A_CHIP * (scenario["machine"].get("chips") or 1)]
    events = sum(drawn.get("layers") or [1]) * _mean(drawn.get("activity", 1.0))
    lasting *= mapping.get("replicas") or 1
    return float(lasting * (workload.get("rate") or 1.0) * sum(pes) * events)


def _drawn(workload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of a workload that has its layers and their activity, where they are drawn."""
    weights = workload.get("weights")
    synthetic: Mapping[str, Any] = weights["synthetic"] if isinstance(weights, Mapping) else workload
    return synthetic


def _mean(numbers: float | Sequence[float]) -> float:
    return fmean(numbers) if isinstance(numbers, Sequence) else float(numbers)


@dataclass(slots=True)
class Pace:
    """Sums over the points known so far: enough for a straight line through them."""

    count: int = 0
    work: float = 0.0
    seconds: float = 0.0
    work_squared: float = 0.0
    work_seconds: float = 0.0

    def add(self, work: float, seconds: float) -> None:
        """Take note of a point that took so long."""
        self.count += 1
        self.work += work
        self.seconds += seconds
        self.work_squared += work * work
        self.work_seconds += work * seconds

    def expected(self, count: int, work: float) -> float | None:
        """Seconds for `count` more points with so much work in all; None while nothing is known."""
        if not self.count:
            return None
        each, slope = self._line()
        return each * count + slope * work

    def _line(self) -> tuple[float, float]:
        """Seconds for each point, and for each unit of work.

        While but one amount of work is known half of the time is taken to grow with the work.
        """
        mean_work, mean = self.work / self.count, self.seconds / self.count
        spread = self.work_squared / self.count - mean_work**2
        if spread <= 1e-9 * mean_work**2:
            return (mean / 2, mean / 2 / mean_work) if mean_work else (mean, 0.0)
        slope = max((self.work_seconds / self.count - mean_work * mean) / spread, 0.0)
        if slope * mean_work > mean:
            return 0.0, self.work_seconds / self.work_squared
        return mean - slope * mean_work, slope
