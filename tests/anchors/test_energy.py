"""Energy of whole runs: measured states of the chip, what placement cannot change, what a choice must change."""

from pathlib import Path

import numpy as np
import pytest

from sim.report.result import Result
from sim.simulate import run

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    def ran(overrides, scenario="smoke"):
        return Result(run(SCENARIOS / f"{scenario}.yaml", overrides, out=tmp_path_factory.mktemp("result")))

    return ran


@pytest.fixture(scope="module")
def smoke(ran):
    return ran({})


IDLE = {"machine.topology": "spinnaker2_chip", "machine.override": {}, "workload.rate": 1e-6}
IDLE |= {"workload.warmup_cycles": 0, "workload.measure_cycles": 1000}


@pytest.mark.parametrize(
    ("point", "unused", "milliwatts"), [("low", "off", 75.2), ("low", "sleep", 235.4), ("high", "sleep", 564.7)]
)
def test_a_chip_with_nothing_to_do_draws_what_was_measured(ran, point, unused, milliwatts):
    asked = IDLE | {"machine.operating_point": point, "machine.unused_pes": unused}
    assert ran(asked, "traffic_uniform").summary["energy"]["mean_power_w"] == pytest.approx(milliwatts / 1e3, rel=0.002)


@pytest.mark.parametrize(("point", "milliwatts"), [("low", 424.6), ("high", 1247.9)])
def test_a_chip_on_which_every_pe_runs_code_draws_what_was_measured(ran, point, milliwatts):
    """Three layers on 151 PEs and a scheduler on the last, all of which poll when they wait."""
    layers = {"layers": [16, 51, 50, 50], "sparsity": 0.5, "activity": 0.2, "vocabulary": 4000}
    asked = {"workload.weights.synthetic": layers, "workload.tokens": 2, "workload.decoder": "none"}
    asked |= {"mapping.pes_per_layer": [51, 50, 50], "compute.idle": "busy_wait", "machine.operating_point": point}
    assert ran(asked).summary["energy"]["mean_power_w"] == pytest.approx(milliwatts / 1e3, rel=0.004)


def test_the_energy_of_the_smallest_run_follows_from_its_tables(smoke):
    energy, pe, link = smoke.summary["energy"]["by_part_j"], smoke.table("pe"), smoke.table("link")
    time, active = smoke.summary["time"]["total_s"], sum(pe[f"{state}_s"] for state in ("compute", "receive", "send"))
    active = active + pe["sync_s"] + pe["wait_s"]
    assert energy["uncore"] == pytest.approx(75.2e-3 * time)
    assert energy["pe_static"] == pytest.approx(152 * 1.054e-3 * time)
    assert energy["pe_dynamic"] == pytest.approx((2.299e-3 - 1.054e-3) * active.sum())
    assert energy["noc"] == pytest.approx(20e-12 * link["flits"].sum())
    assert energy["event_router"] == pytest.approx(30e-12 * smoke.summary["network"]["router_lookups"])
    assert energy["exp_unit"] == pytest.approx(5e-12 * 3 * (32 + 32 + 16) * 6)
    assert pe["energy_j"].sum() == pytest.approx(energy["pe_static"] + energy["pe_dynamic"] + energy["exp_unit"])
    power = smoke.table("power")
    lengths = np.diff([*power["time_s"], time])
    assert (power["power_w"] * lengths).sum() == pytest.approx(smoke.summary["energy"]["total_j"], rel=1e-9)


@pytest.mark.parametrize("place", ["snake", "traffic"])
def test_where_slices_are_placed_changes_the_network_s_part_and_the_time_only(ran, place):
    """At a fixed voltage what PEs do costs the same wherever they do it, but for a ps of rounding each time; what flows
    all the time flows at the same power, for as long as the run takes."""
    one, other = (
        ran({"mapping.pes_per_layer": [12, 12, 12], "mapping.place": how}).summary for how in ("row_major", place)
    )
    first, second = one["energy"]["by_part_j"], other["energy"]["by_part_j"]
    assert first["pe_dynamic"] == pytest.approx(second["pe_dynamic"], rel=1e-7)
    for part in ("exp_unit", "event_router"):
        assert first[part] == second[part]
    for summary in (one, other):
        assert summary["energy"]["static_j"] / summary["time"]["total_s"] == pytest.approx(0.2354, rel=1e-3)
    assert first["noc"] != second["noc"] and one["network"]["flit_hops"] != other["network"]["flit_hops"]


def test_polling_costs_energy_and_no_time(smoke, ran):
    busy = ran({"compute.idle": "busy_wait"}).summary
    assert busy["time"] == smoke.summary["time"]
    assert busy["energy"]["by_phase_j"]["wait"] > 0
    assert busy["energy"]["total_j"] > smoke.summary["energy"]["total_j"]
    kept = ("pe_static", "uncore", "noc")
    assert [busy["energy"]["by_part_j"][part] for part in kept] == [
        smoke.summary["energy"]["by_part_j"][part] for part in kept
    ]


def test_listening_for_energy_changes_nothing_else(smoke, ran):
    deaf = ran({"machine.override.energy": None})
    assert "energy" not in deaf.summary and "power" not in deaf.tables
    differ = {name for name in smoke.summary if smoke.summary[name] != deaf.summary.get(name)}
    assert differ == {"energy", "books", "engine", "assumed"}


def test_the_host_computer_counts_where_it_is_asked_for(smoke, ran):
    with_host = ran({"measure.energy_of_host": True}).summary["energy"]["by_part_j"]
    time, decoding = smoke.summary["time"]["total_s"], smoke.summary["host"]["decode_share"]
    assert with_host["host_static"] == pytest.approx(20 * time)
    assert with_host["host_dynamic"] == pytest.approx(40 * time * decoding)


def test_dram_costs_while_it_is_in_use_and_for_each_bit(ran):
    summary = ran({"workload.embedding": "dram"}).summary
    energy = summary["energy"]["by_part_j"]
    assert energy["dram_static"] == pytest.approx(30e-3 * summary["time"]["total_s"])
    assert energy["dram_dynamic"] == pytest.approx(6e-12 * 8 * summary["dram"]["read_bytes"])
