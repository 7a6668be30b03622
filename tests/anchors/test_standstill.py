"""Runs that end before their time: a network that stands still is told within a second, a quiet one is let be, and what
was measured until Ctrl-C is told for what it is."""

import numpy as np
import pytest

from sim.engine.stuck import Stuck
from sim.report.result import Result
from sim.simulate import Interrupted, run
from sim.simulate.pace import Stopwatch
from tests.anchors.conftest import ROOT

SCENARIO = ROOT / "scenarios" / "traffic_uniform.yaml"
SECOND = 10**12
CIRCLE = {
    "machine.override": {"grid": {"width": 6, "height": 6, "torus": True}},
    "network.allow_deadlock": True,
    "network.buffer_flits": 1,
    "workload.rate": 0.9,
}
"""Settings that deadlock within a microsecond."""


@pytest.mark.parametrize("warmup", [0, 3 * 10**9])
def test_a_network_that_stands_still_is_told_within_a_second_however_long_the_study(warmup, tmp_path):
    with pytest.raises(Stuck, match="no packet has moved for long") as stuck:
        run(SCENARIO, CIRCLE | {"workload.warmup_cycles": warmup, "workload.measure_cycles": 10**9}, out=tmp_path)
    since = min(state.since for unit, state in stuck.value.waiting if unit.startswith("link"))
    assert 0 < since < SECOND / 10**6
    assert stuck.value.now - since <= SECOND
    assert "waits for the end of the measured cycles" in str(stuck.value)
    summary = Result(tmp_path).summary
    assert not summary["completed"]
    assert summary["warnings"][0] == str(stuck.value).splitlines()[0]


def test_a_network_with_nothing_to_do_for_seconds_is_not_stuck(ran, tmp_path):
    lines = ["time_cycles,source,destinations", "0,0,63", f"{10**9},63,0"]
    (tmp_path / "trace.csv").write_text("\n".join(lines), encoding="utf-8")
    asked = {"workload.pattern": "trace", "workload.trace": str(tmp_path / "trace.csv"), "workload.warmup_cycles": 0}
    said = ran("traffic_uniform", asked | {"workload.measure_cycles": 2 * 10**9}).summary
    assert said["completed"] and said["network"]["packets_delivered"] == 2
    assert said["traffic"]["latency_cycles"]["mean"] == 3 * 14 + 5


@pytest.mark.parametrize(("cycles", "measured"), [(100, 0), (2000, 1500)])
def test_rates_of_an_interrupted_study_are_those_of_the_cycles_that_were_measured(
    cycles, measured, tmp_path, monkeypatch
):
    def look(watch, stopped):
        if watch._experiment.steps_done() >= cycles:
            raise KeyboardInterrupt

    monkeypatch.setattr(Stopwatch, "look", look)
    long = {"workload.rate": 0.2, "workload.warmup_cycles": 500, "workload.measure_cycles": 10**11}
    with pytest.raises(Interrupted):
        run(SCENARIO, long, out=tmp_path)
    result = Result(tmp_path)
    said, node = result.summary["traffic"], result.table("node")
    assert not result.summary["completed"]
    assert not {"saturated", "worst_source", "queue_growth_rate"} & set(said)
    assert np.ma.getmaskarray(node["accepted_rate"]).all() == (not measured)
    if measured:
        for rate in ("offered_rate", "accepted_rate"):
            assert said[rate] == pytest.approx(0.2, rel=0.03)
            assert node[rate].mean() == pytest.approx(said[rate])
        assert result.table("link")["demand_share"].max() == pytest.approx(0.4, rel=0.2)
    else:
        assert set(said) == {"pattern"}
