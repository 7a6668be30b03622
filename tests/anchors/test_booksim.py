"""The mesh against BookSim 2, row by row: mean latency below saturation, accepted rate past it.

The runs of the ordinary tests are short and few; those marked slow take the rows one by one. A row of BookSim is a
single run with one seed, so even a perfect model is some tenths of a percent away from it.
"""

import csv
from pathlib import Path

import pytest

ROWS = Path(__file__).resolve().parents[1] / "data" / "booksim"
SATURATION = {("uniform", 1): 0.379, ("transpose", 1): 1 / 7, ("uniform", 2): 0.4048, ("transpose", 4): 1 / 7}
"""Flits per node and cycle, of BookSim by pattern and virtual channels; transpose is bounded by its busiest link."""

SHORT = {"workload.warmup_cycles": 300, "workload.measure_cycles": 1500}

ROUTERS = 6.25
"""Routers a packet passes in the mean, under uniform traffic (self included) and under transpose alike."""


def rows_of(pattern, channels):
    with (ROWS / f"R3_k8_vc{channels}_b8_{pattern}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def latency_by_rate(pattern, channels=1):
    """Offered rate -> mean latency in cycles, of BookSim's stable rows.

    The mean path of the packets that a row happened to draw is off by up to 1.7 % where they are only some thousand. A
    row says how long that path was, the pattern how long it should be, and a router costs 3 cycles: the difference is
    taken out of every row. As the expected path is known exactly, this removes chance and brings in no bias, whatever
    a router costs (a control variate); it says nothing about waiting, which is what the comparison is about.
    """
    rows = [row for row in rows_of(pattern, channels) if row["sim_type"] == "latency" and row["stable"] == "1"]
    return {float(row["offered"]): float(row["plat_avg"]) + 3 * (ROUTERS - float(row["hops_avg"])) for row in rows}


def accepted_by_rate(pattern, channels):
    """Offered rate -> flits that BookSim accepted per node and cycle."""
    return {float(row["offered"]): float(row["accepted"]) for row in rows_of(pattern, channels)}


def long(rate):
    """A window of some 40 000 packets or more."""
    return {"workload.warmup_cycles": 2000, "workload.measure_cycles": max(10_000, round(600 / rate))}


def rows_below_saturation():
    """(pattern, channels, rate) of each row of BookSim up to 90 % of its curve's saturation."""
    return [
        (*curve, rate) for curve, most in SATURATION.items() for rate in latency_by_rate(*curve) if rate <= 0.9 * most
    ]


def rows_past_saturation():
    """(pattern, channels, rate) of each row of BookSim that is clearly past its curve's saturation."""
    return [
        (*curve, rate) for curve, most in SATURATION.items() for rate in accepted_by_rate(*curve) if rate > 1.03 * most
    ]


def measured(ran, pattern, rate, window, **network):
    settings = {f"network.{key}": value for key, value in network.items()}
    settings |= {"workload.pattern": pattern, "workload.rate": rate} | window
    return ran("traffic_uniform", settings).summary["traffic"]


def mean_latency(ran, pattern, rate, window, **network):
    return measured(ran, pattern, rate, window, **network)["latency_cycles"]["mean"]


@pytest.mark.parametrize(
    ("pattern", "rate"), [("uniform", 0.1), ("uniform", 0.22), ("uniform", 0.3), ("transpose", 0.1)]
)
def test_mean_latency_is_booksim_s_up_to_80_percent_of_saturation(ran, pattern, rate):
    assert rate <= 0.8 * SATURATION[pattern, 1]
    assert mean_latency(ran, pattern, rate, SHORT) == pytest.approx(latency_by_rate(pattern)[rate], rel=0.015)


def test_what_is_accepted_past_saturation_is_what_booksim_accepts(ran):
    past = measured(ran, "uniform", 0.5, {"workload.warmup_cycles": 1500, "workload.measure_cycles": 1500})
    assert past["accepted_rate"] == pytest.approx(SATURATION["uniform", 1], rel=0.03)
    assert past["saturated"]
    assert past["accepted_rate_worst_node"] <= past["accepted_rate"] < past["offered_rate"]


@pytest.mark.parametrize(("pattern", "channels", "rate"), [("uniform", 2, 0.34), ("transpose", 4, 0.12)])
def test_with_virtual_channels_mean_latency_is_booksim_s_too(ran, pattern, channels, rate):
    window = {"workload.warmup_cycles": 200, "workload.measure_cycles": round(120 / rate)}
    booksim = latency_by_rate(pattern, channels)[rate]
    assert mean_latency(ran, pattern, rate, window, virtual_channels=channels) == pytest.approx(booksim, rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize(("pattern", "channels", "rate"), rows_below_saturation())
def test_every_row_of_booksim_up_to_90_percent_of_saturation(ran, pattern, channels, rate):
    close = 0.015 if rate <= 0.8 * SATURATION[pattern, channels] else 0.03
    booksim = latency_by_rate(pattern, channels)[rate]
    assert mean_latency(ran, pattern, rate, long(rate), virtual_channels=channels) == pytest.approx(booksim, rel=close)


@pytest.mark.slow
@pytest.mark.parametrize(("pattern", "channels", "rate"), rows_past_saturation())
def test_every_row_of_booksim_past_saturation_accepts_as_much(ran, pattern, channels, rate):
    window = {"workload.warmup_cycles": 3000, "workload.measure_cycles": 4000}
    past = measured(ran, pattern, rate, window, virtual_channels=channels)
    assert past["accepted_rate"] == pytest.approx(accepted_by_rate(pattern, channels)[rate], rel=0.03)
