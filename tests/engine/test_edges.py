"""One event an edge: everybody on a clock is woken on its edges, effects first, and idle edges cost nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.edges import FORGOTTEN_TOGETHER, Edges, started
from sim.engine.kernel import Kernel
from sim.units import Clock

MHZ_300 = Clock.from_mhz(300)


class Unit:
    def __init__(self, behaviour):
        self.process = started(behaviour)


def woken(kernel, edges, name, log):
    """What wakes a process that writes down each time it is woken."""

    def behaviour():
        while True:
            cycle = yield
            assert cycle == edges.cycle
            log.append((kernel.now, cycle, name))

    return Unit(behaviour())


@pytest.fixture
def kernel():
    return Kernel()


@pytest.fixture
def edges(kernel):
    return Edges(kernel, MHZ_300)


def test_a_wake_fires_again_and_again_at_the_edges_asked_for(kernel, edges):
    log = []
    wake = woken(kernel, edges, "link", log)
    for cycle in (3, 1, 6):
        edges.decisions[cycle].append(wake)
    kernel.run()
    assert log == [(3333, 1, "link"), (10_000, 3, "link"), (20_000, 6, "link")]


def test_of_one_edge_effects_come_first_then_decisions_as_they_were_asked_for(kernel, edges):
    log = []
    one, two = woken(kernel, edges, "one", log), woken(kernel, edges, "two", log)
    enters = woken(kernel, edges, "enters", log)
    edges.decisions[2] += [two, one]
    edges.effects[2].append(lambda cycle: log.append((kernel.now, cycle, "arrived")))
    edges.entries[2].append(enters)
    kernel.run()
    assert log == [(6666, 2, "arrived"), (6666, 2, "enters"), (6666, 2, "two"), (6666, 2, "one")]


def test_however_many_decide_at_an_edge_they_do_as_they_were_asked_for(kernel, edges):
    log = []
    for number in range(3 * FORGOTTEN_TOGETHER + 1):
        edges.decisions[2].append(woken(kernel, edges, number, log))
    kernel.run()
    assert [who for *_, who in log] == list(range(3 * FORGOTTEN_TOGETHER + 1))


def test_an_edge_is_one_event_however_many_wait_for_it_and_none_when_nobody_does(kernel, edges):
    log = []
    for number in range(50):
        edges.decisions[1_000_000].append(woken(kernel, edges, number, log))
    kernel.run_out(lambda: None)
    assert kernel.events_taken == 1
    assert (len(log), kernel.calls, kernel.now) == (50, 50, MHZ_300.edge(1_000_000))


def test_a_unit_woken_at_an_edge_can_ask_for_the_next_one(kernel, edges):
    log = []

    def behaviour():
        cycle = yield
        while cycle < 10:
            log.append(cycle)
            edges.decisions[cycle + 1].append(wake)
            cycle = yield
        log.append(cycle)
        yield

    wake = Unit(behaviour())
    edges.decisions[7].append(wake)
    kernel.run()
    assert log == [7, 8, 9, 10]


def test_an_effect_of_an_edge_can_have_somebody_decide_at_that_same_edge(kernel, edges):
    log = []
    wake = woken(kernel, edges, "decides", log)
    edges.effects[3].append(lambda cycle: edges.decisions[cycle].append(wake))
    kernel.run()
    assert log == [(10_000, 3, "decides")]


def test_a_shuffle_changes_who_is_woken_first_at_an_edge_but_not_the_phases():
    orders = set()
    for seed in range(10):
        kernel = Kernel(seed)
        edges = Edges(kernel, MHZ_300)
        log = []
        for number in range(6):
            edges.decisions[1].append(woken(kernel, edges, ("decision", number), log))
            edges.effects[1].append(lambda _, what=("effect", number), log=log: log.append((0, 0, what)))
        kernel.run()
        phases, numbers = zip(*(what for *_, what in log), strict=True)
        assert phases == ("effect",) * 6 + ("decision",) * 6
        orders.add(numbers)
    assert len(orders) > 5


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=20))
def test_two_clocks_keep_to_their_own_edges_and_time_never_runs_back(asked):
    kernel, log = Kernel(), []
    clocks = Edges(kernel, MHZ_300), Edges(kernel, Clock.from_mhz(400))
    wakes = [woken(kernel, edges, number, log) for number, edges in enumerate(clocks)]
    for cycles in asked:
        for edges, wake, cycle in zip(clocks, wakes, cycles, strict=True):
            edges.decisions[cycle].append(wake)
    kernel.run()
    assert log == sorted(log, key=lambda entry: entry[0])
    for number, period in enumerate((10_000 / 3, 2_500)):
        mine = [(now, cycle) for now, cycle, who in log if who == number]
        assert mine == [(int(cycle * period), cycle) for cycle in sorted(cycles[number] for cycles in asked)]


def test_the_cycles_ahead_begin_with_the_edge_being_worked_on_and_reach_as_far_as_anybody_wants_to_see(kernel, edges):
    edges.see(3)
    edges.see(1)
    seen = []
    for cycle in (4, 9):
        edges.effects[cycle].append(lambda _: seen.append(list(edges.ahead)))
        edges.effects[cycle].append(lambda _: seen.append(list(edges.ahead)))
    kernel.run()
    assert seen == [[4, 5, 6, 7]] * 2 + [[9, 10, 11, 12]] * 2
