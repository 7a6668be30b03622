"""Any traffic on any mesh: nothing is lost, doubled or overtaken, copies are cheap, and order cannot matter."""

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hardware.toys import Bench, hops_between, machine, mesh_of, packet

ROUTINGS = ["xy", "yx", "table"]
SITES = st.integers(0, 11)
LOADS = st.lists(st.tuples(SITES, SITES, st.integers(0, 30)), max_size=120)
"""(start, goal, cycle) of packets on a mesh of 4 x 3."""


def loaded(load, *, made=None, **wishes):
    """A bench that has run `load`; packets of one sender go out in order of time, numbered in the order of `load`."""
    bench = Bench(made or mesh_of(4, 3), **wishes)
    for number, (start, goal, cycle) in sorted(enumerate(load), key=lambda item: item[1][2]):
        bench.send(start, bench.direct(goal), number, when=1000 * cycle + number % 7)
    return bench.run()


@given(LOADS, st.sampled_from(ROUTINGS), st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=40)
def test_every_packet_sent_arrives_once_and_where_it_should(load, routing, room, channels):
    bench = loaded(load, routing=routing, buffer_flits=room, channels=channels)
    assert Counter((goal, number) for _, goal, number in bench.arrivals) == Counter(
        (goal, number) for number, (_, goal, _) in enumerate(load)
    )
    assert bench.log.sent_to == bench.log.delivered_to == len(load)
    assert bench.mesh.held_up() == []


@given(LOADS, st.sampled_from(ROUTINGS), st.integers(1, 4))
@settings(max_examples=30)
def test_over_one_channel_packets_of_one_source_for_one_destination_keep_their_order(load, routing, room):
    bench = loaded(load, routing=routing, buffer_flits=room)
    arrived, sent = defaultdict(list), defaultdict(list)
    for _, goal, number in bench.arrivals:
        arrived[load[number][0], goal].append(number)
    for number, (start, goal, _) in sorted(enumerate(load), key=lambda item: item[1][2]):
        sent[start, goal].append(number)
    assert arrived == sent


@given(LOADS, st.integers(1, 3), st.integers(1, 3), st.integers(0, 2**32))
@settings(max_examples=40)
def test_the_order_of_events_within_an_instant_changes_nothing(load, room, channels, shuffle):
    made = mesh_of(4, 3, hop_cycles=1, injection_cycles=1, ejection_cycles=1, credit_cycles=1)
    wishes = {"made": made, "buffer_flits": room, "channels": channels}
    plain, shuffled = (loaded(load, shuffle=seed, **wishes) for seed in (None, shuffle))
    assert sorted(plain.log.hops) == sorted(shuffled.log.hops)
    assert sorted(plain.arrivals) == sorted(shuffled.arrivals)


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("routing", ["xy", "west_first"])
def test_a_crowd_fares_alike_whatever_the_order_of_events_within_an_instant(routing, channels):
    drawn = np.random.default_rng(9).integers(0, [12, 12, 40], size=(300, 3)).tolist()
    for room in (1, 2):
        wishes = {"routing": routing, "buffer_flits": room, "channels": channels}
        runs = [sorted(loaded(drawn, shuffle=seed, **wishes).log.hops) for seed in (None, 1, 2)]
        assert runs[0] == runs[1] == runs[2]


@pytest.mark.parametrize("channels", [1, 2])
def test_packets_that_may_choose_their_way_all_arrive_by_a_shortest_one(channels):
    drawn = np.random.default_rng(8).integers(0, [12, 12, 40], size=(300, 3)).tolist()
    wishes = {"routing": "west_first", "buffer_flits": 2, "channels": channels}
    plain = loaded(drawn, **wishes)
    assert sorted((goal, key) for _, goal, key in plain.arrivals) == sorted(
        (goal, number) for number, (_, goal, _) in enumerate(drawn)
    )
    hops = sum(hops_between(plain.machine, start, goal) for start, goal, _ in drawn)
    assert plain.log.hops_by_kind() == {"injection": 300, "mesh": hops, "ejection": 300}
    straight = loaded(drawn, **wishes | {"routing": "xy"})
    assert plain.log.hops != straight.log.hops


@given(LOADS)
@settings(max_examples=15)
def test_nobody_listening_changes_no_instant(load):
    heard, unheard = loaded(load), loaded(load, silent=True)
    assert heard.kernel.now == unheard.kernel.now
    assert heard.arrivals == unheard.arrivals


@given(LOADS)
@settings(max_examples=15)
def test_every_flit_takes_one_link_in_its_way_of_links_and_one_out(load):
    bench = loaded(load)
    hops = sum(len(bench.routes.path(start, goal)) for start, goal, _ in load)
    assert bench.log.hops_by_kind() == +Counter(injection=len(load), mesh=hops, ejection=len(load))


TREES = st.tuples(SITES, st.sets(SITES, min_size=1))


@given(TREES, st.sampled_from(ROUTINGS), st.integers(1, 3))
@settings(max_examples=60)
def test_a_tree_reaches_each_of_its_goals_exactly_once(tree, routing, room):
    start, goals = tree
    bench = Bench(mesh_of(4, 3), routing=routing, buffer_flits=room)
    for number in range(3):
        bench.send(start, bench.tree(start, sorted(goals)), number)
    bench.run()
    assert sorted((goal, key) for _, goal, key in bench.arrivals) == [
        (goal, n) for goal in sorted(goals) for n in range(3)
    ]
    assert bench.log.sent_to == bench.log.delivered_to == 3 * len(goals)


@given(TREES)
@settings(max_examples=40)
def test_a_tree_crosses_each_link_of_its_ways_once_and_is_cheaper_than_packets_one_by_one(tree):
    start, goals = tree
    copied, single = Bench(mesh_of(4, 3)), Bench(mesh_of(4, 3))
    copied.send(start, copied.tree(start, sorted(goals)))
    single.send(start, single.unicast(sorted(goals)))
    ways = [copied.routes.path(start, goal) for goal in goals]
    links = {link for way in ways for link in way}
    assert copied.run().log.hops_by_kind() == +Counter(injection=1, mesh=len(links), ejection=len(goals))
    one_by_one = single.run().log.hops_by_kind()
    assert one_by_one == +Counter(injection=len(goals), mesh=sum(map(len, ways)), ejection=len(goals))
    assert len(goals) == 1 or copied.log.hops_by_kind().total() < one_by_one.total()


def test_every_copy_of_a_tree_alone_is_as_fast_as_a_packet_of_its_own():
    start, goals = 5, [0, 3, 5, 7, 8, 11]
    bench = Bench(mesh_of(4, 3))
    bench.send(start, bench.tree(start, goals))
    alone = Bench(mesh_of(4, 3))
    for number, goal in enumerate(goals):
        alone.send(start, alone.direct(goal), when=number * 10**6)
    assert sorted(bench.run().cycles()) == sorted(
        (cycle % 1000, goal, key) for cycle, goal, key in alone.run().cycles()
    )


def test_a_head_with_two_branches_leaves_when_the_last_is_granted():
    """The link to (2,0) has credits for two local packets and gets them back at 7 and 8. The tree's head is seen at 5
    and leaves at once by the free way out, but only at 7, in its turn, by the link; so the packet behind it, seen at 6,
    is at the head at 8."""
    bench = Bench(mesh_of(4, 1), buffer_flits=2)
    for number in range(6):
        bench.send(1, bench.direct(2), 100 + number)
    bench.send(0, bench.tree(0, [1, 3]), 1)
    bench.send(0, bench.direct(1), 2)
    bench.run()
    watched = ("(1,0)->(2,0)", "(1,0) out")
    assert sorted(hop for hop in bench.log.hops if hop[1] in watched) == [
        (2, "(1,0)->(2,0)", 0),
        (3, "(1,0)->(2,0)", 0),
        (5, "(1,0) out", 0),
        (7, "(1,0)->(2,0)", 2),
        (8, "(1,0) out", 0),
        (8, "(1,0)->(2,0)", 3),
        (12, "(1,0)->(2,0)", 3),
        (13, "(1,0)->(2,0)", 0),
        (17, "(1,0)->(2,0)", 2),
    ]
    assert [arrival for arrival in bench.cycles() if arrival[1] == 1] == [(8, 1, 1), (11, 1, 2)]


def test_several_senders_of_one_place_take_turns_on_its_way_in():
    bench = Bench(mesh_of(2, 1))
    senders = [bench.port(0).sender() for _ in range(3)]
    for number in range(4):
        for place, sender in enumerate(senders):
            sender.post(packet(10 * place + number), bench.direct(1), 0)
    keys = [key for *_, key in bench.run().arrivals]
    assert [sorted(key // 10 for key in keys[at : at + 3]) for at in range(0, 12, 3)] == [[0, 1, 2]] * 4
    assert [key % 10 for key in keys] == [number for number in range(4) for _ in range(3)]


# A load that fills the buffers of a line: each number of the network is felt somewhere.
CROWD = [(start, goal, 0) for start in (0, 4, 8, 1) for goal in (3, 7, 11) for _ in range(6)]


@pytest.mark.parametrize(
    ("changed", "later"),
    [
        ({"hop_cycles": 4}, True),
        ({"flit_cycles": 2}, True),
        ({"injection_cycles": 3}, True),
        ({"ejection_cycles": 4}, True),
        ({"credit_cycles": 4}, True),
        ({"hop_cycles": 2}, False),
        ({"injection_cycles": 1}, False),
        ({"ejection_cycles": 2}, False),
        ({"credit_cycles": 1}, False),
    ],
)
def test_each_number_of_the_network_moves_the_end_the_way_it_should(changed, later):
    made = mesh_of(4, 3)
    plain = loaded(CROWD, made=made, buffer_flits=2).kernel.now
    other = loaded(CROWD, made=replace(made, noc=replace(made.noc, **changed)), buffer_flits=2).kernel.now
    assert (other > plain) if later else (other < plain)


def test_more_room_in_the_buffers_is_faster_until_the_loop_is_covered():
    ends = [loaded(CROWD, buffer_flits=room).kernel.now for room in (1, 2, 3, 5, 200)]
    assert ends[:4] == sorted(set(ends[:4]), reverse=True)
    assert ends[4] <= ends[3]


def test_a_faster_clock_makes_the_same_cycles_shorter():
    slow, fast = (
        loaded(CROWD, made=machine(grid={"width": 4, "height": 3}, noc={"clock_mhz": mhz})) for mhz in (200, 400)
    )
    assert slow.cycle(slow.kernel.now) == fast.cycle(fast.kernel.now)
    assert slow.kernel.now == 2 * fast.kernel.now
