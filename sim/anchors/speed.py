"""Stated work, and what it takes: every case that `tools/bench.py` shows beside its targets.

Each case runs the shipped commands in processes of their own and counts their processor time, user and system, which
other load on the computer disturbs less than time on the wall.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

from sim.anchors.figure import Figure, Target
from sim.anchors.meshes import QUIET_RATE, RATES, fall, mesh, quiet, set_up
from sim.anchors.spent import process, ran, scenario_file
from sim.report.result import Result
from sim.simulate.watching import cost_of_tracing, cost_of_watching


def _one_chip(name: str) -> Iterator[Figure]:
    """The paper-size language model over its 70 tokens, the whole process."""
    summary, spent = ran("lm_one_chip")
    yield Figure(name, "CPU time", spent.cpu_s, "s", Target(60))
    yield Figure(name, "CPU time apart from the events", spent.cpu_s - summary["engine"]["cpu_s"], "s", Target(8))
    yield Figure(name, "peak memory", spent.peak_bytes / 1e6, "MB", Target(400))
    yield Figure(name, "events per CPU second", summary["engine"]["events_per_s"], "/s")
    yield Figure(name, "flit-hops per CPU second", summary["engine"]["flit_hops_per_s"], "/s")


def _smoke(name: str) -> Iterator[Figure]:
    yield Figure(name, "CPU time", ran("smoke")[1].cpu_s, "s", Target(2))


def _check(name: str) -> Iterator[Figure]:
    spent = process("check.py", str(scenario_file("lm_one_chip")))
    yield Figure(name, "CPU time", spent.cpu_s, "s", Target(0.5))


def _memory(name: str) -> Iterator[Figure]:
    """What the paper-size network adds to the memory of the smallest run, for each stored weight and unit."""
    small, large = (_sizes(which, "workload.tokens=1") for which in ("smoke", "lm_one_chip"))
    more = [after - before for before, after in zip(small, large, strict=True)]
    yield Figure(name, "bytes per stored weight", more[0] / more[1], "bytes")
    yield Figure(name, "bytes per unit", more[0] / more[2], "bytes")


TRACED_TRAFFIC = {"workload.rate": 0.3, "workload.measure_cycles": 3000}


def _watching(name: str) -> Iterator[Figure]:
    """What statistics and traces add to the processor time of the paper-size network's first tokens."""
    cost = cost_of_watching(scenario_file("lm_one_chip"), {"workload.tokens": 2})
    yield Figure(name, "statistics add", 100 * cost.statistics_share, "%", Target(10))
    yield Figure(name, "tracing adds", 100 * cost.tracing_share, "%", Target(60))
    yield Figure(name, "bytes on disk per hop", cost.bytes_per_hop, "bytes", Target(20))
    more = cost_of_tracing(scenario_file("traffic_uniform"), TRACED_TRAFFIC)
    yield Figure(name, "tracing adds to traffic", 100 * more, "%", Target(60))


def _study(name: str) -> Iterator[Figure]:
    """A study of equal points in one process and in two, long beside their start: needs two processors to itself."""
    one, two = _study_s(1), _study_s(2)
    yield Figure(name, "time in one process", one, "s")
    yield Figure(name, "time in two processes over that in one", two / one, "", Target(0.6))


def _study_s(workers: int) -> float:
    settings = ("bisect=null", "replicas=20", "axes.workload.rate=[0.2]", "workload.measure_cycles=4000")
    options = [word for setting in settings for word in ("--set", setting)]
    study = str(scenario_file("studies/latency_load"))
    with tempfile.TemporaryDirectory() as directory:
        began = time.perf_counter()
        process("sweep.py", study, "--quiet", "--workers", str(workers), "--out", directory, *options)
        return time.perf_counter() - began


CHIPS = {1: 48, 8: 8, 48: 2}
"""Chips -> steps of a network with as much work for each chip; few steps of many chips take about as long as many steps
of one, so that what else the computer does disturbs all sizes alike."""

LAYERS_OF_CHIP, UNITS = 4, 212
BOARD_STEPS = 3
COST_GROWS = Target(1.5)


def _chips(name: str) -> Iterator[Figure]:
    """Layer after layer on more and more chips, which must cost no more for a hop or a step of a chip; and a full board
    whose layers work side by side, the whole process."""
    costs = []
    for chips, steps in CHIPS.items():
        engine, hops = _layers_on(chips, steps)
        costs.append(engine["cpu_s"] / hops)
        yield Figure(name, f"{_chip(chips)}: CPU time of a step", engine["cpu_s"] / steps, "s")
        yield Figure(name, f"{_chip(chips)}: CPU time of a flit-hop", 1e6 * costs[-1], "us")
        yield Figure(name, f"{_chip(chips)}: events per CPU second", engine["events_per_s"], "/s")
    yield Figure(name, f"flit-hop on {_chip(chips)} over that on 1", costs[-1] / costs[0], "", COST_GROWS)
    summary, spent = ran("board48", f"workload.steps={BOARD_STEPS}")
    yield Figure(name, f"board48: CPU time of {BOARD_STEPS} steps", spent.cpu_s, "s", Target(600))
    yield Figure(name, "board48: CPU time before the first event", spent.cpu_s - summary["engine"]["cpu_s"], "s")
    yield Figure(name, "board48: peak memory", spent.peak_bytes / 1e6, "MB", Target(3000))


def _layers_on(chips: int, steps: int) -> tuple[dict[str, Any], int]:
    """The section `engine` of the faster of two runs, since sizes are compared; and the flit-hops."""
    sizes = [32, *[UNITS] * (LAYERS_OF_CHIP * chips)]
    load = [f"machine.chips={chips}", f"workload.layers={sizes}", f"workload.steps={steps}"]
    load += ["workload.input_activity=1.0", "sync.schedule=sequential"]
    summaries = [ran("board48", *load)[0] for _ in range(2)]
    return min((one["engine"] for one in summaries), key=lambda engine: engine["cpu_s"]), _hops(summaries[0])


def _hops(summary: dict[str, Any]) -> int:
    hops: int = summary["network"]["flit_hops"]
    return hops


def _chip(number: int) -> str:
    return f"{number} chip{'s' * (number > 1)}"


def _sizes(scenario: str, setting: str) -> tuple[int, int, int]:
    """Peak memory of a run, and the weights and units that its PEs hold."""
    with tempfile.TemporaryDirectory() as directory:
        spent = process("run.py", str(scenario_file(scenario)), "--quiet", "--set", setting, "--out", directory)
        pe = Result(directory).table("pe")
    return spent.peak_bytes, int(pe["nonzeros"].sum()), int(pe["units"].sum())


MESHES = {f"mesh_{rate}": mesh for rate in RATES}
CASES: dict[str, Callable[[str], Iterator[Figure]]] = {
    "check": _check,
    "smoke": _smoke,
    **MESHES,
    f"mesh_{QUIET_RATE}": quiet,
    "mesh_set_up": set_up,
    "memory": _memory,
    "study": _study,
    "watching": _watching,
    "chips": _chips,
    "lm_one_chip": _one_chip,
}


def measured(name: str, repeat: int) -> list[Figure]:
    """Of each figure of a case the fastest or smallest of so many runs; of a share the middle one, for either side of a
    comparison may have been lucky."""
    alike = zip(*[list(CASES[name](name)) for _ in range(repeat)], strict=True)
    told = [_told(sorted(same, key=lambda one: one.value)) for same in alike]
    return [*told, fall(name, told)] if name in MESHES else told


def _told(alike: list[Figure]) -> Figure:
    """One of the same figure of several runs, in order of its value."""
    if alike[0].unit == "%":
        return alike[len(alike) // 2]
    return alike[-1 if alike[0].unit == "/s" else 0]
