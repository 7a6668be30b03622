"""When a step is ready, by markers and by releases; what is missing, in words; what is forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.hardware.sync import FORGET_AFTER, Markers, Releases
from sim.mapping.schedule import plan
from tests.hardware.toys import packet

SCHEDULE = plan(2, output=True, feeds_back=False, pipelined=False)
"""Input 0, layers 1 and 2, output 3. Layer 1 reads 0 and its own step before, and waits for layer 2's step before."""
MEMBERS = {0: 1, 1: 2, 2: 3, 3: 1}


def marker(population, step, sent):
    return packet(kind="markers", population=population, step=step, values=(sent,))


def event(population, step):
    return packet(population=population, step=step, values=(0.5,))


def release(population, step, *numbers):
    return packet(kind="release", population=population, step=step, values=numbers)


def states(inbox, population, step, packets):
    """Whether the step is ready, before and after each of `packets` is noted."""
    seen = [inbox.ready(population, step)]
    for one in packets:
        inbox.note(one)
        seen.append(inbox.ready(population, step))
    return seen


def test_with_markers_the_first_step_waits_for_the_input_and_what_it_announced():
    packets = [event(0, 0), marker(0, 0, 2), event(0, 0)]
    assert states(Markers(SCHEDULE, MEMBERS), 1, 0, packets) == [False, False, False, True]


def test_with_markers_a_later_step_waits_for_all_sources_in_any_order():
    packets = [marker(0, 1, 0), marker(2, 0, 9), marker(1, 0, 1), marker(2, 0, 0), event(1, 0), marker(1, 0, 0)]
    assert states(Markers(SCHEDULE, MEMBERS), 1, 1, [*packets, marker(2, 0, 4)]) == [False] * 7 + [True]


def test_with_markers_a_turn_needs_no_packets_of_values():
    """Layer 1 waits for the end of layer 2, whose events it does not read."""
    inbox = Markers(SCHEDULE, MEMBERS)
    for one in [marker(0, 1, 0), marker(1, 0, 0), marker(1, 0, 0)]:
        inbox.note(one)
    assert states(inbox, 1, 1, [marker(2, 0, 5)] * 3) == [False, False, False, True]


def test_with_markers_what_is_missing_is_told_in_words():
    inbox = Markers(SCHEDULE, MEMBERS)
    for one in [marker(1, 0, 4), event(1, 0), marker(0, 1, 0)]:
        inbox.note(one)
    assert inbox.missing(1, 1) == (
        "events of step 0 of population 1 (1 of 2 markers, 1 of 4 packets), "
        "the end of step 0 of population 2 (0 of 3 markers, 0 of 0 packets)"
    )
    for one in [marker(1, 0, 0), event(1, 0), event(1, 0), event(1, 0)] + [marker(2, 0, 0)] * 3:
        inbox.note(one)
    assert inbox.missing(1, 1) == ""


def test_with_releases_a_step_waits_for_the_word_and_the_numbers_it_carries():
    """The numbers are those of the input and of the own events of the step before, in this order."""
    packets = [event(0, 1), event(1, 0), release(1, 1, 1, 2), event(1, 0)]
    assert states(Releases(SCHEDULE), 1, 1, packets) == [False] * 4 + [True]


def test_a_release_of_nothing_to_wait_for_is_enough():
    assert states(Releases(SCHEDULE), 0, 3, [release(0, 3)]) == [False, True]


def test_with_releases_what_is_missing_is_told_in_words():
    inbox = Releases(SCHEDULE)
    assert inbox.missing(1, 1) == "the release of step 1 of population 1"
    inbox.note(release(1, 1, 3, 1))
    inbox.note(event(0, 1))
    assert inbox.missing(1, 1) == (
        "events of step 1 of population 0 (1 of 3 packets), events of step 0 of population 1 (0 of 1 packets)"
    )
    for one in [event(0, 1), event(0, 1), event(1, 0)]:
        inbox.note(one)
    assert inbox.missing(1, 1) == ""


@pytest.mark.parametrize("inbox", [Markers(SCHEDULE, MEMBERS), Releases(SCHEDULE)], ids=["markers", "releases"])
def test_a_step_is_remembered_as_long_as_somebody_can_ask_and_then_forgotten(inbox):
    for step in range(10):
        for source, members in MEMBERS.items():
            inbox.note(release(source, step, *[0] * sum(n.carries for n in SCHEDULE.of(source))))
            for _ in range(members):
                if isinstance(inbox, Markers):
                    inbox.note(marker(source, step, 0))
    assert inbox.ready(1, 1)
    inbox.forget(9)
    kept = [step for step in range(10) if inbox.ready(1, step)]
    oldest = 9 - FORGET_AFTER + 1
    asks_for = 1 if isinstance(inbox, Markers) else 0
    assert [step for step in kept if step > 0] == list(range(oldest + asks_for, 10))


ARRIVALS = st.lists(st.sampled_from([event(0, 1), event(1, 0), marker(0, 1, 1), marker(1, 0, 1), marker(2, 0, 1)]))


@given(ARRIVALS)
def test_with_markers_ready_and_nothing_missing_are_the_same(packets):
    inbox = Markers(SCHEDULE, MEMBERS)
    for one in packets:
        inbox.note(one)
        assert inbox.ready(1, 1) == (inbox.missing(1, 1) == "")


@given(st.permutations([event(0, 2), event(0, 2), event(1, 1), release(1, 2, 2, 1)]))
def test_with_releases_a_step_is_ready_when_the_last_of_its_packets_is_there_whichever_it_is(packets):
    assert states(Releases(SCHEDULE), 1, 2, packets) == [False] * 4 + [True]


@given(
    st.permutations(
        [event(0, 2), marker(0, 2, 1), event(1, 1), marker(1, 1, 1), marker(1, 1, 0)] + [marker(2, 1, 7)] * 3
    )
)
def test_with_markers_a_step_is_ready_when_the_last_of_its_packets_is_there_whichever_it_is(packets):
    assert states(Markers(SCHEDULE, MEMBERS), 1, 2, packets) == [False] * 8 + [True]
