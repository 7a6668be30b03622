"""What counts as a token of a text: words in lower case, seven marks of punctuation, `<eos>` after each line.

It is here, below the workload, so that a text too short for its scenario is found by the check, which loads
neither a network nor NumPy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

END_OF_LINE: Final = "<eos>"
TOKEN: Final = re.compile(r"[a-z']+|[.,;:?!()]")


def tokens_of(text: str) -> Iterator[str]:
    """The tokens of `text`, one after the other; a newline at its very end opens no further line."""
    if text:
        for line in text.lower().removesuffix("\n").split("\n"):
            yield from TOKEN.findall(line)
            yield END_OF_LINE
