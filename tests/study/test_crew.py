"""Workers that die: nothing is lost but the point that kills them."""

import os
import signal
from collections import Counter
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from sim.study.crew import Here, local_pool, work_off
from sim.study.point import INTERRUPTED, Outcome, Task


class Tasks:
    """A source of named tasks that keeps what it is told."""

    def __init__(self, names, directory=""):
        self.left = [Task(name, {}, str(directory)) for name in names]
        self.told = {}

    def take(self):
        return self.left.pop(0) if self.left else None

    def tell(self, task, outcome):
        assert task.identity not in self.told
        self.told[task.identity] = outcome


def fragile(task):
    """Kills its process when told to, always or the first time."""
    mark = Path(task.points) / task.identity
    if task.identity.startswith("always") or (task.identity.startswith("once") and not mark.exists()):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome({"pid": os.getpid()})


def test_one_worker_is_this_process():
    source = Tasks("abc")
    work_off(source, local_pool(1), 1, fragile)
    assert [outcome.summary["pid"] for outcome in source.told.values()] == [os.getpid()] * 3


def test_a_point_that_kills_its_worker_twice_is_given_up_and_no_other(tmp_path):
    source = Tasks(["a", "always", "b", "once", "c", "d"], tmp_path)
    work_off(source, local_pool(2), 2, fragile)
    assert sorted(source.told) == ["a", "always", "b", "c", "d", "once"]
    failed = {name: outcome for name, outcome in source.told.items() if outcome.summary is None}
    assert list(failed) == ["always"]
    assert failed["always"].stage == "worker" and "died 2 times" in failed["always"].message


class Breaks(Executor):
    """An executor that dies with everything in it when it is given a killer; keeps how often each task was tried."""

    def __init__(self, tried):
        self.tried, self.broken, self.futures = tried, False, []

    def submit(self, fn, task):
        if self.broken:
            raise BrokenProcessPool
        self.tried[task.identity] += 1
        future = Future()
        self.futures.append((future, task))
        if task.identity == "killer":
            self.broken = True
            for one, _ in self.futures:
                one.done() or one.set_exception(BrokenProcessPool())
        elif len(self.futures) == 3:
            for one, kept in self.futures:
                one.done() or one.set_result(fn(kept))
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        pass


def test_who_was_beside_a_killer_is_run_again_alone_and_not_blamed():
    tried, source = Counter(), Tasks(["a", "b", "killer"])
    pools = iter([lambda: Breaks(tried), lambda: Here(), lambda: Here()])
    work_off(source, lambda: next(pools)(), 3, lambda task: Outcome({}))
    assert {name: outcome.summary for name, outcome in source.told.items()} == {"a": {}, "b": {}, "killer": {}}
    assert tried == {"a": 1, "b": 1, "killer": 1}


def test_an_executor_that_cannot_do_a_task_costs_that_task_only():
    def picky(task):
        if task.identity == "b":
            raise RuntimeError("lost")
        return Outcome({})

    source = Tasks("abc")
    work_off(source, Here, 1, picky)
    assert source.told["b"] == Outcome(stage="worker", message="RuntimeError: lost")
    assert source.told["a"].summary == source.told["c"].summary == {}


def test_an_interrupted_task_interrupts_the_crew():
    source = Tasks("abc")
    with pytest.raises(KeyboardInterrupt):
        work_off(source, Here, 1, lambda task: Outcome(stage=INTERRUPTED))
    assert source.told == {} and len(source.left) == 2
