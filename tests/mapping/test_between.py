"""Ways between chips: shortest, trees that reach each chip once, no circles, lines saved by going straight."""

from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mapping.between import ChipRoutes, route_machine
from sim.mapping.check import check_mapping
from sim.mapping.chip_deadlock import refuse_chip_deadlock
from sim.mapping.keys import block
from sim.mapping.mapping import Destinations, Group, Slice
from sim.mapping.tables import tables
from sim.scenario.complaints import Refused
from tests.hardware.chips_bench import board
from tests.mapping.toys import mapped, network, said

WHOLE, OPEN, SIX = board(48), board(48, board={"torus": False}), board(6)
NET = network(10, 24, 30, 18, stored=20)


def pairs(machine):
    count = len(machine.chips)
    return [(one, (other,)) for one in range(count) for other in range(count) if one != other]


@pytest.mark.parametrize("machine", [WHOLE, OPEN, SIX], ids=["torus", "open", "patch"])
def test_ways_are_as_short_as_they_can_be(machine):
    graph = nx.DiGraph([(link.source, link.target) for link in machine.chip_links])
    least = dict(nx.all_pairs_shortest_path_length(graph))
    between = ChipRoutes(machine)
    for start, (goal,) in pairs(machine):
        path = [machine.chip_links[number] for number in between.path(start, goal)]
        assert len(path) == least[start][goal]
        assert [link.source for link in path] + [goal] == [start] + [link.target for link in path]


@pytest.mark.parametrize("count", range(2, 48))
def test_no_patch_of_a_board_can_deadlock_whoever_sends_to_whom(count):
    machine = board(count)
    refuse_chip_deadlock(machine, ChipRoutes(machine), pairs(machine), 1)


@pytest.mark.parametrize("boards", [1, 2, 3])
def test_a_torus_needs_two_virtual_channels(boards):
    machine = board(48 * boards)
    between, flows = ChipRoutes(machine), pairs(machine)
    refuse_chip_deadlock(machine, between, flows, 2)
    with pytest.raises(Refused, match=r"packets between chips can deadlock: chip.* waits for chip.*; set it to 2"):
        refuse_chip_deadlock(machine, between, flows, 1)


def test_a_ring_of_chips_with_nothing_straight_is_refused_even_with_two():
    ring = board(None, board=None, chips={"sites": 5, "links": [[n, (n + 1) % 5] for n in range(5)]})
    with pytest.raises(Refused, match=r"full: drop"):
        refuse_chip_deadlock(ring, ChipRoutes(ring), pairs(ring), 2)


@given(st.sampled_from([WHOLE, OPEN, SIX]), st.data())
def test_a_tree_comes_to_every_goal_once_and_ends_only_there(machine, data):
    chips = st.integers(0, len(machine.chips) - 1)
    start, goals = data.draw(chips), data.draw(st.sets(chips, min_size=1))
    tree = ChipRoutes(machine).tree(start, sorted(goals))
    entered = [machine.chip_links[number].target for links in tree.values() for number in links]
    assert sorted(entered) == sorted(set(tree) - {start})
    assert goals <= set(tree)
    assert all(links or chip in goals for chip, links in tree.items())
    assert all(machine.chip_links[number].source == chip for chip, links in tree.items() for number in links)


def test_a_chip_that_a_packet_only_crosses_needs_no_line():
    link = next(one for one in OPEN.chip_links if one.straight is not None)
    last = OPEN.chip_links[link.straight].target
    first = [OPEN.chips[number].first_pe for number in (link.source, link.target, last)]
    group = Group("events", 1, Destinations((first[2], first[2] + 4)), 0, 4, 4)
    made = tables(OPEN, (group,), (Slice(0, 1, 0, 0, 3, first[0], 0), Slice(1, 1, 1, 3, 6, first[0] + 9, 0)), None)
    assert {entry.chip for entry in made.entries} == {link.source, last}
    assert (len(made.entries), made.before_merging, made.defaulted) == (2, 4, 2)
    assert block(group, 0, 1) == (made.entries[0].key, made.entries[0].mask)


WISHES = [
    {"mapping": {"chips": chips, "pes_per_layer": (9, 12, 7), "place": place}, "sync": {"protocol": protocol}}
    for chips, place in (
        ("spread", "row_major"),
        ("layer_per_chip", "snake"),
        ("cut", "traffic"),
        ("fill", "row_major"),
    )
    for protocol in ("barrier", "tree", "markers")
]


@pytest.mark.parametrize("machine", [SIX, WHOLE], ids=["six", "board"])
@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: f"{wish['mapping']['chips']}-{wish['sync']['protocol']}")
def test_mappings_over_chips_are_whole(machine, wish):
    mapping = mapped(NET, machine, **wish)
    check_mapping(mapping, machine, route_machine(machine, "xy"), exclusive=True, routed=True, layers=NET.layers)


SPREAD = mapped(NET, SIX, mapping={"chips": "spread", "pes_per_layer": (9, 12, 7)})


def complaints(mapping):
    return said(lambda: check_mapping(mapping, SIX, route_machine(SIX, "xy"), exclusive=True, routed=True))


@pytest.mark.parametrize("place", range(0, len(SPREAD.entries), 5))
def test_a_line_lost_on_any_chip_is_found(place):
    texts = complaints(replace(SPREAD, entries=SPREAD.entries[:place] + SPREAD.entries[place + 1 :]))
    assert any("routed wrongly" in text for text in texts)


@pytest.mark.parametrize("place", [n for n, entry in enumerate(SPREAD.entries) if entry.links][::7])
def test_a_line_that_leaves_by_another_link_is_found(place):
    entry = SPREAD.entries[place]
    others = [link.index for link in SIX.chip_links if link.source == entry.chip and link.index not in entry.links]
    foreign = next(link.index for link in SIX.chip_links if link.source != entry.chip)
    for links in (entry.links[1:], (*entry.links[1:], foreign), *[(*entry.links, other) for other in others[:1]]):
        lines = list(SPREAD.entries)
        lines[place] = replace(entry, links=links)
        assert complaints(replace(SPREAD, entries=tuple(lines)))


def test_a_line_for_a_pe_of_another_chip_is_found():
    place = next(n for n, entry in enumerate(SPREAD.entries) if entry.destinations.pes)
    lines = list(SPREAD.entries)
    moved = (lines[place].chip + 1) % len(SIX.chips)
    lines[place] = replace(lines[place], chip=moved)
    assert any("PEs of another chip" in text for text in complaints(replace(SPREAD, entries=tuple(lines))))


def test_tables_are_counted_chip_by_chip():
    fullest = max(sum(entry.chip == chip for entry in SPREAD.entries) for chip in range(6))
    router = replace(SIX.event_router, table_entries=fullest - 1)
    machine = replace(SIX, event_router=router)
    texts = said(lambda: check_mapping(SPREAD, machine, route_machine(SIX, "xy"), exclusive=True, routed=True))
    assert any(f"needs {fullest} entries, it has {fullest - 1}" in text for text in texts)


def where(mapping, machine):
    """For each layer the chips of its slices in order."""
    return [[machine.pes[piece.pe].chip for piece in mapping.members(layer)] for layer in (1, 2, 3)]


def test_spread_puts_a_part_of_each_layer_on_each_chip():
    for chips in where(SPREAD, SIX):
        counts = [chips.count(chip) for chip in range(6)]
        assert max(counts) - min(counts) <= 1 and chips == sorted(chips)


def test_layer_per_chip_gives_each_chip_one_layer():
    made = where(mapped(NET, SIX, mapping={"chips": "layer_per_chip", "pes_per_layer": (9, 12, 7)}), SIX)
    assert set(made[0]).isdisjoint(made[1]) and set(made[1]).isdisjoint(made[2]) and set(made[0]).isdisjoint(made[2])
    assert len(set(made[0]) | set(made[1]) | set(made[2])) == 6


def test_fill_uses_no_chip_before_the_one_before_is_full():
    made = where(mapped(NET, SIX, mapping={"pes_per_layer": (9, 12, 7)}), SIX)
    assert {chip for chips in made for chip in chips} == {0}


def test_a_cut_says_less_between_chips_than_spreading():
    def crossing(how):
        wish = {"chips": how, "pes_per_layer": (24, 30, 18)}
        chips = where(mapped(NET, SIX, mapping=wish), SIX)
        readers = [set(chips[0]) | set(chips[1]), set(chips[1]) | set(chips[2]), set(chips[2])]
        return sum(len(readers[layer] - {chip}) for layer in range(3) for chip in chips[layer])

    assert crossing("cut") < crossing("spread")


def test_each_chip_with_slices_has_a_deputy_and_nothing_else_is_on_it():
    mapping = mapped(NET, SIX, mapping={"chips": "spread", "pes_per_layer": (9, 12, 7)}, sync={"protocol": "tree"})
    assert [SIX.pes[pe].chip for pe in mapping.deputies] == list(range(6))
    assert {*mapping.deputies, mapping.scheduler_pe}.isdisjoint(piece.pe for piece in mapping.slices)
    assert mapping.scheduler_pe not in mapping.deputies
    elsewhere = replace(mapping, slices=mapping.slices[:-1])
    for spoilt in (elsewhere, replace(mapping, deputies=mapping.deputies[1:], groups=mapping.groups[1:])):
        assert complaints(spoilt)
