"""Cutting a network over chips: the same everywhere for the same scenario, by either cutter, and never too many."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mapping import cut as cutting
from sim.mapping.cut import Block, cut, said_between
from sim.mapping.over_chips import over_chips
from sim.scenario.complaints import Refused

CHAIN = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
needs_metis = pytest.mark.skipif(not cutting.find_spec("pymetis"), reason="pymetis (extra partition) is not installed")
BOTH = ["greedy", pytest.param("metis", marks=needs_metis)]


def crossing(blocks, parts, talk):
    """Packets between blocks of different parts."""
    pairs = [(a, b) for a in range(len(blocks)) for b in range(a) if parts[a] != parts[b]]
    return sum(said_between(blocks[a], blocks[b], talk) for a, b in pairs)


@pytest.mark.parametrize("cutter", BOTH)
@given(
    pieces=st.lists(st.integers(1, 30), min_size=3, max_size=3),
    room=st.lists(st.integers(0, 40), min_size=1, max_size=9).filter(sum),
)
def test_every_slice_gets_a_chip_and_no_chip_more_than_it_holds(cutter, pieces, room):
    if sum(pieces) > sum(room):
        return
    counts = over_chips(pieces, room, "cut", CHAIN, cutter)
    assert [sum(row) for row in counts] == pieces
    assert all(sum(column) <= size for column, size in zip(zip(*counts, strict=True), room, strict=True))


@pytest.mark.parametrize("cutter", BOTH)
def test_two_groups_that_only_talk_among_themselves_are_parted_there(cutter):
    apart = [[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]]
    blocks = [Block(layer, 2) for layer in (0, 2, 1, 3, 0, 2, 1, 3)]
    parts = cut(blocks, [8, 8], apart, cutter)
    assert crossing(blocks, parts, apart) == 0 and len(set(parts)) == 2


@needs_metis
def test_metis_never_says_more_between_chips_than_the_greedy_cut_on_a_long_chain():
    talk = [[float(other == one + 1) for other in range(12)] for one in range(12)]
    blocks = [Block(layer, 3) for layer in range(12) for _ in range(4)]
    by = {cutter: cut(blocks, [40] * 4, talk, cutter) for cutter in ("greedy", "metis")}
    assert crossing(blocks, by["metis"], talk) <= crossing(blocks, by["greedy"], talk)
    assert by["metis"] == cut(blocks, [40] * 4, talk, "metis")


def test_what_is_installed_changes_no_greedy_cut_and_metis_is_refused_where_it_is_missing(monkeypatch):
    blocks = [Block(layer, 2) for layer in range(3) for _ in range(3)]
    before = cut(blocks, [9, 9], CHAIN, "greedy")
    monkeypatch.setattr(cutting, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "pymetis", None)
    assert cut(blocks, [9, 9], CHAIN, "greedy") == before
    with pytest.raises(Refused, match=r"mapping\.cut: 'metis' asked, but pymetis is not installed.*\[partition\]"):
        cut(blocks, [9, 9], CHAIN, "metis")
