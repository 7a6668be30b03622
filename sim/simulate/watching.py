"""What listening costs: the same run with nobody listening, with all statistics, and recorded packet by packet."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sim.engine.kernel import Kernel
from sim.engine.probe import Probe
from sim.measure.recorder import Recorder
from sim.scenario.load import load
from sim.scenario.models import Trace
from sim.simulate.network_run import NetworkRun
from sim.simulate.setting import Setting

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds of a run, the middle one of several, and bytes on disk for each hop recorded."""

    unheard_s: float
    heard_s: float
    traced_s: float
    bytes_per_hop: float


class Unheard(NetworkRun):
    """A run that nobody listens to."""

    def _listeners(self) -> Recorder:
        recorder = super()._listeners()
        recorder.__dict__["probe"] = Probe()
        return recorder


def cost_of_watching(path: Path, overrides: Mapping[str, object]) -> Cost:
    """Run a network's scenario in turn without listeners, with them and with a trace, several times each."""
    scenario, document = load(path, overrides)
    traced = scenario.model_copy(update={"trace": Trace()})
    seconds: list[list[float]] = [[], [], []]
    size = 0.0
    for _ in range(ROUNDS):
        seconds[0].append(_run(Unheard(Setting.of(scenario, document), Kernel()))[0])
        seconds[1].append(_run(NetworkRun(Setting.of(scenario, document), Kernel()))[0])
        took, size = _run(NetworkRun(Setting.of(traced, document), Kernel()))
        seconds[2].append(took)
    return Cost(*map(median, seconds), size)


def _run(experiment: NetworkRun) -> tuple[float, float]:
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
