"""A run beside what was recorded on silicon: when each PE had done each step, and how many packets it had received.

Clocks of the two start at different instants, so their offset is taken out first: a straight line through the pairs of
times tells offset and how much faster or slower the silicon went, and what is left is the error of a single time.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sim.report.aligned import aligned
from sim.report.names import bare_name
from sim.report.result import Result
from sim.scenario.complaints import Refused, did_you_mean

COLUMNS = ("pe", "step", "time_done", "packets_received")
UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
WORST = 8

Rows = Mapping[tuple[str, int], tuple[float, int]]
"""By PE and step: seconds, packets."""


def beside_hardware(result: Result, recorded: Path, unit: str) -> list[str]:
    """How a run and a recording compare; `unit` is that of the recording's times. Refused when they share nothing."""
    own, theirs = of_run(result), read_recording(recorded, result, unit)
    both = sorted(own.keys() & theirs.keys(), key=lambda key: (key[1], key[0]))
    if not both:
        raise Refused.at("", _nothing_shared(own, theirs), file=str(recorded))
    ours, measured = (np.array([rows[key][0] for key in both]) for rows in (own, theirs))
    slope, offset = _line(ours, measured)
    left = measured - (slope * ours + offset)
    packets = [(key, own[key][1], theirs[key][1]) for key in both if own[key][1] != theirs[key][1]]
    facts = [
        ["PEs and steps in both", len(both)],
        ["only in the run", len(own) - len(both)],
        ["only in the recording", len(theirs) - len(both)],
        ["offset of the clocks, us", offset * 1e6],
        ["recorded time / simulated time", slope],
        ["error of a time, root mean square, us", float(np.sqrt(np.mean(left**2))) * 1e6],
        ["largest error of a time, us", float(np.abs(left).max()) * 1e6],
        ["packet counts that differ", len(packets)],
    ]
    order = np.argsort(-np.abs(left))[:WORST]
    rows = [[*both[i], float(ours[i]) * 1e6, float(measured[i]) * 1e6, float(left[i]) * 1e6] for i in order]
    lines = [*aligned(("", "value"), facts), "", "largest errors"]
    lines += aligned(("PE", "step", "simulated us", "recorded us", "error us"), rows)
    if packets:
        told = [[*key, ours_, theirs_] for key, ours_, theirs_ in packets[:WORST]]
        lines += ["", "packet counts that differ", *aligned(("PE", "step", "simulated", "recorded"), told)]
    return lines


def _nothing_shared(own: Rows, theirs: Rows) -> str:
    if not theirs:
        return "it has no row below its first line"
    (pe, step), (other, before) = next(iter(theirs)), next(iter(own), ("none", 0))
    return f"no PE and step of it is in the run: it has {pe} and step {step}, the run {other} and step {before}"


def of_run(result: Result) -> Rows:
    """The two figures of each PE and step of a run. Refused when it has no steps."""
    if "step" not in result.tables:
        raise Refused.at("", "the run has no steps to compare with", file=str(result.path))
    found = result.sql(
        "SELECT name, step, max(time_done_s) AS t, sum(packets_received) AS n FROM step JOIN "
        "(SELECT pe, name FROM pe) USING (pe) GROUP BY ALL"
    )
    return {(name, int(step)): (float(t), int(n)) for name, step, t, n in zip(*found.values(), strict=True)}


def read_recording(path: Path, result: Result, unit: str) -> Rows:
    """A recording by PE and step; PEs by name or number. Refused, with the line, when a row cannot be read."""
    names = list(result.sql("SELECT name FROM pe ORDER BY pe")["name"])
    rows: dict[tuple[str, int], tuple[float, int]] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, skipinitialspace=True, strict=True)
            _refuse_missing(reader.fieldnames, path)
            for row in reader:
                place = f"{path}:{reader.line_num}"
                key, value = _row(row, names, UNITS[unit], place)
                if key in rows:
                    raise Refused.at("", f"PE {key[0]} and step {key[1]} stand here for the second time", file=place)
                rows[key] = value
    except OSError as failure:
        raise Refused.at("", f"cannot be read: {failure.strerror}", file=str(path)) from failure
    except (csv.Error, UnicodeDecodeError) as failure:
        raise Refused.at("", f"cannot be read as text with commas: {failure}", file=str(path)) from failure
    return rows


def _refuse_missing(columns: Sequence[str] | None, path: Path) -> None:
    expected = f"expected {','.join(COLUMNS)} in the first line"
    if not columns:
        raise Refused.at("", f"it is empty; {expected}", file=str(path))
    for name in COLUMNS:
        if name not in columns:
            near = did_you_mean(name, columns)
            raise Refused.at("", f"no column {name}{near}; {expected}, found {', '.join(columns)}", file=f"{path}:1")


def _row(
    row: Mapping[str, str | None], names: list[str], unit: float, place: str
) -> tuple[tuple[str, int], tuple[float, int]]:
    pe, step, time, packets = (_number(row, column, place) for column in COLUMNS)
    seconds = unit * float(time)
    if not math.isfinite(seconds):
        raise Refused.at("time_done", f"{time!r} is no instant; expected a finite number", file=place)
    return (_called(pe, names, place), int(step)), (seconds, int(packets))


def _number(row: Mapping[str, str | None], column: str, place: str) -> str:
    """The cell of a column, which for all but the PE must read as a number."""
    said = (row[column] or "").strip()
    kind = {"pe": str, "time_done": float}.get(column, int)
    try:
        kind(said)
    except ValueError:
        wanted = "a number" if kind is float else "a whole number"
        raise Refused.at(column, f"{said!r} cannot be read; expected {wanted}", file=place) from None
    if not said:
        raise Refused.at(column, "there is nothing; expected a PE's name or number", file=place)
    return said


def _called(said: str, names: list[str], place: str) -> str:
    """The name of a PE of the run. A PE that the run has not may have been recorded all the same, by its name."""
    if not said.isdecimal():
        bare = bare_name(said)
        return next((name for name in (bare, bare.removeprefix("chip0."), f"chip0.{bare}") if name in names), bare)
    if int(said) >= len(names):
        raise Refused.at("pe", f"{said} asked, but the run has PEs 0 to {len(names) - 1}", file=place)
    return names[int(said)]


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the line with the least squares; slope 1 where all x are one."""
    spread = x - x.mean()
    slope = float((spread * (y - y.mean())).sum() / (spread**2).sum()) if np.any(spread) else 1.0
    return slope, float(y.mean() - slope * x.mean())
