"""How fast and how small the simulator is, on stated work, beside the targets it is held to: `python tools/bench.py`.

Each case runs the shipped commands in processes of their own and counts their processor time, user and system, which
other load on the computer disturbs less than time on the wall. With --repeat the best of several runs counts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# Python puts tools/ on its path, but `sim` stands beside it when the project is not installed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sim.anchors.spent import Broken, Spent, process, ran, scenario_file

DONE, FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach: at least `bound`, or at most."""

    bound: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:,g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of one case; without a target it is for information."""

    case: str
    name: str
    value: float
    unit: str
    target: Target | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when all cases ran, whether or not they reach their targets; 1 when one could not run."""
    asked = _parser().parse_args(arguments)
    names = asked.only or list(CASES)
    figures: list[Figure] = []
    try:
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            figures += _figures(name, asked.repeat)
    except Broken as broken:
        print(broken, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    _print_json(figures) if asked.json else _print_table(figures)
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__)
    add = parser.add_argument
    add("--only", action="append", choices=list(CASES), metavar="NAME", help=f"one case: {', '.join(CASES)}")
    add("--repeat", type=int, choices=range(1, 101), default=1, metavar="N", help="take the best of N runs of each")
    add("--json", action="store_true", help="print a list of figures instead of a table")
    return parser


@dataclass(frozen=True, slots=True)
class Load:
    """Uniform traffic on a square mesh: its side, flits per node and cycle, and how many cycles are measured.

    100 more cycles come first. There are fewer cycles the more nodes there are, so that all sizes make between half a
    million and a million flit-hops: speeds are compared over runs of a like length.
    """

    side: int
    rate: float
    cycles: int


WARMUP_CYCLES = 100
SIDES = (8, 16, 32)
RATES = {0.05: (20_000, 2500, 150), 0.2: (8000, 600, 50), 0.4: (3500, 500, 30)}
"""Rate -> cycles measured, for each side."""

QUIET_RATE = 0.001
QUIET = {8: (40_000, 83_000), 32: (5000, 2750)}
"""Side -> cycles measured where next to nothing happens, and how many of them BookSim 2 does in a second."""

HOPS = "flit-hops per CPU second"
HOPS_TARGETS = {(8, 0.2): Target(200_000, at_least=True)}
FALL = Target(0.3)


def _mesh(name: str) -> Iterator[Figure]:
    """The network alone under one rate, on meshes of all sizes: speed must not depend on how much there is of it."""
    rate = float(name.removeprefix("mesh_"))
    for side, cycles in zip(SIDES, RATES[rate], strict=True):
        speed = _loaded(Load(side, rate, cycles))["flit_hops_per_s"]
        yield Figure(name, f"{side}x{side}: {HOPS}", speed, "/s", HOPS_TARGETS.get((side, rate)))


def _fall(name: str, speeds: Sequence[Figure]) -> Figure:
    """By how much the largest mesh is slower than the smallest, each at its best; the least of several falls may come
    of a smallest mesh that something held up."""
    what = f"fall from {SIDES[0]}x{SIDES[0]} to {SIDES[-1]}x{SIDES[-1]}"
    return Figure(name, what, 1 - speeds[-1].value / speeds[0].value, "", FALL)


def _quiet(name: str) -> Iterator[Figure]:
    """Meshes where next to nothing happens: what a cycle costs by itself."""
    for side, (cycles, target) in QUIET.items():
        speed = (WARMUP_CYCLES + cycles) / _loaded(Load(side, QUIET_RATE, cycles))["cpu_s"]
        yield Figure(name, f"{side}x{side}: cycles per CPU second", speed, "/s", Target(target, at_least=True))


def _set_up(name: str) -> Iterator[Figure]:
    """All that comes before time starts, on the largest mesh: routes, their check for deadlock, 6000 links."""
    summary, spent = _mesh_run(Load(SIDES[-1], QUIET_RATE, 1))
    yield Figure(name, "CPU time apart from the events", spent.cpu_s - summary["engine"]["cpu_s"], "s", Target(5))


def _loaded(load: Load) -> dict[str, Any]:
    """The section `engine` of a run, whose CPU time is that of the events alone."""
    engine: dict[str, Any] = _mesh_run(load)[0]["engine"]
    return engine


def _mesh_run(load: Load) -> tuple[dict[str, Any], Spent]:
    return ran(
        "traffic_uniform",
        f"machine.override.grid.width={load.side}",
        f"machine.override.grid.height={load.side}",
        f"workload.rate={load.rate}",
        f"workload.warmup_cycles={WARMUP_CYCLES}",
        f"workload.measure_cycles={load.cycles}",
    )


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


def _watching(name: str) -> Iterator[Figure]:
    """What statistics and traces add to the processor time of the paper-size network's first tokens."""
    from sim.simulate.watching import cost_of_watching

    cost = cost_of_watching(scenario_file("lm_one_chip"), {"workload.tokens": 2})
    yield Figure(name, "statistics add", 100 * (cost.heard_s / cost.unheard_s - 1), "%", Target(10))
    yield Figure(name, "tracing adds", 100 * (cost.traced_s / cost.heard_s - 1), "%", Target(60))
    yield Figure(name, "bytes on disk per hop", cost.bytes_per_hop, "bytes", Target(20))


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


MESHES = {f"mesh_{rate}": _mesh for rate in RATES}
CASES: dict[str, Callable[[str], Iterator[Figure]]] = {
    "check": _check,
    "smoke": _smoke,
    **MESHES,
    f"mesh_{QUIET_RATE}": _quiet,
    "mesh_set_up": _set_up,
    "memory": _memory,
    "study": _study,
    "watching": _watching,
    "chips": _chips,
    "lm_one_chip": _one_chip,
}


def _sizes(scenario: str, setting: str) -> tuple[int, int, int]:
    """Peak memory of a run, and the weights and units that its PEs hold."""
    from sim.report.result import Result

    with tempfile.TemporaryDirectory() as directory:
        spent = process("run.py", str(scenario_file(scenario)), "--quiet", "--set", setting, "--out", directory)
        pe = Result(directory).table("pe")
    return spent.peak_bytes, int(pe["nonzeros"].sum()), int(pe["units"].sum())


def _figures(name: str, repeat: int) -> list[Figure]:
    """Of each figure of a case the fastest or smallest of so many runs."""
    alike = zip(*[list(CASES[name](name)) for _ in range(repeat)], strict=True)
    best = [(max if same[0].unit == "/s" else min)(same, key=lambda one: one.value) for same in alike]
    return [*best, _fall(name, best)] if name in MESHES else best


def _print_json(figures: Sequence[Figure]) -> None:
    rows = [asdict(one) | {"met": one.target.met(one.value) if one.target else None} for one in figures]
    print(json.dumps(rows, indent=2))


def _print_table(figures: Sequence[Figure]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("case", "figure", "value", "unit", "target", "", title=f"Python {sys.version.split()[0]}")
    for one in figures:
        met = "" if one.target is None else "[green]met[/]" if one.target.met(one.value) else "[red]missed[/]"
        shown = f"{one.value:,.0f}" if one.value >= 1000 else f"{one.value:.3g}"
        table.add_row(one.case, one.name, shown, one.unit, str(one.target or ""), met)
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
