"""What a user is told when something they wrote cannot be used.

A complaint names the key it is about and says what was asked, what there is and what to change. Code anywhere
below the tools raises `Refused` with complaints that know only their key; who read the file adds the place.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong with one key; `line` and `column` count from 1, 0 where the place is not known."""

    path: str
    problem: str
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.problem) if part)


class Refused(Exception):  # noqa: N818 - it is a verdict on the input, not an error of the program
    """The input is wrong; carries every complaint there is, never only the first."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        super().__init__("\n".join(map(str, complaints)))
        self.complaints = tuple(complaints)

    @classmethod
    def at(cls, path: str, problem: str, file: str = "") -> Refused:
        """A refusal with a single complaint about `path`."""
        return cls([Complaint(path, problem, file)])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean 'x'?` for the nearest known word, or nothing when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f", did you mean '{near[0]}'?" if near else ""
