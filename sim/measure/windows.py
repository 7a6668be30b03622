"""Time told span by span, counted in equal windows.

A span costs the same however many windows it covers: its ends are counted where they lie, and the whole windows between
them as a beginning and an end. All of it is whole picoseconds, so the windows sum to the spans exactly.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt


class Windows:
    """Picoseconds of spans in windows of `width` ps, the first from time 0."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._parts: defaultdict[int, int] = defaultdict(int)
        self._whole: defaultdict[int, int] = defaultdict(int)

    def add(self, start: int, end: int) -> None:
        """Count a span from `start` to `end` (ps)."""
        width = self.width
        first, last = start // width, end // width
        if first == last:
            self._parts[first] += end - start
            return
        self._parts[first] += (first + 1) * width - start
        self._parts[last] += end - last * width
        self._whole[first + 1] += 1
        self._whole[last] -= 1

    def amounts(self, count: int) -> npt.NDArray[np.int64]:
        """Picoseconds in each of the first `count` windows."""
        parts, whole = np.zeros((2, count + 1), np.int64)
        for into, counted in ((parts, self._parts), (whole, self._whole)):
            for window, amount in counted.items():
                into[min(window, count)] += amount
        held: npt.NDArray[np.int64] = parts[:count] + self.width * np.cumsum(whole)[:count]
        return held


def window_lengths(total: int, width: int) -> npt.NDArray[np.int64]:
    """Lengths (ps) of the windows that cover the time from 0 to `total`; the last may be shorter, and one at least."""
    count = max(1, -(-total // width))
    lengths = np.full(count, width, np.int64)
    lengths[-1] = total - (count - 1) * width
    return lengths
