"""A slice's work: its vectors hold what came and nothing else, its events are those of the EGRU, its counts its own."""

import numpy as np
import pytest

from sim.engine.probe import TaskRecord
from sim.hardware.kernels import CsrRows, EventColumns
from sim.hardware.packing import Packing
from sim.hardware.program import EgruProgram
from sim.hardware.task import Task
from sim.hardware.work import SliceWork
from sim.mapping.mapping import Slice
from sim.scenario.formats import Formats
from sim.workload.egru import step as egru_step
from sim.workload.network import slice_layer
from tests.hardware.toy_network import COSTS, layer
from tests.hardware.toys import packet

WHOLE = layer(4, [0.05, 0.1, 0.9, 0.02, 0.2], seed=3)
PIECE = Slice(index=7, layer=2, member=1, start=1, stop=4, pe=9, nonzeros=3 * 3 * (4 + 5))
SLICED = slice_layer(WHOLE, 1, 4)
X = (0.5, 0.0, -1.5, 0.25)
EVENTS = {0: 0.75, 3: 0.5}


class Bed:
    """A task, and what it told of its outputs."""

    def __init__(self, kernel=CsrRows):
        self.heard = []
        work = SliceWork(EgruProgram(PIECE, SLICED), kernel(SLICED, COSTS), Packing(Formats()))
        self.task = Task(PIECE, work, made, lambda *what: self.heard.append(what))

    def arrives(self, population, step, start, *values):
        return self.task.on_arrival(packet(population=population, step=step, start=start, values=values))


def made(piece, step, y, sending):
    return [(piece.index, step, unit, float(y[unit])) for unit in range(piece.units) if y[unit]]


def expected(x, before, h):
    return egru_step(SLICED, np.array(x, np.float32), np.array(before, np.float32), h)


REST = np.zeros(3, np.float32)


def test_vectors_are_filled_from_the_packets_of_their_step_in_any_order():
    bed = Bed()
    bed.arrives(1, 0, 2, *X[2:])
    bed.arrives(1, 0, 0, *X[:2])
    events = bed.task.compute(0)
    y, h = expected(X, [0] * 5, REST)
    assert events == [(7, 0, unit, float(y[unit])) for unit in range(3) if y[unit]]
    assert 0 < len(events) == bed.task.events_sent
    ((step, start, outputs),) = bed.heard
    assert (step, start, outputs.tolist()) == (0, 1, y.tolist())
    for unit, value in EVENTS.items():
        bed.arrives(2, 0, unit, value)
    bed.arrives(1, 1, 0, *X)
    bed.task.compute(1)
    before = [EVENTS.get(unit, 0) for unit in range(5)]
    assert bed.heard[1][2].tolist() == expected(X, before, h)[0].tolist()


def test_what_did_not_come_is_zero():
    lacking, told = Bed(), Bed()
    lacking.arrives(1, 0, 2, *X[2:])
    told.arrives(1, 0, 0, 0.0, 0.0, *X[2:])
    assert lacking.task.compute(0) == told.task.compute(0)
    nothing = Bed()
    nothing.task.compute(0)
    assert nothing.heard[0][2].tolist() == expected([0] * 4, [0] * 5, REST)[0].tolist()
    assert nothing.heard[0][2].tolist() != lacking.heard[0][2].tolist()


def test_packets_of_other_steps_wait_for_theirs_and_are_used_once():
    bed = Bed()
    bed.arrives(1, 1, 0, *X)
    bed.arrives(2, 0, 0, EVENTS[0])
    bed.arrives(2, 1, 3, EVENTS[3])
    for step in range(4):
        bed.task.compute(step)
    h, outputs = REST, []
    for x, before in [([0] * 4, [0] * 5), (X, [0.75, 0, 0, 0, 0]), ([0] * 4, [0, 0, 0, 0.5, 0]), ([0] * 4, [0] * 5)]:
        y, h = expected(x, before, h)
        outputs.append(y.tolist())
    assert [y.tolist() for *_, y in bed.heard] == outputs


def test_the_state_carries_on_from_step_to_step():
    bed = Bed()
    for step in range(3):
        bed.arrives(1, step, 0, *X)
        bed.task.compute(step)
    h = REST
    for *_, outputs in bed.heard:
        y, h = expected(X, [0] * 5, h)
        assert outputs.tolist() == y.tolist()


@pytest.mark.parametrize(
    ("kernel", "macs"), [(CsrRows, [81, 81]), (EventColumns, [3 * 9, 0])], ids=["csr_rows", "event_columns"]
)
def test_the_record_of_a_step_counts_what_it_used_and_starts_anew(kernel, macs):
    """All columns of the slice have 9 weights; of four inputs that came one is zero, and its column is not walked."""
    bed = Bed(kernel)
    bed.arrives(1, 0, 0, *X[:2])
    bed.arrives(1, 0, 2, *X[2:])
    bed.task.work_of_step()
    sent = len(bed.task.compute(0))
    assert bed.task.record(0, 1, 2, 3) == TaskRecord(7, 0, 1, 2, 3, 2, sent, macs[0], 3 * 9)
    bed.task.work_of_step()
    sent = len(bed.task.compute(1))
    assert bed.task.record(1, 4, 5, 6) == TaskRecord(7, 1, 4, 5, 6, 0, sent, macs[1], 0)


def test_a_task_reads_the_population_before_it_and_its_own():
    assert Bed().task.sources == (1, 2)
    assert (Bed().task.population, Bed().task.member) == (2, 1)
