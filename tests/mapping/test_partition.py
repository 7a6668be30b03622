"""Cuts cover every unit once, and the two methods balance what they say they balance."""

from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.mapping.partition import cuts, nonzeros_per_unit, partition, pes_for_layers
from tests.mapping.toys import layer_with, network, said

COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=40)
METHODS = pytest.mark.parametrize("method", ["equal", "nonzeros"])


@st.composite
def layers_and_pieces(draw):
    counts = draw(COUNTS)
    return counts, draw(st.integers(1, len(counts)))


def heaviest(counts, bounds):
    return max(sum(counts[start:stop]) for start, stop in pairwise(bounds))


def lightest_heaviest(counts, pieces):
    """By trying all cuttings."""
    inner = combinations(range(1, len(counts)), pieces - 1)
    return min(heaviest(counts, (0, *cut, len(counts))) for cut in inner)


@METHODS
@given(case=layers_and_pieces())
def test_every_unit_is_in_exactly_one_slice(method, case):
    counts, pieces = case
    ranges = partition(layer_with(counts, 7), pieces, method)
    assert len(ranges) == pieces
    assert [unit for start, stop in ranges for unit in range(start, stop)] == list(range(len(counts)))
    assert all(start < stop for start, stop in ranges)


@given(case=layers_and_pieces())
def test_equal_slices_differ_by_one_unit_at_most(case):
    counts, pieces = case
    sizes = {stop - start for start, stop in pairwise(cuts(np.array(counts), pieces, "equal"))}
    assert max(sizes) - min(sizes) <= 1


@settings(max_examples=300)
@given(counts=st.lists(st.integers(0, 60), min_size=1, max_size=10), data=st.data())
def test_no_cutting_has_a_lighter_heaviest_slice_than_nonzeros(counts, data):
    pieces = data.draw(st.integers(1, len(counts)))
    bounds = cuts(np.array(counts), pieces, "nonzeros")
    assert heaviest(counts, bounds) == lightest_heaviest(counts, pieces)


def test_a_cut_at_the_even_share_gives_way_where_the_rest_would_not_fit():
    counts = [6, 2, 3] + [6] * 8
    bounds = cuts(np.array(counts), 9, "nonzeros")
    assert bounds[1] == 2
    assert heaviest(counts, bounds) == lightest_heaviest(counts, 9) == 9


@pytest.mark.parametrize(
    ("counts", "pieces", "lightest"),
    [([17, 28, 22, 24, 21, 23, 11, 2], 5, 45), ([25, 19, 24, 28, 17, 27], 5, 43), ([22, 18, 23, 10, 11, 30], 4, 40)],
)
def test_one_weight_more_than_needed_is_not_accepted(counts, pieces, lightest):
    """With a bound one higher, even shares would make use of it here."""
    assert heaviest(counts, cuts(np.array(counts), pieces, "nonzeros")) == lightest


def test_nonzeros_leaves_no_slice_with_the_crumbs():
    even = cuts(np.full(10, 5), 4, "nonzeros")
    assert sorted(stop - start for start, stop in pairwise(even)) == [2, 2, 3, 3]


def test_units_without_weights_are_shared_out_evenly():
    assert cuts(np.zeros(12, np.int64), 3, "nonzeros") == [0, 4, 8, 12]


def test_one_heavy_unit_gets_a_slice_of_its_own():
    assert cuts(np.array([1, 1, 100, 1, 1]), 3, "nonzeros") == [0, 2, 3, 5]


@given(counts=COUNTS)
def test_weights_of_a_unit_are_those_of_its_six_rows(counts):
    assert nonzeros_per_unit(layer_with(counts, 5)).tolist() == counts


def test_the_slices_of_the_published_second_layer_have_27_units(published):
    assert {stop - start for start, stop in partition(published.layers[1], 50, "equal")} == {27}


def test_pes_are_as_asked():
    layers = network(4, 6, 8).layers
    assert pes_for_layers(layers, (2, 3), 100, "exclusive") == [2, 3]


@pytest.mark.parametrize("available", [3, 4, 7, 15, 21, 100])
def test_without_a_wish_the_busiest_pe_has_as_little_as_can_be(available):
    layers = network(4, 5, 10, 6, stored=30).layers
    weights = [layer.W.nnz + layer.R.nnz for layer in layers]
    shares = pes_for_layers(layers, None, available, "exclusive")
    assert sum(shares) == min(available, 21)
    possible = product(*(range(1, layer.units + 1) for layer in layers))
    best = min(most(weights, other) for other in possible if sum(other) <= available)
    assert most(weights, shares) == best


def most(weights, shares):
    return max(weight / share for weight, share in zip(weights, shares, strict=True))


def test_a_tiny_layer_beside_a_big_one_leaves_enough_for_both():
    layers = (layer_with([1000] * 9, 3), layer_with([0], 9), layer_with([0], 1))
    assert pes_for_layers(layers, None, 3, "exclusive") == [1, 1, 1]
    assert pes_for_layers(layers, None, 6, "exclusive") == [4, 1, 1]


def test_shared_pes_are_all_given_to_every_layer():
    assert pes_for_layers(network(4, 10, 20).layers, None, 12, "shared") == [10, 12]


def test_too_few_pes_for_the_layers_are_refused():
    layers = network(4, 6, 8, 3).layers
    (text,) = said(lambda: pes_for_layers(layers, None, 2, "exclusive"))
    assert text.startswith("machine.topology: 3 layers need a PE each, and 2 can hold slices")
    assert "mapping.sharing: shared" in text


def test_more_pes_than_units_are_refused_for_every_layer_at_once():
    complaints = said(lambda: pes_for_layers(network(4, 6, 8, 3).layers, (7, 8, 4), 100, "exclusive"))
    assert [text.split(":")[0] for text in complaints] == ["mapping.pes_per_layer[0]", "mapping.pes_per_layer[2]"]
    assert "7 PEs for a layer of 6 units" in complaints[0]
    assert "ask for 1 to 3" in complaints[1]


def test_a_list_of_the_wrong_length_is_refused():
    (text,) = said(lambda: pes_for_layers(network(4, 6, 8).layers, (2,), 100, "exclusive"))
    assert text == "mapping.pes_per_layer: 1 entries for 2 layers; give one number for each layer"
