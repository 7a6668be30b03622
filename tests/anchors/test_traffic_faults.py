"""Nothing is lost, doubled, overtaken or stuck on any accepted network, faults and copies included."""

import re
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.mapping.deadlock import refuse_deadlock
from sim.mapping.route import Routes
from sim.scenario.complaints import Refused
from tests.hardware.toys import Bench, machine

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "scenarios" / "traffic_uniform.yaml"
ROUTINGS = ["xy", "yx", "west_first", "table", "up_down"]


def grid(width, height, *, torus=False, **faults):
    return machine(grid={"width": width, "height": height, "torus": torus}, faults=faults)


def crowd(made, count, seed):
    """(start, goal) of packets, all sent at once or nearly: the sites that work, drawn."""
    sites = sorted({pe.site for pe in made.pes})
    return [
        tuple(sites[place] for place in pair)
        for pair in np.random.default_rng(seed).integers(len(sites), size=(count, 2))
    ]


def accepted(made, routing, channels):
    """Whether a scenario with these choices would be run."""
    try:
        refuse_deadlock(made, Routes(made, routing), channels, routed=False)
    except Refused:
        return False
    return True


def delivered(made, pairs, **wishes):
    """A bench on which packet n of `pairs` was sent and time has run out."""
    bench = Bench(made, **wishes)
    for number, (start, goal) in enumerate(pairs):
        bench.send(start, bench.direct(goal), number)
    return bench.run()


def assert_all_there(bench, pairs):
    assert Counter((goal, key) for _, goal, key in bench.arrivals) == Counter(
        (goal, number) for number, (_, goal) in enumerate(pairs)
    )
    assert bench.mesh.held_up() == []


NETWORKS = {
    "width": st.integers(1, 5),
    "height": st.integers(1, 5),
    "torus": st.booleans(),
    "routing": st.sampled_from(ROUTINGS),
    "channels": st.integers(1, 4),
    "room": st.integers(1, 3),
    "seed": st.integers(0, 99),
}


@given(**NETWORKS)
@settings(max_examples=80)
def test_every_network_is_refused_or_delivers_a_crowd_without_deadlock(
    width, height, torus, routing, channels, room, seed
):
    """All packets at once, into the smallest buffers: what can close a circle of waiting mostly does."""
    made = grid(width, height, torus=torus)
    if accepted(made, routing, channels):
        pairs = crowd(made, 12 * width * height, seed)
        assert_all_there(delivered(made, pairs, routing=routing, channels=channels, buffer_flits=room), pairs)


@given(st.integers(2, 5), st.integers(2, 5), st.sampled_from([0.0, 0.1, 0.25]), st.integers(0, 50), NETWORKS["room"])
@settings(max_examples=50)
def test_up_and_down_goes_round_any_drawn_faults(width, height, rate, seed, room):
    try:
        made = grid(width, height, link_rate=rate, pe_rate=rate / 2, seed=seed)
    except Refused:
        return
    assert accepted(made, "up_down", 1)
    pairs = crowd(made, 120, seed)
    assert_all_there(delivered(made, pairs, routing="up_down", buffer_flits=room), pairs)


@given(
    st.integers(1, 4),
    st.integers(1, 4),
    st.sampled_from(["xy", "yx", "table", "up_down"]),
    NETWORKS["room"],
    st.integers(0, 99),
)
@settings(max_examples=40)
def test_packets_from_one_place_to_another_keep_their_order(width, height, routing, room, seed):
    made = grid(width, height)
    if not accepted(made, routing, 1):
        return
    pairs = crowd(made, 150, seed)
    arrived = defaultdict(list)
    for _, goal, key in delivered(made, pairs, routing=routing, buffer_flits=room).arrivals:
        arrived[pairs[key][0], goal].append(key)
    assert sum(map(len, arrived.values())) == len(pairs)
    assert all(one < other for keys in arrived.values() for one, other in pairwise(keys))


@pytest.fixture
def trace(tmp_path):
    """A trace in which every node of 8 x 8 sends to seven others, several times."""
    rng, path = np.random.default_rng(4), tmp_path / "trace.csv"
    lines = [
        f"{cycle},{node},{' '.join(map(str, rng.choice(64, 7, replace=False)))}"
        for cycle in range(0, 300, 60)
        for node in range(64)
    ]
    path.write_text("\n".join(["time_cycles,source,destinations", *lines]), encoding="utf-8")
    return {"workload.pattern": "trace", "workload.trace": str(path), "workload.warmup_cycles": 0} | {
        "workload.measure_cycles": 1000
    }


@pytest.mark.parametrize("faults", [{}, pytest.param({"link_rate": 0.05, "seed": 2}, marks=pytest.mark.slow)])
def test_a_trace_with_many_destinations_costs_fewer_flit_hops_as_a_tree(ran, trace, faults):
    both = {}
    for how in ("tree", "unicast"):
        choices = {"network.multicast": how, "network.routing": "up_down" if faults else "xy"}
        result = ran("traffic_uniform", trace | choices | {"machine.override": {"faults": faults}})
        network = result.summary["network"]
        assert network["packets_delivered"] == 7 * 5 * 64
        both[how] = network["flit_hops"]
    assert both["tree"] < both["unicast"]


@pytest.fixture
def tool(tmp_path):
    def tool(*settings):
        pairs = [part for setting in settings for part in ("--set", setting)]
        command = [sys.executable, ROOT / "tools" / "run.py", SCENARIO, "--out", tmp_path / "out", *pairs]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return tool


RING = "machine.override={grid: {width: 6, height: 6, torus: true}}"


def test_a_torus_without_virtual_channels_is_refused_with_the_circle_and_exit_2(tool):
    done = tool(RING)
    assert done.returncode == 2
    assert "can deadlock" in done.stderr and "2 virtual channels" in done.stderr
    circle = done.stderr.partition("can deadlock: ")[2].partition(";")[0].split(" waits for ")
    assert len(circle) > 2 and circle[0] == circle[-1]
    ends = [link.split("->") for link in circle]
    assert all(one[1] == other[0] for one, other in pairwise(ends))


def test_a_torus_allowed_to_deadlock_does_so_under_overload_and_says_where_with_exit_1(tool):
    done = tool(
        RING,
        "network.allow_deadlock=true",
        "network.buffer_flits=1",
        "workload.rate=0.9",
        "workload.measure_cycles=2000",
    )
    assert done.returncode == 1
    assert "link (" in done.stderr and "free place" in done.stderr
    stopped, *since = (float(time) for time in re.findall(r"(?:stuck at|since) ([0-9.]+) us", done.stderr))
    assert since and stopped - min(since) < 1e6, "at most a simulated second without progress"


def test_a_torus_with_two_virtual_channels_bears_the_same_load(ran):
    said = ran(
        "traffic_uniform",
        {"machine.override": {"grid": {"width": 6, "height": 6, "torus": True}}, "network.virtual_channels": 2}
        | {
            "network.buffer_flits": 1,
            "workload.rate": 0.9,
            "workload.warmup_cycles": 100,
            "workload.measure_cycles": 400,
        },
    )
    assert said.summary["completed"]


def test_the_ideal_latency_of_a_run_is_that_of_lone_packets(ran, tmp_path):
    """3 H + 5 cycles each, worked out here from the trace itself."""
    rng = np.random.default_rng(6)
    drawn = rng.integers(64, size=(2000, 2)).tolist()  # in a cycle, several of one node too
    path = tmp_path / "trace.csv"
    lines = [f"{number // 20},{start},{goal}" for number, (start, goal) in enumerate(drawn)]
    path.write_text("\n".join(["time_cycles,source,destinations", *lines]), encoding="utf-8")
    asked = {"workload.pattern": "trace", "workload.trace": str(path), "network.congestion": True}
    said = ran("traffic_uniform", asked | {"workload.warmup_cycles": 0, "workload.measure_cycles": 200}).summary
    lone = np.mean([3 * (abs(s % 8 - g % 8) + abs(s // 8 - g // 8)) + 5 for s, g in drawn])
    cost = said["congestion"]
    assert cost["ideal_latency_ns_mean"] == pytest.approx(lone * 1000 / 300, rel=1e-4)
    assert cost["latency_cost_ns_mean"] == pytest.approx(
        said["network"]["latency_ns"]["mean"] - cost["ideal_latency_ns_mean"]
    )
    assert cost["latency_cost_ns_mean"] > 0


def test_a_chip_with_faults_computes_the_same_as_a_whole_one_over_longer_ways(ran):
    broken, whole = (ran("faults", {"workload.tokens": 6} | more) for more in ({}, {"machine.override": {}}))
    same = [result.summary["workload"]["outputs_sha256"] for result in (broken, whole)]
    assert same[0] == same[1]
    assert broken.summary["network"]["flit_hops"] > whole.summary["network"]["flit_hops"]
    assert broken.summary["network"]["packets_lost"] == 0


def test_processing_elements_that_faults_cut_off_are_named_and_get_nothing(ran):
    """A column of dead sites cuts a mesh of 5 x 3 in two; the host is on the left."""
    faults = {"sites": [f"(2,{y})" for y in range(3)]}
    result = ran("traffic_uniform", {"machine.override": {"grid": {"width": 5, "height": 3}, "faults": faults}})
    cut = [f"({x},{y}).0" for y in range(3) for x in (3, 4)]
    assert result.summary["warnings"] == [f"faults cut PEs {', '.join(cut)} off from the rest; they are not used"]
    assert set(result.table("node")["name"]) == {f"({x},{y}).0" for y in range(3) for x in (0, 1)}
    asked = {"machine.override": {"grid": {"width": 5, "height": 3}, "faults": faults}, "workload.pattern": "hotspot"}
    for name in ("(2,1).0", "(4,0).0"):
        with pytest.raises(Refused, match="is dead or cut off by faults"):
            ran("traffic_uniform", asked | {"workload.hotspots": {name: 3.0}})


@pytest.mark.parametrize("link", ["(1,0)->(0,0)", "(1,1)->(2,1)", "(1,1)->(1,2)"])
def test_up_and_down_and_its_trees_go_round_a_link_dead_in_one_direction(link):
    made = grid(4, 4, links=[link])
    routes = Routes(made, "up_down")
    for start in range(16):
        for goal in set(range(16)) - {start}:
            assert routes.path(start, goal)
            assert routes.tree(start, [goal])
