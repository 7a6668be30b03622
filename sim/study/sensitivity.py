"""The points of a sensitivity study: machine parameters moved to the ends of their ranges, one by one and together.

A parameter is moved by an override of the topology's number, so a point is a scenario like any other. One by one, every
chosen parameter with a range goes to its low and to its high end; together, those whose value is assumed (or all) are
drawn anew for each draw, each from a random stream of its own, so that more draws or parameters change no other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from sim.machine.description import read_topology
from sim.machine.parameters import Parameter, parameters
from sim.scenario.complaints import Complaint, Refused, did_you_mean
from sim.scenario.document import read
from sim.scenario.load import load
from sim.scenario.places import topology_file
from sim.scenario.streams import stream
from sim.study.axes import SIGNIFICANT, Cell
from sim.study.load import StudyFile
from sim.study.models import Sensitivity

OVERRIDE = "machine.override."
Move = Literal["low", "high", "draw"]


@dataclass(frozen=True, slots=True)
class Case:
    """One point: the `number`-th of its kind, and the parameters it moves."""

    move: Move
    number: int
    cell: Cell


@dataclass(frozen=True, slots=True)
class Moved:
    """What a study moves: parameters one by one, which of them together, and assumed ones that have no range."""

    alone: tuple[Parameter, ...] = ()
    together: tuple[Parameter, ...] = ()
    unranged: tuple[str, ...] = ()


NOTHING_MOVED = Moved()


def moved(file: StudyFile) -> Moved:
    """The parameters that the study moves; Refused where it names one that cannot be."""
    asked = file.study.sensitivity
    if asked is None:
        return NOTHING_MOVED
    known = _numbers(file)
    _refuse_unknown(file, asked, known)
    chosen = [one for one in known if _is_chosen(asked, one.name)]
    alone = tuple(one for one in chosen if _ranged(one))
    together = tuple(one for one in alone if asked.together == "all" or one.basis == "assumed")
    unranged = tuple(one.name for one in chosen if one.basis == "assumed" and not _ranged(one))
    return Moved(alone, together, unranged)


def cases(file: StudyFile, what: Moved) -> Iterator[Case]:
    """Every point but the base: an end that is the value itself needs none."""
    asked = file.study.sensitivity
    if asked is None:
        return
    for number, one in enumerate(what.alone):
        ends: tuple[tuple[Move, Any], ...] = (("low", one.low), ("high", one.high))
        for move, end in ends:
            if end != one.value:
                yield Case(move, number, {OVERRIDE + one.name: end})
    seed = load(file.base, file.study.set)[0].seed
    columns = {OVERRIDE + one.name: _drawn(one, asked, seed) for one in what.together}
    for number in range(asked.draws if columns else 0):
        yield Case("draw", number, {key: values[number] for key, values in columns.items()})


def _numbers(file: StudyFile) -> list[Parameter]:
    """The numbers of the machine of the base, by the study's fixed keys."""
    try:
        scenario, document = load(file.base, file.study.set)
        described = read(topology_file(scenario.machine.topology, document))
        topology = read_topology(described, scenario.machine.override, scenario.machine.chips)
    except Refused as refused:
        raise Refused([file.document.complaint(("base",), str(one)) for one in refused.complaints]) from None
    return [one for one in parameters(topology) if _is_number(one.value)]


def _refuse_unknown(file: StudyFile, asked: Sensitivity, known: Sequence[Parameter]) -> None:
    names = [one.name for one in known]
    lists = {"parameters": asked.parameters, "leave_out": asked.leave_out}
    unknown: list[Complaint] = []
    for key, patterns in lists.items():
        for index, pattern in enumerate(patterns):
            if not any(fnmatchcase(name, pattern) for name in names):
                problem = f"no number of the machine is called '{pattern}'{did_you_mean(pattern, names)}"
                unknown.append(file.document.complaint(("sensitivity", key, index), problem))
    if unknown:
        raise Refused(unknown)


def _is_chosen(asked: Sensitivity, name: str) -> bool:
    wanted = any(fnmatchcase(name, pattern) for pattern in asked.parameters)
    return wanted and not any(fnmatchcase(name, pattern) for pattern in asked.leave_out)


def _ranged(one: Parameter) -> bool:
    return one.low is not None and one.high is not None and one.low < one.high


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _drawn(one: Parameter, asked: Sensitivity, seed: int) -> list[Any]:
    """Independent draws from the range, uniform in the number or in its logarithm; whole where the number is.

    A range that begins at 0 has no logarithm and is drawn from uniformly.
    """
    shares = stream(seed, "sensitivity", one.name).random(asked.draws).tolist()
    low, high = float(one.low), float(one.high)
    if asked.scale == "log" and low > 0:
        values = [low * math.exp(share * math.log(high / low)) for share in shares]
    else:
        values = [low + share * (high - low) for share in shares]
    if isinstance(one.value, int):
        return [round(value) for value in values]
    return [float(f"{value:.{SIGNIFICANT}g}") for value in values]
