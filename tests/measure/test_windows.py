"""Time counted by window is the time that was told, wherever its spans begin and end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measure import windows
from sim.measure.windows import MOST_WINDOWS, Windows, fitting, window_lengths

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


@given(SPANS, st.integers(1, 5), st.integers(1, 6), st.integers(0, 3))
def test_a_long_time_is_told_in_few_windows_that_are_wider(spans, width, most, more):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(windows, "MOST_WINDOWS", most)
        patched.setattr(windows, "NOTED_AT_MOST", 4)  # so that they are widened more than once
        held, ticks = Windows(width), np.zeros(10_000, np.int64)
        for start, end in spans:
            held.add(start, end)
            ticks[start:end] += 1
        needed = fitting(width, max((end for _, end in spans), default=0))
        assert held.counted() <= needed
        wide = needed << more
        found = held.amounts(most, wide)
        assert found.tolist() == ticks[: most * wide].reshape(most, -1).sum(axis=1).tolist()[:most]
        assert found.sum() == sum(end - start for start, end in spans)


@pytest.mark.parametrize("total", [0, 1, 10 * MOST_WINDOWS, 10 * MOST_WINDOWS + 1, 10**18])
def test_windows_are_no_wider_than_it_takes(total):
    width = fitting(10, total)
    assert -(-total // width) <= MOST_WINDOWS and (width == 10 or -(-total // (width // 2)) > MOST_WINDOWS)
