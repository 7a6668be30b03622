"""The clockwork: two phases to an instant, any order within a phase, and a report when nothing can happen any more."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.kernel import DECISION, EFFECT, EVENTS_BETWEEN_LOOKS, Kernel
from sim.engine.stuck import SHOWN, Stuck

INSTANTS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([EFFECT, DECISION])), max_size=30)


def told(kernel, asked):
    """What happened, as (instant, phase, number), when each (instant, phase) of `asked` was ordered in turn."""
    log = []
    for number, (instant, phase) in enumerate(asked):
        kernel.at(instant, phase, lambda _, what=(instant, phase, number): log.append((kernel.now, *what)))
    kernel.run()
    assert all(now == instant for now, instant, *_ in log)
    return [what for _, *what in log]


def test_at_one_instant_all_effects_happen_before_any_decision():
    asked = [(5, DECISION), (5, EFFECT), (2, DECISION), (5, DECISION), (5, EFFECT), (2, EFFECT)]
    assert told(Kernel(), asked) == [
        [2, EFFECT, 5],
        [2, DECISION, 2],
        [5, EFFECT, 1],
        [5, EFFECT, 4],
        [5, DECISION, 0],
        [5, DECISION, 3],
    ]


@given(INSTANTS, st.one_of(st.none(), st.integers(0, 2**32)))
def test_shuffled_or_not_time_and_phase_are_kept_and_nothing_is_lost(asked, shuffle):
    log = told(Kernel(shuffle), asked)
    assert [what[:2] for what in log] == [list(what) for what in sorted(asked)]
    assert sorted(number for *_, number in log) == list(range(len(asked)))


def test_a_shuffle_changes_the_order_within_a_phase():
    asked = [(1, DECISION)] * 8
    orders = {tuple(number for *_, number in told(Kernel(seed), asked)) for seed in range(10)}
    assert len(orders) > 5
    assert tuple(range(8)) == tuple(number for *_, number in told(Kernel(), asked))


def test_the_same_shuffle_gives_the_same_order_again():
    asked = [(1, DECISION), (1, EFFECT)] * 8
    assert told(Kernel(7), asked) == told(Kernel(7), asked)


def test_an_effect_ordered_in_its_own_instant_still_comes_before_the_decisions():
    kernel, log = Kernel(), []
    kernel.at(3, DECISION, lambda _: log.append("decision"))
    kernel.at(3, EFFECT, lambda _: kernel.at(0, EFFECT, lambda _: log.append("effect of an effect")))
    kernel.run()
    assert log == ["effect of an effect", "decision"]


@pytest.mark.parametrize("shuffle", [None, 1])
def test_a_timeout_is_a_decision(shuffle):
    kernel, log = Kernel(shuffle), []

    def behaviour():
        yield kernel.timeout(4)
        log.append("woke")

    kernel.serve(behaviour())
    kernel.run(until=2)
    kernel.at(2, EFFECT, lambda _: log.append("arrived"))
    kernel.run()
    assert log == ["arrived", "woke"]


def test_time_is_a_whole_number_of_picoseconds():
    kernel, seen = Kernel(), []
    for delay in (0, 1, 10**18):
        kernel.at(delay, EFFECT, lambda _: seen.append(kernel.now))
    kernel.run()
    assert seen == [0, 1, 10**18]
    assert all(type(now) is int for now in seen)


def test_the_stuck_report_says_who_waits_for_what_since_when():
    kernel = Kernel()

    def waits(since, what):
        yield kernel.timeout(since)
        yield from kernel.wait(what[0], kernel.event(), lambda: what[1])

    def ends():
        yield kernel.timeout(7_000_000)

    kernel.work("(1,1).2", waits(2_500_000, ("(1,1).2", "events of step 3")))
    kernel.work("(1,1).1", waits(1_000, ("(1,1).1", "the release of step 4")))
    kernel.work("done in time", ends())
    kernel.serve(waits(0, ("a link", "a flit, as it may for ever")))
    kernel.run()
    with pytest.raises(Stuck) as stuck:
        kernel.refuse_stuck()
    assert str(stuck.value).splitlines() == [
        "stuck at 7.000 us: nothing can happen any more and 2 units wait",
        "  (1,1).1 waits for the release of step 4 since 0.001 us",
        "  (1,1).2 waits for events of step 3 since 2.500 us",
    ]


def test_what_a_stuck_unit_waits_for_is_put_into_words_only_when_asked():
    kernel, asked = Kernel(), []
    kernel.work("unit", kernel.wait("unit", kernel.event(), lambda: asked.append("now") or "nothing"))
    kernel.run()
    assert asked == []
    with pytest.raises(Stuck):
        kernel.refuse_stuck()
    assert asked == ["now"]


def test_a_worker_that_waits_without_a_word_is_still_named():
    kernel = Kernel()

    def mute():
        yield kernel.event()

    kernel.work("mute", mute())
    kernel.run()
    with pytest.raises(Stuck, match="mute waits for something it does not name"):
        kernel.refuse_stuck()


def test_a_long_stuck_report_is_cut_short_and_says_by_how_much():
    kernel = Kernel()
    for number in range(SHOWN + 3):
        kernel.work(f"unit {number:02}", kernel.wait(f"unit {number:02}", kernel.event(), lambda: "godot"))
    kernel.run()
    with pytest.raises(Stuck) as stuck:
        kernel.refuse_stuck()
    lines = str(stuck.value).splitlines()
    assert lines[0].endswith(f"{SHOWN + 3} units wait")
    assert lines[-1] == "  and 3 more"
    assert len(lines) == SHOWN + 2


def test_a_wait_that_ended_is_not_reported():
    kernel = Kernel()
    event = kernel.event()
    kernel.work("unit", kernel.wait("unit", event, lambda: "an answer"))
    kernel.at(5, EFFECT, lambda _: event.succeed())
    kernel.run()
    kernel.refuse_stuck()
    assert kernel.waiting == {}


@settings(max_examples=20)
@given(st.integers(0, 3 * EVENTS_BETWEEN_LOOKS))
def test_run_out_takes_every_event_and_looks_up_once_in_a_while(events):
    kernel, looks, happened = Kernel(), [], []
    for number in range(events):
        kernel.at(number, EFFECT, lambda _: happened.append(kernel.now))
    kernel.run_out(lambda: looks.append(kernel.events_taken))
    assert happened == list(range(events))
    assert kernel.events_taken == events
    assert len(looks) == -(-events // EVENTS_BETWEEN_LOOKS)
    assert looks[-1:] == [events][: len(looks)]


def test_whatever_look_raises_stops_the_run_between_two_events():
    kernel = Kernel()
    for number in range(2 * EVENTS_BETWEEN_LOOKS):
        kernel.at(number, EFFECT, lambda _: None)

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kernel.run_out(interrupt)
    assert kernel.events_taken == EVENTS_BETWEEN_LOOKS
