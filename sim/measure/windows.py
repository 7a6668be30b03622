"""Time told span by span, counted in equal windows.

Spans are noted down and counted many at a time. One costs the same however many windows it covers: what is left of its
ends is counted where they lie, and the whole windows between them as a beginning and an end. All of it is whole
picoseconds, so the windows sum to the spans exactly. However long a run is in its own time, there are only so many
windows: where it would take more, they are twice as wide, as often as it takes.
"""

from __future__ import annotations

from array import array

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]

NOTED_AT_MOST = 8192
"""Beginnings and ends kept before they are counted: 64 KB."""

MOST_WINDOWS = 1 << 17
"""Of 100 us they cover 13 s."""


def fitting(width: int, total: int) -> int:
    """`width` doubled until windows of it cover the time up to `total` (ps)."""
    return width << (max(0, total - 1) // (width * MOST_WINDOWS)).bit_length()


class Windows:
    """Picoseconds of spans in windows of `width` ps or that doubled, the first from time 0."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._noted = array("q")
        self._parts: Whole = np.zeros(0, np.int64)
        self._whole: Whole = np.zeros(0, np.int64)

    def add(self, start: int, end: int) -> None:
        """Count a span from `start` to `end` (ps)."""
        noted = self._noted
        noted.append(start)
        noted.append(end)
        if len(noted) >= NOTED_AT_MOST:
            self._count()

    def counted(self) -> int:
        """Count what has been noted; the width of windows (ps) that took."""
        self._count()
        return self.width

    def amounts(self, count: int, width: int) -> Whole:
        """Picoseconds in each of the first `count` windows of `width` ps, no less than what `counted` says."""
        self._count()
        self._widen(width)
        held: Whole = _fitted(self._parts, count) + self.width * np.cumsum(_fitted(self._whole, count))
        return held

    def _count(self) -> None:
        """A span is taken for all of its windows from the first to before the last, less what lies before it in the
        first, and what it has of the last."""
        if not self._noted:
            return
        starts, ends = np.array(self._noted).reshape(-1, 2).T
        self._widen(fitting(self.width, int(ends.max())))
        first, last = starts // self.width, ends // self.width
        size = max(len(self._parts), int(last.max()) + 1)
        self._parts, self._whole = _fitted(self._parts, size), _fitted(self._whole, size)
        np.add.at(self._parts, first, first * self.width - starts)
        np.add.at(self._parts, last, ends - last * self.width)
        np.add.at(self._whole, first, 1)
        np.subtract.at(self._whole, last, 1)
        del self._noted[:]

    def _widen(self, width: int) -> None:
        """Make one window of two until they are so wide. What covered the second but not the first had been taken for
        the second alone, and is now for both."""
        while self.width < width:
            pairs = -(-len(self._whole) // 2)
            parts, whole = (_fitted(held, 2 * pairs).reshape(-1, 2) for held in (self._parts, self._whole))
            self._parts, self._whole = parts.sum(axis=1) - self.width * whole[:, 1], whole.sum(axis=1)
            self.width *= 2


def _fitted(amounts: Whole, size: int) -> Whole:
    """The first `size` of `amounts`, followed by as many zeros as it takes."""
    return np.pad(amounts[:size], (0, max(0, size - len(amounts))))


def window_lengths(total: int, width: int) -> npt.NDArray[np.int64]:
    """Lengths (ps) of the windows that cover the time from 0 to `total`; the last may be shorter, and one at least."""
    count = max(1, -(-total // width))
    lengths = np.full(count, width, np.int64)
    lengths[-1] = total - (count - 1) * width
    return lengths
