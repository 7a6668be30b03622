"""What meshes of several sizes cost in processor time: under load, with next to nothing to do, before time starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sim.anchors.figure import Figure, Target
from sim.anchors.spent import Spent, ran


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


def mesh(name: str) -> Iterator[Figure]:
    """The network alone under one rate, on meshes of all sizes: speed must not depend on how much there is of it."""
    rate = float(name.removeprefix("mesh_"))
    for side, cycles in zip(SIDES, RATES[rate], strict=True):
        speed = _loaded(Load(side, rate, cycles))["flit_hops_per_s"]
        yield Figure(name, f"{side}x{side}: {HOPS}", speed, "/s", HOPS_TARGETS.get((side, rate)))


def fall(name: str, speeds: Sequence[Figure]) -> Figure:
    """By how much the largest mesh is slower than the smallest, each at its best; the least of several falls may come
    of a smallest mesh that something held up."""
    what = f"fall from {SIDES[0]}x{SIDES[0]} to {SIDES[-1]}x{SIDES[-1]}"
    return Figure(name, what, 1 - speeds[-1].value / speeds[0].value, "", FALL)


def quiet(name: str) -> Iterator[Figure]:
    """Meshes where next to nothing happens: what a cycle costs by itself."""
    for side, (cycles, target) in QUIET.items():
        speed = (WARMUP_CYCLES + cycles) / _loaded(Load(side, QUIET_RATE, cycles))["cpu_s"]
        yield Figure(name, f"{side}x{side}: cycles per CPU second", speed, "/s", Target(target, at_least=True))


def set_up(name: str) -> Iterator[Figure]:
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
