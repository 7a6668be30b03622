"""The arithmetic of a front end's stages, in float32 or in 8-bit integers, block by block.

float32: the products of one output are added one by one in the order of its weights (channel, kernel row, kernel
column), so that no library's way of summing matters. int8: products of whole numbers are summed exactly, in any order,
in an accumulator of 24 bits that wraps as the MAC array's does; scales are powers of two, so that going from one to the
next is a shift with rounding to the nearest, ties to even.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from sim.scenario.outline import Pool
from sim.workload.sparse import Floats
from sim.workload.stage import Block, Stage

Doubles = npt.NDArray[np.float64]
Values = TypeVar("Values", Floats, Doubles)

ACCUMULATOR_BITS = 24
"""Of the MAC array (arXiv 2607.24396)."""
MOST, LEAST = 127, -128


class Arithmetic(Protocol):
    """A stage that can be computed."""

    @property
    def stage(self) -> Stage: ...

    def forward(self, x: Floats, block: Block) -> Floats:
        """The block's outputs (channels, rows, columns) from the stage's whole input `x`, float32 both."""
        ...

    def overflows(self, x: Floats, block: Block) -> int:
        """Sums of the block that the accumulator could not hold."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Float32:
    """A stage in float32."""

    stage: Stage

    def forward(self, x: Floats, block: Block) -> Floats:
        stage = self.stage
        rows = stage.convolved_rows(block)
        if stage.weights is None or stage.bias is None:
            made = x[block.first_channel : block.last_channel, rows[0] : rows[1]]
        else:
            chosen = slice(block.first_channel, block.last_channel)
            made = _summed(stage, stage.weights[chosen], x, rows) + stage.bias[chosen, None, None]
        if stage.relu:
            made = np.maximum(made, np.float32(0))
        return _pooled(made, stage.pool) if stage.pool else made

    def overflows(self, x: Floats, block: Block) -> int:
        return 0


@dataclass(frozen=True, slots=True, eq=False)
class Int8:
    """A stage in 8-bit integers: the value of a whole number n is n 2^-exponent.

    `weights` are whole numbers -127 to 127, (channels out, taps) float64, with one exponent for each channel out;
    `bias` (channels out,) is in the accumulator's units; `arriving` and `leaving` are the exponents of inputs and
    outputs.
    """

    stage: Stage
    weights: Doubles
    weight_exponents: npt.NDArray[np.int64]
    bias: Doubles
    arriving: int
    leaving: int

    def forward(self, x: Floats, block: Block) -> Floats:
        stage = self.stage
        chosen = slice(block.first_channel, block.last_channel)
        if stage.weights is None:
            rows = stage.convolved_rows(block)
            made = as_whole(x[chosen, rows[0] : rows[1]], self.arriving)
        else:
            shift = (self.weight_exponents[chosen] + self.arriving - self.leaving)[:, None, None]
            made = np.clip(np.rint(np.ldexp(_wrapped(self._sums(x, block)), -shift)), LEAST, MOST)
        if stage.relu:
            made = np.maximum(made, 0.0)
        if stage.pool:
            made = _pooled(made, stage.pool)
            made = np.rint(made) if stage.pool.by == "mean" else made
        values: Floats = np.ldexp(made, -self.leaving).astype(np.float32)
        return values

    def overflows(self, x: Floats, block: Block) -> int:
        if self.stage.weights is None:
            return 0
        sums = self._sums(x, block)
        return int(np.count_nonzero(sums != _wrapped(sums)))

    def _sums(self, x: Floats, block: Block) -> Doubles:
        """The exact sums of the block, (channels, rows, columns); below 2^53 by far, so doubles hold them."""
        stage = self.stage
        rows = stage.convolved_rows(block)
        chosen = slice(block.first_channel, block.last_channel)
        patches = _seen(stage, as_whole(x, self.arriving), rows).reshape(stage.taps, -1)
        sums = self.weights[chosen] @ patches + self.bias[chosen, None]
        whole: Doubles = sums.reshape(-1, rows[1] - rows[0], stage.convolved.columns)
        return whole


def as_whole(values: Floats, exponent: int) -> Doubles:
    """The whole numbers -128 to 127 that stand for `values` at 2^-exponent a unit."""
    whole: Doubles = np.clip(np.rint(np.ldexp(values.astype(np.float64), exponent)), LEAST, MOST)
    return whole


def _wrapped(sums: Doubles) -> Doubles:
    """What an accumulator of 24 bits is left with, whatever the order in which it added."""
    half = 2.0 ** (ACCUMULATOR_BITS - 1)
    wrapped: Doubles = np.mod(sums + half, 2 * half) - half
    return wrapped


def _summed(stage: Stage, weights: Floats, x: Floats, rows: tuple[int, int]) -> Floats:
    """Products added in the order of the weights, (channels, rows, columns) float32; taps that meet only zeros are
    passed over, which changes no sum.
    """
    seen = _seen(stage, x, rows)
    total = np.zeros((len(weights), *seen.shape[3:]), np.float32)
    for tap in np.ndindex(seen.shape[:3]):
        if seen[tap].any():
            total += weights[(slice(None), *tap)][:, None, None] * seen[tap]
    return total


def _seen(stage: Stage, x: Values, rows: tuple[int, int]) -> Values:
    """What each tap meets at each place of the rows: (channels in, kernel rows, kernel columns, rows, columns)."""
    window = stage.window
    assert window is not None
    side, step = window.padding, window.stride
    padded = np.pad(x, ((0, 0), (side, side), (side, side)))
    views = np.lib.stride_tricks.sliding_window_view(padded, (window.rows, window.columns), axis=(1, 2))
    chosen = views[:, rows[0] * step : (rows[1] - 1) * step + 1 : step, ::step][:, :, : stage.convolved.columns]
    return chosen.transpose(0, 3, 4, 1, 2)


def _pooled(made: Values, pool: Pool) -> Values:
    """Windows of (channels, rows, columns) to one value each, taken in the order of their rows and columns."""
    window = pool.window
    rows, columns = window.over(*made.shape[1:])
    step = window.stride
    parts = [
        made[:, row : row + (rows - 1) * step + 1 : step, column : column + (columns - 1) * step + 1 : step]
        for row, column in product(range(window.rows), range(window.columns))
    ]
    result = parts[0].copy()
    for part in parts[1:]:
        result = np.maximum(result, part) if pool.by == "max" else result + part
    return result if pool.by == "max" else result / result.dtype.type(len(parts))
