"""The two ends of a language model: rows of an embedding in front, scores of the next token behind.

The decoder is tied: it multiplies the last layer's events with the embedding rows and adds a bias. Sums are float32 in
the order of the unit index, over units that fired, each word for itself: a score is the same bit for bit whoever
computes it, and however the words are dealt out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from sim.scenario.complaints import Refused
from sim.scenario.streams import stream
from sim.workload import rounding
from sim.workload.elementary import exp, log
from sim.workload.sparse import Floats

Doubles = npt.NDArray[np.float64]

# Half width of the uniform distribution of embedding values, as the published models are initialised
# (EvNN language model: U(-0.1, 0.1)). No further scale: synthetic input weights make up for it.
EMBEDDING_RANGE: Final = 0.1

NEVER: Final = -1e30
"""The score of a token that there is no word for."""

LEAST_DRAWN: Final = 2.0**-54
"""In place of a drawn 0, which has no logarithm: half of the least other number that can be drawn."""


class Embedding(Protocol):
    """`size` rows, one per token, each `width` values."""

    @property
    def size(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def largest(self) -> float:
        """A size that no value of any row exceeds."""
        ...

    def row(self, token: int) -> Floats:
        """The input vector of `token`, (width,) float32; Refused at `workload.text` if out of range."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class TableEmbedding:
    """Rows of a trained table (tokens, width)."""

    table: Floats

    @property
    def size(self) -> int:
        return len(self.table)

    @property
    def width(self) -> int:
        return int(self.table.shape[1])

    @property
    def largest(self) -> float:
        return float(np.max(np.abs(self.table)))

    def row(self, token: int) -> Floats:
        _check_range(token, self.size)
        return np.ascontiguousarray(self.table[token])


@dataclass(frozen=True, slots=True)
class SeededEmbedding:
    """Rows drawn from the seed when asked for, so that a table of 33 278 x 750 need not exist.

    Values are uniform in -0.1..0.1; row t depends on the seed and t alone.
    """

    size: int
    width: int
    seed: int

    @property
    def largest(self) -> float:
        return EMBEDDING_RANGE

    def row(self, token: int) -> Floats:
        _check_range(token, self.size)
        unit = stream(self.seed, "workload", "embedding", str(token)).random(self.width, dtype=np.float32)
        return (unit - np.float32(0.5)) * np.float32(2 * EMBEDDING_RANGE)


@dataclass(frozen=True, slots=True, eq=False)
class Decoder:
    """Scores of the next token: `columns` (units, tokens) is the embedding transposed, `bias` (tokens,). Where there
    are `scales` (tokens,), a token's sum is multiplied by its own."""

    columns: Floats
    bias: Floats
    scales: Floats | None = None

    @property
    def tokens(self) -> int:
        return len(self.bias)

    def logits(self, y: Floats, start: int = 0, stop: int | None = None) -> Floats:
        """Scores of tokens `start` to `stop` (not included) from the last layer's outputs `y` (units,), float32."""
        some = slice(start, stop)
        total = np.zeros(len(self.bias[some]), np.float32)
        for unit in np.flatnonzero(y):
            total += self.columns[unit, some] * y[unit]
        scaled: Floats = total if self.scales is None else total * self.scales[some]
        return scaled + self.bias[some]

    def in_int8(self) -> Decoder:
        """The same with each token's weights in int8, with a scale that makes the largest of them 127."""
        scales = rounding.int8_scales(np.max(np.abs(self.columns), axis=0, initial=0.0))
        return Decoder(rounding.int8_codes(self.columns, scales), self.bias, scales)


def decoder_of_rows(embedding: Embedding, tokens: int, sayable: int | None = None) -> Decoder:
    """A tied decoder without bias over the first `tokens` rows of an embedding; those from `sayable` on score so low
    that they are never chosen."""
    columns = np.empty((embedding.width, tokens), np.float32)
    for token in range(tokens):
        columns[:, token] = embedding.row(token)
    bias = np.zeros(tokens, np.float32)
    bias[tokens if sayable is None else sayable :] = NEVER
    return Decoder(columns, bias)


def nll(logits: npt.NDArray[np.floating], target: int) -> float:
    """Negative log likelihood of `target` in nat, under a softmax of `logits`."""
    precise = logits.astype(np.float64)
    top = precise.max()
    total = math.fsum(exp(precise - top).tolist())
    return float(log(total) - (precise[target] - top))


@dataclass(frozen=True, slots=True)
class Choice:
    """How the next token is chosen: the likeliest, the first among equals; or with a `temperature` one drawn from
    softmax(logits / temperature).

    Drawn by Gumbel's trick: the likeliest once noise of that distribution has been added to each logit. The noise of a
    token depends on seed, step and token alone, so tokens can be dealt out and the best of the best ones is the token
    that somebody with all of them would have drawn.
    """

    temperature: float | None = None
    seed: int = 0

    def preferences(self, logits: Floats, step: int, start: int = 0) -> Floats:
        """What the chosen token has most of, from the `logits` of tokens from `start` on, float32."""
        if self.temperature is None:
            return logits
        drawn = stream(self.seed, "workload", "generate", str(step)).random(start + len(logits))[start:]
        noise = -log(-log(np.maximum(drawn, LEAST_DRAWN)))
        return (logits.astype(np.float64) / self.temperature + noise).astype(np.float32)

    def choose(self, logits: Floats, step: int) -> int:
        """The token chosen at `step`."""
        return int(np.argmax(self.preferences(logits, step)))


LIKELIEST: Final = Choice()


def _check_range(token: int, size: int) -> None:
    if not 0 <= token < size:
        problem = f"token {token} is out of range: the embedding has rows 0 to {size - 1}"
        raise Refused.at("workload.text", problem)
