"""What a user calls a unit, a packet or an instant, and what the tables call it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sim.report.result import Result
from sim.scenario.complaints import Refused, did_you_mean
from sim.units import PS_PER_NS, PS_PER_S, PS_PER_US

TRACED = ("span", "packet", "hop", "passage", "wake", "level")
SCALES = {"ps": 1, "ns": PS_PER_NS, "us": PS_PER_US, "ms": 1000 * PS_PER_US, "s": PS_PER_S}


def unit_called(result: Result, said: str, option: str = "--unit") -> str:
    """The name in the tables of what a user calls `(3,2).1`, `pe(3,2).1` or `chip0.pe(3,2).1`.

    Refused when nothing is called so.
    """
    known = units_of(result)
    bare = bare_name(said)
    for name in (said, bare, bare.removeprefix("chip0."), f"chip0.{bare}"):
        if name in known:
            return name
    problem = f"no unit is called '{said}'{did_you_mean(bare, known)} (--top names the busiest)"
    raise Refused.at(option, problem, file=str(result.path))


def bare_name(said: str) -> str:
    """`chip1.pe(3,2).1` without the word for what it is: `chip1.(3,2).1`."""
    return re.sub(r"^(chip\d+\.)?(pe)?\(", lambda found: f"{found[1] or ''}(", said.strip())


def units_of(result: Result) -> Sequence[str]:
    """Every unit that a table tells of."""
    named = [("name", table) for table in ("pe", "node", "link", "chip_link")]
    tables = [*named, ("port", "dram_port"), *(("unit", table) for table in ("span", "path", "passage"))]
    asked = [f"SELECT {column} AS unit FROM {table}" for column, table in tables if table in result.tables]
    return list(result.sql(" UNION ".join(asked) + " ORDER BY unit")["unit"])


def packet_called(result: Result, said: str) -> int:
    """The number of what a user calls `37000000017` or `(3,2).1#17`. Refused when there is none."""
    need(result, "packet")
    source, hash_, number = said.rpartition("#")
    if hash_ and number.isdecimal():
        name = unit_called(result, source, "--packet")
        where = f"source = '{quoted(name)}' AND number = {int(number)}"
    elif said.isdecimal():
        where = f"packet = {int(said)}"
    else:
        raise Refused.at("--packet", f"{said!r} is no packet; expected its number, or SENDER#N such as '(3,2).1#17'")
    found = result.sql(f"SELECT packet FROM packet WHERE {where}")["packet"]
    if not len(found):
        raise Refused.at("--packet", f"no packet {said} was recorded", file=str(result.path))
    return int(found[0])


def instant(said: str, option: str) -> int:
    """`10us`, `2.5ms` or `800 ns` in ps."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ps|ns|us|ms|s)\s*", said)
    if not found:
        raise Refused.at(option, f"{said!r} is no instant; expected a number and its unit such as 10us, 2.5ms, 800ns")
    return round(float(found[1]) * SCALES[found[2]])


def need(result: Result, table: str) -> None:
    """Refused when there is no such table: the run was not traced, or the result is not whole."""
    if table not in result.tables:
        recorded = table in TRACED
        why = (
            "record one with run.py --trace, or the section 'trace' of the scenario"
            if recorded
            else "the result is not whole, or of an older s2sim"
        )
        raise Refused.at("", f"there is no table '{table}'; {why}", file=str(result.path))


def quoted(text: str) -> str:
    """`text` as it may stand between quotes in SQL."""
    return text.replace("'", "''")
