"""Exponential, logarithm and the gate functions: as good as the C library's, and pinned to the last bit."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.workload.elementary import exp, log, sigmoid, tanh

FLOATS = st.floats(-200, 200, width=32)


def test_exp_is_within_two_units_in_the_last_place():
    x = np.linspace(-700, 700, 400_001)
    assert np.max(np.abs(exp(x) / np.exp(x) - 1)) < 4.5e-16


def test_log_is_within_two_units_in_the_last_place():
    x = np.concatenate([np.logspace(-300, 300, 100_001), np.linspace(0.5, 2, 100_001), [5e-324]])
    assert np.max(np.abs(log(x) - np.log(x)) / np.maximum(np.abs(np.log(x)), 0.5)) < 4.5e-16


@pytest.mark.parametrize(
    ("ours", "exact"), [(sigmoid, lambda x: 1 / (1 + np.exp(-x))), (tanh, np.tanh)], ids=["sigmoid", "tanh"]
)
def test_gate_functions_are_the_float32_nearest_to_the_float64_value(ours, exact):
    x = np.concatenate([np.linspace(-120, 120, 200_001), np.logspace(-40, 2, 10_001), [0.0]]).astype(np.float32)
    x = np.concatenate([x, -x])
    wanted = exact(x.astype(np.float64)).astype(np.float32)
    assert ours(x).dtype == np.float32
    # Where float64 itself is in doubt about the rounding, one unit in the last place is allowed.
    assert np.mean(ours(x) != wanted) < 1e-5
    assert np.all(np.abs(ours(x) - wanted) <= np.spacing(np.abs(wanted)))


@given(FLOATS, FLOATS)
def test_gate_functions_never_fall_and_keep_their_bounds(a, b):
    x = np.array(sorted([a, b]), np.float32)
    assert sigmoid(x)[0] <= sigmoid(x)[1]
    assert tanh(x)[0] <= tanh(x)[1]
    assert np.all((sigmoid(x) >= 0) & (sigmoid(x) <= 1) & (np.abs(tanh(x)) <= 1))


@given(st.lists(FLOATS, min_size=1, max_size=40), st.integers(0, 39))
def test_a_value_does_not_depend_on_its_place_in_the_array(values, place):
    x = np.array(values, np.float32)
    alone = x[place % len(x) : place % len(x) + 1]
    assert tanh(alone)[0] == tanh(x)[place % len(x)]
    assert sigmoid(alone)[0] == sigmoid(x)[place % len(x)]


def test_tanh_of_the_smallest_numbers_is_the_number_itself():
    x = np.array([1e-45, 1e-38, 1e-12, 1e-8], np.float32)
    assert tanh(x).tolist() == x.tolist()


def test_every_bit_is_the_same_on_every_machine():
    x = (np.arange(-50_000, 50_001) / 2048).astype(np.float64)
    bits = exp(x).tobytes() + log(np.abs(x) + 0.001).tobytes()
    bits += sigmoid(x.astype(np.float32)).tobytes() + tanh(x.astype(np.float32)).tobytes()
    assert hashlib.sha256(bits).hexdigest()[:12] == "5dec6548bfcb"
