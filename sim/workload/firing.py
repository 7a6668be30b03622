"""Layers that fire as recorded or as drawn: outputs by layer and step, without arithmetic.

Slices of a layer ask for the same step at different times, so a step's outputs are kept until all are past it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from sim.scenario.activity import Correlation, Statistical
from sim.scenario.complaints import Complaint, Refused
from sim.scenario.layout import is_recorded, recorded_problems
from sim.workload.activity import LayerActivity, Tokens
from sim.workload.npz import Array, headers_of, number_problems, read_arrays
from sim.workload.sparse import Floats

EVENTS: Final = "workload.events"
VALUE: Final = np.float32(0.5)
"""Of an event that nobody computed; events of an EGRU lie between 0 and 1."""
KEPT: Final = 8
"""Steps of a layer that are kept: slices of one layer are never further apart where steps wait for their needs."""


class Firing(Protocol):
    """What each layer sends, without arithmetic."""

    def outputs(self, layer: int, step: int) -> Floats:
        """Outputs (units,) float32 of `layer`, from 0, in `step`."""
        ...


class Drawn:
    """Units that fire by a statistical model; all layers read the same tokens. So many steps of a layer are `kept`, all
    where it is None."""

    def __init__(self, asked: Statistical, seed: int, kept: int | None = KEPT) -> None:
        self._kept = kept
        model = in_whole_shares(asked.correlation)
        self._tokens = Tokens(model, seed)
        self._layers = [
            LayerActivity(model, f"layer{number + 1}", units, mean, seed)
            for number, (units, mean) in enumerate(zip(asked.layers[1:], _means(asked), strict=True))
        ]
        self._made: list[dict[int, Floats]] = [{} for _ in self._layers]
        self._next = [0] * len(self._layers)

    def outputs(self, layer: int, step: int) -> Floats:
        made = self._made[layer]
        while self._next[layer] <= step:
            at = self._next[layer]
            made[at] = self._layers[layer].step(self._tokens[at]) * VALUE
            if self._kept is not None:
                made.pop(at - self._kept, None)
            self._next[layer] += 1
        return made[step]


class Recorded:
    """Units that fire as they did; values are those recorded, or one for all where only bits are."""

    def __init__(self, layers: Sequence[Floats]) -> None:
        self._layers = tuple(layers)

    def outputs(self, layer: int, step: int) -> Floats:
        row: Floats = self._layers[layer][step]
        return row

    @property
    def units(self) -> list[int]:
        return [recorded.shape[1] for recorded in self._layers]

    @property
    def steps(self) -> int:
        return len(self._layers[0])

    @property
    def activity(self) -> tuple[float, ...]:
        """The share of each layer's units that fire in a step, in the mean over the recording."""
        return tuple(float(np.count_nonzero(layer) / layer.size) for layer in self._layers)


def in_whole_shares(asked: Correlation) -> Correlation:
    """The same with the five shares scaled to sum to 1; Refused where all are zero."""
    shares = {name: getattr(asked, name) for name in ("common", "token", "slow", "fast", "white")}
    whole = sum(shares.values())
    if whole == 0:
        raise Refused.at("workload.correlation", "all five shares are 0; give at least one of them a share")
    return asked.model_copy(update={name: share / whole for name, share in shares.items()})


def read_recorded(path: Path) -> Recorded:
    """The recording in a `.npz` file; Refused at `workload.events` with everything that is wrong with it."""
    arrays = read_arrays(path, EVENTS, is_recorded)
    problems = list(_problems(arrays))
    if problems:
        raise Refused([Complaint(EVENTS, f"{path}: {problem}") for problem in problems])
    return Recorded([_values(arrays[f"L{number}"]) for number in range(len(arrays))])


def _problems(arrays: Mapping[str, Array]) -> list[str]:
    """What is wrong with the arrays; only when nothing is, with the numbers in them."""
    found = list(recorded_problems(headers_of(arrays)))
    with_fractions = {name: array for name, array in arrays.items() if array.dtype.kind == "f"}
    return found or [wrong for name, array in with_fractions.items() for wrong in number_problems(name, array)]


def _values(array: Array) -> Floats:
    """Values as recorded, or `VALUE` for each event where only whole numbers were."""
    if array.dtype.kind == "f":
        return array.astype(np.float32)
    values: Floats = (array != 0) * VALUE
    return values


def _means(asked: Statistical) -> Sequence[float]:
    layers = len(asked.layers) - 1
    return asked.activity if isinstance(asked.activity, tuple) else (asked.activity,) * layers
