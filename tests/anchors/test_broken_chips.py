"""Whatever faults leave of several chips: the same outputs to the last bit, or a refusal with names."""

from pathlib import Path

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.mapping.between import ChipRoutes, route_machine
from sim.mapping.check import check_mapping
from sim.mapping.chip_deadlock import flows, refuse_chip_deadlock
from sim.mapping.deadlock import refuse_deadlock
from sim.report.result import Result
from sim.scenario.complaints import Refused
from sim.simulate import run
from tests.hardware.chips_bench import board
from tests.machine.test_chip_faults import SMALL, left_of
from tests.mapping.toys import mapped, network

SMOKE = Path(__file__).resolve().parents[2] / "scenarios" / "smoke.yaml"
NET = network(10, 24, 30, 18, stored=20)
ROUND = {"network.routing": "up_down", "network.chip_links.routing": "up_down"}
DRAWN = {
    "seed": st.integers(0, 999),
    "pe_rate": st.sampled_from([0.0, 0.2]),
    "link_rate": st.sampled_from([0.0, 0.05, 0.15]),
    "chip_rate": st.sampled_from([0.0, 0.15, 0.3]),
    "chip_link_rate": st.sampled_from([0.0, 0.15, 0.3]),
}
once = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The smallest network on 12 chips, the host at chip9, spread over all there are."""

    def ran(**settings):
        asked = {"machine.topology": "spinnaker2_board", "mapping.pes_per_layer": [7, 6, 5], "workload.tokens": 2}
        asked |= {"machine.chips": 12, "mapping.chips": "spread"} | ROUND | settings
        return Result(run(SMOKE, asked, out=tmp_path_factory.mktemp("broken"))).summary

    return ran


@pytest.fixture(scope="module")
def whole(ran):
    return ran()["workload"]["outputs_sha256"]


@once
@given(faults=st.fixed_dictionaries(DRAWN), protocol=st.sampled_from(["barrier", "tree", "markers"]))
def test_drawn_faults_change_no_output(ran, whole, faults, protocol):
    try:
        summary = ran(**{"machine.override": {"faults": faults}, "sync.protocol": protocol})
    except Refused as refused:
        assert "cut off" in str(refused), "up and down goes round all that leaves the machine connected"
        return
    assert summary["workload"]["outputs_sha256"] == whole
    assert all(summary["books"].values()) and summary["network"]["packets_lost"] == 0


@settings(max_examples=25, deadline=None)
@given(st.fixed_dictionaries(DRAWN), st.sampled_from(["spread", "layer_per_chip", "cut", "fill"]), st.integers(2, 14))
def test_up_and_down_never_deadlocks_and_every_table_delivers(faults, how, chips):
    """By the independent checker, on chips of six sites."""
    made = left_of(chips, faults, **SMALL)
    if made is None or len(made.pes) < 20:
        return
    wish = {"mapping": {"chips": how, "pes_per_layer": (7, 6, 5)}, "sync": {"protocol": "markers"}}
    mapping = mapped(NET, made, **wish, network={"chip_links": {"routing": "up_down"}})
    routes = route_machine(made, "up_down", between="up_down")
    check_mapping(mapping, made, routes, exclusive=True, routed=True, layers=NET.layers)
    refuse_chip_deadlock(made, routes.between, flows(made, mapping, copied=True), 1)
    for die in dict.fromkeys(routes.on):
        refuse_deadlock(die.machine, die, 1, routed=True)


@settings(max_examples=15, deadline=None)
@given(st.fixed_dictionaries(DRAWN), st.sampled_from(["shortest", "up_down"]))
def test_ways_round_dead_chips_reach_every_chip_and_shortest_ones_are_shortest(faults, method):
    made = left_of(20, faults, **SMALL)
    if made is None:
        return
    between = ChipRoutes(made, method)
    least = dict(nx.all_pairs_shortest_path_length(nx.DiGraph([(one.source, one.target) for one in made.chip_links])))
    for start in range(len(made.chips)):
        goals = [goal for goal in range(len(made.chips)) if goal != start]
        tree = between.tree(start, goals)
        entered = [made.chip_links[number].target for links in tree.values() for number in links]
        assert sorted(entered) == goals
        paths = {goal: between.path(start, goal) for goal in goals}
        assert method == "up_down" or all(len(paths[goal]) == least[start][goal] for goal in goals)


def test_shortest_ways_that_faults_make_wait_in_a_circle_are_refused_with_the_remedy():
    """Round a hole in the middle: what turns there can close a circle."""
    hole = board(48, board={"torus": False}, faults={"chips": ["chip21", "chip22", "chip14"]})
    everybody = [(one, (other,)) for one in range(45) for other in range(45) if one != other]
    with pytest.raises(Refused, match=r"can deadlock: chip\d+->chip\d+ waits .*network.chip_links.routing: up_down"):
        refuse_chip_deadlock(hole, ChipRoutes(hole), everybody, 2)
    refuse_chip_deadlock(hole, ChipRoutes(hole, "up_down"), everybody, 1)


def test_a_way_that_a_chips_faults_block_is_refused_with_the_chips_name(ran):
    faults = {"links": ["chip3.(3,2)->(4,2)"]}
    with pytest.raises(Refused, match=r"'xy' cannot go from chip3\..* towards chip3\..*\(3,2\)->\(4,2\) dead; up_down"):
        ran(**{"machine.override": {"faults": faults}, "network.routing": "xy"})


def test_too_few_pes_are_told_with_what_faults_have_taken(ran):
    faults = {"chips": [f"chip{number}" for number in range(12) if number != 9], "pe_rate": 0.9, "seed": 3}
    with pytest.raises(Refused, match=r"the machine has \d+, dead chips .*chip0.*, dead PEs chip9\.\("):
        ran(**{"machine.override": {"faults": faults}, "mapping.pes_per_layer": [10, 12, 10]})


def test_chips_that_are_cut_off_are_not_used_and_told(ran, whole):
    made = board(12)
    away = [link.name for link in made.chip_links if "chip0" in link.name.split("->")]
    summary = ran(**{"machine.override": {"faults": {"chip_links": away}}})
    assert summary["chips"]["number"] == 11 and summary["workload"]["outputs_sha256"] == whole
    assert any("faults cut chip0 off from the host's chip" in warning for warning in summary["warnings"])


def test_a_chip_left_alone_runs_without_links(ran, whole):
    made = board(12)
    home = made.chips[made.sites[made.host.site].chip].name
    faults = {"chips": [chip.name for chip in made.chips if chip.name != home]}
    summary = ran(**{"machine.override": {"faults": faults}})
    assert summary["workload"]["outputs_sha256"] == whole and summary["chips"]["number"] == 1
    assert "busiest_link" not in summary["chips"]
