"""The smallest number of processing elements that would hold a layer, or several layers on the same ones.

More PEs do not always help: the cuts move, and heavy units that were apart can meet in one slice. So numbers are
tried one by one from the least that any cuts allow. Where cuts are equal, a unit whose slice was too big at one number
rules out at once all the others at which its slice is too big.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.mapping import memory
from sim.mapping.memory import PLAIN
from sim.mapping.partition import Counts, cumulated, cuts, nonzeros_per_unit, partition, runs_needed
from sim.scenario.formats import Formats
from sim.workload.network import EgruLayer
from sim.workload.parts import Layer, grain, grains


@dataclass(frozen=True, slots=True)
class Store:
    """How a layer is cut and stored: partition method, kernel, steps of input held at once, bytes there are for it,
    number formats, and bytes of buffers for streamed weights."""

    method: str
    kernel: str
    buffers: int
    room: int
    formats: Formats = PLAIN
    blocks: int = 0


def fewest_pes(layer: Layer, store: Store) -> int | None:
    """The smallest number of PEs on which each slice of `layer` fits; None when some unit alone does not."""
    if not isinstance(layer, EgruLayer):
        if _sizes_of(layer, [(0, grain(layer))], store)[0] > store.room:
            return None
        fitting = (pieces for pieces in range(1, grains(layer) + 1) if _sizes(layer, pieces, store).max() <= store.room)
        return next(fitting, None)
    return _fewest_of_units(layer, store)


def _fewest_of_units(layer: EgruLayer, store: Store) -> int | None:
    counts = nonzeros_per_unit(layer)
    each = _bytes_of_units(layer, store)
    filled, room = cumulated(each), store.room - _bytes_of_none(layer, store)
    if room < int(each.max()):
        return None
    left = np.arange(runs_needed(filled.tolist(), room), layer.units + 1)
    while True:
        pieces = int(left[0])
        bounds = np.array(cuts(counts, pieces, store.method))
        sizes = np.diff(filled[bounds])
        worst = int(sizes.argmax())
        if sizes[worst] <= room:
            return pieces
        unit = int(bounds[worst] + each[bounds[worst] : bounds[worst + 1]].argmax())
        left = left[1:] if store.method == "nonzeros" else left[_equal_slice_with(unit, filled, left) <= room]


def fewest_shared(layers: Sequence[Layer], store: Store, available: int) -> int | None:
    """The smallest number of PEs, at most `available`, that fit a slice of every layer each; None when none does.

    A layer that is dealt in fewer grains than that is on as many PEs as it has grains.
    """
    whole = sum(int(_sizes(layer, 1, store).sum()) for layer in layers)
    for pes in range(max(1, -(-whole // store.room)) if store.room > 0 else available + 1, available + 1):
        held = np.zeros(pes, np.int64)
        for layer in layers:
            sizes = _sizes(layer, min(pes, grains(layer)), store)
            held[: len(sizes)] += sizes
        if held.max() <= store.room:
            return pes
    return None


def _sizes(layer: Layer, pieces: int, store: Store) -> Counts:
    """Bytes of each slice of a layer, (pieces,)."""
    if not isinstance(layer, EgruLayer):
        return _sizes_of(layer, partition(layer, pieces, store.method), store)
    filled = cumulated(_bytes_of_units(layer, store))
    bounds = np.array(cuts(nonzeros_per_unit(layer), pieces, store.method))
    sizes: Counts = np.diff(filled[bounds]) + _bytes_of_none(layer, store)
    return sizes


def _sizes_of(layer: Layer, ends: Sequence[tuple[int, int]], store: Store) -> Counts:
    """Bytes of slices of a layer that is not recurrent, by their first units and the ones after their last."""
    kept = [memory.budget(layer, *pair, 0, store.kernel, store.buffers, store.formats, store.blocks) for pair in ends]
    return np.array([one.total for one in kept])


def _equal_slice_with(unit: int, filled: Counts, pieces: Counts) -> Counts:
    """Bytes of the slice that holds `unit` when the layer is cut into each number of equal `pieces`."""
    units = len(filled) - 1
    slices = ((unit + 1) * pieces - 1) // units
    sizes: Counts = filled[units * (slices + 1) // pieces] - filled[units * slices // pieces]
    return sizes


def _bytes_of_none(layer: EgruLayer, store: Store) -> int:
    """What a slice needs before it has any unit."""
    return memory.budget(layer, 0, 0, 0, store.kernel, store.buffers, store.formats).total


def _bytes_of_units(layer: EgruLayer, store: Store) -> Counts:
    """What each unit adds to a slice, (units,)."""
    one = memory.budget(layer, 0, 1, 0, store.kernel, store.buffers, store.formats).total - _bytes_of_none(layer, store)
    each: Counts = nonzeros_per_unit(layer) * memory.nonzero_bytes(store.formats, store.kernel) + one
    return each
