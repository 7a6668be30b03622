"""Copies in the mesh: each receiver gets each packet once, by no more flit-hops than single packets would take."""

from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.mapping.deadlock import refuse_deadlock
from sim.mapping.route import Routes
from sim.scenario.complaints import Refused
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES
from tests.hardware.toys import Bench, machine

PACKETS = st.lists(
    st.tuples(st.integers(0, 99), st.sets(st.integers(0, 99), min_size=1, max_size=9)), min_size=1, max_size=20
)
SEEDS = st.integers(0, 30)


def grid(width, height, *, torus=False, link_rate=0.0, seed=0):
    return machine(
        grid={"width": width, "height": height, "torus": torus}, faults={"link_rate": link_rate, "seed": seed}
    )


def chip(seed):
    return machine("spinnaker2_chip", faults={"link_rate": 0.06, "pe_rate": 0.05, "seed": seed})


def drawn(seed):
    """Any connected graph of seven sites."""
    graph = nx.gnm_random_graph(7, 10, seed=seed)
    graph.add_edges_from(nx.utils.pairwise(range(7)))
    written = {"sites": 7, "links": [list(edge) for edge in sorted(graph.edges)]}
    return load_machine(read_topology(read(TOPOLOGIES / "ring.yaml"), {"graph": written, "host": {"site": 0}}), "low")


NETWORKS = {
    "mesh by xy": (lambda seed: grid(4, 4), "xy", 1),
    "mesh by yx": (lambda seed: grid(3, 5), "yx", 1),
    "mesh by west_first": (lambda seed: grid(4, 3), "west_first", 1),
    "mesh by table": (lambda seed: grid(3, 3), "table", 1),
    "mesh by up_down": (lambda seed: grid(4, 4), "up_down", 1),
    "broken mesh by up_down": (lambda seed: grid(4, 4, link_rate=0.15, seed=seed), "up_down", 1),
    "torus by xy": (lambda seed: grid(4, 4, torus=True), "xy", 2),
    "broken torus by up_down": (lambda seed: grid(4, 4, torus=True, link_rate=0.1, seed=seed), "up_down", 1),
    "ring by up_down": (lambda seed: machine("ring"), "up_down", 1),
    "graph by up_down": (drawn, "up_down", 1),
    "graph by table": (drawn, "table", 1),
    "broken chip by up_down": (chip, "up_down", 1),
}


def made(name, seed):
    """The machine called `name` with its routing and virtual channels, None where the draw cut it apart."""
    build, routing, channels = NETWORKS[name]
    try:
        return build(seed), routing, channels
    except Refused:
        return None


def ends(machine, packets):
    """(start, goals) of packets as sites where there are PEs."""
    sites = sorted({pe.site for pe in machine.pes})
    return [(sites[start % len(sites)], sorted({sites[g % len(sites)] for g in goals})) for start, goals in packets]


def routes_of(machine, routing, seed):
    return Routes(machine, routing, np.random.default_rng(seed) if routing == "table" else None)


@pytest.mark.parametrize("name", NETWORKS)
@given(packets=PACKETS, seed=SEEDS)
@settings(max_examples=40)
def test_a_tree_is_never_longer_than_its_ways_and_shorter_where_they_share_a_link(name, packets, seed):
    """Channels of the mesh only: on the links in and out a tree saves besides what copies would enter by."""
    if (found := made(name, seed)) is None:
        return
    machine, routing, _ = found
    routes = routes_of(machine, routing, seed)
    for start, goals in ends(machine, packets):
        crossed = Counter(channel for goal in goals for channel in routes.path(start, goal))
        tree = [channel for channels in routes.tree(start, goals).values() for channel in channels]
        assert len(set(tree)) == len(tree) and set(tree) <= crossed.keys()
        if crossed.total() > len(crossed):
            assert len(tree) < crossed.total()
        else:
            assert len(tree) <= crossed.total()


@pytest.mark.parametrize("name", NETWORKS)
@given(packets=PACKETS, seed=SEEDS, room=st.integers(1, 3))
@settings(max_examples=12)
def test_copied_packets_reach_each_goal_once_by_fewer_flit_hops_than_single_ones(name, packets, seed, room):
    if (found := made(name, seed)) is None:
        return
    machine, routing, channels = found
    sent = ends(machine, packets)
    several = any(len(goals) > 1 for _, goals in sent)
    benches = {how: crossed(machine, routing, channels, room, sent, how) for how in ("tree", "unicast")}
    if None in benches.values():
        return
    tree, unicast = (bench.log.hops_by_kind().total() for bench in benches.values())
    assert tree < unicast if several else tree == unicast


def crossed(machine, routing, channels, room, sent, how):
    """A bench on which packets were sent, all at once, and have arrived; None where that could deadlock."""
    bench = Bench(machine, routing=routing, channels=channels, buffer_flits=room)
    copied = how == "tree"
    trees = [bench.routes.tree(start, goals) for start, goals in sent if copied and goals[1:]]
    try:
        refuse_deadlock(machine, bench.routes, channels, routed=False, trees=trees)
    except Refused:
        assert routing == "table"  # every other is used where it is free of deadlock, trees included
        return None
    for number, (start, goals) in enumerate(sent):
        bench.send(start, bench.tree(start, goals) if copied and goals[1:] else bench.unicast(goals), number)
    bench.run()
    assert bench.mesh.held_up() == []
    assert sorted((key, goal) for _, goal, key in bench.arrivals) == sorted(
        (number, goal) for number, (_, goals) in enumerate(sent) for goal in goals
    )
    return bench


AROUND = ["(0,0)->(1,0)", "(1,0)->(1,1)", "(1,1)->(0,1)", "(0,1)->(0,0)"]


def corners(machine):
    """By start, a tree of two channels round a corner of the square."""
    number = {channel.name: channel for channel in machine.channels}
    pairs = [(number[one], number[other]) for one, other in zip(AROUND, AROUND[1:] + AROUND[:1], strict=True)]
    return {one.source: {one.source: (one.index,), other.source: (other.index,)} for one, other in pairs}


def test_trees_that_wait_for_one_another_in_a_circle_are_refused_though_single_packets_never_do():
    machine = grid(2, 2)
    routes, trees = Routes(machine, "xy"), list(corners(machine).values())
    refuse_deadlock(machine, routes, 1, routed=False, trees=trees[:3])
    with pytest.raises(Refused, match="can deadlock") as refused:
        refuse_deadlock(machine, routes, 1, routed=False, trees=trees)
    assert all(name in str(refused.value) for name in AROUND)


def test_a_traffic_study_is_refused_for_the_trees_of_its_trace(ran, tmp_path, monkeypatch):
    monkeypatch.setattr(Routes, "tree", lambda self, start, goals: corners(self.machine)[start])
    lines = ["time_cycles,source,destinations", "0,0,1 3", "0,1,2 3", "0,3,2 0", "0,2,0 1"]
    (tmp_path / "trace.csv").write_text("\n".join(lines), encoding="utf-8")
    asked = {
        "machine.override": {"grid": {"width": 2, "height": 2}},
        "workload.pattern": "trace",
        "workload.trace": str(tmp_path / "trace.csv"),
        "network.multicast": "tree",
    }
    with pytest.raises(Refused, match="can deadlock"):
        ran("traffic_uniform", asked)
    with pytest.raises(Refused, match="no event router to copy them"):
        ran("traffic_uniform", asked | {"network.multicast": "event_router"})
