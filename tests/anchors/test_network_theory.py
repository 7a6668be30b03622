"""The network against theory: what no routing can exceed, and the waiting time of a single queue."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.hardware.toys import Bench, mesh_of, packet

BOUNDS = Path(__file__).resolve().parents[1] / "data" / "booksim" / "bounds_xy.csv"
PATTERNS = {"uniform": "uniform", "bit_complement": "bitcomp"}
CI = {"workload.warmup_cycles": 300, "workload.measure_cycles": 700}
SLOW = {"workload.warmup_cycles": 2000, "workload.measure_cycles": 4000}


def bound(mesh, pattern):
    """One over the load of the busiest channel at one flit per node and cycle."""
    with BOUNDS.open(encoding="utf-8") as file:
        found = {(row["mesh"], row["pattern"]): float(row["ideal_saturation"]) for row in csv.DictReader(file)}
    return found[mesh, PATTERNS.get(pattern, pattern)]


def traffic(ran, pattern, rate, window, size=(8, 8), **network):
    settings = {f"network.{key}": value for key, value in network.items()}
    settings["machine.override"] = {"grid": {"width": size[0], "height": size[1]}}
    settings |= {"workload.pattern": pattern, "workload.rate": rate} | window
    return ran("traffic_uniform", settings).summary["traffic"]


@pytest.mark.parametrize("channels", [1, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("pattern", "size"), [("uniform", (8, 8)), ("bit_complement", (8, 8)), ("uniform", (8, 5))])
def test_no_more_is_accepted_than_the_busiest_channel_can_carry(ran, pattern, size, channels):
    most = bound(f"{size[0]}x{size[1]}", pattern)
    said = traffic(ran, pattern, min(1.0, 2 * most), CI, size, virtual_channels=channels)
    assert said["accepted_rate_worst_node"] <= said["accepted_rate"] <= most
    assert said["saturated"]


def test_past_saturation_transpose_starves_its_worst_node_behind_a_good_mean(ran):
    """Round robin halves the share of a flow wherever it meets another: from BookSim, mean 22/64, worst 1/64."""
    said = traffic(ran, "transpose", 1.0, {"workload.warmup_cycles": 1500, "workload.measure_cycles": 2000})
    assert said["accepted_rate"] == pytest.approx(22 / 64, rel=0.01)
    assert said["accepted_rate_worst_node"] == pytest.approx(1 / 64, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_at_no_rate_is_more_accepted_than_the_bound(ran, pattern, rate):
    said = traffic(ran, pattern, rate, SLOW)
    assert said["accepted_rate"] <= bound("8x8", pattern)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "least", "most"), [((8, 8), 0.37, 0.39), ((8, 5), 0.39, 0.44), ((4, 4), 0.64, 0.69)])
def test_the_peak_accepted_is_in_the_band_of_three_independent_programs(ran, size, least, most):
    peak = max(traffic(ran, "uniform", rate, SLOW, size)["accepted_rate"] for rate in (0.4, 0.45, 0.5, 0.8, 1.0))
    assert least <= peak <= most


SOURCES = 64
BATCHES = 20
STUDENT_T = 2.093
"""97.5 % quantile with 19 degrees of freedom: a two-sided interval of 95 %. The seed is fixed, so it is met or not."""


def waits(load, cycles, seed):
    """Cycles that each packet waits for the one link that `SOURCES` sources share, in order of arrival.

    Each source has a way of its own into the router and makes a packet in a cycle with probability load / SOURCES;
    buffers never fill, and behind the link packets are far enough apart not to meet again.
    """
    bench = Bench(mesh_of(2, 1), buffer_flits=1024)
    goal, created = bench.direct(1), np.random.default_rng(seed).random((cycles, SOURCES)) < load / SOURCES
    senders = [bench.mesh.port(0, f"source {number}").sender() for number in range(SOURCES)]
    sent = []
    for cycle, source in zip(*(which.tolist() for which in created.nonzero()), strict=True):
        senders[source].post(packet(len(sent)), goal, 1000 * cycle)
        sent.append(cycle)
    arrived = bench.run().cycles()
    assert len(arrived) == len(sent)
    taken = np.array([cycle - sent[key] for cycle, _, key in arrived])
    return taken - (3 * 1 + 5)


@pytest.mark.parametrize(("load", "cycles"), [(0.3, 40_000), (0.6, 40_000), (0.9, 120_000)])
def test_packets_wait_for_one_link_as_long_as_queueing_theory_says(load, cycles):
    """M/D/1: load / (2 (1 - load)) service times of one cycle; with n Bernoulli sources for Poisson, exactly 1 - 1/n
    of it (from E[(A - 1)^2] of the binomial number of arrivals A in a cycle)."""
    waited = waits(load, cycles, seed=5)
    means = np.array([batch.mean() for batch in np.array_split(waited, BATCHES)])
    half = STUDENT_T * means.std(ddof=1) / BATCHES**0.5
    expected = load / (2 * (1 - load)) * (1 - 1 / SOURCES)
    assert half < 0.15 * expected
    assert abs(waited.mean() - expected) < half
