"""The event router: when a packet through it arrives, how many lookups start, what holds it up, what it holds up."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.probe import Probe
from tests.hardware.toys import RoutedBench, edge, first_edge_from, machine

CHIP = machine("spinnaker2_chip")
NOC = CHIP.noc
PES_AT = defaultdict(list)
for _pe in CHIP.pes:
    PES_AT[_pe.site].append(_pe.index)
QUADS = sorted(PES_AT)

AT_SIX_DOORS = [15, 19, 11, 22, 26, 30]
"""Sites two hops from the router whose packets come in by its six doors."""


def to_router(site):
    """Hops from a site to the door in the nearest of the rows 3 and 4 of column 4; the same back."""
    place = CHIP.sites[site]
    return abs(place.x - 4) + abs(place.y - (3 if place.y <= 3 else 4))


def arrives_at_door(start, when):
    """The edge of the mesh at which a lone packet sent at `when` is in the buffer behind its door."""
    way = NOC.injection_cycles - 1 + to_router(start) * NOC.hop_cycles + NOC.ejection_cycles
    return first_edge_from(300, when + 1) + way


def looked_up(start, when):
    """The edge of the router's clock on which its lookup starts."""
    return first_edge_from(400, edge(300, arrives_at_door(start, when)))


def found(lookup):
    """The edge of the mesh on which the copies of a lookup can enter it: four stages later, then the next edge."""
    return first_edge_from(300, edge(400, lookup + 4))


def reaches(goal, entered):
    """The instant at which a copy that entered the mesh at edge `entered` is at its quad."""
    return edge(300, entered + NOC.injection_cycles - 1 + to_router(goal) * NOC.hop_cycles + NOC.ejection_cycles)


def test_a_lone_packet_through_the_router_takes_what_the_clocks_say_between_every_pair_of_quads():
    bench = RoutedBench(CHIP, [PES_AT[goal] for goal in QUADS])
    expected, number = [], 0
    for start in QUADS:
        for group, goal in enumerate(QUADS):
            when = number * 1_000_003
            bench.route(start, group, when)
            arrival = reaches(goal, found(looked_up(start, when)))
            expected += [(arrival, pe, group) for pe in PES_AT[goal]]
            number += 1
    assert bench.run().arrivals == expected
    assert [copies for *_, copies in bench.log.lookups] == [1] * number


def test_a_copy_goes_to_each_quad_once_the_first_of_them_as_soon_as_can_be():
    group = [pe for site in QUADS for pe in PES_AT[site][:2]]
    bench = RoutedBench(CHIP, [group])
    bench.route(0, 0)
    bench.run()
    assert bench.log.lookups == [(edge(400, looked_up(0, 0)), 0, len(QUADS))]
    assert sorted(pe for _, pe, _ in bench.arrivals) == group
    entered = found(looked_up(0, 0))
    soonest = {pe: reaches(CHIP.pes[pe].site, entered) for pe in group}
    late = [now - soonest[pe] for now, pe, _ in bench.arrivals]
    assert min(late) == 0
    assert max(late) < edge(300, len(QUADS))


def test_quads_of_a_group_get_it_once_though_several_pes_of_a_quad_are_in_it():
    bench = RoutedBench(CHIP, [[*PES_AT[0], PES_AT[7][2]]])
    bench.route(20, 0)
    bench.run()
    assert sorted(pe for _, pe, _ in bench.arrivals) == [*PES_AT[0], PES_AT[7][2]]
    assert bench.log.hops_by_kind()["ejection"] == 1 + 2


@pytest.mark.parametrize("engines", [1, 2, 3, 6])
def test_no_more_lookups_start_on_an_edge_than_there_are_engines(engines):
    bench = RoutedBench(CHIP, [PES_AT[0]], {"engines": engines})
    for start in AT_SIX_DOORS:
        bench.route(start, 0)
    bench.run()
    first = looked_up(AT_SIX_DOORS[0], 0)
    assert {looked_up(start, 0) for start in AT_SIX_DOORS} == {first}
    expected = {edge(400, first + late): engines for late in range(6 // engines)}
    assert Counter(now for now, *_ in bench.log.lookups) == expected


LOADS = st.lists(st.tuples(st.sampled_from(QUADS), st.integers(0, 3), st.integers(0, 60)), max_size=60)
GROUPS = st.lists(st.sets(st.sampled_from(range(len(CHIP.pes))), min_size=2, max_size=12), min_size=4, max_size=4)


def filled_at_doors(bench):
    """How full the buffers behind the router's doors were, as flits were sent to them."""
    hops = zip(bench.log.filled, bench.log.hops, strict=True)
    return [filled for filled, (_, name, _) in hops if name.startswith("door") and name.endswith("out")]


def loaded(load, groups, **wishes):
    bench = RoutedBench(CHIP, groups, **wishes)
    for start, group, when in sorted(load, key=lambda item: item[2]):
        bench.route(start, group, edge(300, when))
    return bench.run()


@given(LOADS, GROUPS, st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
@settings(max_examples=25)
def test_every_packet_reaches_everybody_in_its_group_exactly_once(load, groups, room, slots, engines):
    bench = loaded(load, groups, described={"issue_slots": slots, "engines": engines}, buffer_flits=room)
    expected = Counter((pe, group) for _, group, _ in load for pe in groups[group])
    assert Counter((pe, key) for _, pe, key in bench.arrivals) == expected
    assert bench.log.sent_to == bench.log.delivered_to == expected.total()
    assert len(bench.log.lookups) == len(load)
    assert max(filled_at_doors(bench), default=0) <= room


@given(LOADS, GROUPS, st.integers(1, 3), st.integers(0, 2**32))
@settings(max_examples=15)
def test_the_order_of_events_within_an_instant_changes_nothing(load, groups, room, shuffle):
    described = {"issue_slots": 2}
    plain, shuffled = (
        loaded(load, groups, described=described, buffer_flits=room, shuffle=seed) for seed in (None, shuffle)
    )
    assert sorted(plain.log.hops) == sorted(shuffled.log.hops)
    assert sorted(plain.log.lookups) == sorted(shuffled.log.lookups)
    assert sorted(plain.arrivals) == sorted(shuffled.arrivals)


def test_packets_of_one_sender_leave_in_the_order_in_which_they_came():
    groups = [[*PES_AT[5], *PES_AT[33]] for _ in range(30)]
    bench = RoutedBench(CHIP, groups, {"issue_slots": 3}, buffer_flits=2)
    for number in range(30):
        bench.route(9, number)
    bench.run()
    for pe in groups[0]:
        assert [key for _, name, key in bench.arrivals if name == pe] == list(range(30))


def test_with_one_slot_a_lookup_starts_an_edge_after_the_last_packet_has_entered_the_mesh():
    bench = RoutedBench(CHIP, [PES_AT[0]], {"issue_slots": 1})
    for _ in range(12):
        bench.route(9, 0)
    bench.run()
    lookup, expected = looked_up(9, 0), []
    for _ in range(12):
        expected.append(edge(400, lookup))
        lookup = first_edge_from(400, edge(300, found(lookup)) + 1)
    assert [now for now, *_ in bench.log.lookups] == expected


def test_doors_with_packets_are_served_in_turn():
    """Three doors with four packets each and one slot between them; keys tell the doors."""
    bench = RoutedBench(CHIP, [PES_AT[0]] * 3, {"issue_slots": 1})
    for _ in range(4):
        for group, start in enumerate(AT_SIX_DOORS[:3]):
            bench.route(start, group)
    keys = [key for _, key, _ in bench.run().log.lookups]
    assert len(keys) == 12 and set(keys[:3]) == {0, 1, 2}
    assert keys == keys[:3] * 4


def test_without_a_shortage_of_slots_lookups_keep_the_pace_of_the_mesh():
    bench = RoutedBench(CHIP, [PES_AT[0]])
    for _ in range(12):
        bench.route(9, 0)
    bench.run()
    first = arrives_at_door(9, 0)
    assert [now for now, *_ in bench.log.lookups] == [
        edge(400, first_edge_from(400, edge(300, first + number))) for number in range(12)
    ]


def test_a_full_router_holds_up_the_mesh_and_loses_nothing():
    """All quads send to all quads at once: the buffers behind the doors fill up to their room and no further."""
    everybody = [pes[0] for pes in PES_AT.values()]
    bench = RoutedBench(CHIP, [everybody], {"issue_slots": 2}, buffer_flits=3)
    for start in QUADS:
        for _ in range(3):
            bench.route(start, 0)
    bench.run()
    assert max(filled_at_doors(bench)) == 3
    assert bench.log.delivered_to == 3 * len(QUADS) * len(everybody)
    assert any(waited for _, name, waited in bench.log.hops if "->" in name)


@pytest.mark.parametrize(
    ("described", "later"),
    [
        ({"stages": 8}, True),
        ({"stages": 1}, False),
        ({"engines": 1}, True),
        ({"issue_slots": 1}, True),
    ],
)
def test_each_number_of_the_router_moves_the_end_the_way_it_should(described, later):
    load = [(start, number % 4, 0) for number, start in enumerate(AT_SIX_DOORS) for _ in range(3)]
    groups = [PES_AT[goal] for goal in (15, 19, 11, 22)]
    plain = loaded(load, groups).kernel.now
    other = loaded(load, groups, described=described).kernel.now
    assert (other > plain) if later else (other < plain)


class Ear(Probe):
    """Writes down (sent at, time moving, time waiting) of each packet that arrives."""

    def __init__(self):
        self.heard = []

    def delivered(self, flit, receivers, now):
        if receivers:
            self.heard.append((flit.packet.sent_at, now - flit.packet.sent_at - flit.waited, flit.waited))


def test_waiting_in_the_router_counts_as_waiting():
    """A packet's latency less what it waited is the lone packet's, to within an edge of either clock."""
    ear = Ear()
    bench = RoutedBench(CHIP, [PES_AT[0]], {"issue_slots": 1}, listeners=[ear])
    for number in range(4):
        bench.route(16, 0, edge(300, number))
    bench.run()
    assert len(ear.heard) == 4
    waits = [waited for *_, waited in ear.heard]
    assert waits[0] == 0 and waits == sorted(set(waits))
    for sent, moving, _ in ear.heard:
        lone = reaches(0, found(looked_up(16, sent))) - sent
        assert abs(moving - lone) <= 3334 + 2500
