"""The memory controller against DRAMsim3 with the same device: bandwidth within 10 %, loaded latency within 15 %.

Close to the peak the latency grows with the length of the run, so that above nine tenths only bandwidth is compared.
"""

import csv
from pathlib import Path

import pytest

ROWS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "dram" / "lpddr4_x16_reads.csv").open()))
STEADY = 0.9
SHORT = [("seq", "0.6"), ("rand", "0.6"), ("rand", "0.8")]


def name(row):
    return f"{row['pattern']} {row['mode']} {row['offered_frac_of_peak']}"


def asked(row, clocks):
    """The same stream at both ports, so half of the clocks give as many bursts."""
    stream = {
        "pattern": {"seq": "sequential", "rand": "random"}[row["pattern"]],
        "warmup_cycles": 30000 if clocks > 30000 else 5000,
        "measure_cycles": clocks,
    }
    if row["mode"] == "open":
        return stream | {"outstanding": None, "rate": float(row["offered_frac_of_peak"])}
    return stream | {"outstanding": int(row["mode"].removeprefix("closed"))}


def assert_like_dramsim(ran, row, clocks):
    said = ran("memory_port", {f"workload.{key}": value for key, value in asked(row, clocks).items()}).summary["stream"]
    assert said["bytes_per_s"] / 1e9 == pytest.approx(float(row["achieved_GBs"]), rel=0.10)
    if float(row["offered_frac_of_peak"]) <= STEADY:
        assert said["latency_ns"]["mean"] == pytest.approx(float(row["lat_avg_ns"]), rel=0.15)


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row["mode"] != "open" or (row["pattern"], row["offered_frac_of_peak"]) in SHORT],
    ids=name,
)
def test_short_streams_are_served_as_dramsim_serves_them(ran, row):
    assert_like_dramsim(ran, row, 25000)


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=name)
def test_streams_are_served_as_dramsim_serves_them(ran, row):
    """Few bursts come at low load: there the streams last longer, so that chance does not decide."""
    assert_like_dramsim(ran, row, 300000 if float(row["offered_frac_of_peak"] or 1) > 0.05 else 2000000)
