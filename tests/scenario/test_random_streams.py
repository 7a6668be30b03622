"""Random numbers by name."""

from hypothesis import given
from hypothesis import strategies as st

from sim.scenario.streams import stream

names = st.lists(st.text(), min_size=1, max_size=3)


def test_a_stream_gives_these_numbers_on_any_machine():
    assert stream(1, "weights", "L0").integers(0, 1000, 5).tolist() == [388, 209, 508, 291, 310]


@given(st.integers(0, 2**63 - 1), names)
def test_a_stream_asked_for_twice_starts_anew(seed, name):
    assert stream(seed, *name).random(3).tolist() == stream(seed, *name).random(3).tolist()


@given(st.integers(0, 2**32 - 1), names, names)
def test_other_names_give_other_numbers(seed, one, other):
    same = stream(seed, *one).random(3).tolist() == stream(seed, *other).random(3).tolist()
    assert same == (one == other)


def test_names_are_not_run_together():
    assert stream(1, "ab", "c").random() != stream(1, "a", "bc").random()


def test_other_seeds_give_other_numbers():
    assert stream(1, "a").random() != stream(2, "a").random()
