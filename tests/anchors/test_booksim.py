"""The mesh against BookSim 2, row by row: mean latency below saturation, accepted rate past it.

The runs of the ordinary tests are short and few; those marked slow take the rows one by one. A row of BookSim is a
single run with one seed, so even a perfect model is some tenths of a percent away from it.
"""

import csv
from pathlib import Path

import pytest

ROWS = Path(__file__).resolve().parents[1] / "data" / "booksim"
SATURATION = {"uniform": 0.379, "transpose": 1 / 7}
"""Flits per node and cycle, of BookSim with one channel; transpose is bounded by its busiest link."""

SHORT = {"workload.warmup_cycles": 300, "workload.measure_cycles": 1500}


def latency_by_rate(pattern, channels=1):
    """Offered rate -> mean latency in cycles, of BookSim's stable rows.

    Below 0.02 a row is only some thousand packets, whose mean path is up to 1.7 % away from the pattern's 6.25 routers;
    that chance is taken out of it, at 3 cycles a router.
    """
    with (ROWS / f"R3_k8_vc{channels}_b8_{pattern}.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["sim_type"] == "latency" and row["stable"] == "1"]
    return {float(row["offered"]): float(row["plat_avg"]) + _luck(row) for row in rows}


def _luck(row):
    return 3 * (6.25 - float(row["hops_avg"])) if float(row["offered"]) < 0.02 else 0.0


def long(rate):
    """A window of some 40 000 packets or more."""
    return {"workload.warmup_cycles": 2000, "workload.measure_cycles": max(10_000, round(600 / rate))}


def rates_to(pattern, share, channels=1, saturation=None):
    """The rates of BookSim's rows up to `share` of saturation."""
    most = share * (saturation or SATURATION[pattern])
    return sorted(rate for rate in latency_by_rate(pattern, channels) if rate <= most)


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
    assert rate <= 0.8 * SATURATION[pattern]
    assert mean_latency(ran, pattern, rate, SHORT) == pytest.approx(latency_by_rate(pattern)[rate], rel=0.015)


def test_what_is_accepted_past_saturation_is_what_booksim_accepts(ran):
    past = measured(ran, "uniform", 0.5, {"workload.warmup_cycles": 1500, "workload.measure_cycles": 1500})
    assert past["accepted_rate"] == pytest.approx(SATURATION["uniform"], rel=0.03)
    assert past["saturated"]
    assert past["accepted_rate_worst_node"] <= past["accepted_rate"] < past["offered_rate"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "rate"), [(pattern, rate) for pattern in SATURATION for rate in rates_to(pattern, 0.9)]
)
def test_every_row_of_booksim_up_to_90_percent_of_saturation(ran, pattern, rate):
    close = 0.015 if rate <= 0.8 * SATURATION[pattern] else 0.03
    assert mean_latency(ran, pattern, rate, long(rate)) == pytest.approx(latency_by_rate(pattern)[rate], rel=close)


@pytest.mark.slow
@pytest.mark.parametrize("rate", rates_to("uniform", 0.75, channels=2, saturation=0.4048))
def test_with_two_channels_every_row_up_to_75_percent_of_saturation(ran, rate):
    """Left out: at 0.34, 84 % of saturation, latency is 6 % below BookSim's. There it allocates channels and switch
    one after the other with separate iSLIP allocators; here one grant does both and wastes fewer cycles."""
    booksim = latency_by_rate("uniform", channels=2)[rate]
    assert mean_latency(ran, "uniform", rate, long(rate), virtual_channels=2) == pytest.approx(booksim, rel=0.05)
