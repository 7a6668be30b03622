"""s2sim: a discrete-event simulator of SpiNNaker 2 class machines running event-based recurrent networks.

import sim
result = sim.run("scenarios/smoke.yaml", {"mapping.place": "snake"})
result.summary["time"]["step_mean_s"], result.table("pe")
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.report.result import Result

__version__ = "0.1.0"

# Matrices here are small, and studies fill the cores with processes: threads of BLAS would only wait for one another.
for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_variable, "1")


def run(scenario: str | Path, overrides: Mapping[str, object] | None = None, out: str | Path | None = None) -> Result:
    """Run a scenario, some of its keys (dotted) given other values, and read its result.

    Raises `sim.scenario.complaints.Refused` when the input is wrong, `sim.engine.stuck.Stuck` or
    `sim.simulate.Failed` when the run itself fails.
    """
    from sim.report.result import Result
    from sim.simulate import run as simulate

    return Result(simulate(scenario, overrides or {}, out=None if out is None else Path(out)))
