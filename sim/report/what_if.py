"""What would change if a part were faster: what the critical path of a run predicts, checked by running it so."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.machine.description import read_topology
from sim.report.aligned import aligned
from sim.report.predict import BALANCE, COMPUTE, CONTENTION, LINKS, predictions
from sim.report.result import Result
from sim.report.verdict import path_of
from sim.scenario.complaints import Refused
from sim.scenario.document import read
from sim.scenario.load import load
from sim.scenario.places import topology_file
from sim.simulate import run
from sim.simulate.setting import Setting
from sim.units import ps_to_us


@dataclass(frozen=True, slots=True)
class Guess:
    """A change, the time predicted with it and found by running it (ps); where it cannot be run, why."""

    change: str
    predicted: int
    found: int | None
    refused: str = ""

    @property
    def error(self) -> float | None:
        """Of the prediction, as a share of the time found."""
        return None if self.found is None else (self.predicted - self.found) / self.found


def what_if(result: Result) -> list[str]:
    """Each change with what the path predicts and what a run with it takes."""
    whole = sum(one.lasted for one in path_of(result, None))
    found = guesses(result)
    rows = [
        [
            one.change,
            ps_to_us(float(one.predicted)),
            "cannot be run" if one.found is None else f"{ps_to_us(float(one.found)):,.3f}",
            "" if one.error is None else f"{100 * one.error:+.2f} %",
            f"{whole / max(1, one.predicted):.3f} x",
        ]
        for one in found
    ]
    head = ("what if", "predicted us", "when run us", "error", "speed-up predicted")
    refused = [f"{one.change}: {one.refused}" for one in found if one.refused]
    return [f"the run took {ps_to_us(float(whole)):,.3f} us", *aligned(head, rows), *refused]


def guesses(result: Result) -> list[Guess]:
    """Predictions for a network's run, and runs to check them. Refused for studies of traffic or memory, and for a run
    that did not come to its end."""
    scenario, document = load(result.path / "scenario.yaml")
    if "step" not in result.tables:
        raise Refused.at("--what-if", "a study makes its load by rule, so nothing in it can be made to end sooner")
    if not result.summary.get("completed"):
        raise Refused.at("--what-if", "the run was not completed, so there is no whole run to compare with")
    settings = overrides(Setting.of(scenario, document))
    return [_checked(result, change, time, settings[change]) for change, time in predictions(result).items()]


def overrides(setting: Setting) -> dict[str, Mapping[str, object]]:
    """The settings that make each change to a run in `setting`."""
    machine = setting.machine
    points = machine.operating_points.items()  # all of them: some runs change from one to another
    return {
        LINKS: {"machine.override.noc.clock_mhz": 2 * machine.noc.clock.mhz, **_faster_chip_links(setting)},
        CONTENTION: {"network.engine": "ideal"},
        BALANCE: {"compute.balance": "perfect"},
        COMPUTE: {f"machine.override.operating_points.{name}.clock_mhz": 2 * point.clock.mhz for name, point in points},
    }


def _faster_chip_links(setting: Setting) -> dict[str, object]:
    """The line and the way of links between chips, both in half the time, where there are any."""
    asked = setting.scenario.machine
    topology = read_topology(read(topology_file(asked.topology, setting.document)), asked.override, asked.chips)
    if topology.links is None or not setting.machine.chip_links:
        return {}
    on_board, between = topology.links, topology.links.between_boards
    faster: dict[str, object] = {
        "packet_ns": on_board.packet_ns.value / 2,
        "latency_ns": on_board.latency_ns.value / 2,
    }
    if between:
        faster["between_boards.gbit_per_s"] = 2 * between.gbit_per_s.value
        faster["between_boards.latency_ns"] = between.latency_ns.value / 2
    return {f"machine.override.links.{key}": value for key, value in faster.items()}


def _checked(result: Result, change: str, predicted: int, settings: Mapping[str, object]) -> Guess:
    """A prediction beside the time that the same run takes with some settings changed."""
    with tempfile.TemporaryDirectory() as directory:
        try:
            path = run(result.path / "scenario.yaml", {**settings, "trace": None}, Path(directory) / "run")
        except Refused as refused:
            return Guess(change, predicted, None, "; ".join(f"{one.path}: {one.problem}" for one in refused.complaints))
        return Guess(change, predicted, round(float(Result(path).summary["time"]["total_s"]) * 1e12))
