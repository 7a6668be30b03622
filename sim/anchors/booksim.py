"""The 8x8 mesh against BookSim 2, row by row: mean latency below saturation, accepted rate past it.

A row of BookSim is a single run with one seed, so even a perfect model is some tenths of a percent away from it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.anchors.row import Row
from sim.anchors.runs import Runs

DATA = Path(__file__).parent / "data" / "booksim"
SATURATION = {("uniform", 1): 0.379, ("transpose", 1): 1 / 7, ("uniform", 2): 0.4048, ("transpose", 4): 1 / 7}
"""Flits per node and cycle, of BookSim by pattern and virtual channels; transpose is bounded by its busiest link."""

ROUTERS = 6.25
"""Routers a packet passes in the mean, under uniform traffic (self included) and under transpose alike."""

LONE = 3 * ROUTERS + 2
"""Cycles that packets take in the mean when none meets another."""

FEW_BELOW = [
    ("uniform", 1, 0.1, 1500),
    ("uniform", 1, 0.22, 1500),
    ("uniform", 1, 0.3, 1500),
    ("transpose", 1, 0.1, 1500),
    ("uniform", 2, 0.34, 350),
    ("transpose", 4, 0.12, 1000),
]
FEW_PAST = [("uniform", 1, 0.4813, 1500), ("transpose", 1, 0.248, 1500)]
"""(pattern, virtual channels, rate, cycles measured) of the rows that are taken in short runs."""

TRIPLED = {1: 0.375, 2: 0.401, 4: 0.409, 8: 0.417}
"""Virtual channels -> rate at which uniform traffic takes three times as long as at rate 0, in flits per node and
cycle: BookSim 2 with its router R3."""

Window = Mapping[str, object]


def booksim(runs: Runs) -> Iterator[Row]:
    """A few rows of each curve, in short runs."""
    for pattern, channels, rate, cycles in FEW_BELOW:
        yield latency_row(runs, pattern, channels, rate, window(300, cycles))
    for pattern, channels, rate, cycles in FEW_PAST:
        yield accepted_row(runs, pattern, channels, rate, window(cycles, cycles))


def every_row(runs: Runs) -> Iterator[Row]:
    """All rows up to 90 % of saturation and all that are clearly past it, in long runs."""
    for pattern, channels, rate in rows_below_saturation():
        yield latency_row(runs, pattern, channels, rate, long(rate))
    for pattern, channels, rate in rows_past_saturation():
        yield accepted_row(runs, pattern, channels, rate, LONG_PAST)
    yield from (tripled_row(runs, channels) for channels in TRIPLED)


def latency_row(runs: Runs, pattern: str, channels: int, rate: float, during: Window) -> Row:
    """Mean latency within 1.5 % up to 80 % of saturation, 3 % up to 90 %."""
    close = 0.015 if rate <= 0.8 * SATURATION[pattern, channels] else 0.03
    ours = measured(runs, pattern, channels, rate, during)["latency_cycles"]["mean"]
    known = latency_by_rate(pattern, channels)[rate]
    figure = f"latency, {_named(pattern, channels, rate)}"
    return Row(figure, "cycles", known, _source(pattern, channels), "predicted", close, ours)


def accepted_row(runs: Runs, pattern: str, channels: int, rate: float, during: Window) -> Row:
    """Accepted rate past saturation within 3 %."""
    ours = measured(runs, pattern, channels, rate, during)["accepted_rate"]
    known = accepted_by_rate(pattern, channels)[rate]
    figure = f"accepted, {_named(pattern, channels, rate)}"
    return Row(figure, "flits/cycle", known, _source(pattern, channels), "predicted", 0.03, ours)


def tripled_row(runs: Runs, channels: int) -> Row:
    """The rate at which latency is three times that of lone packets, between rates 3 % to either side, within 3 %."""
    known = TRIPLED[channels]
    rates = [round(share * known, 4) for share in (0.97, 1, 1.03)]
    latencies = [measured(runs, "uniform", channels, one, LONG_PAST)["latency_cycles"]["mean"] for one in rates]
    ours = float(np.interp(np.log(3 * LONE), np.log(latencies), rates, left=0, right=1))
    figure = f"rate at three times the lone latency, {channels} VC"
    return Row(figure, "flits/cycle", known, "BookSim 2, router R3", "predicted", 0.03, ours)


def measured(runs: Runs, pattern: str, channels: int, rate: float, during: Window) -> dict[str, Any]:
    """The section `traffic` of a run on the mesh of BookSim's rows."""
    asked: dict[str, object] = {"workload.pattern": pattern, "workload.rate": rate}
    asked |= {"network.virtual_channels": channels} | dict(during)
    found: dict[str, Any] = runs.summary("traffic_uniform", asked)["traffic"]
    return found


def window(warmup: int, measure: int) -> dict[str, object]:
    """Cycles before and in the measurement."""
    return {"workload.warmup_cycles": warmup, "workload.measure_cycles": measure}


def long(rate: float) -> dict[str, object]:
    """A window of some 40 000 packets or more."""
    return window(2000, max(10_000, round(600 / rate)))


LONG_PAST = window(3000, 4000)
"""Past saturation, where every cycle brings as many packets as the mesh takes."""


def rows_below_saturation() -> list[tuple[str, int, float]]:
    """(pattern, channels, rate) of each row up to 90 % of its curve's saturation."""
    return [
        (*curve, rate) for curve, most in SATURATION.items() for rate in latency_by_rate(*curve) if rate <= 0.9 * most
    ]


def rows_past_saturation() -> list[tuple[str, int, float]]:
    """(pattern, channels, rate) of each row that is clearly past its curve's saturation."""
    return [
        (*curve, rate) for curve, most in SATURATION.items() for rate in accepted_by_rate(*curve) if rate > 1.03 * most
    ]


def latency_by_rate(pattern: str, channels: int) -> dict[float, float]:
    """Offered rate -> mean latency in cycles, of the stable rows.

    The mean path of the packets that a row happened to draw is off by up to 1.7 % where they are only some thousand. A
    row says how long that path was, the pattern how long it should be, and a router costs 3 cycles: the difference is
    taken out of every row. As the expected path is known exactly, this removes chance and brings in no bias, whatever
    a router costs (a control variate); it says nothing about waiting, which is what the comparison is about.
    """
    rows = [row for row in _rows(pattern, channels) if row["sim_type"] == "latency" and row["stable"] == "1"]
    return {float(row["offered"]): float(row["plat_avg"]) + 3 * (ROUTERS - float(row["hops_avg"])) for row in rows}


def accepted_by_rate(pattern: str, channels: int) -> dict[float, float]:
    """Offered rate -> flits that BookSim accepted per node and cycle."""
    return {float(row["offered"]): float(row["accepted"]) for row in _rows(pattern, channels)}


def bound(mesh: str, pattern: str) -> float:
    """One over the load of the busiest channel at one flit per node and cycle; `mesh` such as 8x5."""
    with (DATA / "bounds_xy.csv").open(encoding="utf-8") as file:
        found = {(row["mesh"], row["pattern"]): float(row["ideal_saturation"]) for row in csv.DictReader(file)}
    return found[mesh, {"bit_complement": "bitcomp", "bit_reverse": "bitrev"}.get(pattern, pattern)]


def _rows(pattern: str, channels: int) -> list[dict[str, str]]:
    with (DATA / _file_name(pattern, channels)).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _file_name(pattern: str, channels: int) -> str:
    return f"R3_k8_vc{channels}_b8_{pattern}.csv"


def _source(pattern: str, channels: int) -> str:
    return f"BookSim 2, {_file_name(pattern, channels)}"


def _named(pattern: str, channels: int, rate: float) -> str:
    return f"{pattern} at {rate:g}, {channels} VC"
