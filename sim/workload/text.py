"""Text to token numbers, in the one way the models are trained.

Lower case, words and a few marks of punctuation, `<eos>` after each line; a word that the vocabulary does not
hold becomes `<unk>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.scenario.complaints import Refused
from sim.scenario.document import read_text

END_OF_LINE: Final = "<eos>"
UNKNOWN: Final = "<unk>"
TOKEN: Final = re.compile(r"[a-z']+|[.,;:?!()]")

Tokens = npt.NDArray[np.int64]


def read_tokens(path: Path, key: str) -> list[str]:
    """The tokens of a UTF-8 text file; Refused at `key` if it cannot be read or holds no word."""
    tokens = tokenise(read_text(path, key))
    if all(token == END_OF_LINE for token in tokens):
        raise Refused.at(key, f"the text {path.name} is empty: it holds no word; give a file with text in it")
    return tokens


def tokenise(text: str) -> list[str]:
    """The tokens of `text`, lower case, with `<eos>` after each line; the last line may lack its newline."""
    lines = text.lower().removesuffix("\n").split("\n") if text else []
    return [token for line in lines for token in (*TOKEN.findall(line), END_OF_LINE)]


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
            raise Refused.at(
                key, f"{found}, which has no '{UNKNOWN}' for it; add '{UNKNOWN}' to array 'vocab'"
            )
