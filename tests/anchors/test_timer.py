"""Whole runs whose steps a timer drives: exact where there is time enough, and off by what the run says where not."""

from pathlib import Path

import pytest
import yaml

from sim.report.result import Result
from sim.scenario.complaints import Refused
from sim.simulate import run
from tests.anchors.test_gesture import SMALL

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SHORT = {
    "lm_trained": {"workload.tokens": 4},
    "lm_generate": {"workload.tokens": 6, "workload.generate.prompt_tokens": 3},
    "lm_two_chips": {"workload.tokens": 2},
}
LONG = {"protocol": "timer", "period_us": 60_000.0}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    def of(name, **settings) -> Result:
        asked = SHORT[name] | {key.replace("__", "."): value for key, value in settings.items()}
        return Result(run(SCENARIOS / f"{name}.yaml", asked, out=tmp_path_factory.mktemp(name)))

    return of


@pytest.fixture(scope="module")
def by_barrier(ran):
    """The summary of each short run as it is shipped."""
    return {name: ran(name).summary for name in SHORT}


@pytest.mark.parametrize("name", SHORT)
def test_with_time_enough_the_outputs_are_those_of_the_barrier(ran, by_barrier, name):
    schedule = "sequential" if name == "lm_generate" else "pipelined"
    summary = ran(name, sync=LONG | {"schedule": schedule}).summary
    found, wanted = summary["workload"], by_barrier[name]["workload"]
    for key in ("outputs_sha256", "events_by_layer", "perplexity", "generated_text", "class"):
        assert found.get(key) == wanted.get(key)
    sync, exact = summary["sync"], found["against_exact"]
    assert (sync["packets_late"], sync["packets_missed"], sync["overruns"], sync["messages"]) == (0, 0, 0, 0)
    assert (exact["outputs_rms_share"], exact["events_differing"]) == (0, 0)
    assert "first_differing_step" not in exact and not any("late" in warning for warning in summary["warnings"])


def test_without_time_enough_the_run_says_by_how_much_it_is_off(ran, by_barrier):
    result = ran("lm_trained", sync={"protocol": "timer", "period_us": 100.0, "schedule": "pipelined"})
    workload, sync = result.summary["workload"], result.summary["sync"]
    exact = workload["against_exact"]
    assert exact["exact_perplexity"] == by_barrier["lm_trained"]["workload"]["perplexity"]
    assert exact["perplexity_change_share"] == pytest.approx(workload["perplexity"] / exact["exact_perplexity"] - 1)
    assert exact["outputs_rms_share"] > 0 and exact["events_differing"] > 0 and exact["first_differing_step"] == 0
    assert sync["packets_late"] > 0 and any("came after the step" in one for one in result.summary["warnings"])
    step, pe, layers = result.table("step"), result.table("pe"), result.table("layer_step")
    counted = step["packets_late"].sum(), pe["packets_late"].sum(), layers["packets_late"].sum()
    assert counted == (sync["packets_late"],) * 3 == (sum(sync["packets_late_by_layer"].values()),) * 3
    assert (step["overrun_s"] > 0).sum() == pe["overruns"].sum() == sync["overruns"] > 0
    assert result.summary["critical_path"]["sync_s"] > 0


def test_of_a_batch_too_it_is_said_and_of_each_sample(ran):
    hasty = {"protocol": "timer", "period_us": 100.0, "schedule": "pipelined"}
    alone = ran("lm_trained", sync=hasty, workload__tokens=2).summary["workload"]["against_exact"]
    batch = ran("lm_trained", sync=hasty, workload__tokens=2, mapping={"replicas": 2, "pes_per_layer": [8, 8, 8]})
    said, each = batch.summary["workload"]["against_exact"], batch.table("sample")
    assert said["events_differing"] == each["events_differing"].sum() > 0
    assert min(each["outputs_rms_share"]) < said["outputs_rms_share"] < max(each["outputs_rms_share"])
    assert set(said) == set(alone) and said["exact_perplexity"] > 1
    change = batch.summary["workload"]["perplexity"] / said["exact_perplexity"] - 1
    assert said["perplexity_change_share"] == pytest.approx(change)
    enough = ran("lm_trained", sync=LONG, workload__tokens=2, mapping={"replicas": 2, "pes_per_layer": [8, 8, 8]})
    assert enough.summary["workload"]["against_exact"]["outputs_rms_share"] == 0
    assert enough.summary["workload"]["perplexity"] == said["exact_perplexity"]


def test_a_period_below_the_longest_work_on_a_tick_makes_overruns_and_one_well_above_it_none(ran):
    def by(period_us):
        return ran("lm_trained", sync={"protocol": "timer", "schedule": "pipelined", "period_us": period_us}).summary

    longest = by(60_000.0)["sync"]["tick_used_max_s"] * 1e6
    short, enough = (by(share * longest)["sync"] for share in (0.98, 1.2))
    assert short["overruns"] > 0 and enough["overruns"] == enough["packets_late"] == 0
    assert enough["tick_used_max_s"] == pytest.approx(longest / 1e6, rel=0.01)


def test_clocks_that_are_apart_make_packets_late_by_a_timer_and_steps_longer_by_a_barrier(ran, by_barrier):
    timed = {"protocol": "timer", "schedule": "pipelined", "period_us": 1000.0}
    skewed = ran("lm_two_chips", sync=timed, machine__clock_skew_us=[0.0, 1500.0]).summary
    assert skewed["sync"]["packets_late"] > 0 and skewed["sync"]["packets_early"] > 0
    assert skewed["workload"]["against_exact"]["outputs_rms_share"] > 0
    plain = by_barrier["lm_two_chips"]
    later = ran("lm_two_chips", machine__clock_skew_us=[0.0, 1500.0]).summary
    assert later["time"]["total_s"] - plain["time"]["total_s"] == pytest.approx(1.5e-3, rel=0.3)
    apart = ran("lm_two_chips", machine__clock_drift_ppm=10_000.0).summary
    assert 1e-4 < abs(apart["time"]["total_s"] / plain["time"]["total_s"] - 1) < 0.011
    for summary in (later, apart):
        assert summary["workload"]["outputs_sha256"] == plain["workload"]["outputs_sha256"]


def test_time_from_step_to_step_is_a_tick_in_a_pipeline_and_a_tick_a_layer_without(ran):
    lasting = {}
    for schedule in ("pipelined", "sequential"):
        layers = ran("lm_trained", sync=LONG | {"schedule": schedule}).table("layer_step")
        starts = layers["time_start_s"][layers["layer"] == 2]
        lasting[schedule] = (starts[-1] - starts[0]) / (len(starts) - 1)
    assert lasting["pipelined"] == pytest.approx(0.06, rel=1e-3)
    assert lasting["sequential"] == pytest.approx(0.18, rel=1e-3)


@pytest.fixture
def camera(tmp_path):
    """A small gesture network, whose maps are put in place by DMA."""
    where = tmp_path / "small.yaml"
    where.write_text(yaml.safe_dump(SMALL))
    return lambda **sync: Result(
        run(where, {"sync": {"protocol": "timer", "schedule": "pipelined"} | sync}, out=tmp_path / f"{len(sync)}")
    )


def test_a_camera_sets_the_pace(camera):
    with pytest.raises(Refused, match=r"sync.period_us: a step every 1000 us asked \(1 ticks\), but there is a frame"):
        camera()
    summary = camera(period_us=25_000.0).summary
    assert summary["workload"]["against_exact"]["outputs_rms_share"] == 0
    layers = len(summary["mapping"]["slices_by_layer"])
    assert summary["real_time"]["latency_s"]["mean"] == pytest.approx((layers + 1) * 25e-3, rel=0.01)


def test_maps_that_come_late_change_outputs_and_the_order_within_an_instant_changes_nothing(tmp_path):
    where = tmp_path / "small.yaml"
    where.write_text(
        yaml.safe_dump(SMALL | {"sync": {"protocol": "timer", "schedule": "pipelined", "period_us": 20.0}})
    )
    results = [run(where, {"workload.real_time": False}, out=tmp_path / f"{n}", shuffle=n) for n in (None, 3)]
    plain, shuffled = (Result(path).summary for path in results)
    assert plain["sync"]["packets_late_by_layer"]["layer2"] > 0
    assert plain["workload"]["against_exact"]["outputs_rms_share"] > 0
    for section in ("time", "workload", "network", "sync", "critical_path"):
        assert plain[section] == shuffled[section]
