"""A finished run, read back from its directory.

Everything the reports show comes through here, so that yesterday's directory and today's look alike. Tables
are Parquet files, read by DuckDB when asked for; a question in SQL sees each of them under its own name.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from sim.measure.store import SCHEMA_VERSION
from sim.scenario.complaints import Complaint, Refused, did_you_mean
from sim.scenario.document import read

SECTIONS = (
    "versions",
    "time",
    "energy",
    "memory",
    "workload",
    "network",
    "sync",
    "pe",
    "traffic",
    "stream",
    "dram",
    "chips",
)


class Result:
    """What one run left behind. Refused when `path` is no result directory, or one of a newer version."""

    path: Path
    summary: dict[str, Any]

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.summary = _summary(self.path)

    def __repr__(self) -> str:
        return f"Result({str(self.path)!r})"

    @property
    def scenario(self) -> dict[str, Any]:
        """The scenario with every default written out, as it was run."""
        return read(self.path / "scenario.yaml").data

    @property
    def scenario_text(self) -> str:
        """The same as it is written. Refused when it cannot be read."""
        file = self.path / "scenario.yaml"
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as failure:
            raise Refused.at("", f"cannot be read, so the result is not whole: {failure}", file=str(file)) from failure

    @property
    def tables(self) -> list[str]:
        """Names of the tables there are, in alphabetical order."""
        return sorted(file.stem for file in self.path.glob("*.parquet") if not file.name.startswith("."))

    def table(self, name: str) -> dict[str, np.ndarray]:
        """All columns of one table, each an array with one entry per row; masked where a value is absent."""
        if name not in self.tables:
            there = ", ".join(self.tables) or "none"
            near = did_you_mean(name, self.tables)
            raise Refused.at("", f"no table '{name}'{near} (tables here: {there})", file=str(self.path))
        return self.sql(f'SELECT * FROM "{name}"')

    def sql(self, query: str) -> dict[str, np.ndarray]:
        """The columns a DuckDB query over the tables answers with, e.g. `SELECT max(sram_bytes) FROM pe`."""
        with self._base.cursor() as connection:
            try:
                answer = connection.sql(query)
                return answer.fetchnumpy() if answer is not None else {}
            except duckdb.Error as failure:
                raise Refused.at("SQL", str(failure), file=str(self.path)) from failure

    @cached_property
    def _base(self) -> duckdb.DuckDBPyConnection:
        """A database in which each table is a view, kept since starting one takes longer than most questions."""
        base = duckdb.connect(config={"threads": 1})
        for name in self.tables:
            file = str(self.path / f"{name}.parquet")
            try:
                base.read_parquet(glob.escape(file)).create_view(name)
            except duckdb.Error as failure:
                problem = f"cannot be read as Parquet; was it copied whole? ({str(failure).splitlines()[0]})"
                raise Refused.at("", problem, file=file) from failure
        return base


def _summary(path: Path) -> dict[str, Any]:
    file = path / "summary.json"
    if not file.is_file():
        raise Refused.at("", f"not a result directory: {_missing(path)}", file=str(path))
    try:
        summary = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as failure:
        raise Refused.at("", f"cannot be read: {failure}", file=str(file)) from failure
    version = summary.get("schema_version") if isinstance(summary, dict) else None
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        problem = f"is {version!r}; this s2sim reads results up to version {SCHEMA_VERSION}"
        raise Refused.at("schema_version", problem, file=str(file))
    if faults := [*_faults(summary)]:
        raise Refused([Complaint(key, problem, file=str(file)) for key, problem in faults])
    return dict(summary)


def _faults(summary: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is not as a run leaves it: whoever reads a result may count on this much."""
    for name in SECTIONS:
        if not isinstance(summary.get(name, {}), dict):
            yield name, f"is {summary[name]!r}, expected a section"
    for name in ("warnings", "assumed"):
        if not isinstance(summary.get(name, []), list):
            yield name, f"is {summary[name]!r}, expected a list"
    time = summary.get("time", {"total_s": 0.0})
    if isinstance(time, dict) and not isinstance(time.get("total_s"), int | float):
        yield "time.total_s", "is missing or no number, so the result is not whole"


def _missing(path: Path) -> str:
    if (path / "study.json").is_file():
        return "it is a study; its runs are below points/"
    if path.is_dir():
        return "it has no summary.json"
    return "it is a file" if path.exists() else "it does not exist"
