"""The only assembler: a scenario in, a result directory out.

`run` reads the scenario, sets the experiment up, lets time run out while telling how far it is, closes the books and
writes what was heard. A run that is interrupted or stuck leaves what there is, marked `completed: false`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from pathlib import Path

from sim.engine.kernel import Kernel
from sim.engine.stuck import Stuck
from sim.measure.books import open_books
from sim.scenario.complaints import Refused
from sim.scenario.document import Document
from sim.scenario.load import load
from sim.scenario.models import MemoryStream, Scenario, Trace, Traffic
from sim.simulate.congestion import without_contention
from sim.simulate.experiment import Experiment
from sim.simulate.files import Files
from sim.simulate.foreseen import Forecast
from sim.simulate.memory_run import MemoryRun
from sim.simulate.network_run import NetworkRun
from sim.simulate.pace import Progress, Stopwatch, interruptible
from sim.simulate.setting import Setting
from sim.simulate.standstill import Standstill
from sim.simulate.traffic_run import TrafficRun

Counterpart = Callable[[], Experiment]

__all__ = ["Failed", "Forecast", "Interrupted", "Progress", "run"]


class Failed(Exception):  # noqa: N818 - says what became of the run
    """The run came to its end and its books do not close; what it wrote is at `path`."""

    def __init__(self, books: list[str], path: Path) -> None:
        super().__init__(f"the books of the run do not close: {', '.join(books)}; see {path}")
        self.path = path


class Interrupted(Exception):  # noqa: N818 - says what became of the run
    """The run was stopped by the user; what it had is at `path`."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"interrupted; the partial result is at {path}")
        self.path = path


def run(
    path: str | Path,
    overrides: Mapping[str, object],
    out: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
    shuffle: int | None = None,
    *,
    trace: bool = False,
    before: Callable[[Forecast], None] | None = None,
) -> Path:
    """Run the scenario at `path` with `overrides` (dotted key to value); returns the result directory.

    What a step is foreseen to ask of links between chips, where there are any, is told to `before` time begins.
    `shuffle` draws the order of events of one instant and phase at random, which must change no number; `trace` records
    everything where the scenario has no section `trace`. Raises Refused, Stuck, Failed or Interrupted; the last three
    leave a result behind.
    """
    scenario, document = load(path, overrides)
    if trace and scenario.trace is None:
        scenario = scenario.model_copy(update={"trace": Trace()})
    try:
        experiment = _set_up(scenario, document, Kernel(shuffle))
        files = Files(out, scenario, document)
        if experiment.tracer:
            experiment.tracer.spool.directory = files.path
    except Refused as refused:
        raise document.located(refused) from None
    if before and (forecast := experiment.forecast()):
        before(forecast)
    watch = Stopwatch(experiment, scenario.network.engine, progress)
    return _let_run(experiment, files, watch, _counterpart(scenario, document))


def _counterpart(scenario: Scenario, document: Document) -> Counterpart | None:
    """The run without contention to compare with, where the scenario asks what congestion costs."""
    alone = isinstance(scenario.workload, MemoryStream)
    if alone or not scenario.network.congestion or scenario.network.engine == "ideal":
        return None
    return lambda: _set_up(without_contention(scenario), document, Kernel())


def _set_up(scenario: Scenario, document: Document, kernel: Kernel) -> Experiment:
    gc.collect()  # what an earlier run of this process left would stay while this one goes on: the kernel freezes it
    setting = Setting.of(scenario, document)
    if isinstance(scenario.workload, Traffic):
        return TrafficRun(setting, kernel, scenario.workload)
    if isinstance(scenario.workload, MemoryStream):
        return MemoryRun(setting, kernel, scenario.workload)
    return NetworkRun(setting, kernel)


def _let_run(experiment: Experiment, files: Files, watch: Stopwatch, counterpart: Counterpart | None) -> Path:
    ideal = None
    try:
        with interruptible() as stopped:
            experiment.kernel.run_out(lambda: watch.look(stopped), Standstill(experiment).look)
            experiment.kernel.refuse_stuck(experiment.held_up(), experiment.lost())
            watch.stop()
            if counterpart:
                ideal = counterpart()
                ideal.kernel.run_out(lambda: watch.look(stopped))
    except KeyboardInterrupt:
        raise Interrupted(files.write(experiment, watch, completed=False)) from None
    except Stuck as stuck:
        files.write(experiment, watch, completed=False, why=stuck.head)
        raise
    path = files.write(experiment, watch, completed=True, ideal=ideal)
    if missing := open_books(experiment.books()):
        raise Failed(missing, path)
    return path
