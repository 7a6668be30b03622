"""Blocks of a trace on disk while a run goes on, and the tables made from them at its end.

A block goes away as a file of its own, or is dropped when nothing in it can be wanted any more. In the end the files of
a table are put together in the order of its keys by DuckDB, which needs no more memory for it than it is given.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from sim.measure.store import replacing
from sim.measure.tally import Whole
from sim.measure.trace_keep import EVER, Keep
from sim.units import Clock

COLUMNS = {
    "span": ("unit", "activity", "start", "end"),
    "packet": (
        *("packet", "kind", "population", "step", "start", "values", "bits", "sent"),
        "receivers",
    ),
    "arrival": ("packet", "delivered", "lost", "time"),
    "hop": ("packet", "copy", "link", "cycle", "waited"),
    "passage": ("packet", "unit", "start", "end"),
    "wake": ("unit", "packet", "time"),
    "level": ("unit", "quantity", "time", "value"),
}
"""The whole numbers of a row of each table, as they are collected; those of arrivals become columns of packets."""

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
            receivers::INTEGER AS receivers, coalesce(a.delivered, 0)::INTEGER AS delivered,
            coalesce(a.lost, 0)::INTEGER AS lost, a.last AS time_last_arrived_ps, a.last - sent AS latency_ps
        FROM rows JOIN units u ON u.number = packet // 1000000000 JOIN words k ON k.number = kind
        LEFT JOIN (
            SELECT packet, sum(delivered) AS delivered, sum(lost) AS lost,
                max("time") FILTER (WHERE delivered > 0) AS last
            FROM arrivals GROUP BY packet
        ) a USING (packet)
        WHERE sent BETWEEN $first AND $last ORDER BY packet""",
    "hop": """
        SELECT packet, copy::USMALLINT AS copy, link::UINTEGER AS link,
            cycle * $numerator // $denominator AS time_granted_ps,
            time_granted_ps - (cycle - waited) * $numerator // $denominator AS waited_ps,
            (cycle + l.latency) * $numerator // $denominator - time_granted_ps AS travel_ps
        FROM rows {of_kept} JOIN latencies l ON l.number = link
        ORDER BY packet * 65536 + copy, cycle * 1048576 + link""",
    "passage": """
        SELECT packet, u.name AS unit, "start" AS time_start_ps, "end" AS time_end_ps
        FROM rows {of_kept} JOIN units u ON u.number = unit
        ORDER BY packet, time_start_ps, time_end_ps, unit""",
    "wake": """
        SELECT u.name AS unit, packet, "time" AS time_ps
        FROM rows {of_kept} JOIN units u ON u.number = unit ORDER BY time_ps, u.number, packet""",
    "level": """
        SELECT u.name AS unit, q.name AS quantity, "time" AS time_ps, "value"
        FROM rows JOIN units u ON u.number = unit JOIN words q ON q.number = quantity
        WHERE "time" BETWEEN $first AND $last ORDER BY u.number, quantity, time_ps, "value\"""",
}
"""How each table is made of its rows. Hops are most of a trace, and the fewer numbers they are ordered by, the sooner
it is done: two for packet, copy, cycle and link, with room for 2**16 copies, 2**20 links and 2**43 cycles."""

MEMORY = "256MB"


@dataclass(frozen=True, slots=True)
class Block:
    """A file of so many rows that lie between two instants (ps), column after column, each in the smallest `types` that
    hold it: to compress them as a table takes ten times as long."""

    file: Path
    rows: int
    types: tuple[np.dtype[Any], ...]
    first: int
    last: int

    @classmethod
    def written(cls, file: Path, columns: Whole, first: int, last: int) -> Block:
        """Write (columns, rows) to `file`."""
        types = tuple(_narrowest(int(one.min()), int(one.max())) for one in columns)
        with file.open("wb") as out:
            for column, narrow in zip(columns, types, strict=True):
                column.astype(narrow).tofile(out)
        return cls(file, columns.shape[1], types, first, last)

    def columns(self) -> Iterator[npt.NDArray[Any]]:
        """What was written, column by column."""
        with self.file.open("rb") as file:
            for narrow in self.types:
                yield np.fromfile(file, narrow, self.rows)


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
            file = self._place() / f"{table}-{self._written}"
            self._blocks[table].append(Block.written(file, block, first, last))

    def write(self, directory: Path) -> None:
        """Make the tables in `directory` and remove the blocks."""
        first, last = self._keep.window()
        of_kept = "" if (first, last) == (0, EVER) else "SEMI JOIN kept USING (packet)"
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
            self._open(base, "arrival", "arrivals")
            for table in SQL:
                self._open(base, table)
                asked = {key: value for key, value in values.items() if f"${key}" in SQL[table]}
                with replacing(directory / f"{table}.parquet") as part:
                    made = base.sql(SQL[table].format(of_kept=of_kept), params=asked)
                    made.write_parquet(str(part), compression="zstd")
                if table == "packet":
                    kept = str(directory / "packet.parquet").replace("'", "''")
                    base.sql(f"CREATE VIEW kept AS SELECT packet FROM read_parquet('{kept}')")
        shutil.rmtree(self._place())

    def _open(self, base: duckdb.DuckDBPyConnection, table: str, view: str = "rows") -> None:
        """The rows of all blocks of a table as a view; they move into a file for each column, and stay on disk."""
        names = COLUMNS[table]
        files = [self._place() / f"{table}.{column}" for column in names]
        blocks = self._blocks[table]
        types = [np.result_type(np.uint8, *of_column) for of_column in zip(*(one.types for one in blocks), strict=True)]
        for block in blocks:
            for file, column, wide in zip(files, block.columns(), types, strict=True):
                with file.open("ab") as out:
                    column.astype(wide).tofile(out)
            block.file.unlink()
        rows: dict[str, npt.NDArray[Any]] = {name: np.zeros(0, np.int64) for name in names}
        rows |= {name: np.memmap(file, wide, "r") for name, file, wide in zip(names, files, types, strict=False)}
        base.register(f"{view} on disk", rows)
        selected = ", ".join(f'"{name}"::BIGINT AS "{name}"' for name in names)
        base.sql(f'CREATE OR REPLACE VIEW {view} AS SELECT {selected} FROM "{view} on disk"')

    def _between(self, table: str, columns: dict[str, np.ndarray]) -> tuple[int, int]:
        if table == "hop":
            cycles = columns["cycle"]
            return self.clock.edge(int(cycles.min())), self.clock.edge(int(cycles.max()))
        if table == "arrival":  # a packet that is wanted may arrive at any time after that
            return 0, int(columns["time"].max())
        start, end = TIMES[table]
        return int(columns[start].min()), int(columns[end].max())

    def _place(self) -> Path:
        assert self.directory is not None, "a run has a directory before anything happens in it"
        place = self.directory / ".trace"
        place.mkdir(exist_ok=True)
        return place


def _narrowest(lowest: int, highest: int) -> np.dtype[Any]:
    """The smallest type that holds all numbers between these; none is a float together with any other."""
    holds = (np.dtype(one) for one in (np.uint8, np.uint16, np.uint32) if 0 <= lowest <= highest <= np.iinfo(one).max)
    return next(holds, np.dtype(np.int64))


def _name(base: duckdb.DuckDBPyConnection, table: str, names: dict[int, str]) -> None:
    known = {"number": np.array(list(names), dtype=np.int64), "name": np.array(list(names.values()), dtype=object)}
    base.register("known", known)
    base.sql(f"CREATE TABLE {table} AS SELECT number, CAST(name AS VARCHAR) AS name FROM known")
