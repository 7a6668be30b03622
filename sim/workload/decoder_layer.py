"""The decoder of a language model as a layer that is dealt to processing elements: each holds some of the words.

A slice scores its words and answers with a few numbers instead of all scores: its best word and how good that is, and
where a text is scored the sum of exponentials beside the best and the score of the word that was to come, if it has it.
Scores, best words and the word chosen are those of one decoder bit for bit. The sum is rounded once for each slice, so
a likelihood depends on the cuts in its last digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sim.workload.elementary import exp, log
from sim.workload.language_model import LIKELIEST, Choice, Decoder
from sim.workload.sparse import Floats

WRITING, SCORING = 2, 4
"""Numbers in an answer: preference and place of the best word; where a text is scored sum and target's score too."""

FRACTION: Final = 2.0**31
"""Exponentials are added up as the unit for them gives them, with 31 bits behind the point (arXiv 2607.24396)."""

Columns = Literal["active", "dense"]


@dataclass(frozen=True, slots=True, eq=False)
class DecoderLayer:
    """A decoder whose matrix is read by `columns`: those of units that fired, or all. `targets` holds the word that
    each step should predict, where a text is scored; where one is written words are taken by `choice`."""

    decoder: Decoder
    columns: Columns
    choice: Choice = LIKELIEST
    targets: tuple[int, ...] = ()

    @property
    def inputs(self) -> int:
        return len(self.decoder.columns)

    @property
    def units(self) -> int:
        """Words."""
        return self.decoder.tokens

    @property
    def width(self) -> int:
        """Numbers that a slice answers with."""
        return SCORING if self.targets else WRITING

    @property
    def exponentials(self) -> int:
        """Exponentials or logarithms of each word in a step: of its score, or of the noise that draws a word."""
        if self.targets:
            return 1
        return 0 if self.choice.temperature is None else 2

    def targets_in(self, start: int, stop: int) -> int:
        """How many steps should predict one of the words `start` to `stop` (not included)."""
        return sum(start <= word < stop for word in self.targets)

    def answer(self, y: Floats, step: int, start: int, stop: int) -> Floats:
        """What a slice of words `start` to `stop` (not included) says after the last layer sent `y` (inputs,), float32
        (width,); the place of its best word counts from `start`."""
        logits = self.decoder.logits(y, start, stop)
        preferences = self.choice.preferences(logits, step, start)
        best = int(np.argmax(preferences))
        answer = [float(preferences[best]), float(best)]
        if self.targets:
            target = self.targets[step]
            answer += [_summed(logits), float(logits[target - start]) if start <= target < stop else 0.0]
        return np.array(answer, np.float32)


def _summed(logits: Floats) -> float:
    """Sum of exponentials of what each score has more than the best; whole numbers, so in whatever order."""
    terms = np.rint(exp(logits - logits.max()) * FRACTION)
    return int(terms.astype(np.int64).sum()) / FRACTION


def chosen(answers: Floats, starts: Sequence[int]) -> int:
    """The word chosen, the first of equals, from answers (slices, width) of slices whose words start at `starts`."""
    best = int(np.argmax(answers[:, 0]))
    return starts[best] + int(answers[best, 1])


def likelihood(answers: Floats, starts: Sequence[int], target: int) -> float:
    """Negative log likelihood of `target` in nat, under a softmax of all scores, from answers (slices, 4)."""
    holder = max(place for place, start in enumerate(starts) if start <= target)
    precise = answers.astype(np.float64)
    top = float(precise[:, 0].max())
    total = math.fsum((precise[:, 2] * exp(precise[:, 0] - top)).tolist())
    return float(log(total) - (precise[holder, 3] - top))
