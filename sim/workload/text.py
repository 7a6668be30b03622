"""Tokens to the numbers by which a model knows them: the row of its embedding and the place of its score.

A trained model brings its words, and one that it does not hold becomes `<unk>`; for drawn weights the
words of the text are numbered as they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.scenario.complaints import Refused
from sim.scenario.tokens import tokens_of

UNKNOWN: Final = "<unk>"

Tokens = npt.NDArray[np.int64]


def tokenise(text: str) -> list[str]:
    """The tokens of `text`, lower case, with `<eos>` after each line; the last line may lack its newline."""
    return list(tokens_of(text))


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Words by token number. No `slots`: the reverse index is cached on the instance."""

    words: tuple[str, ...]

    @classmethod
    def of_text(cls, tokens: Iterable[str]) -> Vocabulary:
        """The distinct tokens, numbered by first appearance."""
        return cls(tuple(dict.fromkeys(tokens)))

    @cached_property
    def numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    @property
    def unknown(self) -> int | None:
        """The number of `<unk>`, None in a vocabulary that has none."""
        return self.numbers.get(UNKNOWN)

    def ids(self, tokens: Sequence[str], key: str = "workload.text") -> Tokens:
        """Token numbers (tokens,) int64; Refused at `key` for an unknown word if there is no `<unk>`."""
        if self.unknown is None:
            self._refuse_unknown(tokens, key)
        return np.array([self.numbers.get(token, self.unknown) for token in tokens], dtype=np.int64)

    def _refuse_unknown(self, tokens: Sequence[str], key: str) -> None:
        missing = next((token for token in tokens if token not in self.numbers), None)
        if missing is not None:
            found = f"the word '{missing}' is not in the vocabulary of {len(self.words)} words"
            raise Refused.at(key, f"{found}, which has no '{UNKNOWN}' for it; add '{UNKNOWN}' to array 'vocab'")
