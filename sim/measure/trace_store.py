"""Blocks of a trace on disk while a run goes on, and the tables made from them at its end.

A block goes away as a file of its own, or is dropped when nothing in it can be wanted any more. In the end the files of
a table are put together in the order of its keys by DuckDB, which needs no more memory for it than it is given.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from sim.measure.store import replacing, write_table
from sim.measure.tally import Whole
from sim.measure.trace_keep import Keep
from sim.units import Clock

COLUMNS = {
    "span": ("unit", "activity", "start", "end"),
    "packet": (
        *("packet", "kind", "population", "step", "start", "values", "bits", "sent"),
        *("receivers", "delivered", "lost", "arrived"),
    ),
    "hop": ("packet", "copy", "link", "cycle", "waited"),
    "passage": ("packet", "unit", "start", "end"),
    "wake": ("unit", "packet", "time"),
    "level": ("unit", "quantity", "time", "value"),
}
"""The whole numbers of a row of each table, as they are collected."""

TIMES = {
    "span": ("start", "end"),
    "packet": ("sent", "sent"),
    "passage": ("start", "end"),
    "wake": ("time", "time"),
    "level": ("time", "time"),
}
"""First and last instant of a row; those of a hop are in cycles."""

SQL = {
    "span": """
        SELECT u.name AS unit, a.name AS activity, "start" AS time_start_ps, "end" AS time_end_ps
        FROM rows JOIN units u ON u.number = unit JOIN words a ON a.number = activity
        WHERE "end" >= $first AND "start" <= $last ORDER BY u.number, time_start_ps, time_end_ps, activity""",
    "packet": """
        SELECT packet, u.name AS source, packet % 1000000000 AS number, k.name AS kind,
            population::INTEGER AS population, step::INTEGER AS step, "start"::INTEGER AS "start",
            "values"::INTEGER AS "values", bits::INTEGER AS bits, sent AS time_sent_ps,
            receivers::INTEGER AS receivers, delivered::INTEGER AS delivered, lost::INTEGER AS lost,
            nullif(arrived, -1) AS time_last_arrived_ps, nullif(arrived, -1) - sent AS latency_ps
        FROM rows JOIN units u ON u.number = packet // 1000000000 JOIN words k ON k.number = kind
        WHERE sent BETWEEN $first AND $last ORDER BY packet""",
    "hop": """
        SELECT packet, copy::USMALLINT AS copy, link::UINTEGER AS link,
            cycle * $numerator // $denominator AS time_granted_ps,
            time_granted_ps - (cycle - waited) * $numerator // $denominator AS waited_ps,
            (cycle + l.latency) * $numerator // $denominator - time_granted_ps AS travel_ps
        FROM rows SEMI JOIN kept USING (packet) JOIN latencies l ON l.number = link
        ORDER BY packet, copy, cycle, link""",
    "passage": """
        SELECT packet, u.name AS unit, "start" AS time_start_ps, "end" AS time_end_ps
        FROM rows SEMI JOIN kept USING (packet) JOIN units u ON u.number = unit
        ORDER BY packet, time_start_ps, time_end_ps, unit""",
    "wake": """
        SELECT u.name AS unit, packet, "time" AS time_ps
        FROM rows SEMI JOIN kept USING (packet) JOIN units u ON u.number = unit ORDER BY time_ps, u.number, packet""",
    "level": """
        SELECT u.name AS unit, q.name AS quantity, "time" AS time_ps, "value"
        FROM rows JOIN units u ON u.number = unit JOIN words q ON q.number = quantity
        WHERE "time" BETWEEN $first AND $last ORDER BY u.number, quantity, time_ps, "value\"""",
}

MEMORY = "256MB"


@dataclass(frozen=True, slots=True)
class Block:
    """A file of rows that lie between two instants (ps)."""

    file: Path
    first: int
    last: int


class Spool:
    """The blocks of one run. Given beforehand: `directory`, the mesh's `clock`, the `latencies` of links in its
    cycles; at the end: `names` of units."""

    def __init__(self, keep: Keep) -> None:
        self.directory: Path | None = None
        self.clock = Clock(1, 1)
        self.latencies: list[int] = []
        self.names: dict[int, str] = {}
        self._keep = keep
        self._words: dict[str, int] = {}
        self._blocks: dict[str, list[Block]] = {table: [] for table in COLUMNS}
        self._written = 0

    def word(self, text: str) -> int:
        """A number for a word that many rows share."""
        return self._words.setdefault(text, len(self._words))

    def put(self, table: str, block: Whole, now: int) -> None:
        """Write a block, (columns, rows), unless nobody can want it, and forget others that nobody wants any more."""
        for blocks in self._blocks.values():
            for old in [one for one in blocks if not self._keep.may_want(one.first, one.last, now)]:
                old.file.unlink()
                blocks.remove(old)
        if not block.size:
            return
        columns = dict(zip(COLUMNS[table], block, strict=True))
        first, last = self._between(table, columns)
        if self._keep.may_want(first, last, now):
            self._written += 1
            file = write_table(self._place(), f"{table}-{self._written}", columns)
            self._blocks[table].append(Block(file, first, last))

    def write(self, directory: Path) -> None:
        """Make the tables in `directory` and remove the blocks."""
        first, last = self._keep.window()
        values = {
            "first": first,
            "last": last,
            "numerator": self.clock.numerator,
            "denominator": self.clock.denominator,
        }
        with duckdb.connect(
            config={"threads": 1, "memory_limit": MEMORY, "temp_directory": str(self._place())}
        ) as base:
            _name(base, "units", self.names)
            _name(base, "words", {number: text for text, number in self._words.items()})
            links = {"number": np.arange(len(self.latencies)), "latency": np.array(self.latencies, dtype=np.int64)}
            base.register("latencies", links)
            for table in COLUMNS:
                self._open(base, table)
                asked = {key: value for key, value in values.items() if f"${key}" in SQL[table]}
                with replacing(directory / f"{table}.parquet") as part:
                    made = base.sql(SQL[table], params=asked)
                    made.write_parquet(str(part), compression="zstd")
                if table == "packet":
                    kept = str(directory / "packet.parquet").replace("'", "''")
                    base.sql(f"CREATE VIEW kept AS SELECT packet FROM read_parquet('{kept}')")
        shutil.rmtree(self._place())

    def _open(self, base: duckdb.DuckDBPyConnection, table: str) -> None:
        """The rows of all blocks of a table as the view `rows`."""
        files = [str(block.file) for block in self._blocks[table]]
        if not files:
            nothing = {column: np.zeros(0, np.int64) for column in COLUMNS[table]}
            files = [str(write_table(self._place(), f"{table}-0", nothing))]
        base.read_parquet(files).create_view("rows", replace=True)

    def _between(self, table: str, columns: dict[str, np.ndarray]) -> tuple[int, int]:
        if table == "hop":
            cycles = columns["cycle"]
            return self.clock.edge(int(cycles.min())), self.clock.edge(int(cycles.max()))
        start, end = TIMES[table]
        return int(columns[start].min()), int(columns[end].max())

    def _place(self) -> Path:
        assert self.directory is not None, "a run has a directory before anything happens in it"
        place = self.directory / ".trace"
        place.mkdir(exist_ok=True)
        return place


def _name(base: duckdb.DuckDBPyConnection, table: str, names: dict[int, str]) -> None:
    known = {"number": np.array(list(names), dtype=np.int64), "name": np.array(list(names.values()), dtype=object)}
    base.register("known", known)
    base.sql(f"CREATE TABLE {table} AS SELECT number, CAST(name AS VARCHAR) AS name FROM known")
