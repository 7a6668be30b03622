"""Work handed to an executor, a few tasks at a time, that survives the death of a worker.

When a process dies its pool breaks and cannot say which task was to blame. A new pool is made, the tasks that were
under way are run one by one, and the one that twice ends its worker alone is the one that is given up.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from multiprocessing.connection import wait as wait_for_end
from typing import Any, Protocol

from sim.study.point import INTERRUPTED, Outcome, Task, run_point

MOST_DEATHS = 2

NewPool = Callable[[], Executor]
Run = Callable[[Task], Outcome]


class Gone(Exception):  # noqa: N818 - says what became of the executor
    """The executor and all its workers are lost, and making another would not help."""


class Source(Protocol):
    """Where tasks come from and outcomes go to; called in one thread only."""

    def take(self) -> Task | None:
        """The next task to run, None when there is none until something else is told."""

    def tell(self, task: Task, outcome: Outcome) -> None:
        """What became of a task that was taken."""


class Here(Executor):
    """Runs each task in this process, at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def local_pool(workers: int) -> NewPool:
    """Makes pools of `workers` fresh processes on this machine; of none, just this one, when it is one."""
    if workers == 1:
        return Here
    context = multiprocessing.get_context("spawn")
    return lambda: ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)


def work_off(source: Source, new_pool: NewPool, workers: int, run: Run = run_point) -> None:
    """Run everything `source` has, at most `workers` tasks at once, until it has no more.

    KeyboardInterrupt ends the workers, too, and what they were at is lost.
    """
    crew = _Crew(source, new_pool, workers, run)
    try:
        crew.work()
    except BaseException:
        crew.abandon()
        raise
    crew.pool.shutdown()


class _Crew:
    """The tasks under way, and those that were when a worker died."""

    def __init__(self, source: Source, new_pool: NewPool, workers: int, run: Run) -> None:
        self._source = source
        self._new_pool = new_pool
        self._workers = workers
        self._run = run
        self._others = set(multiprocessing.active_children())
        self._flight: dict[Future[Outcome], Task] = {}
        self._suspects: deque[Task] = deque()
        self._deaths: Counter[str] = Counter()
        self._trial: str | None = None
        self.pool = new_pool()

    def work(self) -> None:
        self._fill()
        while self._flight:
            done, _ = wait(self._flight, return_when=FIRST_COMPLETED)
            for future in done:
                self._land(future)
            self._fill()

    def abandon(self) -> None:
        """End the workers in the middle of their tasks."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - self._others:
            child.terminate()

    def _fill(self) -> None:
        while task := self._next():
            try:
                self._flight[self.pool.submit(self._run, task)] = task
            except BrokenExecutor:
                self._suspects.append(task)
                self._renew()

    def _next(self) -> Task | None:
        """A task there is room for; one that was under way when a worker died runs alone."""
        if self._suspects:
            return None if self._flight else self._on_trial()
        return self._source.take() if len(self._flight) < self._workers else None

    def _on_trial(self) -> Task:
        """The next suspect, to be run with nobody beside it."""
        task = self._suspects.popleft()
        self._trial = task.identity
        return task

    def _land(self, future: Future[Outcome]) -> None:
        task = self._flight.pop(future)
        try:
            outcome = future.result()
        except BrokenExecutor:
            self._bury(task)
        except CancelledError:
            raise Gone("the executor gave up what it was running") from None
        except Exception as error:
            self._source.tell(task, Outcome(stage="worker", message=f"{type(error).__name__}: {error}"))
        else:
            if outcome.stage == INTERRUPTED:
                raise KeyboardInterrupt
            self._source.tell(task, outcome)

    def _bury(self, task: Task) -> None:
        self._deaths[task.identity] += task.identity == self._trial  # who died in company may be innocent
        if not self._flight:
            self._renew()
        if self._deaths[task.identity] < MOST_DEATHS:
            self._suspects.append(task)
            return
        told = f"its process died {MOST_DEATHS} times with no other task under way; out of memory?"
        self._source.tell(task, Outcome(stage="worker", message=told))

    def _renew(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.pool = self._new_pool()


def _begin() -> None:
    """What a worker does first: leave the interrupt key to the run or the parent, and never outlive the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for_end([parent.sentinel])
        os._exit(1)
