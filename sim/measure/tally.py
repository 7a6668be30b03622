"""Numbers counted by value, so that percentiles are exact and memory does not grow with what is counted.

They are noted down and counted many at a time: most values of a long run are new ones, and to look each up in a table
that has outgrown the processor's cache is slower than to sort them now and then.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]

NOTED_AT_LEAST = 1 << 12
"""Numbers kept before they are counted: as Python has them, more would take the caches away from what is simulated."""


class Tally:
    """How often each whole number (below 2**63) was added."""

    def __init__(self) -> None:
        self._noted: list[int] = []
        self._most = NOTED_AT_LEAST
        self._values: Whole = np.zeros(0, np.int64)
        self._times: Whole = np.zeros(0, np.int64)

    def add(self, value: int, times: int) -> None:
        """Count `value` so many times."""
        noted = self._noted
        noted.append(value)
        noted.append(times)
        if len(noted) >= self._most:
            self._count()

    def add_all(self, values: Whole, times: Whole) -> None:
        """Count each of `values` so many times."""
        values, times = np.concatenate((self._values, values)), np.concatenate((self._times, times))
        order = np.argsort(values, kind="stable")
        values, times = values[order], times[order]
        firsts = np.flatnonzero(np.diff(values, prepend=values[0] - 1))
        self._values, self._times = values[firsts], np.add.reduceat(times, firsts)
        self._most = max(NOTED_AT_LEAST, 2 * len(firsts))

    @property
    def counts(self) -> Counter[int]:
        """How often each number was added."""
        self._count()
        return Counter(dict(zip(self._values.tolist(), self._times.tolist(), strict=True)))

    def _count(self) -> None:
        """Done the more rarely the more values there are, so that it costs no more for each."""
        if not self._noted:
            return
        self.add_all(*taken_off(self._noted, 2))


def taken_off(noted: list[int], columns: int) -> Whole:
    """The numbers noted row by row, column by column, (columns, rows); the list, which is what numbers are noted in
    fastest, is empty then."""
    table: Whole = np.fromiter(noted, np.int64, len(noted)).reshape(-1, columns).T
    noted.clear()
    return table
