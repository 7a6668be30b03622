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
    """Run a network's scenario without listeners, with them and with a trace, several times in turn.

    Runs that follow one another find the computer alike, so shares are formed of these, and the middle one counts.
    """
    scenario, document = load(path, overrides)
    traced = scenario.model_copy(update={"trace": Trace()})
    statistics, tracing, size = [], [], 0.0
    for _ in range(ROUNDS):
        unheard, _ = _run(Unheard(Setting.of(scenario, document), Kernel()))
        heard, _ = _run(NetworkRun(Setting.of(scenario, document), Kernel()))
        recorded, size = _run(NetworkRun(Setting.of(traced, document), Kernel()))
        statistics.append(heard / unheard - 1)
        tracing.append(recorded / heard - 1)
    return Cost(median(statistics), median(tracing), size)


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
