"""What listening costs: the same run with nobody listening, with all statistics, and recorded packet by packet."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.engine.kernel import Kernel
from sim.engine.probe import Probe
from sim.measure.recorder import Recorder
from sim.scenario.document import Document
from sim.scenario.load import load
from sim.scenario.models import Scenario, Trace, Traffic
from sim.simulate.network_run import NetworkRun
from sim.simulate.setting import Setting
from sim.simulate.traffic_run import TrafficRun

PROCESSES, ROUNDS = 6, 3

Run = NetworkRun | TrafficRun
Kinds = tuple[Callable[[Scenario, Document], Run], ...]
Took = tuple[npt.NDArray[np.float64], float]
"""Seconds of each piece of a run, and bytes on disk for each hop."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What listening adds to the processor time of the same run unheard, and recording to that of it heard, as shares;
    and bytes on disk for each hop recorded."""

    statistics_share: float
    tracing_share: float
    bytes_per_hop: float


class Unheard(NetworkRun):
    """A run that nobody listens to."""

    def _listeners(self) -> Recorder:
        recorder = super()._listeners()
        recorder.__dict__["probe"] = Probe()
        return recorder


def cost_of_watching(path: Path, overrides: Mapping[str, object]) -> Cost:
    """Run a network's scenario without listeners, with them and with a trace."""
    (unheard, heard, traced), size = _at_their_best(path, overrides, (_unheard, _heard, _traced))
    return Cost(heard / unheard - 1, traced / heard - 1, size)


def cost_of_tracing(path: Path, overrides: Mapping[str, object]) -> float:
    """What a trace adds to the processor time of any scenario, as a share."""
    (heard, traced), _ = _at_their_best(path, overrides, (_heard, _traced))
    return traced / heard - 1


def _unheard(scenario: Scenario, document: Document) -> Run:
    return Unheard(Setting.of(scenario, document), Kernel())


def _heard(scenario: Scenario, document: Document) -> Run:
    setting, kernel, asked = Setting.of(scenario, document), Kernel(), scenario.workload
    return TrafficRun(setting, kernel, asked) if isinstance(asked, Traffic) else NetworkRun(setting, kernel)


def _traced(scenario: Scenario, document: Document) -> Run:
    return _heard(scenario.model_copy(update={"trace": Trace()}), document)


def _at_their_best(path: Path, overrides: Mapping[str, object], kinds: Kinds) -> tuple[list[float], float]:
    """Seconds of each kind of run, and bytes on disk for each hop of the last one.

    A run does the same each time, piece by piece, so each piece counts as it was at its best: a computer is left alone
    for milliseconds more often than for seconds. Of several processes, for where one happens to have its memory moves
    what a kind takes by as much as is asked for.
    """
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        told = list(pool.map(_in_turn, *zip(*[(path, dict(overrides), kinds)] * PROCESSES, strict=True)))
    rounds = [kind for of_process in told for kind in of_process]
    pieces = [np.array([took for took, _ in same]) for same in zip(*rounds, strict=True)]
    return [float(of_kind.min(axis=0).sum()) for of_kind in pieces], rounds[-1][-1][1]


def _in_turn(path: Path, overrides: Mapping[str, object], kinds: Kinds) -> list[list[Took]]:
    """What each kind of run took in each of several rounds, in turn, so that whatever else the computer does disturbs
    all of them."""
    scenario, document = load(path, overrides)
    return [[_took(make(scenario, document)) for make in kinds] for _ in range(ROUNDS)]


def _took(experiment: Run) -> Took:
    """Seconds of each few hundred events, then until its trace is on disk, and the bytes there for each hop."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        if experiment.tracer:
            experiment.tracer.spool.directory = place
        gc.collect()  # the garbage of the run before is none of this one's
        instants = [time.process_time()]
        experiment.kernel.run_out(lambda: instants.append(time.process_time()))
        if experiment.tracer is None:
            return np.diff(instants), 0.0
        experiment.tracer.finish()
        experiment.tracer.spool.write(place)
        instants.append(time.process_time())
        size = sum((place / f"{table}.parquet").stat().st_size for table in ("hop", "packet"))
        return np.diff(instants), size / experiment.flit_hops()
