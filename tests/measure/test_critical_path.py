"""The critical path's parts sum to the run's time, and speeding up a part of it saves what it says."""

import math
from pathlib import Path

import numpy as np
import pytest

from sim import run
from tests.golden.test_whole_runs import SHORT

SMOKE = Path(__file__).resolve().parents[2] / "scenarios" / "smoke.yaml"
LONG = {"dvs_gesture", "lm_dvfs", "lm_event_driven", "lm_int8", "lm_published"}
VARIANTS = [
    {},
    {"sync.protocol": "markers"},
    {"sync.protocol": "markers", "sync.schedule": "pipelined"},
    {"network.multicast": "unicast", "workload.decoder": "none"},
    {"workload.embedding": "dram", "compute.kernel": "event_columns"},
    {"workload.mode": "generate", "workload.generate.prompt_tokens": 2, "sync.protocol": "markers"},
    {"network.engine": "ideal"},
]


@pytest.mark.parametrize("overrides", VARIANTS)
def test_the_parts_sum_to_the_time_of_the_run(overrides, tmp_path):
    summary = run(SMOKE, overrides, tmp_path / "r").summary
    assert summary["books"]["critical_path_sums_to_elapsed"]
    assert math.isclose(sum(summary["critical_path"].values()), summary["time"]["total_s"], rel_tol=1e-12)
    assert summary["critical_path"]["compute_s"] > 0.3 * summary["time"]["total_s"]
    assert summary["critical_path"]["other_s"] < 0.01 * summary["time"]["total_s"]


def test_twice_the_clock_saves_half_of_what_the_processing_elements_had_on_the_path(tmp_path):
    slow = run(SMOKE, {}, tmp_path / "slow").summary
    fast = run(SMOKE, {"machine.operating_point": "high"}, tmp_path / "fast").summary
    path = slow["critical_path"]
    saved = slow["time"]["total_s"] - fast["time"]["total_s"]
    assert saved == pytest.approx((path["compute_s"] + path["sync_s"]) / 2, rel=0.01)


def test_memory_is_on_the_path_only_where_inputs_come_from_it(tmp_path):
    here = run(SMOKE, {"workload.embedding": "dram"}, tmp_path / "dram").summary
    there = run(SMOKE, {}, tmp_path / "host").summary
    assert here["critical_path"]["dram_s"] > 0 == there["critical_path"]["dram_s"]


def test_a_slower_host_is_seen_in_its_part_where_the_host_is_in_the_loop(tmp_path):
    loop = {"workload.mode": "generate", "workload.generate.prompt_tokens": 2}
    near = run(SMOKE, loop, tmp_path / "near").summary
    far = run(SMOKE, loop | {"machine.override.host.latency_ns": 40000}, tmp_path / "far").summary
    longer = far["time"]["total_s"] - near["time"]["total_s"]
    assert longer > 0
    assert far["critical_path"]["host_s"] - near["critical_path"]["host_s"] == pytest.approx(longer, rel=0.01)


@pytest.mark.parametrize(
    "scenario",
    [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in sorted(SHORT)],
)
def test_the_spans_of_every_shipped_scenario_follow_each_other_to_the_last_picosecond(scenario, tmp_path):
    short = dict(SHORT[scenario])
    if "workload.tokens" in short:
        short["workload.tokens"] = min(2, short["workload.tokens"])
    if scenario == "lm_generate":
        short |= {"workload.generate.prompt_tokens": 1}
    result = run(SMOKE.parent / f"{scenario}.yaml", short, tmp_path / "r")
    path, total = result.table("path"), round(result.summary["time"]["total_s"] * 1e12)
    whole = np.ma.getmaskarray(path["step"])
    start, end = path["time_start_ps"][whole], path["time_end_ps"][whole]
    assert start[0] == 0 and end[-1] == total and (start[1:] == end[:-1]).all()
    assert int((end - start).sum()) == total
    if "layer_step" not in result.tables:
        return
    ends = result.sql("SELECT max(time_done_s) AS t FROM layer_step GROUP BY step ORDER BY step")["t"]
    before = 0
    for step, done in enumerate(ends):
        mine = path["step"].filled(-1) == step
        lasted = (path["time_end_ps"] - path["time_start_ps"])[mine]
        assert int(lasted.sum()) == round(done * 1e12) - before
        before = round(done * 1e12)


def test_bursts_that_follow_one_another_keep_the_port_on_the_path_and_those_of_a_timetable_do_not(tmp_path):
    short = {"workload.warmup_cycles": 10, "workload.measure_cycles": 2000}
    port = SMOKE.parent / "memory_port.yaml"
    closed = run(port, short, tmp_path / "closed")
    units = closed.sql("SELECT unit, time_end_ps - time_start_ps AS t FROM path ORDER BY time_start_ps")
    assert units["unit"][0] == "timetable" and set(units["unit"][1:]) <= {"dram0", "dram1", "timetable"}
    assert closed.summary["critical_path"]["dram_s"] > 0.99 * closed.summary["time"]["total_s"]
    opened = run(port, short | {"workload.outstanding": None, "workload.rate": 0.2}, tmp_path / "open").summary
    assert 0 < opened["critical_path"]["dram_s"] < 0.3 * opened["time"]["total_s"]
    assert opened["critical_path"]["dram_s"] * 1e9 <= opened["stream"]["latency_ns"]["max"] + 100
    slower = run(port, short | {"machine.override.dram.controller_clocks": 60}, tmp_path / "slow").summary
    assert slower["stream"]["bytes_per_s"] < closed.summary["stream"]["bytes_per_s"]
    assert slower["books"]["critical_path_sums_to_elapsed"]


def test_what_links_carry_step_by_step_sums_to_what_they_carry(tmp_path):
    result = run(SMOKE, {}, tmp_path / "r")
    by_step = result.sql("SELECT link, sum(flits) AS flits, max(queue_peak) AS peak FROM link_step GROUP BY link")
    whole = result.sql("SELECT link, flits, queue_peak FROM link")
    after_the_last_step = int(whole["flits"].sum() - by_step["flits"].sum())
    assert 0 <= after_the_last_step < 0.1 * whole["flits"].sum()
    peaks = dict(zip(whole["link"], whole["queue_peak"].filled(99), strict=True))
    told = [(link, peak) for link, peak in zip(by_step["link"], by_step["peak"], strict=True) if peak]
    assert told and all(peak <= peaks[link] for link, peak in told)
