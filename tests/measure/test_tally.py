"""Numbers counted many at a time are the same as counted one by one."""

from collections import Counter
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measure import tally
from sim.measure.tally import Tally

ROW = st.tuples(st.integers(-9, 9) | st.integers(0, 2**62), st.integers(1, 5))
ADDED = st.lists(st.lists(ROW, max_size=9), max_size=20)


def add(held, rows):
    held.add(*np.array(rows, np.int64).reshape(-1, 2).T)


@given(ADDED, st.sets(st.integers(0, 20)), st.sampled_from([1, 8, 1000]))
def test_a_tally_counts_as_a_counter_does_however_often_it_is_asked(added, asked, at_least):
    with patch("sim.measure.tally.UNSORTED_AT_LEAST", at_least):
        compare(added, asked)


def compare(added, asked):
    held, one_by_one = Tally(), Counter()
    for number, rows in enumerate(added):
        add(held, rows)
        for value, times in rows:
            one_by_one[value] += times
        if number in asked:
            assert held.counts == one_by_one
    assert held.counts == one_by_one


@pytest.mark.parametrize("kinds", [3, 10**6])
def test_what_is_unsorted_does_not_grow_beyond_what_is_known(monkeypatch, kinds):
    monkeypatch.setattr(tally, "UNSORTED_AT_LEAST", 8)
    held = Tally()
    for number in range(1000):
        add(held, [(number * 7 % kinds, 1)])
        assert sum(len(values) for values, _ in held._unsorted) <= max(8, len(held._values))
    assert held.counts.total() == 1000
