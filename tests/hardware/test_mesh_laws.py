"""The mesh against laws in closed form: lone packets, credit loops, occupancy, fairness, and one whole log."""

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.engine.probe import Probe
from tests.hardware.toys import Bench, edge, first_edge_from, hops_between, machine, mesh_of

CHIP = machine("spinnaker2_chip")
MESH = machine("mesh")
APART_PS = 1_000_003
"""Between lone packets: long enough to be alone, and a prime, so that every place between two edges is tried."""


@pytest.mark.parametrize(
    ("routing", "channels", "every"),
    [
        ("xy", 1, 1),
        ("yx", 1, 5),
        ("table", 1, 5),
        ("xy", 2, 5),
        ("west_first", 1, 5),
    ],
)
@pytest.mark.parametrize("made", [CHIP, MESH], ids=["chip", "mesh"])
def test_a_lone_packet_takes_what_the_formula_says_between_every_pair_of_sites(made, routing, channels, every):
    sites = range(0, len(made.sites), every)
    bench, noc, sent = Bench(made, routing=routing, channels=channels), made.noc, []
    for start in sites:
        for goal in sites:
            when = len(sent) * APART_PS
            bench.send(start, bench.direct(goal), len(sent), when)
            sent.append((start, goal, when))
    bench.run()
    expected = []
    for number, (start, goal, when) in enumerate(sent):
        way = noc.injection_cycles - 1 + hops_between(made, start, goal) * noc.hop_cycles + noc.ejection_cycles
        expected.append((edge(300, first_edge_from(300, when + 1) + way), goal, number))
    assert bench.arrivals == expected
    assert all(waited == 0 for *_, waited in bench.log.hops)


@given(hop=st.integers(1, 9), injection=st.integers(1, 9), ejection=st.integers(1, 9), when=st.integers(0, 20_000))
@settings(max_examples=30)
def test_a_lone_packet_follows_the_formula_for_any_timing(hop, injection, ejection, when):
    made = mesh_of(4, 3, hop_cycles=hop, injection_cycles=injection, ejection_cycles=ejection)
    bench = Bench(made)
    bench.send(0, bench.direct(11), when=when)
    bench.run()
    assert bench.arrivals == [(edge(1000, when // 1000 + 1 + injection - 1 + 5 * hop + ejection), 11, 0)]


@given(hop=st.integers(1, 9), credit=st.integers(1, 6), room=st.integers(1, 16), injection=st.integers(1, 2))
@settings(max_examples=60)
def test_a_link_carries_as_many_flits_as_its_buffer_lets_round_the_credit_loop(hop, credit, room, injection):
    made = mesh_of(2, 1, hop_cycles=hop, credit_cycles=credit, injection_cycles=injection)
    bench = Bench(made, buffer_flits=room)
    flits = 3 * room + 7
    for number in range(flits):
        bench.send(0, bench.direct(1), number)
    bench.run()
    first = bench.cycles()[0][0]
    round_trip = max(room, hop + credit)
    in_turn = [first + number // room * round_trip + number % room for number in range(flits)]
    assert bench.cycles() == [(cycle, 1, number) for number, cycle in enumerate(in_turn)]


@given(flit=st.integers(1, 7), room=st.integers(1, 12), starts=st.sets(st.integers(1, 5), min_size=1))
@settings(max_examples=30)
def test_no_link_carries_more_than_one_flit_in_a_flit_time(flit, room, starts):
    bench = Bench(mesh_of(6, 1, flit_cycles=flit), buffer_flits=room)
    for start in sorted(starts):
        for number in range(15):
            bench.send(start, bench.direct(0), number)
    bench.run()
    by_link: dict[str, list[int]] = {}
    for cycle, link, _ in bench.log.hops:
        by_link.setdefault(link, []).append(cycle)
    assert all(later - earlier >= flit for grants in by_link.values() for earlier, later in pairwise(grants))
    assert len(bench.arrivals) == 15 * len(starts)


@pytest.mark.parametrize("flit", [1, 2, 5])
def test_a_busy_link_with_room_behind_it_carries_exactly_one_flit_in_a_flit_time(flit):
    bench = Bench(mesh_of(2, 1, flit_cycles=flit), buffer_flits=32)
    for number in range(20):
        bench.send(0, bench.direct(1), number)
    cycles = [cycle for cycle, *_ in bench.run().cycles()]
    assert [later - earlier for earlier, later in pairwise(cycles)] == [flit] * 19


def test_two_inputs_of_one_output_are_served_in_strict_turn():
    bench = Bench(mesh_of(3, 1))
    for number in range(40):
        bench.send(0, bench.direct(1), number)
        bench.send(2, bench.direct(1), 100 + number)
    arrivals = bench.run().cycles()
    assert [cycle - arrivals[0][0] for cycle, *_ in arrivals] == list(range(80))
    sources = [key // 100 for *_, key in arrivals]
    assert all(one != other for one, other in pairwise(sources))
    assert [key % 100 for *_, key in arrivals] == [number for number in range(40) for _ in range(2)]


@given(st.sets(st.sampled_from([1, 3, 4, 5, 7]), min_size=2))
@settings(max_examples=15)
def test_any_number_of_inputs_of_one_output_share_it_evenly(starts):
    """The middle of a 3 x 3 mesh, its four neighbours and itself."""
    bench = Bench(mesh_of(3, 3))
    for start in sorted(starts):
        for number in range(20):
            bench.send(start, bench.direct(4), 100 * start + number)
    steady = [key // 100 for *_, key in bench.run().arrivals][len(starts) : -len(starts)]
    turns = [tuple(steady[at : at + len(starts)]) for at in range(0, len(steady) - len(starts), len(starts))]
    assert set(turns[0]) == starts or 4 in starts
    assert len(set(turns[3:])) == 1
    assert set(turns[3]) == starts


def test_an_input_that_comes_alone_does_not_wait_for_its_turn():
    bench = Bench(mesh_of(3, 1))
    for number in range(10):
        bench.send(0, bench.direct(1), number)
    assert all(waited == 0 for _, link, waited in bench.run().log.hops if link.endswith("out"))


def test_the_whole_log_of_two_packets_that_meet():
    """The packet from (0,0) and the local one want the same links; the local one is in the buffer at cycle 5 too."""
    bench = Bench(mesh_of(3, 1))
    bench.send(0, bench.direct(2), 1)
    bench.send(1, bench.direct(2), 2, when=edge(1000, 3))
    bench.run()
    assert bench.log.hops == [
        (1, "(0,0) in", 0),
        (2, "(0,0)->(1,0)", 0),
        (4, "(1,0) in", 0),
        (5, "(1,0)->(2,0)", 0),
        (6, "(1,0)->(2,0)", 1),
        (8, "(2,0) out", 0),
        (9, "(2,0) out", 0),
    ]
    assert [cycle for cycle, *_ in bench.cycles()] == [11, 12]


class Ear(Probe):
    """Writes down (latency, waited) of each flit that arrives."""

    def __init__(self):
        self.heard = []

    def delivered(self, flit, receivers, now):
        self.heard.append((now - flit.packet.sent_at, flit.waited))


def test_a_flit_carries_the_time_it_waited_and_no_more():
    """Latency less waiting is the way of a lone packet, as long as the sender's own queue is empty."""
    ear = Ear()
    bench = Bench(mesh_of(3, 3), listeners=[ear])
    for start in (1, 3, 5, 7):
        bench.send(start, bench.direct(4), start)
    bench.run()
    assert ear.heard == [(8000 + waited, waited) for waited in (0, 1000, 2000, 3000)]


def test_a_buffer_never_holds_more_than_its_room():
    made = mesh_of(4, 4, ejection_cycles=2)
    bench = Bench(made, buffer_flits=3)
    for start in range(16):
        for number in range(20):
            bench.send(start, bench.direct(5), number)
    bench.run()
    places = [
        filled for filled, (_, link, _) in zip(bench.log.filled, bench.log.hops, strict=True) if "out" not in link
    ]
    assert max(places) == 3


@given(st.data())
@settings(max_examples=20)
def test_links_of_a_way_share_nothing_with_links_beside_it(data):
    """Two packets whose ways have no link in common never delay one another."""
    made = mesh_of(5, 5)
    pick = st.integers(0, 24)
    one, other = data.draw(st.tuples(pick, pick)), data.draw(st.tuples(pick, pick))
    alone = Bench(made)
    ways = [set(alone.routes.path(*pair)) for pair in (one, other)]
    assume(not ways[0] & ways[1] and one[0] != other[0] and one[1] != other[1])
    together = Bench(made)
    for number, (start, goal) in enumerate((one, other)):
        alone.send(start, alone.direct(goal), number, when=number * 10**6)
        together.send(start, together.direct(goal), number)
    assert sorted((key, cycle % 1000) for cycle, _, key in alone.run().cycles()) == sorted(
        (key, cycle) for cycle, _, key in together.run().cycles()
    )
