"""Streamed weights: how runs of bytes become blocks, and which columns a step reads."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.hardware.kernels import EventColumns, Forms, StreamedColumns
from sim.hardware.streaming import WORD_BYTES, cut
from tests.hardware.toys import machine, packet
from tests.mapping.toys import layer_with

COSTS = machine().costs


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 300)), max_size=12), st.sampled_from([64, 128, 2048]))
def test_blocks_cover_every_word_of_every_run_in_order_and_are_full(gaps, block_bytes):
    runs, at = [], 0
    for gap, length in gaps:
        runs.append((at + gap, length))
        at += gap + length
    blocks = list(cut(runs, block_bytes))
    words = [word for block in blocks for start, length in block for word in range(start, start + length, WORD_BYTES)]
    expected = [
        word for start, length in runs for word in range(start // 16 * 16, -(-(start + length) // 16) * 16, WORD_BYTES)
    ]
    assert words == expected
    assert all(sum(length for _, length in block) == block_bytes for block in blocks[:-1])


def test_a_step_reads_the_columns_of_what_arrived_for_it_and_pays_for_them_then():
    layer = layer_with([12, 12, 12], 4)
    plain, streamed = EventColumns(layer, COSTS), StreamedColumns(layer, COSTS, Forms(), 8)
    lengths = np.concatenate([layer.W.column_counts(), layer.R.column_counts()])
    starts = np.concatenate([[0], np.cumsum(8 * lengths)])
    arriving = [(packet(step=0, start=1, values=(1.0,)), False), (packet(step=0, start=0, values=(0.0, 2.0)), True)]
    cost = plain.on_step().compute
    for one, recurrent in arriving:
        work = plain.on_arrival(one, recurrent=recurrent)
        later = streamed.on_arrival(one, recurrent=recurrent)
        assert (later.receive, later.compute, later.macs) == (work.receive, 0, work.macs)
    first = streamed.on_step().compute
    assert first == cost + plain.on_arrival(arriving[0][0], recurrent=False).compute
    assert streamed.runs() == [(starts[1], 8 * lengths[1])]
    streamed.on_step()
    assert streamed.runs() == [(starts[4 + 1], 8 * lengths[4 + 1])]
    streamed.on_step()
    assert streamed.runs() == []
