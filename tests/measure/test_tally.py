"""Numbers counted many at a time are the same as counted one by one."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measure import tally
from sim.measure.tally import Tally

ADDED = st.lists(st.tuples(st.integers(-9, 9) | st.integers(0, 2**62), st.integers(1, 5)), max_size=60)


@given(ADDED, st.sets(st.integers(0, 60)))
def test_a_tally_counts_as_a_counter_does_however_often_it_is_asked(added, asked):
    held, one_by_one = Tally(), Counter()
    for number, (value, times) in enumerate(added):
        held.add(value, times)
        one_by_one[value] += times
        if number in asked:
            assert held.counts == one_by_one
    assert held.counts == one_by_one


@pytest.mark.parametrize("kinds", [3, 10**6])
def test_what_is_noted_down_does_not_grow_beyond_what_is_known(monkeypatch, kinds):
    monkeypatch.setattr(tally, "NOTED_AT_LEAST", 8)
    held = Tally()
    for number in range(1000):
        held.add(number * 7 % kinds, 1)
        assert len(held._noted) <= max(8, 2 * len(held._values))
    assert held.counts.total() == 1000
