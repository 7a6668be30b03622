"""What a step costs, added up by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.hardware.evened import Balance
from sim.hardware.kernels import CsrRows, EventColumns, Forms, MacArray, Work, column_lengths
from sim.workload.network import EgruLayer, slice_layer
from sim.workload.sparse import SparseRows
from tests.hardware.toy_network import COSTS
from tests.hardware.toys import packet

# Blocks z, r, g of two units each. Inputs 0 to 3 are read by 3, 0, 2 and 4 rows, units 0 and 1 by 1 and 5.
W = [[1, 0, 0, 1], [1, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0], [1, 0, 1, 1], [0, 0, 0, 1]]
R = [[0, 1], [1, 1], [0, 1], [0, 0], [0, 1], [0, 1]]


def two_units():
    zeros = np.zeros(6, np.float32)
    dense = (SparseRows.from_dense(np.array(matrix, np.float32)) for matrix in (W, R))
    return EgruLayer(4, 2, *dense, zeros, zeros, np.zeros(2, np.float32))


def values(count, start=0):
    return packet(start=start, values=(0.5,) * count)


def test_csr_rows_walks_every_row_and_weight_and_updates_every_unit():
    kernel = CsrRows(two_units(), COSTS)
    rows, weights, units = 2 * 3 * 2, 9 + 6, 2
    assert kernel.on_step() == Work(0, rows * 1 + weights * 2 + units * 100, weights)
    assert kernel.on_arrival(values(1), recurrent=False) == Work(10 + 5, 0, 0)
    assert kernel.on_arrival(values(4), recurrent=False) == Work(10 + 4 * 5, 0, 0)
    assert kernel.on_arrival(values(1), recurrent=True) == Work(10 + 5, 0, 0)


def test_event_columns_walks_the_columns_of_what_arrives_and_updates_every_unit():
    kernel = EventColumns(two_units(), COSTS)
    assert kernel.on_step() == Work(0, 2 * 100, 0)
    assert kernel.on_arrival(values(1, start=0), recurrent=False) == Work(10, 30 + 3 * 3, 3)
    assert kernel.on_arrival(values(1, start=1), recurrent=False) == Work(10, 30, 0)
    assert kernel.on_arrival(values(4), recurrent=False) == Work(10, 4 * 30 + 9 * 3, 9)
    assert kernel.on_arrival(values(2, start=2), recurrent=False) == Work(10, 2 * 30 + 6 * 3, 6)
    assert kernel.on_arrival(values(1, start=0), recurrent=True) == Work(10, 30 + 1 * 3, 1)
    assert kernel.on_arrival(values(1, start=1), recurrent=True) == Work(10, 30 + 5 * 3, 5)


def test_a_slice_pays_for_its_own_rows_only():
    one = slice_layer(two_units(), 1, 2)
    assert CsrRows(one, COSTS).on_step() == Work(0, 6 * 1 + (1 + 0 + 1 + 2 + 0 + 1) * 2 + 100, 5)
    assert EventColumns(one, COSTS).on_arrival(values(1, start=0), recurrent=False) == Work(10, 30 + 3, 1)


def test_the_mac_array_multiplies_the_whole_matrix_at_its_rate_and_stores_bytes_as_they_come():
    kernel = MacArray(two_units(), COSTS, Forms("int8", "int8", "int8"))
    rows, macs = 3 * 2, 3 * 2 * (4 + 2)
    assert kernel.on_step() == Work(0, 2 * 50 + macs / (8 * 0.5) + 2 * rows * 6 + 2 * 100, macs, on_array=True)
    assert kernel.on_arrival(values(4), recurrent=False) == Work(10 + 4 * 5, 0, 0)


def test_narrow_formats_cost_by_the_value_the_weight_and_the_row():
    forms = Forms("int8", "fp16", "fp32")
    rows, columns = CsrRows(two_units(), COSTS, forms), EventColumns(two_units(), COSTS, forms)
    assert rows.on_step() == Work(0, 12 * (1 + 6) + 15 * (2 + 1) + 2 * 100, 15)
    assert rows.on_arrival(values(4), recurrent=False) == Work(10 + 4 * (5 + 2), 0, 0)
    assert rows.on_arrival(values(4), recurrent=True) == Work(10 + 4 * 5, 0, 0)
    assert columns.on_step() == Work(0, 2 * 100 + 12 * 6, 0)
    assert columns.on_arrival(values(1), recurrent=False) == Work(10, 30 + 2 + 3 * (3 + 1), 3)


def test_zeros_of_a_block_are_looked_at_and_units_of_pairs_are_found_by_place():
    columns = EventColumns(two_units(), COSTS)
    block = packet(values=(0.0, 0.5, 0.0, 0.25))
    assert columns.on_arrival(block, recurrent=False) == Work(10 + 2 * 5, 2 * 30 + (0 + 4) * 3, 4)
    pairs = packet(values=(0.5, 0.25), start=0, places=(0, 3))
    assert columns.on_arrival(pairs, recurrent=False) == Work(10, 2 * 30 + (3 + 4) * 3, 7)


def test_column_lengths_are_plain_ints():
    lengths = column_lengths(two_units().W)
    assert lengths == [3, 0, 2, 4]
    assert all(type(length) is int for length in lengths)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32))
def test_both_kernels_make_the_same_products_when_everything_arrives(inputs, units, seed):
    rng = np.random.default_rng(seed)

    def sparse(rows, columns):
        return SparseRows.from_dense((rng.random((rows, columns)) < 0.5).astype(np.float32))

    zeros = np.zeros(3 * units, np.float32)
    layer = EgruLayer(inputs, units, sparse(3 * units, inputs), sparse(3 * units, units), zeros, zeros, zeros[:units])
    columns = EventColumns(layer, COSTS)
    arrived = [columns.on_arrival(values(inputs), recurrent=False), columns.on_arrival(values(units), recurrent=True)]
    assert sum(work.macs for work in arrived) == CsrRows(layer, COSTS).on_step().macs


@pytest.mark.parametrize("activity", [0.0, 0.05])
def test_few_events_make_columns_cheaper_than_rows_and_many_make_them_dearer(activity):
    rng = np.random.default_rng(1)
    dense = SparseRows.from_dense((rng.random((60, 40)) < 0.5).astype(np.float32))
    zeros = np.zeros(60, np.float32)
    layer = EgruLayer(40, 20, dense, SparseRows.from_dense(np.zeros((60, 20), np.float32)), zeros, zeros, zeros[:20])

    def cycles(kernel, events):
        work = [kernel.on_arrival(values(1, start=one), recurrent=False) for one in range(events)]
        return kernel.on_step().compute + sum(one.receive + one.compute for one in work)

    few = int(40 * activity)
    assert cycles(EventColumns(layer, COSTS), few) < cycles(CsrRows(layer, COSTS), few)
    assert cycles(EventColumns(layer, COSTS), 40) > cycles(CsrRows(layer, COSTS), 40)


@pytest.mark.parametrize("kind", [CsrRows, EventColumns])
def test_in_perfect_balance_each_slice_computes_for_the_mean_and_makes_its_own_products(kind):
    slices = [slice_layer(two_units(), start, start + 1) for start in (0, 1)]
    balance = Balance()
    own, evened = [kind(one, COSTS) for one in slices], [balance.share(kind(one, COSTS)) for one in slices]

    def asked(kernels):
        arrivals = [kernel.on_arrival(values(1, start=3), recurrent=False) for kernel in kernels]
        return [*zip(arrivals, [kernel.on_step() for kernel in kernels], strict=True)]

    for plain, shared in zip(zip(*asked(own), strict=True), zip(*asked(evened), strict=True), strict=True):
        mean = sum(work.compute for work in plain) / 2
        assert [work.compute for work in shared] == [mean, mean]
        assert [(work.receive, work.macs) for work in shared] == [(work.receive, work.macs) for work in plain]
    assert asked(own)[0] != asked(own)[1]
