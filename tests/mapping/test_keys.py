"""Keys are distinct, and a merged table says exactly what the long one said."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mapping.keys import FULL, allocate, block, merge
from sim.mapping.mapping import Destinations, Entry, Group
from tests.mapping.toys import said

BITS = 6
HERE, THERE = Destinations((1, 2)), Destinations((3,), host=True)


@st.composite
def tables(draw):
    """Lines that no key of six bits matches twice: disjoint blocks of such a field, each with a destination."""
    lines, start = [], 0
    while start < 1 << BITS:
        bits = draw(st.integers(0, 3))
        size = 1 << bits
        if start % size == 0 and draw(st.booleans()):
            lines.append(Entry(start, FULL ^ (size - 1), draw(st.sampled_from([HERE, THERE]))))
            start += size
        else:
            start += 1
    return draw(st.permutations(lines))


def entries_of(group, members):
    """One line for each member."""
    return [Entry(*block(group, member, 0), group.destinations) for member in range(members)]


def matches(table, key):
    return [line.destinations for line in table if line.matches(key)]


@given(tables())
def test_merging_changes_the_meaning_of_no_key(table):
    merged = merge(table)
    assert all(matches(merged, key) == matches(table, key) for key in range(1 << BITS))
    assert all(matches(merged, key | 1 << 20) == [] for key in range(1 << BITS))
    assert len(merged) <= len(table)


@given(tables())
def test_merging_does_not_depend_on_the_order_of_lines(table):
    assert merge(table) == merge(list(reversed(table)))


@given(st.sets(st.integers(0, (1 << BITS) - 1)))
def test_single_keys_keep_their_meaning_when_merged(keys):
    merged = merge([Entry(key, FULL, HERE) for key in keys])
    assert {key for key in range(1 << BITS) if matches(merged, key)} == keys
    assert all(len(matches(merged, key)) == 1 for key in keys)


@pytest.mark.parametrize(("members", "lines"), [(1, 1), (2, 1), (50, 3), (64, 1), (150, 4), (63, 6)])
def test_members_of_a_group_merge_to_a_line_for_each_power_of_two(members, lines):
    group = Group("events", 1, HERE, 0x10000, 8, 5)
    assert len(merge(entries_of(group, members))) == lines == members.bit_count()


def test_lines_with_other_destinations_stay_apart():
    lines = [Entry(0, FULL, HERE), Entry(1, FULL, THERE)]
    assert merge(lines) == tuple(lines)


@st.composite
def wishes(draw):
    kinds = [(kind, number) for kind in ("events", "markers", "release") for number in range(4)]
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, unique=True))
    places = st.sampled_from([HERE, THERE, Destinations((7,))])
    return [(kind, number, draw(places), draw(st.integers(1, 60))) for kind, number in chosen]


@given(wishes(), st.integers(1, 300))
def test_no_two_keys_of_different_senders_are_equal(wanted, units):
    groups = allocate(wanted, units)
    members = {(kind, number): count for kind, number, _, count in wanted}
    assert len(groups) == len(wanted)
    taken = sorted(
        (group.key(member), group.key(member, units - 1))
        for group in groups
        for member in range(members[group.kind, group.population])
    )
    assert all(last < first for (_, last), (first, _) in pairwise(taken))
    assert taken[-1][1] <= FULL


@given(wishes(), st.integers(1, 300))
def test_a_line_matches_the_keys_of_its_member_and_no_others(wanted, units):
    groups = allocate(wanted, units)
    members = {(kind, number): count for kind, number, _, count in wanted}
    lines = [(group, line) for group in groups for line in entries_of(group, members[group.kind, group.population])]
    for group, line in lines:
        ends = [line.matches(other.key(0)) and line.matches(other.key(0, units - 1)) for other in groups]
        assert ends.count(True) == (line.key == group.base)


def test_groups_with_equal_destinations_merge_with_each_other():
    wanted = [("release", 1, HERE, 1), ("events", 2, THERE, 4), ("markers", 3, HERE, 1)]
    lines = [line for group in allocate(wanted, 8) for line in entries_of(group, 4)]
    assert len(merge(lines)) == 2


def test_keys_of_more_than_32_bits_are_refused():
    (text,) = said(lambda: allocate([("events", n, HERE, 1000) for n in range(9)], 1 << 20))
    assert text.startswith("mapping.pes_per_layer: keys for 9 groups of packets, 1000 slices in a layer and 1048576")
    assert "4 + 10 + 20 = 34 bits, a key has 32" in text


def test_keys_of_exactly_32_bits_are_allowed():
    groups = allocate([("events", n, HERE, 1 << 8) for n in range(16)], 1 << 20)
    assert groups[-1].key((1 << 8) - 1, (1 << 20) - 1) == FULL
