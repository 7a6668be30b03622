"""The result directory: made before the run so that a wrong `--out` is told at once, filled at the end."""

from __future__ import annotations

import hashlib
import json
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import sim
from sim.measure.store import SCHEMA_VERSION, new_directory, write_json, write_table, write_yaml
from sim.scenario.document import Document
from sim.scenario.dump import dump
from sim.scenario.models import Scenario
from sim.simulate.congestion import add_congestion
from sim.simulate.experiment import Experiment
from sim.simulate.pace import Stopwatch

PACKAGES = ("simpy", "networkx", "numpy", "pyyaml", "pydantic", "duckdb")


class Files:
    """Where one run leaves its numbers."""

    def __init__(self, out: Path | None, scenario: Scenario, document: Document) -> None:
        self._scenario = scenario
        self._resolved = dump(scenario, document)
        digest = hashlib.sha256(json.dumps(self._resolved, sort_keys=True).encode()).hexdigest()
        self.path = new_directory(out, scenario.name, digest)

    def write(
        self,
        experiment: Experiment,
        watch: Stopwatch,
        *,
        completed: bool,
        ideal: Experiment | None = None,
        why: str = "",
    ) -> Path:
        """Write every file, the summary last: it is what makes a directory a result. `ideal` is the same run without
        contention, where there is one to compare with; `why` says what ended a run that is not completed."""
        engine = watch.engine()
        write_yaml(self.path, "scenario", self._resolved)
        tables = experiment.tables()
        sections = experiment.sections(tables)
        if ideal:
            add_congestion(self._scenario, sections, tables, ideal)
        for name, table in tables.items():
            write_table(self.path, name, table)
        if experiment.tracer:
            experiment.tracer.finish()
            experiment.tracer.spool.write(self.path)
        if mapping := experiment.mapping():
            write_json(self.path, "mapping", mapping)
        books = {"books": experiment.books()} if completed else {}
        warnings = {"warnings": [why, *sections.pop("warnings")] if why else sections.pop("warnings")}
        summary = self._head(completed=completed) | sections | books | {"engine": engine} | warnings
        write_json(self.path, "summary", summary)
        return self.path

    def _head(self, *, completed: bool) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "scenario": self._scenario.name,
            "seed": self._scenario.seed,
            "versions": {"s2sim": sim.__version__, "python": platform.python_version()}
            | {name: metadata.version(name) for name in PACKAGES},
            "completed": completed,
        }
