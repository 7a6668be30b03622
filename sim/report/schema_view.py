"""The tables of a result for those who ask them in SQL: what there is, what it means, and answers in columns."""

from __future__ import annotations

import numpy as np

from sim.report.aligned import aligned
from sim.report.glossary import find
from sim.report.names import quoted
from sim.report.result import Result

MOST_ROWS = 1000


def schema(result: Result) -> list[str]:
    """Each table with the number of its rows, each column with type, unit and meaning."""
    lines: list[str] = []
    for table in result.tables:
        rows = int(result.sql(f'SELECT count(*) AS n FROM "{table}"')["n"][0])
        described = result.sql(f'SELECT column_name, column_type FROM (DESCRIBE "{quoted(table)}")')
        lines.append(f"{table}  ({rows:,} rows)")
        told = []
        for column, kind in zip(*described.values(), strict=True):
            term = find(f"{table}.{column}")
            told.append([f"  {column}", kind, term.unit if term else "", term.meaning if term else ""])
        lines += [*aligned(("  column", "type", "unit", "meaning"), told), ""]
    return lines[:-1]


def answer(result: Result, query: str) -> list[str]:
    """What a query answers, in columns; Refused with DuckDB's words when it cannot."""
    found = result.sql(query)
    if not found:
        return ["done, no rows"]
    columns = [np.ma.asarray(values).tolist() for values in found.values()]
    rows = [["" if cell is None else cell for cell in row] for row in zip(*columns, strict=True)]
    more = [f"and {len(rows) - MOST_ROWS:,} more"] if len(rows) > MOST_ROWS else []
    return [*aligned(list(found), rows[:MOST_ROWS]), *more]
