"""When a node sends: its packets as (cycle of creation, destinations), in order, depending on nothing that happens.

Bernoulli creates a packet in each cycle with a fixed probability; bursty does so only while it is on, in spells of
geometric length; a trace says it packet by packet.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.scenario.complaints import Complaint, Refused
from sim.scenario.document import read_text
from sim.scenario.section import MOST_CYCLES
from sim.workload.patterns import Goals, Nodes, node_number

Creation = tuple[int, tuple[int, ...]]
"""Cycle and destinations of a packet."""

DRAWN_TOGETHER = 256
"""Numbers drawn at a time. They stay in NumPy's array until they are used, at a fifth of what a list of them takes."""
KEY = "workload.trace"
COLUMNS = ("time_cycles", "source", "destinations")


def bernoulli(rng: np.random.Generator, rate: float, goals: Goals) -> Iterator[Creation]:
    """For ever: a packet in each cycle with probability `rate`; none at all for 0."""
    before = -1
    while rate:
        cycles = before + np.cumsum(rng.geometric(rate, DRAWN_TOGETHER))
        for cycle, goal in zip(cycles.data, goals(DRAWN_TOGETHER).data, strict=True):
            yield cycle, (goal,)
        before = int(cycles[-1])


def bursty(rng: np.random.Generator, rate: float, in_burst: float, length: float, goals: Goals) -> Iterator[Creation]:
    """For ever: on for `length` cycles in the mean at load `in_burst`, off as long as makes the mean load `rate`."""
    off = length * (in_burst - rate) / rate if rate else 0.0
    start, where = 0, _one_by_one(goals)
    while rate:
        if off:
            start += int(rng.geometric(1 / (off + 1))) - 1
        stop = start + int(rng.geometric(1 / length))
        cycle = start - 1
        while (cycle := cycle + int(rng.geometric(in_burst))) < stop:
            yield cycle, (next(where),)
        start = stop


def read_trace(path: Path, nodes: Nodes) -> list[list[Creation]]:
    """The packets of each node in a .csv file with a header time_cycles, source, destinations; several destinations
    are parted by spaces. Refused with everything that is wrong."""
    packets: list[list[Creation]] = [[] for _ in range(nodes.count)]
    complaints: list[Complaint] = []
    for row in _rows(path):
        problems = list(row.problems(nodes))
        if problems:
            complaints += (Complaint(KEY, text, str(path), row.number, column) for column, text in problems)
        else:
            cycle, source, goals = (read(field, nodes) for read, field in zip(READERS, row.fields, strict=True))
            packets[source].append((cycle, goals))
    if complaints:
        raise Refused(complaints)
    return [sorted(own, key=lambda packet: packet[0]) for own in packets]


def _one_by_one(goals: Goals) -> Iterator[int]:
    while True:
        yield from goals(DRAWN_TOGETHER).data


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a trace, its `number` in the file and its fields."""

    number: int
    line: str
    fields: list[str]

    def problems(self, nodes: Nodes) -> Iterator[tuple[int, str]]:
        """The column and what is wrong there, for each field."""
        if len(self.fields) != len(COLUMNS):
            hint = "part destinations by spaces, and put names with a comma in double quotes"
            yield 1, f"{len(self.fields)} fields, expected {', '.join(COLUMNS)}; {hint}"
            return
        after = 0
        for read, field in zip(READERS, self.fields, strict=True):
            column = max(after, self.line.find(field, after))
            after = self.line.find(",", column + len(field)) + 1
            try:
                read(field, nodes)
            except Refused as wrong:
                yield column + 1, wrong.complaints[0].problem


def _rows(path: Path) -> Iterator[Row]:
    lines = read_text(path, KEY).splitlines(keepends=True)
    reader = csv.reader(lines, skipinitialspace=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if header != list(COLUMNS):
            found = ", ".join(header) or "nothing"
            problem = f"expected a header {', '.join(COLUMNS)}, found {found}"
            raise Refused([Complaint(KEY, problem, str(path), 1, 1)])
        for fields in reader:
            if fields:
                yield Row(reader.line_num, lines[reader.line_num - 1], fields)
    except csv.Error as error:
        problem = f"cannot be read as fields parted by commas: {error}"
        raise Refused([Complaint(KEY, problem, str(path), reader.line_num, 1)]) from None


def _cycle(written: str, _: Nodes) -> int:
    cycle = int(written) if written.strip().isdecimal() and len(written) < 20 else MOST_CYCLES + 1
    if cycle > MOST_CYCLES:
        raise Refused.at(KEY, f"time_cycles is '{written}', expected a whole number from 0 to {MOST_CYCLES}")
    return cycle


def _source(written: str, nodes: Nodes) -> int:
    return node_number(written.strip(), nodes, KEY)


def _goals(written: str, nodes: Nodes) -> tuple[int, ...]:
    goals = tuple(node_number(one, nodes, KEY) for one in written.split())
    if not goals or len(set(goals)) < len(goals):
        raise Refused.at(KEY, f"destinations are '{written}', expected nodes parted by spaces, each once")
    return goals


READERS: tuple[Callable[[str, Nodes], Any], ...] = (_cycle, _source, _goals)
"""How to read each of `COLUMNS`; what they cannot read is Refused."""
