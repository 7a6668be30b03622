"""How times are spread, for the page: a histogram, and the tail as the share of all that take longer.

A mean hides what the slowest of many do, and so does a histogram, whose last bars are too low to be seen. The tail is
drawn on a logarithmic axis, where one in a thousand is as far from one in a hundred as that from one in ten.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.report.result import Result
from sim.report.verdict import step_times

Plain = dict[str, Any]
Values = npt.NDArray[np.float64]

BINS = 40
TAIL_POINTS = 240
PERCENTILES = (50, 95, 99)


def distributions(result: Result) -> Iterator[Plain]:
    """Times of steps, and latencies of all that was delivered."""
    if "path" in result.tables and (times := step_times(result)):
        lasted = np.array(list(times.values())) / 1e6
        yield distribution("time of a step", "us", "steps", lasted, np.ones(len(lasted)))
    if "latency" in result.tables:
        found = result.sql("SELECT latency_ps / 1e3 AS t, number FROM latency")
        if len(found["t"]):
            port = "stream" in result.summary
            title, what = ("latency of a burst", "bursts") if port else ("latency of a packet", "deliveries")
            yield distribution(title, "ns", what, found["t"], found["number"].astype(float))


def distribution(title: str, unit: str, what: str, values: Values, times: Values) -> Plain:
    """Values that came so many times each, counted in bins of equal width, with percentiles and tail."""
    order = np.argsort(values, kind="stable")
    values, times = values[order], times[order]
    counts, edges = np.histogram(values, bins=BINS if len(np.unique(values)) > 1 else 1, weights=times)
    upto = np.cumsum(times) / times.sum()
    marks = [(f"p{percent}", float(values[np.searchsorted(upto, percent / 100 - 1e-12)])) for percent in PERCENTILES]
    return {
        "title": title,
        "unit": unit,
        "what": what,
        "number": int(times.sum()),
        "counts": counts.tolist(),
        "edges": edges.tolist(),
        "marks": _apart([*marks, ("max", float(values[-1]))]),
        "tail": _tail(values, 1 - upto, 1 / float(times.sum())),
    }


def _tail(values: Values, longer: Values, least: float) -> list[tuple[float, float]]:
    """Points (value, share that takes longer), the last left out since nothing is longer than it; more of them where
    the share is small."""
    keep = longer > 0.5 * least
    values, longer = values[keep], longer[keep]
    if len(values) > TAIL_POINTS:
        wanted = np.geomspace(1, longer[-1], TAIL_POINTS)
        chosen = np.unique(np.searchsorted(-longer, -wanted).clip(0, len(values) - 1))
        values, longer = values[chosen], longer[chosen]
    return [(float(value), float(share)) for value, share in zip(values, longer, strict=True)]


def _apart(marks: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Marks at one place become one."""
    joined: dict[float, str] = {}
    for name, value in marks:
        joined[value] = f"{joined[value]}, {name}" if value in joined else name
    return [(name, value) for value, name in joined.items()]
