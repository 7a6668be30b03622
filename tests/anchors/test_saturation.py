"""Where the network saturates, and how a run tells it: against BookSim 2, the bound of XY, and starvation by theory."""

from pathlib import Path

import numpy as np
import pytest

from sim.scenario.complaints import Refused
from sim.study.run import run_study

STUDIES = Path(__file__).resolve().parents[2] / "scenarios" / "studies"
SATURATION = {"uniform": 0.378, "transpose": 1 / 7}
"""Flits per node and cycle on 8 x 8: what BookSim 2 accepts just past it, at 0.385; what the busiest link can carry."""


def studied(ran, pattern, rate, cycles, warmup=1000, **more):
    asked = {"workload.pattern": pattern, "workload.rate": rate, "workload.warmup_cycles": warmup}
    return ran("traffic_uniform", asked | {"workload.measure_cycles": cycles} | more)


@pytest.mark.parametrize(
    ("pattern", "share", "cycles", "saturated"),
    [("uniform", 0.97, 1500, False), ("uniform", 1.03, 2500, True), ("transpose", 0.97, 2500, False)],
)
def test_three_percent_from_booksim_s_saturation_rate_a_run_knows_on_which_side_it_is(
    ran, pattern, share, cycles, saturated
):
    said = studied(ran, pattern, share * SATURATION[pattern], cycles).summary["traffic"]
    assert said["saturated"] is saturated


def test_a_few_starving_sources_are_told_behind_rates_and_latencies_that_look_well(ran):
    """Transpose at 0.155, 8 % past its bound: BookSim calls it stable, and 98 % of what is offered is accepted."""
    result = studied(ran, "transpose", 0.155, 4000)
    said, node = result.summary["traffic"], result.table("node")
    assert said["saturated"]
    assert said["accepted_rate"] > 0.95 * said["offered_rate"]
    starved = node["offered_rate"] - node["entered_rate"]
    assert starved.sum() / len(starved) == pytest.approx(said["queue_growth_rate"])
    assert said["queue_growth_rate_worst_source"] == pytest.approx(starved.max())
    assert (starved > 0.2 * node["offered_rate"]).sum() <= 16
    (warning,) = (text for text in result.summary["warnings"] if "saturated" in text)
    assert f"the queue of PE {said['worst_source']} grows by" in warning
    assert "x its capacity, without a break from cycle" in warning


def test_a_link_whose_buffer_is_too_small_for_its_credit_loop_is_told_as_the_one_that_carries_too_little(ran):
    """One flit of room, 3 cycles there and 2 back: a flit in five cycles. In the middle of the mesh 0.1 x 2 are asked
    in a cycle, which a whole link would carry with ease."""
    result = studied(ran, "uniform", 0.1, 600, 100, **{"network.buffer_flits": 1})
    assert result.summary["traffic"]["saturated"]
    assert result.table("link")["demand_share"].max() == pytest.approx(0.2 * 5, rel=0.4)
    assert "x its capacity, without a break from cycle" in " ".join(result.summary["warnings"])


def test_where_no_link_is_asked_for_too_much_the_words_do_not_blame_one(ran):
    """One FIFO to an input: uniform traffic saturates at three quarters of what the busiest links could carry."""
    result = studied(ran, "uniform", 0.42, 1000, 500)
    assert result.summary["traffic"]["saturated"]
    (warning,) = result.summary["warnings"]
    assert "no link is offered more than it can carry" in warning and "without a break" not in warning


@pytest.mark.slow
@pytest.mark.parametrize(("study", "pattern"), [("latency_load", "uniform"), ("latency_load_transpose", "transpose")])
def test_the_shipped_studies_find_the_saturation_rate_within_three_percent(study, pattern, tmp_path):
    result = run_study(STUDIES / f"{study}.yaml", {"axes": {"workload.rate": [0.1]}}, tmp_path / "out", 2)
    (found,) = result.thresholds
    assert found.together.mean == pytest.approx(SATURATION[pattern], rel=0.03)


def test_round_robin_at_each_router_starves_the_far_end_of_a_line_and_the_node_table_shows_it(ran, tmp_path):
    """Parking-lot effect: of a full link the local source gets half, and of what is left the next again half."""
    lines = [f"{cycle},{node},5" for cycle in range(3000) for node in range(5)]
    path = tmp_path / "trace.csv"
    path.write_text("\n".join(["time_cycles,source,destinations", *lines]), encoding="utf-8")
    line = {"machine.override": {"grid": {"width": 6, "height": 1}}, "workload.trace": str(path)}
    result = studied(ran, "trace", 0, 2000, 1000, **line)
    entered = result.table("node")["entered_rate"]
    assert entered[:5] == pytest.approx([1 / 16, 1 / 16, 1 / 8, 1 / 4, 1 / 2], abs=0.002)
    said = result.summary["traffic"]
    assert said["saturated"] and said["worst_source"] in ("(0,0).0", "(1,0).0")
    assert said["queue_growth_rate_worst_source"] == pytest.approx(15 / 16, abs=0.002)
    assert "link (4,0)->(5,0) is offered 5.00 x its capacity, without a break from cycle 0" in " ".join(
        result.summary["warnings"]
    )


def test_one_arbitrary_shortest_path_for_each_pair_can_carry_much_less_than_xy_and_a_run_says_so(ran):
    """The trap of tables on a mesh: they are not XY. Most can deadlock besides, which is refused unless allowed."""
    size = {"machine.override": {"grid": {"width": 8, "height": 5}}}
    with pytest.raises(Refused, match="routes by 'table' can deadlock"):
        studied(ran, "uniform", 0.1, 300, 0, **size, **{"network.routing": "table"})
    most = {}
    for routing in ("xy", "table"):
        chosen = {"network.routing": routing, "network.allow_deadlock": True}
        result = studied(ran, "uniform", 0.1, 2000, 0, **size, **chosen)
        most[routing] = 0.1 / result.table("link")["demand_share"].max()
    assert most["xy"] == pytest.approx(0.5, rel=0.1)
    assert most["table"] < 0.7 * most["xy"]


def test_use_of_links_is_that_of_the_measured_cycles_however_long_the_last_packets_take(ran):
    """At a very low rate the next packet of each source comes long after the window; what is measured stays."""
    slow = studied(ran, "neighbor", 0.002, 3000, 0)
    assert slow.summary["time"]["total_s"] > 3100 / 300e6
    use, demand = slow.table("link")["use_share"], slow.table("link")["demand_share"]
    assert np.abs(use - demand).max() <= 2 / 3000
    assert use.sum() == pytest.approx(demand.sum(), rel=0.02)


def test_packets_of_a_trace_that_come_too_late_to_be_measured_are_told(ran, tmp_path):
    path = tmp_path / "trace.csv"
    path.write_text("time_cycles,source,destinations\n3,0,1\n90,1,2\n400,2,3\n", encoding="utf-8")
    (warning,) = studied(ran, "trace", 0, 50, 10, **{"workload.trace": str(path)}).summary["warnings"]
    assert warning.startswith("2 of 3 packets of the trace are made after the 50 measured cycles; ")
    whole = studied(ran, "trace", 0, 391, 10, **{"workload.trace": str(path)}).summary
    assert "workload.measure_cycles 391 all" in warning and whole["warnings"] == []
    assert whole["network"]["packets_delivered"] == 3
    other = studied(ran, "neighbor", 0.1, 50, 10, **{"workload.trace": str(path)}).summary
    assert other["traffic"]["pattern"] == "neighbor" and other["warnings"] == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"pattern": "shuffle"}, "shuffle"),
        ({"pattern": "hotspot", "hotspots": {"9": 8.0, "(3,0).0": 2.5}}, "hotspot, (3,0).0 x 2.5, (1,1).0 x 8"),
        (
            {"pattern": "bursty", "burst_cycles": 30.0, "burst_rate": 0.5},
            "bursty, bursts of 30 cycles at 0.5 flits per cycle",
        ),
    ],
)
def test_a_run_echoes_the_pattern_as_it_was_understood(ran, asked, told):
    short = {"measure_cycles": 20, "warmup_cycles": 0} | asked
    assert (
        ran("traffic_uniform", {f"workload.{key}": value for key, value in short.items()}).summary["traffic"]["pattern"]
        == told
    )
