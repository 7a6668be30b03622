"""Time told span by span, counted in equal windows.

Spans are noted down and counted many at a time. One costs the same however many windows it covers: what is left of its
ends is counted where they lie, and the whole windows between them as a beginning and an end. All of it is whole
picoseconds, so the windows sum to the spans exactly. How long a run takes is not known before its end, so where it
outgrows what can be kept, windows become twice as wide, two of them one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.measure.tally import taken_off

Whole = npt.NDArray[np.int64]

NOTED_AT_MOST = 2048
"""Beginnings and ends kept before they are counted."""

MOST_WINDOWS = 1 << 18
"""Windows of which a run may have no more: 4 MB for each kind of span."""


class Windows:
    """Picoseconds of spans in windows of `width` ps, the first from time 0; it grows as `wide_enough` says."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._noted: list[int] = []
        self._note = self._noted.extend
        self._sums: list[int] = []
        self._parts: Whole = np.zeros(0, np.int64)
        self._whole: Whole = np.zeros(0, np.int64)

    def add(self, start: int, end: int) -> None:
        """Count a span from `start` to `end` (ps)."""
        self._note((start, end))
        if len(self._noted) >= NOTED_AT_MOST:
            self._count()

    def put(self, start: int, amount: int) -> None:
        """Count `amount` (ps) in the window that `start` (ps) lies in: the sum of spans that all lie in it."""
        self._sums += (start, amount)
        if len(self._sums) >= NOTED_AT_MOST:
            self._count()

    def amounts(self, count: int, width: int) -> Whole:
        """Picoseconds in each of the first `count` windows of `width` ps, a multiple of what has been wide enough."""
        self._count()
        together = width // self.width
        own = -(-len(self._parts) // together) * together
        held: Whole = _fitted(self._parts, own) + self.width * np.cumsum(_fitted(self._whole, own))
        return _fitted(held.reshape(-1, together).sum(axis=1), count)

    def _count(self) -> None:
        """A span is taken for all of its windows from the first to before the last, less what lies before it in the
        first, and what it has of the last."""
        if self._sums:
            starts, amounts = taken_off(self._sums, 2)
            self._reach(int(starts.max()))
            np.add.at(self._parts, starts // self.width, amounts)
        if not self._noted:
            return
        starts, ends = taken_off(self._noted, 2)
        self._reach(int(ends.max()))
        first, last = starts // self.width, ends // self.width
        np.add.at(self._parts, first, first * self.width - starts)
        np.add.at(self._parts, last, ends - last * self.width)
        np.add.at(self._whole, first, 1)
        np.subtract.at(self._whole, last, 1)

    def _reach(self, instant: int) -> None:
        """Have a window that `instant` lies in."""
        self._widen(wide_enough(self.width, instant))
        size = instant // self.width + 1
        if size > len(self._parts):
            room = max(size, min(2 * size, MOST_WINDOWS))  # to grow by a little each time would copy all each time
            self._parts, self._whole = _fitted(self._parts, room), _fitted(self._whole, room)

    def _widen(self, width: int) -> None:
        if width > self.width:
            self._parts = self.amounts(-(-len(self._parts) * self.width // width), width)
            self._whole = np.zeros_like(self._parts)
            self.width = width


def wide_enough(width: int, total: int) -> int:
    """`width`, doubled until no more than MOST_WINDOWS of it cover the time from 0 to `total` (ps)."""
    needed = -(-total // (MOST_WINDOWS * width))
    return width << max(0, needed - 1).bit_length()


def _fitted(amounts: Whole, size: int) -> Whole:
    """The first `size` of `amounts`, followed by as many zeros as it takes."""
    return np.pad(amounts[:size], (0, max(0, size - len(amounts))))


def window_lengths(total: int, width: int) -> npt.NDArray[np.int64]:
    """Lengths (ps) of the windows that cover the time from 0 to `total`; the last may be shorter, and one at least."""
    count = max(1, -(-total // width))
    lengths = np.full(count, width, np.int64)
    lengths[-1] = total - (count - 1) * width
    return lengths
