"""Packets that links between chips drop for good: counted under a timer, a stuck report under the other protocols."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.engine.stuck import Stuck
from sim.report.result import Result
from sim.simulate import run

SMOKE = Path(__file__).resolve().parents[2] / "scenarios" / "smoke.yaml"
IMPATIENT = {"timeout_ns": 1, "buffer_packets": 1, "latency_ns": 2000}
few = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def ran(tmp_path_factory):
    """The smallest network over three chips whose links drop what waits; the result, and the stuck report if any."""

    def ran(protocol, links=IMPATIENT, **settings):
        out = tmp_path_factory.mktemp("lossy") / "out"
        asked = {"machine.topology": "spinnaker2_board", "machine.chips": 3, "mapping.chips": "spread"}
        asked |= {"mapping.pes_per_layer": [6, 6, 6], "workload.tokens": 2, "network.chip_links.full": "drop"}
        asked |= {"sync.protocol": protocol, "machine.override": {"links": links}} | settings
        try:
            return Result(run(SMOKE, asked, out=out)), ""
        except Stuck as stuck:
            return Result(out), str(stuck)

    return ran


@pytest.mark.parametrize("protocol", ["barrier", "tree", "markers"])
def test_a_loss_that_somebody_waits_for_ends_in_a_report_that_tells_of_it(ran, protocol):
    result, stuck = ran(protocol)
    lost = result.summary["network"]["packets_lost"]
    assert lost > 0 and not result.summary["completed"]
    assert stuck.startswith("stuck at ") and " waits for " in stuck
    assert f"{lost} packets were lost ({lost} dropped by an event router after waiting for a link; at chip" in stuck
    assert stuck.endswith("what is waited for may be among them")
    assert any("outputs are affected" in warning for warning in result.summary["warnings"])


def test_put_back_nothing_is_lost_and_nobody_stuck(ran):
    result, stuck = ran("barrier", **{"network.chip_links.reinject": True})
    assert not stuck and result.summary["completed"]
    assert result.summary["network"]["packets_lost"] == 0 and result.summary["chips"]["reinjected"] > 0


def test_under_a_timer_losses_are_counted_and_the_run_comes_to_its_end(ran):
    result, stuck = ran("timer")
    network = result.summary["network"]
    assert not stuck and result.summary["completed"] and all(result.summary["books"].values())
    assert network["packets_lost"] > 0
    assert network["packets_sent"] == network["packets_delivered"] + network["packets_lost"]


@few
@given(
    st.sampled_from(["barrier", "tree", "markers", "timer"]),
    st.fixed_dictionaries(
        {
            "timeout_ns": st.sampled_from([1, 300, 3000]),
            "buffer_packets": st.integers(1, 3),
            "latency_ns": st.sampled_from([200, 1000]),
            "error_rate": st.sampled_from([0.0, 0.3]),
        }
    ),
)
def test_however_impatient_a_run_ends_and_a_loss_is_never_silent(ran, protocol, links):
    result, stuck = ran(protocol, links)
    network = result.summary["network"]
    assert result.summary["completed"] != bool(stuck)
    assert bool(network["packets_lost"]) == any("were lost" in warning for warning in result.summary["warnings"])
    assert not stuck or network["packets_lost"] > 0
    if not stuck:
        assert network["packets_sent"] == network["packets_delivered"] + network["packets_lost"]
