"""Where a yes-or-no number turns from no to yes, as a pure function of the answers known so far.

The search is replayed from the start each time an answer comes in: it needs no state of its own, so it can be
resumed from finished points and does not depend on the order in which workers answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from sim.study.models import Bisect, Number

Answers = Mapping[Number, bool | None]
"""By value of the key: yes, no, or None where the run failed or did not say."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """Found between `last_no` and `first_yes`; `problem` says why when it was not, and the numbers are None.

    `value` is the middle of the two, or `first_yes` when the key counts in whole numbers.
    """

    value: Number | None = None
    last_no: Number | None = None
    first_yes: Number | None = None
    problem: str = ""


def look(asked: Bisect, answers: Answers) -> Threshold | tuple[Number, ...]:
    """The threshold, or the values of the key whose answers are needed next."""
    ends = tuple(end for end in (asked.low, asked.high) if end not in answers)
    if ends:
        return ends
    problem = _unbracketed(asked, answers)
    if problem:
        return Threshold(problem=problem)
    low, high = asked.low, asked.high
    while (middle := _middle(asked, low, high)) is not None:
        if middle not in answers:
            return (middle,)
        if answers[middle] is None:
            return Threshold(problem=_unanswered(asked, middle))
        low, high = (low, middle) if answers[middle] else (middle, high)
    return Threshold(high if is_whole(asked) else _half_way(low, high), low, high)


def most_left(asked: Bisect, answers: Answers) -> int:
    """How many more answers the search needs at most."""
    found = look(asked, answers)
    if isinstance(found, Threshold):
        return 0
    span = (asked.high - asked.low) / max(asked.tolerance, 1 if is_whole(asked) else 0)
    return max(len(found), 2 + math.ceil(math.log2(span)) - len(answers))


def is_whole(asked: Bisect) -> bool:
    """Whether only whole numbers are tried: all three numbers of the search are written as such."""
    return all(isinstance(number, int) for number in (asked.low, asked.high, asked.tolerance))


def _unbracketed(asked: Bisect, answers: Answers) -> str:
    for end in (asked.low, asked.high):
        if answers[end] is None:
            return _unanswered(asked, end)
    if answers[asked.low]:
        return f"{asked.until} is true at {asked.low} already; lower bisect.low"
    if not answers[asked.high]:
        return f"{asked.until} is false still at {asked.high}; raise bisect.high"
    return ""


def _unanswered(asked: Bisect, value: Number) -> str:
    return f"the run at {asked.key}={value} failed or has no {asked.until}"


def _middle(asked: Bisect, low: Number, high: Number) -> Number | None:
    """The next value to try, None when the ends are as close as was asked."""
    if high - low <= asked.tolerance:
        return None
    middle = (low + high) // 2 if is_whole(asked) else _half_way(low, high)
    return middle if low < middle < high else None


def _half_way(low: Number, high: Number) -> float:
    return float(f"{(low + high) / 2:.12g}")
