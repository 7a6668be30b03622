"""Time counted by window is the time that was told, wherever its spans begin and end, and however many windows."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measure.windows import Windows, wide_enough, window_lengths

SPANS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)).map(sorted), max_size=12)


@given(SPANS, st.integers(1, 30))
def test_each_window_holds_what_of_the_spans_lies_in_it(spans, width):
    held, ticks = Windows(width), np.zeros(200 + 2 * width, np.int64)
    for start, end in spans:
        held.add(start, end)
        ticks[start:end] += 1
    count = 200 // width + 1
    assert held.amounts(count, width).tolist() == ticks[: count * width].reshape(count, width).sum(axis=1).tolist()


@pytest.mark.parametrize(
    ("total", "width", "lengths"), [(0, 10, [0]), (7, 10, [7]), (10, 10, [10]), (11, 10, [10, 1]), (30, 10, [10] * 3)]
)
def test_windows_cover_the_time_and_the_last_is_what_is_left(total, width, lengths):
    assert window_lengths(total, width).tolist() == lengths


@given(SPANS, st.integers(1, 3), st.integers(1, 4), st.integers(1, 3))
def test_where_there_are_too_many_windows_neighbours_become_one(spans, finest, most, noted):
    ticks = np.zeros(1000, np.int64)
    with patch("sim.measure.windows.MOST_WINDOWS", most), patch("sim.measure.windows.NOTED_AT_MOST", noted):
        held = Windows(finest)
        for start, end in spans:
            held.add(start, end)
            ticks[start:end] += 1
        width = wide_enough(finest, 200)
        assert width // finest in (1, 2, 4, 8, 16, 32, 64, 128, 256) and -(-200 // width) <= most
        assert width == finest or -(-200 // (width // 2)) > most
        count = 1000 // width
        assert held.amounts(count, width).tolist() == ticks[: count * width].reshape(count, width).sum(axis=1).tolist()
        assert len(held._parts) <= most + 1
