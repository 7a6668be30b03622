"""Traffic from chip to chip: a lone packet's time in closed form, and nothing lost, doubled or overtaken on the way."""

from collections import Counter, defaultdict

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.kernel import Kernel
from sim.engine.probe import Probe, combined
from sim.hardware.study import Load, Study, nodes_of
from sim.hardware.tracks import Tracks
from sim.mapping.between import ChipRoutes
from sim.mapping.multicast import UNCOPIED, multicast
from sim.measure.network import Deliveries
from sim.scenario.complaints import Refused
from tests.hardware.chips_bench import Heard, board
from tests.hardware.toys import edge, first_edge_from, setup_of

TWO, FIVE = board(2), board(5)
BROKEN = board(3, links={"buffer_packets": 2, "error_rate": 0.1})


class Arrivals(Probe):
    """(node, source, cycle of creation, ps from creation) of what arrives, in order."""

    def __init__(self):
        self.heard = []

    def arrived(self, node, packet, now):
        self.heard.append((node, packet.population, packet.step, now - packet.sent_at))


class Flits(Probe):
    """Flits on each link of the chips."""

    def __init__(self):
        self.flits = Counter()

    def hop(self, flit, link, cycle, waited, filled):
        self.flits[link] += 1


def sent(machine, packets, *, shuffle=None, copied=UNCOPIED, listener=None, **network):
    """Study, arrivals, crossings and deliveries of packets (cycle, destinations) by node."""
    kernel, arrivals, heard, deliveries = Kernel(shuffle), Arrivals(), Heard(), Deliveries()
    setup = setup_of(
        kernel, combined([arrivals, heard, deliveries, *([listener] if listener else [])]), machine, **network
    )
    study = Study(setup, Load(lambda node: iter(packets.get(node, ())), range(0, 40_000), copied=copied))
    kernel.run()
    assert study.held_up() == []
    return study, arrivals.heard, heard.crossings, deliveries


def lone_ps(machine, source, goal, created):
    """What a packet of 72 bits takes that meets no other, by hand: xy on chips, at the nearer row of the router.

    Mesh at 300 MHz, 5 cycles a hop and out of it, seen by the source a cycle after it is made; router at 400 MHz, 4
    cycles for a lookup; 16 ns on a line and 200 ns of way.
    """
    start, end = machine.pes[source], machine.pes[goal]
    places = [(machine.sites[pe.site].x, machine.sites[pe.site].y) for pe in (start, end)]
    if start.chip == end.chip:
        (x, y), (u, v) = places
        return edge(300, created + 1 + 5 * (abs(x - u) + abs(y - v)) + 5) - edge(300, created)
    hops = [abs(x - 4) + min(abs(y - 3), abs(y - 4)) for x, y in places]
    graph = nx.Graph((link.source, link.target) for link in machine.chip_links)
    now = edge(300, created + 1 + 5 * hops[0] + 5)
    for _ in range(nx.shortest_path_length(graph, start.chip, end.chip)):
        now = edge(400, first_edge_from(400, now) + 4) + 16_000 + 200_000
    found = edge(400, first_edge_from(400, now) + 4)
    return edge(300, first_edge_from(300, found) + 5 * hops[1] + 5) - edge(300, created)


@pytest.mark.parametrize("engine", ["process", "ideal"])
def test_a_lone_packet_takes_what_the_closed_formula_says_between_any_two_nodes(engine):
    drawn = np.random.default_rng(3).integers(len(FIVE.pes), size=(60, 2)).tolist()
    packets = defaultdict(list)
    for number, (source, goal) in enumerate(drawn):
        packets[source].append((613 * number, (goal,)))
    _, arrivals, crossings, _ = sent(FIVE, packets, engine=engine)
    assert len(crossings) > 50
    assert sorted(arrivals, key=lambda heard: heard[2]) == [
        (goal, source, 613 * number, lone_ps(FIVE, source, goal, 613 * number))
        for number, (source, goal) in enumerate(drawn)
    ]


NODES = st.integers(0, len(BROKEN.pes) - 1)
CROWD = st.lists(st.tuples(NODES, NODES, st.integers(0, 20)), min_size=1, max_size=60)


def by_source(load):
    packets = defaultdict(list)
    for source, goal, cycle in sorted(load, key=lambda one: one[2]):
        packets[source].append((cycle, (goal,)))
    return packets


@given(CROWD, st.integers(1, 2), st.integers(1, 3))
@settings(max_examples=12)
def test_every_packet_arrives_once_and_none_overtakes_another_of_its_pair(load, channels, room):
    links = {"virtual_channels": channels}
    _, arrivals, _, deliveries = sent(BROKEN, by_source(load), chip_links=links, buffer_flits=room)
    assert deliveries.received == deliveries.sent_to_receivers == len(load)
    assert Counter((source, goal, cycle) for goal, source, cycle, _ in arrivals) == Counter(load)
    ages = defaultdict(list)
    for goal, source, cycle, _ in arrivals:
        ages[source, goal].append(cycle)
    assert all(cycles == sorted(cycles) for cycles in ages.values())


@given(CROWD, st.integers(0, 2**32))
@settings(max_examples=8)
def test_the_order_of_events_within_an_instant_changes_no_arrival(load, shuffle):
    plain, shuffled = (sorted(sent(BROKEN, by_source(load), shuffle=seed)[1]) for seed in (None, shuffle))
    assert plain == shuffled


def to_many(machine, seed):
    """Packets to five nodes each, from everywhere, and the tables that copy them."""
    rng, packets = np.random.default_rng(seed), {}
    for node in range(0, len(machine.pes), 19):
        goals = rng.choice(len(machine.pes), 5, replace=False).tolist()
        packets[node] = [(40 * turn, tuple(goals)) for turn in range(3)]
    wanted = [(node, goals) for node, own in packets.items() for _, goals in own]
    return packets, multicast(machine, ChipRoutes(machine), wanted)


@pytest.mark.parametrize("how", ["event_router", "tree"])
@pytest.mark.parametrize("seed", [1, 2])
def test_packets_to_many_reach_all_of_them_once_and_cross_no_link_twice(seed, how):
    packets, copied = to_many(FIVE, seed)
    _, arrivals, crossings, _ = sent(FIVE, packets, copied=copied, multicast=how, buffer_flits=seed)
    wanted = Counter((goal, node, cycle) for node, own in packets.items() for cycle, goals in own for goal in goals)
    assert Counter(heard[:3] for heard in arrivals) == wanted
    _, apart, more, _ = sent(FIVE, packets)
    assert Counter(heard[:3] for heard in apart) == wanted
    assert len(crossings) < len(more)


@pytest.mark.parametrize("how", ["event_router", "tree", "unicast"])
def test_what_is_crossed_on_paper_is_what_packets_cross(how):
    packets, copied = to_many(FIVE, 3)
    carried = Flits()
    study, _, crossings, _ = sent(FIVE, packets, copied=copied, listener=carried, multicast=how)
    tracks, told, hops = Tracks(FIVE, study), Counter(), Counter()
    for node, own in packets.items():
        for _, goals in own:
            on_chips, between = tracks.crossed(node, goals)
            hops, told = hops + on_chips, told + between
    assert told == Counter(crossing.link for crossing in crossings)
    assert hops == carried.flits


def test_tables_that_do_not_fit_a_router_are_refused():
    small = board(2, event_router={"table_entries": 3})
    wanted = [(0, (node, node + 160)) for node in range(8)]
    with pytest.raises(Refused, match="table of chip0 needs 8 entries, it has 3"):
        multicast(small, ChipRoutes(small), wanted)


def test_nodes_of_several_chips_are_one_row_by_their_numbers_and_a_square_where_there_are_so_many():
    assert (nodes_of(TWO, "tornado").width, nodes_of(TWO, "uniform").count) == (304, 304)
    assert nodes_of(TWO, "bit_reverse").names[-1].startswith("chip1.")
    square = nodes_of(board(38), "transpose")
    assert (square.width, square.height) == (76, 76)
