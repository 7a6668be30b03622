"""What listening costs: the same run with nobody listening, with all statistics, and recorded packet by packet."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.engine.kernel import Kernel
from sim.engine.probe import Probe
from sim.measure.recorder import Recorder
from sim.scenario.document import Document
from sim.scenario.load import load
from sim.scenario.models import Scenario, Trace, Traffic
from sim.simulate.network_run import NetworkRun
from sim.simulate.setting import Setting
from sim.simulate.traffic_run import TrafficRun

ROUNDS = 7

Run = NetworkRun | TrafficRun
Make = Callable[[], Run]


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
    scenario, document = load(path, overrides)
    heard, traced = _heard_and_traced(scenario, document)
    seconds, size = _in_turn([lambda: Unheard(Setting.of(scenario, document), Kernel()), heard, traced])
    return Cost(seconds[1] / seconds[0] - 1, seconds[2] / seconds[1] - 1, size)


def cost_of_tracing(path: Path, overrides: Mapping[str, object]) -> float:
    """What a trace adds to the processor time of any scenario, as a share."""
    seconds, _ = _in_turn(_heard_and_traced(*load(path, overrides)))
    return seconds[1] / seconds[0] - 1


def _heard_and_traced(scenario: Scenario, document: Document) -> tuple[Make, Make]:
    traced = scenario.model_copy(update={"trace": Trace()})

    def made(one: Scenario) -> Run:
        setting, kernel = Setting.of(one, document), Kernel()
        asked = one.workload
        return TrafficRun(setting, kernel, asked) if isinstance(asked, Traffic) else NetworkRun(setting, kernel)

    return lambda: made(scenario), lambda: made(traced)


def _in_turn(runs: Sequence[Make]) -> tuple[list[float], float]:
    """Seconds of each run at its best of several, taken in turn, so that whatever else the computer does disturbs all
    of them; and bytes on disk for each hop of the last one."""
    best, size = [float("inf")] * len(runs), 0.0
    for _ in range(ROUNDS):
        for number, make in enumerate(runs):
            took, size = _took(make())
            best[number] = min(best[number], took)
    return best, size


def _took(experiment: Run) -> tuple[float, float]:
    """Seconds until the run has ended and its trace is on disk, and the bytes there for each hop."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        if experiment.tracer:
            experiment.tracer.spool.directory = place
        gc.collect()  # the garbage of the run before is none of this one's
        began = time.process_time()
        experiment.kernel.run_out(lambda: None)
        if experiment.tracer is None:
            return time.process_time() - began, 0.0
        experiment.tracer.finish()
        experiment.tracer.spool.write(place)
        took = time.process_time() - began
        size = sum((place / f"{table}.parquet").stat().st_size for table in ("hop", "packet"))
        return took, size / experiment.flit_hops()
