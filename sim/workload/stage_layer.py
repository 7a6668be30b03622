"""A front end's stage as a layer that can be cut up: its outputs numbered so that a run of them is a block.

Cut by channels, outputs are numbered channel by channel and a slice holds whole channels: it needs its own weights and
the whole input. Cut by rows, they are numbered row by row: a slice holds all weights and needs some rows of the input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sim.scenario.outline import Shape
from sim.workload.convolve import Arithmetic
from sim.workload.sparse import Floats
from sim.workload.stage import Block, Stage

Split = Literal["channels", "rows"]


@dataclass(frozen=True, slots=True, eq=False)
class StageLayer:
    """A stage cut by `split`; `arrives_by` is how the maps that it reads are numbered."""

    arithmetic: Arithmetic
    split: Split
    arrives_by: Split

    @property
    def stage(self) -> Stage:
        return self.arithmetic.stage

    @property
    def inputs(self) -> int:
        return self.stage.inputs.size

    @property
    def units(self) -> int:
        return self.stage.outputs.size

    @property
    def grain(self) -> int:
        """Neighbouring units that are never parted: those of one channel, or of one row."""
        shape = self.stage.outputs
        return shape.rows * shape.columns if self.split == "channels" else shape.channels * shape.columns

    def block(self, start: int, stop: int) -> Block:
        """The block that units `start` to `stop` (not included) are."""
        first, last = start // self.grain, stop // self.grain
        if self.split == "channels":
            return Block(first, last, 0, self.stage.outputs.rows)
        return Block(0, self.stage.outputs.channels, first, last)

    def outputs(self, x: Floats, start: int, stop: int) -> Floats:
        """Units `start` to `stop` of the outputs, flat, from the whole input (inputs,) as it arrives."""
        made = self.arithmetic.forward(as_map(x, self.stage.inputs, self.arrives_by), self.block(start, stop))
        return as_sent(made, self.split)


def as_map(values: Floats, shape: Shape, split: Split) -> Floats:
    """A map (channels, rows, columns) from its values as they are numbered under `split`."""
    if split == "channels":
        return values.reshape(shape.channels, shape.rows, shape.columns)
    return values.reshape(shape.rows, shape.channels, shape.columns).transpose(1, 0, 2)


def as_sent(made: Floats, split: Split) -> Floats:
    """The values of a block (channels, rows, columns) as they are numbered under `split`, flat."""
    ordered: npt.NDArray[np.float32] = made if split == "channels" else made.transpose(1, 0, 2)
    return np.ascontiguousarray(ordered).reshape(-1)
