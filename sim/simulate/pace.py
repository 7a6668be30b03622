"""How far a run is and how fast it goes, by the clock on the wall; and stopping it between two events."""

from __future__ import annotations

import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sim.simulate.experiment import Experiment

BETWEEN_REPORTS_S = 0.2


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: steps, simulated time, kernel events, and seconds since it began."""

    steps_done: int
    steps: int
    now_ps: int
    events: int
    wall_s: float


class Stopwatch:
    """Tells `progress`, if anybody wants to know, a few times a second."""

    def __init__(self, experiment: Experiment, network: str, progress: Callable[[Progress], None] | None) -> None:
        self._experiment = experiment
        self._network = network
        self._progress = progress
        self._began = time.perf_counter()
        self._cpu_began = time.process_time()
        self._told = 0.0
        self._took: tuple[float, float] | None = None

    def stop(self) -> None:
        """The run is over; what comes after it (a run to compare with) is not counted."""
        self._took = self._so_far()

    def look(self, stopped: threading.Event) -> None:
        """Called every few hundred events: report if it is time to, stop if it was asked for."""
        wall = time.perf_counter() - self._began
        if self._progress and wall - self._told >= BETWEEN_REPORTS_S:
            self._told = wall
            one = self._experiment
            self._progress(Progress(one.steps_done(), one.steps, one.kernel.now, events(one), wall))
        if stopped.is_set():
            raise KeyboardInterrupt

    def engine(self) -> dict[str, Any]:
        """The section `engine` of the summary: the only one that two runs of a scenario differ in."""
        wall, cpu = self._took or self._so_far()
        happened, hops = events(self._experiment), self._experiment.flit_hops()
        return {
            "network": self._network,
            "events": happened,
            "events_per_s": happened / max(cpu, 1e-9),
            "flit_hops_per_s": hops / max(cpu, 1e-9),
            "wall_s": wall,
            "cpu_s": cpu,
            "peak_rss_mb": _peak_bytes() / 1e6,
        }

    def _so_far(self) -> tuple[float, float]:
        """Seconds by the clock on the wall, and of the processor."""
        return time.perf_counter() - self._began, time.process_time() - self._cpu_began


def events(experiment: Experiment) -> int:
    """What the kernel handled: its own events, and units woken by the edge of a clock."""
    return experiment.kernel.events_taken + experiment.kernel.calls


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Turn the interrupt key into an event that is looked at between events of the simulation.

    An exception thrown in the middle of a process would leave the listeners half told.
    """
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before = signal.signal(signal.SIGINT, lambda *_: stopped.set())
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _peak_bytes() -> int:
    """The most memory this process ever held; macOS counts in bytes, Linux in KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
