"""A run beside what was recorded on silicon: when each PE had done each step, and how many packets it had received.

Clocks of the two start at different instants, so their offset is taken out first: a straight line through the pairs of
times tells offset and how much faster or slower the silicon went, and what is left is the error of a single time.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sim.report.aligned import aligned
from sim.report.result import Result
from sim.scenario.complaints import Refused

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
        raise Refused.at("", "no PE and step of it is in the run", file=str(recorded))
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
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
                told = f"no column {missing[0]}; expected {', '.join(COLUMNS)} in the first line"
                raise Refused.at("", told, file=str(path))
            return dict(_row(row, names, UNITS[unit], f"{path}:{reader.line_num}") for row in reader)
    except OSError as failure:
        raise Refused.at("", f"cannot be read: {failure.strerror}", file=str(path)) from failure


def _row(
    row: Mapping[str, str], names: list[str], unit: float, place: str
) -> tuple[tuple[str, int], tuple[float, int]]:
    pe = row["pe"].strip()
    try:
        name = names[int(pe)] if pe.isdecimal() else pe
        return (name, int(row["step"])), (unit * float(row["time_done"]), int(row["packets_received"]))
    except (ValueError, IndexError, TypeError) as failure:
        raise Refused.at("", f"cannot be read as numbers: {', '.join(map(str, row.values()))}", file=place) from failure


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the line with the least squares; slope 1 where all x are one."""
    spread = x - x.mean()
    slope = float((spread * (y - y.mean())).sum() / (spread**2).sum()) if np.any(spread) else 1.0
    return slope, float(y.mean() - slope * x.mean())
