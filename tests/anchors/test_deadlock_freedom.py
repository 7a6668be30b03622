"""Every accepted configuration runs to its end: any graph, routing, virtual channels, and packets copied on the way.

The smallest buffers and all packets at once close whatever circle of waiting there can be.
"""

from collections import Counter, defaultdict
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.mapping.deadlock import refuse_deadlock
from sim.mapping.route import Routes
from sim.scenario.complaints import Refused
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES
from tests.hardware.toys import Bench, machine

RING = read(TOPOLOGIES / "ring.yaml")


def graph(sites, links, seed, *, directed):
    """A random graph on which every site reaches every other: a ring, one way where directed, and links besides."""
    drawn = nx.gnm_random_graph(sites, links, seed=seed, directed=directed)
    drawn.add_edges_from((site, (site + 1) % sites) for site in range(sites))
    written = {"sites": sites, "links": sorted(map(list, drawn.edges)), "directed": directed}
    return load_machine(read_topology(RING, {"graph": written, "host": {"site": 0}}), "low")


def grid(width, height, seed, *, torus, rate):
    size = {"width": width, "height": height, "torus": torus}
    return machine(grid=size, faults={"link_rate": rate, "pe_rate": rate, "seed": seed})


SEEDS = st.integers(0, 10_000)
GRAPHS = st.builds(graph, st.integers(3, 8), st.integers(0, 8), SEEDS, directed=st.booleans())
GRIDS = st.tuples(st.integers(2, 4), st.integers(2, 4), SEEDS, st.booleans(), st.sampled_from([0.0, 0.0, 0.1]))


def drawn_grid(values):
    """The grid, or None where faults cut it apart."""
    width, height, seed, torus, rate = values
    try:
        return grid(width, height, seed, torus=torus, rate=rate)
    except Refused:
        return None


NETWORKS = st.one_of(
    st.tuples(GRAPHS, st.sampled_from(["table", "up_down"])),
    st.tuples(GRIDS.map(drawn_grid), st.sampled_from(["xy", "yx", "west_first", "table", "up_down"])),
)
HOW = {
    "channels": st.integers(1, 4),
    "room": st.integers(1, 2),
    "copied": st.sampled_from([0.0, 0.3, 1.0]),
    "seed": SEEDS,
}


def crowd(made, seed):
    """(start, goals) of ten packets to a site, to one place or to several."""
    rng = np.random.default_rng(seed)
    sites = np.array(sorted({pe.site for pe in made.pes}))
    sizes = rng.integers(1, min(6, len(sites)) + 1, 10 * len(sites))
    return [(int(rng.choice(sites)), sorted(rng.choice(sites, size, replace=False).tolist())) for size in sizes]


@given(NETWORKS, st.fixed_dictionaries(HOW))
@settings(max_examples=150)
def test_every_accepted_network_delivers_a_crowd_single_and_copied_into_the_smallest_buffers(network, how):
    made, routing = network
    if made is None:
        return
    ties = np.random.default_rng(how["seed"]) if routing == "table" else None
    copied = np.random.default_rng(how["seed"] + 1).random(10 * len(made.sites)) < how["copied"]
    sent = crowd(made, how["seed"])
    trees = [pair for pair, tree in zip(sent, copied, strict=False) if tree and len(pair[1]) > 1]
    try:
        routes = Routes(made, routing, ties)
        ways = [routes.tree(start, goals) for start, goals in trees]
        refuse_deadlock(made, routes, how["channels"], routed=False, trees=ways)
    except Refused:
        event("refused")
        return
    event(f"accepted: {routing}")
    bench = Bench(made, routing=routing, channels=how["channels"], buffer_flits=how["room"], routes=routes)
    for number, (start, goals) in enumerate(sent):
        tree = copied[number] and len(goals) > 1
        bench.send(start, bench.tree(start, goals) if tree else bench.unicast(goals), number)
    bench.run()
    assert bench.mesh.held_up() == []
    assert Counter((number, goal) for _, goal, number in bench.arrivals) == Counter(
        (number, goal) for number, (_, goals) in enumerate(sent) for goal in goals
    )


def overtakings(made, seed, **how):
    """How often a packet arrives before an earlier one of the same source for the same destination."""
    sites = sorted({pe.site for pe in made.pes})
    pairs = np.random.default_rng(seed).integers(len(sites), size=(12 * len(sites), 2)).tolist()
    bench = Bench(made, **how)
    for number, (start, goal) in enumerate(pairs):
        bench.send(sites[start], bench.direct(sites[goal]), number)
    arrived = defaultdict(list)
    for _, _, number in bench.run().arrivals:
        arrived[tuple(pairs[number])].append(number)
    assert sum(map(len, arrived.values())) == len(pairs)
    return sum(one > other for numbers in arrived.values() for one, other in pairwise(numbers))


@given(GRIDS, st.integers(1, 3))
@settings(max_examples=30)
def test_over_one_channel_and_fixed_ways_no_packet_overtakes_another_faults_or_not(values, room):
    if (made := drawn_grid(values)) is not None:
        assert overtakings(made, values[2], routing="up_down", buffer_flits=room) == 0


@pytest.mark.parametrize("how", [{"channels": 2}, {"routing": "west_first"}], ids=str)
def test_over_several_channels_or_ways_of_choice_packets_may_overtake_as_the_readme_says(how):
    made = grid(4, 4, 0, torus=False, rate=0.0)
    assert sum(overtakings(made, seed, buffer_flits=1, **how) for seed in range(5)) > 0
