"""The two ends of a language model: rows of an embedding in front, scores of the next token behind.

The decoder is tied: it multiplies the last layer's events with the embedding rows and adds a bias. Sums
are float64 in the order of the unit index, over units that fired, so a score is the same on every machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
import numpy.typing as npt

from sim.scenario.complaints import Refused
from sim.scenario.streams import stream
from sim.workload.elementary import exp, log
from sim.workload.sparse import Floats

Doubles = npt.NDArray[np.float64]

# Half width of the uniform distribution of embedding values, as the published models are initialised
# (EvNN language model: U(-0.1, 0.1)). No further scale: synthetic input weights make up for it.
EMBEDDING_RANGE: Final = 0.1


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
    """Scores of the next token: `columns` (units, tokens) is the embedding transposed, `bias` (tokens,)."""

    columns: Floats
    bias: Floats

    def logits(self, y: Floats) -> Doubles:
        """Scores (tokens,) float64 from the last layer's outputs `y` (units,)."""
        total = np.zeros(len(self.bias), dtype=np.float64)
        for unit in np.flatnonzero(y):
            total += np.multiply(self.columns[unit], y[unit], dtype=np.float64)
        return total + self.bias


def decoder_of_rows(embedding: Embedding, tokens: int) -> Decoder:
    """A tied decoder without bias over the first `tokens` rows of an embedding."""
    rows = np.stack([embedding.row(token) for token in range(tokens)])
    return Decoder(np.ascontiguousarray(rows.T), np.zeros(tokens, np.float32))


def nll(logits: Doubles, target: int) -> float:
    """Negative log likelihood of `target` in nat, under a softmax of `logits`."""
    top = logits.max()
    total = math.fsum(exp(logits - top).tolist())
    return float(log(total) - (logits[target] - top))


def choose(logits: Doubles, sampling: Literal["greedy", "sample"], rng: np.random.Generator, temperature: float) -> int:
    """The next token: the likeliest, the first among equals, or one drawn from softmax(logits / T)."""
    if sampling == "greedy":
        return int(np.argmax(logits))
    shares = np.cumsum(exp((logits - logits.max()) / temperature))
    drawn = int(np.searchsorted(shares, rng.random() * shares[-1], side="right"))
    return min(drawn, len(logits) - 1)


def _check_range(token: int, size: int) -> None:
    if not 0 <= token < size:
        problem = f"token {token} is out of range: the embedding has rows 0 to {size - 1}"
        raise Refused.at("workload.text", problem)
