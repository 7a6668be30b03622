"""What would change if a part were faster: told from the critical path of a run, and checked by running it so.

The path says how much of the time a part was the reason for. Twice as fast, it would save half of that, as long as no
other chain of causes becomes the longest; the run that is made with it says how true that is.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.machine.machine import Machine
from sim.report.aligned import aligned
from sim.report.result import Result
from sim.report.verdict import path_of
from sim.scenario.complaints import Refused
from sim.scenario.load import load
from sim.simulate import run
from sim.simulate.setting import Setting
from sim.units import ps_to_us

LINKS, CONTENTION, COMPUTE, BALANCE = (
    "links twice as fast",
    "no contention",
    "compute twice as fast",
    "perfect balance",
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A change, the time predicted with it and found by running it (ps); `found` is None where it cannot be run."""

    change: str
    predicted: int
    found: int | None

    @property
    def error(self) -> float | None:
        """Of the prediction, as a share of the time found."""
        return None if self.found is None else (self.predicted - self.found) / self.found


def what_if(result: Result) -> list[str]:
    """Each change with what the path predicts and what a run with it takes."""
    whole = sum(one.lasted for one in path_of(result, None))
    rows = [
        [
            one.change,
            ps_to_us(float(one.predicted)),
            "cannot be run" if one.found is None else f"{ps_to_us(float(one.found)):,.3f}",
            "" if one.error is None else f"{100 * one.error:+.2f} %",
            f"{whole / max(1, one.predicted):.3f} x",
        ]
        for one in guesses(result)
    ]
    head = ("what if", "predicted us", "when run us", "error", "speed-up")
    return [f"the run took {ps_to_us(float(whole)):,.3f} us", *aligned(head, rows)]


def guesses(result: Result) -> list[Guess]:
    """Predictions for a network's run, and runs to check them. Refused for a traffic study."""
    scenario, document = load(result.path / "scenario.yaml")
    if "step" not in result.tables:
        raise Refused.at(
            "--what-if", "a traffic study sends by its timetable, so nothing in it can be made to end sooner"
        )
    machine = Setting.of(scenario, document).machine
    predicted = predictions(result)
    settings = overrides(machine)
    return [Guess(change, time, _run(result, settings[change])) for change, time in predicted.items()]


def predictions(result: Result) -> dict[str, int]:
    """The time (ps) that the path of the run predicts for each change."""
    path = path_of(result, None)
    whole = sum(one.lasted for one in path)
    spent = Counter[str]()
    for one in path:
        spent[one.activity] += one.lasted
    software = sum(spent[activity] for activity in ("compute", "receive", "send", "sync"))
    return {
        LINKS: whole - (spent["hop"] + spent["queue"] + spent["crossing"]) // 2,
        CONTENTION: whole - spent["queue"],
        COMPUTE: whole - software // 2,
        BALANCE: whole - _unbalanced(result),
    }


def overrides(machine: Machine) -> dict[str, Mapping[str, object]]:
    """The settings that make each change on a machine."""
    point = machine.operating_point
    return {
        LINKS: {"machine.override.noc.clock_mhz": 2 * machine.noc.clock.mhz},
        CONTENTION: {"network.engine": "ideal"},
        BALANCE: {"compute.balance": "perfect"},
        COMPUTE: {f"machine.override.operating_points.{point.name}.clock_mhz": 2 * point.clock.mhz},
    }


def _unbalanced(result: Result) -> int:
    """What the PEs on the path of each step computed longer than the mean of their layer (ps), in all."""
    found = result.sql(
        "WITH named AS (SELECT s.*, pe.name FROM step s JOIN pe USING (pe)), "
        "means AS (SELECT layer, step, avg(compute_s) AS mean FROM named GROUP BY ALL), "
        "seen AS (SELECT DISTINCT step, unit FROM path WHERE step IS NOT NULL AND activity = 'compute') "
        "SELECT sum(n.compute_s - m.mean) AS more FROM seen JOIN named n ON n.name = seen.unit AND n.step = seen.step "
        "JOIN means m ON m.layer = n.layer AND m.step = n.step"
    )
    more = found["more"][0]
    return max(0, round(float(more) * 1e12)) if more is not None and more == more else 0


def _run(result: Result, settings: Mapping[str, object]) -> int | None:
    """The time (ps) of the same run with some settings changed; None where they are refused."""
    with tempfile.TemporaryDirectory() as directory:
        try:
            path = run(result.path / "scenario.yaml", {**settings, "trace": None}, Path(directory) / "run")
        except Refused:
            return None
        return round(float(Result(path).summary["time"]["total_s"]) * 1e12)
