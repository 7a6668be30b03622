"""When a node sends: its packets as (cycle of creation, destinations), in order, depending on nothing that happens.

Bernoulli creates a packet in each cycle with a fixed probability; bursty does so only while it is on, in spells of
geometric length; a trace says it packet by packet.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sim.scenario.complaints import Complaint, Refused
from sim.workload.patterns import Goals, Nodes, node_number

Creation = tuple[int, tuple[int, ...]]
"""Cycle and destinations of a packet."""

DRAWN_TOGETHER = 256
KEY = "workload.trace"
COLUMNS = ("time_cycles", "source", "destinations")


def bernoulli(rng: np.random.Generator, rate: float, goals: Goals) -> Iterator[Creation]:
    """For ever: a packet in each cycle with probability `rate`; none at all for 0."""
    cycle = -1
    while rate:
        for gap, goal in zip(_gaps(rng, rate), goals(DRAWN_TOGETHER).tolist(), strict=True):
            cycle += gap
            yield cycle, (goal,)


def bursty(rng: np.random.Generator, rate: float, in_burst: float, length: float, goals: Goals) -> Iterator[Creation]:
    """For ever: on for `length` cycles in the mean at load `in_burst`, off as long as makes the mean load `rate`."""
    off = length * (in_burst - rate) / rate if rate else 0.0
    start = 0
    while rate:
        if off:
            start += int(rng.geometric(1 / (off + 1))) - 1
        stop = start + int(rng.geometric(1 / length))
        cycles = start + np.flatnonzero(rng.random(stop - start) < in_burst)
        for cycle, goal in zip(cycles.tolist(), goals(len(cycles)).tolist(), strict=True):
            yield cycle, (goal,)
        start = stop


def read_trace(path: Path, nodes: Nodes) -> list[list[Creation]]:
    """The packets of each node in a .csv file with a header time_cycles, source, destinations; several destinations
    are parted by spaces. Refused with every bad line."""
    packets: list[list[Creation]] = [[] for _ in range(nodes.count)]
    complaints = []
    for number, row in _rows(path):
        try:
            cycle, source, goals = _packet(row, nodes)
            packets[source].append((cycle, goals))
        except (ValueError, Refused) as wrong:
            text = wrong.complaints[0].problem if isinstance(wrong, Refused) else str(wrong)
            complaints.append(Complaint(KEY, text, str(path), number, 1))
    if complaints:
        raise Refused(complaints)
    return [sorted(own, key=lambda packet: packet[0]) for own in packets]


def _gaps(rng: np.random.Generator, rate: float) -> list[int]:
    gaps: list[int] = rng.geometric(rate, DRAWN_TOGETHER).tolist()
    return gaps


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                found = ", ".join(reader.fieldnames or ()) or "nothing"
                raise Refused.at(KEY, f"{path}: expected a header {', '.join(COLUMNS)}, found {found}")
            for row in reader:
                yield reader.line_num, {name: str(row[name] or "") for name in COLUMNS}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refused.at(KEY, f"{path}: cannot be read as text: {error}") from None


def _packet(row: dict[str, str], nodes: Nodes) -> tuple[int, int, tuple[int, ...]]:
    if not row["time_cycles"].strip().isdecimal():
        raise ValueError(f"time_cycles is '{row['time_cycles']}', expected a whole number from 0")
    goals = tuple(node_number(one, nodes, KEY) for one in row["destinations"].split())
    if not goals or len(set(goals)) < len(goals):
        raise ValueError(f"destinations are '{row['destinations']}', expected nodes parted by spaces, each once")
    return int(row["time_cycles"]), node_number(row["source"].strip(), nodes, KEY), goals
