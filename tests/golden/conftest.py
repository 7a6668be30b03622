"""Whole runs of shipped scenarios, each in a directory of its own."""

from pathlib import Path

import pytest

from sim.report.result import Result
from sim.simulate import run

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


@pytest.fixture
def ran(tmp_path_factory):
    """Runs a scenario, by its name in scenarios/ or its path, and reads its result."""

    def ran(scenario, overrides=None, shuffle=None) -> Result:
        path = scenario if isinstance(scenario, Path) else SCENARIOS / f"{scenario}.yaml"
        return Result(run(path, overrides or {}, out=tmp_path_factory.mktemp("result"), shuffle=shuffle))

    return ran
