"""A front end: stages one after the other, from a frame to features, in float32 or in 8-bit integers.

For int8 each channel of weights and each map between stages has a scale, a power of two: as fine as lets the largest
weight, or the largest value that the calibration inputs bring about, be told. Biases take the scale of the sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.scenario.outline import Shape
from sim.workload.convolve import MOST, Arithmetic, Doubles, Float32, Int8
from sim.workload.sparse import Floats
from sim.workload.stage import Stage

LEAST_EXPONENT, MOST_EXPONENT = -60, 60
"""Of a scale; a map that is zero throughout would have none."""


@dataclass(frozen=True, slots=True, eq=False)
class FrontEnd:
    """Stages that can be computed; `inputs` is the shape of a frame, `arriving` the exponent of a frame's values where
    they are 8-bit integers.
    """

    inputs: Shape
    stages: tuple[Arithmetic, ...]
    arriving: int | None = None

    @property
    def features(self) -> int:
        """Values that leave the last stage."""
        return self.stages[-1].stage.outputs.size if self.stages else self.inputs.size

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one frame."""
        return sum(one.stage.macs for one in self.stages)

    @property
    def parameters(self) -> int:
        return sum(one.stage.parameters for one in self.stages)

    def maps(self, frame: Floats) -> Iterator[Floats]:
        """What each stage makes of `frame` (channels, rows, columns), whole."""
        for one in self.stages:
            frame = one.forward(frame, one.stage.whole)
            yield frame


def in_float32(inputs: Shape, stages: Sequence[Stage]) -> FrontEnd:
    """The stages as they are."""
    return FrontEnd(inputs, tuple(Float32(stage) for stage in stages))


def in_int8(inputs: Shape, stages: Sequence[Stage], frames: Floats) -> FrontEnd:
    """The stages in 8-bit integers, calibrated on `frames` (count, channels, rows, columns)."""
    arriving = first = exponent_for(_largest(frames))
    made: list[Arithmetic] = []
    maps = frames
    for stage in stages:
        maps = np.stack([Float32(stage).forward(one, stage.whole) for one in maps])
        leaving = arriving if stage.weights is None else exponent_for(_largest(maps))
        made.append(_in_int8(stage, arriving, leaving))
        arriving = leaving
    return FrontEnd(inputs, tuple(made), first)


def overflowing(front: FrontEnd, frames: Floats) -> dict[str, int]:
    """Of each stage that has any, the sums over `frames` that its accumulator could not hold."""
    found: dict[str, int] = {}
    for frame in frames:
        for one, made in zip(front.stages, [frame, *front.maps(frame)], strict=False):
            found[one.stage.name] = found.get(one.stage.name, 0) + one.overflows(made, one.stage.whole)
    return {name: count for name, count in found.items() if count}


def exponent_for(largest: float) -> int:
    """The largest exponent e with `largest` no more than 127 of 2^-e; 0 for nothing at all."""
    if largest == 0:
        return 0
    exponent = int(np.frexp(MOST / largest)[1]) - 1
    return min(max(exponent, LEAST_EXPONENT), MOST_EXPONENT)


def _in_int8(stage: Stage, arriving: int, leaving: int) -> Int8:
    if stage.weights is None or stage.bias is None:
        nothing = np.zeros(0)
        return Int8(stage, nothing, nothing.astype(np.int64), nothing, arriving, leaving)
    flat = stage.weights.reshape(len(stage.weights), -1).astype(np.float64)
    exponents = np.array([exponent_for(float(np.abs(row).max())) for row in flat], np.int64)
    whole = np.rint(np.ldexp(flat, _column(exponents)))
    bias: Doubles = np.rint(np.ldexp(stage.bias.astype(np.float64), exponents + arriving))
    return Int8(stage, whole, exponents, bias, arriving, leaving)


def _column(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return values[:, None]


def _largest(values: Floats) -> float:
    return float(np.abs(values).max(initial=0.0))
