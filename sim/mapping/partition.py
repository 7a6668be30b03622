"""Cutting each layer into runs of neighbouring units: equally many units, or equally many stored weights."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sim.scenario.complaints import Refused
from sim.workload.network import GATES, EgruLayer

Counts = npt.NDArray[np.int64]


def partition(layer: EgruLayer, pieces: int, method: str) -> list[tuple[int, int]]:
    """`pieces` half-open ranges of units that cover `layer` in order, by method "equal" or "nonzeros"."""
    bounds = _balanced(nonzeros_per_unit(layer), pieces) if method == "nonzeros" else _equal(layer.units, pieces)
    return list(pairwise(bounds))


def nonzeros_per_unit(layer: EgruLayer) -> Counts:
    """Stored weights of each unit over its three gates, input and recurrent, (units,)."""
    rows: Counts = np.diff(layer.W.indptr) + np.diff(layer.R.indptr)
    summed: Counts = rows.reshape(GATES, layer.units).sum(axis=0)
    return summed


def pes_for_layers(layers: Sequence[EgruLayer], asked: Sequence[int] | None, available: int) -> list[int]:
    """How many PEs each layer gets: as asked, or the available ones in proportion to the stored weights."""
    if asked is None:
        return _in_proportion(layers, available)
    for number, (layer, pieces) in enumerate(zip(layers, asked, strict=True)):
        if pieces > layer.units:
            raise Refused.at(
                f"mapping.pes_per_layer[{number}]",
                f"{pieces} PEs for a layer of {layer.units} units; a PE holds at least one unit",
            )
    return list(asked)


def _in_proportion(layers: Sequence[EgruLayer], available: int) -> list[int]:
    weights = [layer.W.nnz + layer.R.nnz + 1 for layer in layers]
    shares = [max(1, min(layer.units, available * w // sum(weights))) for layer, w in zip(layers, weights, strict=True)]
    if sum(shares) > available:
        raise Refused.at("machine.topology", f"{len(layers)} layers need a PE each, there are {available}")
    return shares


def _equal(units: int, pieces: int) -> list[int]:
    return [units * piece // pieces for piece in range(pieces + 1)]


def _balanced(counts: Counts, pieces: int) -> list[int]:
    """The bounds with the smallest heaviest run: bisection on the weight a run may have."""
    low, high = int(counts.max()), int(counts.sum())
    while low < high:
        middle = (low + high) // 2
        if _runs_needed(counts, middle) <= pieces:
            high = middle
        else:
            low = middle + 1
    return _fill(counts, pieces, low)


def _runs_needed(counts: Counts, limit: int) -> int:
    return len(_cuts(np.cumsum(counts), limit))


def _cuts(cumulated: Counts, limit: int) -> list[int]:
    """Ends of the runs made by filling each up to `limit`."""
    ends: list[int] = []
    done = 0
    while not ends or ends[-1] < len(cumulated):
        end = int(np.searchsorted(cumulated, done + limit, side="right"))
        ends.append(end)
        done = int(cumulated[end - 1])
    return ends


def _fill(counts: Counts, pieces: int, limit: int) -> list[int]:
    """Exactly `pieces` runs within `limit`: full ones first, then as short as needed to leave one unit for each."""
    cumulated = np.cumsum(counts)
    bounds = [0]
    for left in range(pieces - 1, 0, -1):
        done = int(cumulated[bounds[-1] - 1]) if bounds[-1] else 0
        full = int(np.searchsorted(cumulated, done + limit, side="right"))
        bounds.append(min(full, len(counts) - left))
    return [*bounds, len(counts)]
