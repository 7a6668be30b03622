"""Whole runs to hold against what is known from elsewhere, and the same workloads in one piece."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from sim.anchors.runs import Runs
from sim.report.result import Result
from sim.scenario.load import load
from sim.simulate import run
from sim.workload.prepare import one_piece, prepare

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data():
    return ROOT / "tests" / "data"


@pytest.fixture
def ran(tmp_path_factory):
    """Runs a scenario, by its name in scenarios/ or its path, and reads its result."""

    def ran(scenario, overrides=None, shuffle=None) -> Result:
        out = tmp_path_factory.mktemp("result")
        return Result(run(_file(scenario), overrides or {}, out=out, shuffle=shuffle))

    return ran


@pytest.fixture
def runs(tmp_path):
    """Runs as the groups of `sim.anchors` share them; each is made once in a test."""
    return Runs(tmp_path, lambda news: None)


@pytest.fixture
def agrees():
    """That a row was checked and is right, or could not be and says why."""

    def agrees(row):
        assert row.verdict == "ok" or (row.verdict == "not checked" and row.note), row

    return agrees


@pytest.fixture
def in_one_piece():
    """Computes a scenario's network without a machine: events of each layer, and the hash of the outputs."""

    def in_one_piece(scenario, overrides):
        outputs = one_piece(prepare(*load(_file(scenario), overrides)))
        events = {f"layer{number}": int(np.count_nonzero(y)) for number, y in enumerate(outputs, 1)}
        return events, hashlib.sha256(outputs[-1].astype("<f4").tobytes()).hexdigest()

    return in_one_piece


def _file(scenario) -> Path:
    return scenario if isinstance(scenario, Path) else ROOT / "scenarios" / f"{scenario}.yaml"
