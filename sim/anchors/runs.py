"""Runs that groups share: each scenario with each set of overrides is run once, in a directory that goes away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.scenario.places import TOPOLOGIES
from sim.simulate import run

SCENARIOS = TOPOLOGIES.parent / "scenarios"
Tell = Callable[[str], None]


class Runs:
    """Runs into directories below `place`, told of by `tell`."""

    def __init__(self, place: Path, tell: Tell) -> None:
        self.place = place
        self.tell = tell
        self._made: dict[str, dict[str, Any]] = {}

    def summary(self, scenario: str, overrides: Mapping[str, object] = {}) -> dict[str, Any]:
        """The summary of a shipped scenario with `overrides`."""
        key = json.dumps([scenario, dict(overrides)], sort_keys=True)
        if key not in self._made:
            self.tell(f"running {scenario} {' '.join(f'{name}={value}' for name, value in overrides.items())}".rstrip())
            path = run(SCENARIOS / f"{scenario}.yaml", overrides, out=self.place / str(len(self._made)))
            self._made[key] = json.loads((path / "summary.json").read_text(encoding="utf-8"))
            shutil.rmtree(path)
        return self._made[key]
