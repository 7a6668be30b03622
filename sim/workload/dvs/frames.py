"""Frames from events: what each pixel counted in each window of time.

The first frame begins with the recording. Only whole windows count, as the reference code of EvNN bins them (Tonic's
`ToFrame` without incomplete frames); polarities are kept apart, or merged as that code does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.workload.dvs.events import Longs, Recording
from sim.workload.sparse import Floats

Doubles = npt.NDArray[np.float64]
ON, OFF = 1, 0


@dataclass(frozen=True, slots=True)
class Binning:
    """How events become frames: window in microseconds, how polarities are merged, by what counts are divided, and
    the side of the squares of pixels of which the largest count is kept (1: all of them).
    """

    window_us: int
    polarity: str
    full_scale: float
    pool: int

    def shape(self, width: int, height: int) -> tuple[int, int, int]:
        """Channels, rows and columns of a frame."""
        return (2 if self.polarity == "split" else 1, height // self.pool, width // self.pool)


def frames(recording: Recording, binning: Binning, count: int) -> Floats:
    """The first `count` frames, (count, channels, rows, columns) float32; those after the last event are empty."""
    part = recording.between(0, count * binning.window_us)
    counts = np.zeros((count, 2, recording.height, recording.width), np.int64)
    np.add.at(counts, (part.t // binning.window_us, part.on.astype(np.int64), part.y, part.x), 1)
    merged = _merged(_pooled(counts, binning.pool), binning.polarity)
    return (merged / binning.full_scale).astype(np.float32)


def whole_frames(recording: Recording, window_us: int) -> int:
    """Windows that lie before the last event, the one that it is in included."""
    return int(recording.t[-1]) // window_us + 1 if recording.count else 0


def statistics(recording: Recording, binning: Binning, count: int) -> dict[str, float]:
    """Rates of what `count` frames hold: events a second, the share of ON events, and the busiest frame's events."""
    part = recording.between(0, count * binning.window_us)
    per_frame = np.bincount(part.t // binning.window_us, minlength=count)
    seconds = count * binning.window_us / 1e6
    return {
        "events": part.count,
        "events_per_s": part.count / seconds,
        "on_share": float(part.on.mean()) if part.count else 0.0,
        "events_per_frame_max": int(per_frame.max()),
        "active_pixel_share": _active_pixels(part, binning, count),
    }


def _active_pixels(part: Recording, binning: Binning, count: int) -> float:
    """Pixels with an event in a frame, as a share of all, in the mean of the frames."""
    places = (part.t // binning.window_us * part.height + part.y) * part.width + part.x
    return len(np.unique(places)) / math.prod((count, part.height, part.width))


def _pooled(counts: Longs, side: int) -> Longs:
    """The largest count of each square; pixels that fill no square are left out, as pooling layers do."""
    if side == 1:
        return counts
    many, kinds, height, width = counts.shape
    rows, columns = height // side, width // side
    squares = counts[:, :, : rows * side, : columns * side].reshape(many, kinds, rows, side, columns, side)
    largest: Longs = squares.max(axis=(3, 5))
    return largest


def _merged(counts: Longs, polarity: str) -> Doubles:
    off, on = counts[:, OFF : OFF + 1], counts[:, ON : ON + 1]
    if polarity == "split":
        return counts.astype(np.float64)
    if polarity == "difference":
        return (off - on).astype(np.float64)
    return (on + off) / (2 if polarity == "mean" else 1)
