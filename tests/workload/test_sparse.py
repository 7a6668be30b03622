"""Sparse rows: the same matrix in every form, and sums in the stated order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sim.workload.sparse import SparseRows

VALUES = st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e-40, 3e-7, 0.1, -0.3, 1e7, 16777216.0])
MATRICES = arrays.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=VALUES)


def dense(matrix):
    whole = np.zeros((matrix.rows, matrix.columns), np.float32)
    whole[matrix.row_of, matrix.indices] = matrix.values
    return whole


def sum_in_order(matrix, sources):
    """Every product, zeros too, one after the other in float32."""
    totals = np.zeros(len(matrix), np.float32)
    for row, weights in enumerate(matrix):
        for weight, source in zip(weights, sources, strict=True):
            totals[row] = np.float32(totals[row] + np.float32(weight * source))
    return totals


@given(MATRICES)
def test_a_dense_matrix_is_found_again_in_its_sparse_rows(matrix):
    rows = SparseRows.from_dense(matrix)
    assert np.array_equal(dense(rows), matrix)
    assert rows.nnz == np.count_nonzero(matrix)
    assert np.array_equal(rows.column_counts(), np.count_nonzero(matrix, axis=0))


@given(MATRICES, st.data())
def test_products_are_added_in_the_order_of_the_source_and_zeros_make_no_difference(matrix, data):
    sources = data.draw(arrays.arrays(np.float32, matrix.shape[1], elements=VALUES))
    found = SparseRows.from_dense(matrix).times(sources)
    assert found.tobytes() == sum_in_order(matrix, sources).tobytes()


def test_the_order_is_seen_in_the_rounding():
    early = SparseRows.from_dense(np.array([[1.0, 1.0, -1.0]], np.float32))
    late = SparseRows.from_dense(np.array([[1.0, -1.0, 1.0]], np.float32))
    assert early.times(np.array([1e8, 1.0, 1e8], np.float32)).tolist() == [0.0]
    assert late.times(np.array([1e8, 1e8, 1.0], np.float32)).tolist() == [1.0]


@given(MATRICES, st.data())
def test_rows_taken_keep_their_columns_and_their_order(matrix, data):
    cut = st.integers(0, len(matrix))
    ranges = [tuple(sorted(pair)) for pair in data.draw(st.lists(st.tuples(cut, cut), min_size=1, max_size=3))]
    taken = SparseRows.from_dense(matrix).take(ranges)
    assert taken.columns == matrix.shape[1]
    assert np.array_equal(dense(taken), np.concatenate([matrix[start:stop] for start, stop in ranges]))


@pytest.mark.parametrize("shape", [(1, 1), (3, 7)])
def test_a_matrix_of_zeros_has_no_entries_and_a_product_of_zero(shape):
    nothing = SparseRows.from_dense(np.zeros(shape, np.float32))
    assert nothing.nnz == 0
    assert nothing.times(np.ones(shape[1], np.float32)).tolist() == [0.0] * shape[0]
