"""The barrier's PE: whom it releases, in which order, with which numbers, and what each of it costs."""

import pytest

from sim.engine.kernel import EFFECT, Kernel
from sim.engine.stuck import Stuck
from sim.hardware.core import Core, Pace
from sim.hardware.fifo import ReceiveFifo
from sim.hardware.scheduler import Scheduler
from sim.mapping.schedule import plan
from tests.hardware.toy_network import COSTS
from tests.hardware.toys import GHZ, Log, packet


class Courier:
    """Takes releases down: (ns, population, step, numbers)."""

    def __init__(self):
        self.releases = []

    def post_release(self, population, step, numbers, when):
        self.releases.append((when // 1000, population, step, numbers))


def scheduled(schedule, members, steps, reports):
    """(releases, log, kernel) of a scheduler that hears `reports`: (ns, population, step, packets sent)."""
    kernel, log, courier = Kernel(), Log(), Courier()
    fifo = ReceiveFifo(kernel, log, "scheduler")
    core = Core(kernel, log, Pace(GHZ, COSTS, "sleep"), fifo)
    kernel.work("scheduler", Scheduler(core, courier, schedule, members).behaviour(steps))
    for when, population, step, sent in reports:
        one = packet(kind="done", population=population, step=step, values=(sent,))
        kernel.at(1000 * when, EFFECT, lambda _, one=one: fifo.receive(one))
    kernel.run()
    return courier.releases, log, kernel


SEQUENTIAL = plan(2, output=True, feeds_back=False, pipelined=False)
PIPELINED = plan(2, output=True, feeds_back=False, pipelined=True)
FEEDING_BACK = plan(1, output=True, feeds_back=True, pipelined=False)


def test_layers_in_turn_whole_log_of_two_steps():
    """The input of the next step is sent while layer 2 still works; layer 1 waits until layer 2 has ended."""
    reports = [
        (100, 0, 0, 3),
        (200, 1, 0, 2),
        (210, 1, 0, 1),
        (300, 0, 1, 5),
        (400, 2, 0, 4),
        (500, 3, 0, 0),
        (600, 1, 1, 1),
        (610, 1, 1, 0),
        (700, 2, 1, 6),
        (800, 3, 1, 0),
    ]
    releases, log, kernel = scheduled(SEQUENTIAL, {0: 1, 1: 2, 2: 1, 3: 1}, 2, reports)
    assert releases == [
        (7, 0, 0, ()),
        (114, 1, 0, (3, 0)),
        (224, 2, 0, (3, 0)),
        (231, 0, 1, ()),
        (414, 3, 0, (4,)),
        (421, 1, 1, (5, 3)),
        (624, 2, 1, (1, 4)),
        (714, 3, 1, (6,)),
    ]
    assert [span[1:] for span in log.spans][:6] == [
        ("sync", 0, 7_000),
        ("sleep", 7_000, 100_000),
        ("sync", 100_000, 107_000),
        ("sync", 107_000, 114_000),
        ("sleep", 114_000, 200_000),
        ("sync", 200_000, 207_000),
    ]
    assert not kernel.workers["scheduler"].is_alive


def test_of_several_that_may_begin_the_lowest_step_and_then_the_lowest_number_goes_first():
    """All have done step 0 while the scheduler released the input twice; the input may run ahead, but comes last."""
    reports = [(1, population, 0, population) for population in (3, 2, 1, 0)]
    releases, *_ = scheduled(PIPELINED, dict.fromkeys(range(4), 1), 5, reports)
    assert releases == [
        (7, 0, 0, ()),
        (14, 0, 1, ()),
        (49, 1, 0, (0, 0)),
        (56, 2, 0, (1, 0)),
        (63, 3, 0, (2,)),
        (70, 0, 2, ()),
    ]


def test_messages_that_lie_there_together_are_read_together_and_each_is_paid_for():
    reports = [(50, 1, 0, 0)] * 3
    alone = plan(1, output=False, feeds_back=False, pipelined=False)
    releases, log, _ = scheduled(alone, {0: 1, 1: 3}, 1, [(10, 0, 0, 2), *reports])
    assert releases == [(7, 0, 0, ()), (24, 1, 0, (2, 0))]
    assert [span[1:] for span in log.spans][-1] == ("sync", 50_000, 71_000)


def test_an_input_that_depends_on_the_output_is_released_after_it():
    reports = [(100, 0, 0, 1), (200, 1, 0, 1), (300, 2, 0, 0), (400, 0, 1, 1), (500, 1, 1, 1), (600, 2, 1, 0)]
    releases, *_ = scheduled(FEEDING_BACK, {0: 1, 1: 1, 2: 1}, 2, reports)
    assert [what[1:3] for what in releases] == [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)]


def test_nobody_is_released_before_every_member_has_reported():
    reports = [(100, 0, 0, 1), (200, 1, 0, 1), (210, 1, 0, 1)]
    releases, _, kernel = scheduled(SEQUENTIAL, {0: 1, 1: 3, 2: 1, 3: 1}, 1, reports)
    assert [what[1:3] for what in releases] == [(0, 0), (1, 0)]
    with pytest.raises(Stuck) as stuck:
        kernel.refuse_stuck()
    assert str(stuck.value).splitlines()[1] == (
        "  scheduler waits for population 1 to end step 0 (2 of 3 done) since 0.217 us"
    )
