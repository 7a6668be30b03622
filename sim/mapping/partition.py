"""Cutting each layer into runs of neighbouring units: equally many units, or equally many stored weights.

By stored weights, the heaviest run is as light as any cutting can make it, and within that bound every cut lies as
near as can be to an even share, so that no run is left with the crumbs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sim.scenario.complaints import Complaint, Refused
from sim.workload.network import GATES, EgruLayer
from sim.workload.parts import Layer, grain, grains, products
from sim.workload.stage_layer import StageLayer

Counts = npt.NDArray[np.int64]


def partition(layer: Layer, pieces: int, method: str) -> list[tuple[int, int]]:
    """`pieces` half-open ranges of units that cover `layer` in order, by method "equal" or "nonzeros".

    Where units are dealt in grains, no grain is parted, and all grains weigh the same.
    """
    size = grain(layer)
    return [(start * size, stop * size) for start, stop in pairwise(cuts(weights_per_grain(layer), pieces, method))]


def weights_per_grain(layer: Layer) -> Counts:
    """What balancing by stored weights goes by, (grains,)."""
    return nonzeros_per_unit(layer) if isinstance(layer, EgruLayer) else np.ones(grains(layer), np.int64)


def cuts(counts: Counts, pieces: int, method: str) -> list[int]:
    """The `pieces` + 1 bounds of the runs of units with these stored weights, from 0 to their number."""
    if method == "nonzeros":
        return _balanced(cumulated(counts).tolist(), pieces)
    return [len(counts) * piece // pieces for piece in range(pieces + 1)]


def nonzeros_per_unit(layer: EgruLayer) -> Counts:
    """Stored weights of each unit over its three gates, input and recurrent, (units,)."""
    rows: Counts = np.diff(layer.W.indptr) + np.diff(layer.R.indptr)
    summed: Counts = rows.reshape(GATES, layer.units).sum(axis=0)
    return summed


def cumulated(counts: Counts) -> Counts:
    """What lies before each unit, and at the end the whole, (units + 1,)."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


def pes_for_layers(layers: Sequence[Layer], asked: Sequence[int] | None, available: int, sharing: str) -> list[int]:
    """How many PEs each layer gets: as asked, or the available ones in proportion to the stored weights.

    With `sharing` "shared" and nothing asked, each layer is spread over all available PEs.
    """
    if asked is not None:
        return _as_asked(layers, asked)
    if available < (1 if sharing == "shared" else len(layers)):
        raise Refused.at(
            "machine.topology",
            f"{len(layers)} layers need a PE each, and {available} can hold slices (a barrier takes one for itself); "
            "use a machine with more PEs, or mapping.sharing: shared, or sync.protocol: markers",
        )
    if sharing == "shared":
        return [min(grains(layer), available) for layer in layers]
    return _in_proportion(layers, available)


def _as_asked(layers: Sequence[Layer], asked: Sequence[int]) -> list[int]:
    if len(asked) != len(layers):
        raise Refused.at(
            "mapping.pes_per_layer", f"{len(asked)} entries for {len(layers)} layers; give one number for each layer"
        )
    complaints = [
        Complaint(
            f"mapping.pes_per_layer[{number}]",
            f"{pieces} PEs for a layer of {grains(layer)} {_dealt(layer)}, and a PE holds at least one; ask for 1 to "
            f"{grains(layer)}",
        )
        for number, (layer, pieces) in enumerate(zip(layers, asked, strict=True))
        if not 1 <= pieces <= grains(layer)
    ]
    if complaints:
        raise Refused(complaints)
    return list(asked)


def _dealt(layer: Layer) -> str:
    """What a layer is dealt in, for people."""
    return layer.split if isinstance(layer, StageLayer) else "units"


def _in_proportion(layers: Sequence[Layer], available: int) -> list[int]:
    """One PE each, then every further one to the layer with the most products a PE."""
    weights = [products(layer) + 1 for layer in layers]
    shares = [1] * len(layers)
    for _ in range(min(available, sum(map(grains, layers))) - len(layers)):
        growing = [number for number, layer in enumerate(layers) if shares[number] < grains(layer)]
        shares[max(growing, key=lambda number: (weights[number] / shares[number], -number))] += 1
    return shares


def _balanced(filled: list[int], pieces: int) -> list[int]:
    """Bounds of runs of which none is heavier than `_lightest` allows, cut near even shares of what is left."""
    units, limit = len(filled) - 1, _lightest(filled, pieces)
    earliest = _earliest(filled, limit, pieces)
    # Weightless units count too, but only where weights leave the choice.
    measure = [weight * (units + 1) + unit for unit, weight in enumerate(filled)]
    bounds = [0]
    for left in range(pieces - 1, 0, -1):
        start = bounds[-1]
        share = measure[start] + (measure[-1] - measure[start]) // (left + 1)
        first, last = max(start + 1, earliest[left]), min(_reach(filled, start, limit), units - left)
        bounds.append(min(max(_nearest(measure, share), first), last))
    return [*bounds, units]


def _lightest(filled: list[int], pieces: int) -> int:
    """The smallest weight of the heaviest of `pieces` runs, by bisection.

    The even share plus the heaviest unit is always enough: a run that ends before that holds more than its share.
    """
    heaviest = max(after - before for before, after in pairwise(filled))
    low = max(heaviest, -(-filled[-1] // pieces))
    high = low + heaviest
    while low < high:
        middle = (low + high) // 2
        if runs_needed(filled, middle) <= pieces:
            high = middle
        else:
            low = middle + 1
    return low


def runs_needed(filled: list[int], limit: int) -> int:
    """How many runs there are when each is filled up to `limit`, which is no less than any unit."""
    at, runs = 0, 0
    while at < len(filled) - 1:
        at = _reach(filled, at, limit)
        runs += 1
    return runs


def _reach(filled: list[int], start: int, limit: int) -> int:
    """Where a run from `start` ends when it is filled up to `limit`."""
    return bisect_right(filled, filled[start] + limit, start) - 1


def _earliest(filled: list[int], limit: int, pieces: int) -> list[int]:
    """The first bound from which the rest fits into 0, 1, ... `pieces` - 1 runs."""
    bounds = [len(filled) - 1]
    while len(bounds) < pieces:
        bounds.append(bisect_left(filled, filled[bounds[-1]] - limit))
    return bounds


def _nearest(measure: list[int], target: int) -> int:
    """The bound whose measure is nearest to `target`, the lower one of two."""
    above = bisect_left(measure, target)
    return above - (above > 0 and target - measure[above - 1] <= measure[above] - target)
