"""One stage of a feed-forward front end: a convolution with bias, then ReLU, then pooling, each of them optional.

A stage is what is mapped as one: its outputs are made and sent together. A linear layer is a convolution whose kernel
covers its whole input. Part of a stage's outputs, some channels of some rows, is a `Block`; every output is computed
alone, by the same operations in the same order, so blocks put together are the whole bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from sim.scenario.outline import Pool, Shape, Window
from sim.workload.sparse import Floats


@dataclass(frozen=True, slots=True)
class Block:
    """Output channels `first_channel` to `last_channel` and rows `first_row` to `last_row`, ends not included."""

    first_channel: int
    last_channel: int
    first_row: int
    last_row: int


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """`weights` (channels out, channels in, kernel rows, kernel columns) and `bias` (channels out,) float32 are None
    where nothing is convolved; `convolved` is the shape before pooling, `outputs` after it.
    """

    name: str
    inputs: Shape
    convolved: Shape
    outputs: Shape
    window: Window | None
    weights: Floats | None
    bias: Floats | None
    relu: bool
    pool: Pool | None
    linear: bool = False

    @property
    def taps(self) -> int:
        """Products summed for one value: channels in times the kernel's places."""
        return prod(self.weights.shape[1:]) if self.weights is not None else 0

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        if self.weights is None or self.bias is None:
            return 0
        return self.weights.size + self.bias.size

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the whole stage, those with padding counted, as is usual."""
        return self.convolved.size * self.taps

    @property
    def whole(self) -> Block:
        return Block(0, self.outputs.channels, 0, self.outputs.rows)

    def convolved_rows(self, block: Block) -> tuple[int, int]:
        """The rows of the convolution that the block's rows are pooled from, end not included."""
        if self.pool is None:
            return block.first_row, block.last_row
        window = self.pool.window
        first = block.first_row * window.stride
        return first, (block.last_row - 1) * window.stride + window.rows

    def input_rows(self, block: Block) -> tuple[int, int]:
        """The rows of the input that the block's values depend on, end not included, padding left out."""
        first, last = self.convolved_rows(block)
        if self.window is None:
            return first, last
        top = first * self.window.stride - self.window.padding
        bottom = (last - 1) * self.window.stride - self.window.padding + self.window.rows
        return max(top, 0), min(bottom, self.inputs.rows)

    def macs_of(self, block: Block) -> int:
        """Multiply-accumulates that the block takes; rows that two blocks pool from are convolved in both."""
        first, last = self.convolved_rows(block)
        return (block.last_channel - block.first_channel) * (last - first) * self.convolved.columns * self.taps

    def values_of(self, block: Block) -> int:
        """Outputs of the block."""
        return (block.last_channel - block.first_channel) * (block.last_row - block.first_row) * self.outputs.columns

    def convolved_values_of(self, block: Block) -> int:
        """Values before pooling that the block takes."""
        first, last = self.convolved_rows(block)
        return (block.last_channel - block.first_channel) * (last - first) * self.convolved.columns


def empty(shape: Shape) -> Floats:
    """A map of zeros, (channels, rows, columns) float32."""
    return np.zeros((shape.channels, shape.rows, shape.columns), np.float32)
