"""The search for a threshold, against an answer that is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.study.bisection import Threshold, look, most_left
from sim.study.models import Bisect


def asked(low, high, tolerance):
    keys = {"key": "a", "low": low, "high": high, "until": "traffic.saturated", "tolerance": tolerance}
    return Bisect.model_validate(keys)


def search(bisect, says):
    """Ask `says` for every answer the search needs; the threshold, and what was asked."""
    answers = {}
    while not isinstance(found := look(bisect, answers), Threshold):
        assert 0 < len(found) <= most_left(bisect, answers)
        answers |= {value: says(value) for value in found}
    assert most_left(bisect, answers) == 0
    return found, answers


@given(st.floats(0.301, 0.499), st.sampled_from([0.1, 0.01, 0.001]))
def test_the_threshold_lies_between_the_last_no_and_the_first_yes(true, tolerance):
    found, answers = search(asked(0.3, 0.5, tolerance), lambda value: value >= true)
    assert found.last_no < true <= found.first_yes
    assert found.first_yes - found.last_no <= tolerance
    assert found.last_no < found.value < found.first_yes
    assert len(answers) <= 2 + 8


@given(st.integers(-50, 1000), st.integers(1, 1000), st.data())
def test_whole_numbers_stay_whole_and_are_found_exactly(low, width, data):
    true = data.draw(st.integers(low + 1, low + width))
    found, answers = search(asked(low, low + width, 1), lambda value: value >= true)
    assert found.value == true
    assert all(type(value) is int for value in answers)


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        (lambda value: True, "is true at 0.3 already"),
        (lambda value: False, "is false still at 0.5"),
        (lambda value: None if value == 0.4 else value > 0.4, "the run at a=0.4 failed"),
        (lambda value: None, "the run at a=0.3 failed"),
    ],
)
def test_a_threshold_that_is_not_there_is_told_with_the_reason(says, problem):
    found, _ = search(asked(0.3, 0.5, 0.01), says)
    assert problem in found.problem
    assert (found.value, found.last_no, found.first_yes) == (None, None, None)


def test_both_ends_are_asked_for_at_once_and_answers_may_come_in_any_order():
    bisect = asked(0.3, 0.5, 0.05)
    assert look(bisect, {}) == (0.3, 0.5)
    assert look(bisect, {0.5: True}) == (0.3,)
    assert look(bisect, {0.5: True, 0.3: False}) == (0.4,)
