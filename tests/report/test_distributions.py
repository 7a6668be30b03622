"""A distribution on the page is that of the values: all counted, percentiles exact, the tail what takes longer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report.distributions import TAIL_POINTS, distribution

COUNTED = st.dictionaries(st.integers(0, 10**6), st.integers(1, 1000), min_size=1, max_size=400)


@given(COUNTED)
def test_everything_is_counted_and_the_tail_is_the_share_that_takes_longer(counted):
    values, times = (np.array(list(one), dtype=float) for one in (counted.keys(), counted.values()))
    told = distribution("latency", "ns", "deliveries", values, times)
    assert told["number"] == sum(counted.values()) == sum(told["counts"])
    assert told["edges"][0] <= min(counted) <= max(counted) <= told["edges"][-1]
    assert len(told["tail"]) <= TAIL_POINTS
    for value, share in told["tail"]:
        longer = sum(count for other, count in counted.items() if other > value)
        assert share == pytest.approx(longer / told["number"], abs=1e-12) and share > 0
    shares = [share for _, share in told["tail"]]
    assert shares == sorted(shares, reverse=True)


@given(COUNTED)
def test_percentiles_are_the_smallest_values_that_so_many_do_not_exceed(counted):
    values, times = (np.array(list(one), dtype=float) for one in (counted.keys(), counted.values()))
    marks = distribution("latency", "ns", "deliveries", values, times)["marks"]
    at = {name: value for names, value in marks for name in names.split(", ")}
    every = np.repeat(values, times.astype(int))
    for percent in (50, 95, 99):
        assert at[f"p{percent}"] == np.percentile(every, percent, method="inverted_cdf")
    assert at["max"] == max(counted)
