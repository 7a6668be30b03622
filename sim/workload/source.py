"""Where a network's inputs come from and what becomes of its outputs.

There is text that is scored, text that is written, and vectors. A source is asked for the input of a step
and later given the last layer's outputs of that step, whole and in unit order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from sim.scenario.streams import stream
from sim.workload.decoder_layer import chosen, likelihood
from sim.workload.elementary import exp
from sim.workload.language_model import Choice, Decoder, Embedding, nll
from sim.workload.sparse import Floats
from sim.workload.text import Tokens, Vocabulary

Report = dict[str, object]


class InputSource(Protocol):
    """Inputs by step, and what is made of the outputs; the only state over time that a workload has."""

    @property
    def known_ahead(self) -> bool:
        """Whether the input of a step can be had before the outputs of the steps before it."""
        ...

    def input(self, step: int) -> Floats:
        """The input vector of `step`, counted from 0, (inputs,) float32."""
        ...

    def token(self, step: int) -> int | None:
        """The token fed at `step`, that is the row of the embedding; None where inputs are not tokens."""
        ...

    def accept(self, step: int, y: Floats) -> None:
        """Take the last layer's outputs of `step`, (units,) float32; once for each step."""
        ...

    def report(self) -> Report:
        """What can be said so far; what cannot be said is absent."""
        ...

    @property
    def largest_input(self) -> float:
        """A size that no value of any input exceeds."""
        ...

    def targets(self, steps: int) -> list[int]:
        """The token that each of the first `steps` steps should predict; nothing where there is no right answer."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ScoredText:
    """Feeds `tokens` but the last; with a decoder, scores how well each predicts the next."""

    tokens: Tokens
    embedding: Embedding
    unknown: int | None
    decoder: Decoder | None
    known_ahead: bool = True
    losses: dict[int, float] = field(default_factory=dict)

    def input(self, step: int) -> Floats:
        return self.embedding.row(self.token(step))

    def token(self, step: int) -> int:
        return int(self.tokens[step])

    def accept(self, step: int, y: Floats) -> None:
        if self.decoder is not None:
            self.losses[step] = nll(self.decoder.logits(y), int(self.tokens[step + 1]))

    def accept_decoded(self, step: int, answers: Floats, starts: Sequence[int]) -> None:
        """Take what slices of a decoder, whose words start at `starts`, answered, (slices, width) float32."""
        self.losses[step] = likelihood(answers, starts, int(self.tokens[step + 1]))

    def report(self) -> Report:
        """`tokens` predicted, `unknown_tokens` among them, `mean_nll_nat`, `perplexity`; of the steps
        accepted.

        Without a decoder, or before the first step, nothing.
        """
        if not self.losses:
            return {}
        steps = sorted(self.losses)
        mean = math.fsum(self.losses[step] for step in steps) / len(steps)
        unknown = sum(int(self.tokens[step + 1]) == self.unknown for step in steps)
        perplexity = float(exp(mean))
        return {
            "tokens": len(steps),
            "unknown_tokens": unknown,
            "mean_nll_nat": mean,
            "perplexity": perplexity,
        }

    @property
    def largest_input(self) -> float:
        return self.embedding.largest

    def targets(self, steps: int) -> list[int]:
        return [int(token) for token in self.tokens[1 : steps + 1]]


@dataclass(frozen=True, slots=True, eq=False)
class WrittenText:
    """Feeds a prompt, then at each step the token that it chose from the outputs of the step before.

    `tokens` starts as the prompt, `prompt_tokens` long, and grows; steps must be accepted in order.
    """

    tokens: list[int]
    embedding: Embedding
    vocabulary: Vocabulary
    decoder: Decoder
    choice: Choice
    prompt_tokens: int
    known_ahead: bool = False

    def input(self, step: int) -> Floats:
        return self.embedding.row(self.token(step))

    def token(self, step: int) -> int:
        return self.tokens[step]

    def accept(self, step: int, y: Floats) -> None:
        if step + 1 == len(self.tokens):
            self.tokens.append(self.choice.choose(self.decoder.logits(y), step))

    def accept_decoded(self, step: int, answers: Floats, starts: Sequence[int]) -> None:
        """Take what slices of a decoder, whose words start at `starts`, answered, (slices, width) float32."""
        if step + 1 == len(self.tokens):
            self.tokens.append(chosen(answers, starts))

    def report(self) -> Report:
        """`tokens` written so far, and `generated_text`, their words joined by blanks; not the prompt."""
        written = self.tokens[self.prompt_tokens :]
        words = [self.vocabulary.words[token] for token in written]
        return {"tokens": len(written), "generated_text": " ".join(words)}

    @property
    def largest_input(self) -> float:
        return self.embedding.largest

    def targets(self, steps: int) -> list[int]:
        """Nothing: its own text is no right answer."""
        return []


@dataclass(frozen=True, slots=True, eq=False)
class GivenVectors:
    """Feeds the rows of `vectors` (steps, inputs); nothing is made of the outputs."""

    vectors: Floats
    known_ahead: bool = True

    def input(self, step: int) -> Floats:
        return np.ascontiguousarray(self.vectors[step])

    def token(self, step: int) -> None:
        """None: a row is not a token."""

    def accept(self, step: int, y: Floats) -> None:
        """Vectors have no right answer to compare with."""

    def report(self) -> Report:
        return {}

    @property
    def largest_input(self) -> float:
        return float(np.max(np.abs(self.vectors), initial=0.0))

    def targets(self, steps: int) -> list[int]:
        return []


@dataclass(frozen=True, slots=True)
class SteadyInputs:
    """Feeds vectors of `width` values of which a `share` are 1 and the rest 0, drawn anew for each step."""

    width: int
    share: float
    seed: int
    known_ahead: bool = True
    largest_input: float = 1.0

    def input(self, step: int) -> Floats:
        drawn = stream(self.seed, "workload", "inputs", str(step)).random(self.width, dtype=np.float32)
        return (drawn < self.share).astype(np.float32)

    def token(self, step: int) -> None:
        """None: a vector is not a token."""

    def targets(self, steps: int) -> list[int]:
        return []

    def accept(self, step: int, y: Floats) -> None:
        """Nothing is made of outputs that nobody computed."""

    def report(self) -> Report:
        return {}
