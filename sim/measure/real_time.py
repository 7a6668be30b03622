"""Whether results keep up with a world that makes an input every so often.

Latency counts from the instant at which an input is complete to that at which its result is known. A deadline is missed
when the next input is complete before that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.units import ps_to_s


class Deadlines:
    """When the result of each input was known; `period` and `due` (of a step) in ps."""

    def __init__(self, period: int, due: Callable[[int], int]) -> None:
        self._period = period
        self._due = due
        self._latency: dict[int, int] = {}

    def done(self, step: int, now: int) -> None:
        """The result of `step` is known at `now`."""
        self._latency[step] = now - self._due(step)

    def section(self) -> dict[str, Any]:
        """Period, latencies and misses of the steps done; latencies are absent where no step was."""
        said: dict[str, Any] = {"period_s": ps_to_s(self._period)}
        if not self._latency:
            return said
        latency = np.array([self._latency[step] for step in sorted(self._latency)], np.float64)
        missed = int((latency > self._period).sum())
        figures = {"mean": latency.mean(), "p95": np.percentile(latency, 95), "max": latency.max()}
        said["latency_s"] = {name: float(ps_to_s(figure)) for name, figure in figures.items()}
        return said | {"deadlines_missed": missed, "keeps_up": missed == 0}
