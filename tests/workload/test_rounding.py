"""Numbers in fewer bits, held against what the formats themselves can say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.workload.network import slice_layer
from sim.workload.rounding import EXACT, int8_rows, of_events, of_inputs
from sim.workload.sparse import SparseRows

SENSIBLE = st.floats(-(2.0**49), 2.0**49, width=32, allow_subnormal=False)


def one(rounding, value):
    return float(rounding(np.array([value], np.float32))[0])


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        (1 + 2**-11, 1.0),  # half way between two neighbours: to the even one
        (1 + 3 * 2**-11, 1 + 2**-9),
        (1 + 2**-11 + 2**-20, 1 + 2**-10),
        (2**-24, 2**-24),  # the smallest subnormal
        (2**-25, 0.0),
        (3 * 2**-25, 2**-23),
        (2**-15 + 2**-24, 2**-15 + 2**-24),
        (65_504.0, 65_504.0),
        (65_536.0, 65_504.0),
        (-1e9, -65_504.0),
    ],
)
def test_fp16_is_binary16_to_nearest_even_with_subnormals_and_an_end(value, becomes):
    assert one(of_events("fp16"), value) == becomes


@pytest.mark.parametrize(
    ("value", "becomes"),
    [(0.5, 0.5), (1.5 / 256, 2 / 256), (2.5 / 256, 2 / 256), (0.4 / 256, 0.0), (1.0, 255 / 256), (-0.25, 0.0)],
)
def test_events_of_8_bits_are_steps_of_a_256th_up_to_255(value, becomes):
    assert one(of_events("int8"), value) == becomes


@given(arrays(np.float32, 7, elements=SENSIBLE))
def test_inputs_of_8_bits_are_off_by_half_a_step_at_most(x):
    largest = float(np.max(np.abs(x)))
    written = of_inputs("int8", largest)(x)
    assert np.all(np.abs(written - x) <= largest / 127 * 0.5001)
    assert np.max(np.abs(written)) == pytest.approx(largest, rel=1e-6)


@given(arrays(np.float32, 7, elements=SENSIBLE))
def test_what_was_written_once_is_written_again_unchanged(x):
    for rounding in (EXACT, of_events("fp16"), of_events("int8"), of_inputs("int8", 2.0**49)):
        assert np.array_equal(rounding(rounding(x)), rounding(x))
    assert EXACT(x) is x


@given(arrays(np.float32, (5, 6), elements=st.floats(-(2.0**49), 2.0**49, width=32, allow_subnormal=False)))
def test_int8_rows_are_whole_numbers_with_the_largest_of_each_row_at_127(dense):
    dense = np.where(np.abs(dense) < 1e-30, 0, dense)
    matrix = SparseRows.from_dense(dense)
    coarse = int8_rows(matrix)
    assert np.array_equal(coarse.values, np.rint(coarse.values)) and np.all(np.abs(coarse.values) <= 127)
    assert np.array_equal(coarse.indptr, matrix.indptr) and np.array_equal(coarse.indices, matrix.indices)
    for row in range(5):
        own = coarse.row_of == row
        if own.any():
            assert np.max(np.abs(coarse.values[own])) == 127
            off = np.abs(coarse.values[own] * coarse.scales[row] - matrix.values[own])
            assert np.all(off <= coarse.scales[row] * 0.5001)


def test_a_product_with_int8_rows_is_the_whole_number_sum_times_the_scale():
    dense = np.array([[1, -0.5, 0, 0.25], [0, 0, 0, 0], [0, 3, 1, 0]], np.float32)
    coarse = int8_rows(SparseRows.from_dense(dense))
    x = np.array([0.5, 2, 0, -1], np.float32)
    scale = np.array([1, 127, 3], np.float32) / np.float32(127)
    sums = np.array([127 * 0.5 - 64 * 2 - 32, 0, 127 * 2], np.float32)
    assert np.array_equal(coarse.times(x), sums * scale)


def test_a_slice_is_quantised_as_the_whole_is(prepared):
    section = "kind: language_model\ntext: words.txt\ntokens: 9\nweights: {synthetic: {layers: [8, 20, 8]}}"
    layer = prepared(section, formats="weights: int8").network.layers[0]
    x = np.linspace(-1, 1, 8, dtype=np.float32)
    whole = layer.W.times(x).reshape(3, 20)
    cut = slice_layer(layer, 5, 12)
    assert np.array_equal(cut.W.times(x).reshape(3, 7), whole[:, 5:12])
