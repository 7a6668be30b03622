"""Numbers counted by value, so that percentiles are exact and memory does not grow with what is counted.

They come many at a time and are counted rarely: most values of a long run are new ones, and to look each up in a table
that has outgrown the processor's cache is slower than to sort them now and then.
"""

from __future__ import annotations

from collections import Counter, deque

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]

NOTED_AT_LEAST = 1 << 12
"""Numbers kept before they are counted: as Python has them, more would take the caches away from what is simulated.
They are kept in a deque: a list is copied again and again as it grows, to memory that is in no cache yet."""

UNSORTED_AT_LEAST = 1 << 15
"""Numbers kept as they came before they are sorted in: to sort a few at a time costs more for each."""


class Tally:
    """How often each whole number (below 2**63) was added."""

    def __init__(self) -> None:
        self._unsorted: list[tuple[Whole, Whole]] = []
        self._waiting = 0
        self._values: Whole = np.zeros(0, np.int64)
        self._times: Whole = np.zeros(0, np.int64)

    def add(self, values: Whole, times: Whole) -> None:
        """Count each of `values` so many `times`. Done the more rarely the more values there are, so that it costs no
        more for each."""
        self._unsorted.append((values, times))
        self._waiting += len(values)
        if self._waiting >= max(UNSORTED_AT_LEAST, len(self._values)):
            self._count()

    @property
    def counts(self) -> Counter[int]:
        """How often each number was added."""
        self._count()
        return Counter(dict(zip(self._values.tolist(), self._times.tolist(), strict=True)))

    def _count(self) -> None:
        if not self._waiting:
            return
        together = [(self._values, self._times), *self._unsorted]
        values, times = (np.concatenate(column) for column in zip(*together, strict=True))
        self._unsorted.clear()
        self._waiting = 0
        order = np.argsort(values)
        values, times = values[order], times[order]
        firsts = np.flatnonzero(np.diff(values, prepend=values[0] - 1))
        self._values, self._times = values[firsts], np.add.reduceat(times, firsts)


def taken_off(noted: deque[int] | list[int], columns: int) -> Whole:
    """The numbers noted row by row, column by column, (columns, rows). `noted` is empty then."""
    table: Whole = np.fromiter(noted, np.int64, len(noted)).reshape(-1, columns).T
    noted.clear()
    return table
