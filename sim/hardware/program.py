"""What a slice makes of its inputs in a step: the arithmetic of its units, or what somebody else says they send.

A program reads vectors of what arrived, by population and step; what did not arrive is zero. It knows nothing of time:
what its work costs is the business of a compute kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from sim.mapping.mapping import Slice
from sim.workload.decoder_layer import DecoderLayer
from sim.workload.egru import step as egru_step
from sim.workload.firing import Firing
from sim.workload.network import EgruLayer
from sim.workload.readout import ReadoutLayer
from sim.workload.sparse import Floats
from sim.workload.stage_layer import StageLayer

Inputs = Callable[[int, int, int], Floats]
"""The values (size,) of a population in a step, given population, step and size."""


class Program(Protocol):
    """The steps of one slice, in order."""

    @property
    def sources(self) -> tuple[int, ...]:
        """The populations whose values it reads."""
        ...

    def compute(self, step: int, inputs: Inputs) -> tuple[Floats, int]:
        """Outputs (units,) of a step, and the products that inputs other than zero ask for."""
        ...


class Read:
    """The two vectors that a slice of recurrent units reads in a step, and the products that they ask for."""

    def __init__(self, piece: Slice, layer: EgruLayer) -> None:
        self.sources = (piece.layer - 1, piece.layer)
        self._widths = layer.inputs, layer.R.columns
        most = np.min_scalar_type(layer.W.rows)  # a column has no more entries than rows: a board has many slices
        self._columns = layer.W.column_counts().astype(most), layer.R.column_counts().astype(most)

    def __call__(self, step: int, inputs: Inputs) -> tuple[Floats, Floats, int]:
        x = inputs(self.sources[0], step, self._widths[0])
        before = inputs(self.sources[1], step - 1, self._widths[1])
        return x, before, int(self._columns[0][x != 0].sum()) + int(self._columns[1][before != 0].sum())


class EgruProgram:
    """Event-based gated recurrent units; `layer` holds the slice's rows only."""

    def __init__(self, piece: Slice, layer: EgruLayer) -> None:
        self._read = Read(piece, layer)
        self.sources = self._read.sources
        self._layer = layer
        self._state: Floats = np.zeros(piece.units, np.float32)

    def compute(self, step: int, inputs: Inputs) -> tuple[Floats, int]:
        x, before, needed = self._read(step, inputs)
        y, self._state = egru_step(self._layer, x, before, self._state)
        return y, needed


class FiringProgram:
    """Units with the weights of EGRU units that fire as they are told, whatever arrives: of weights only their numbers
    are kept."""

    def __init__(self, piece: Slice, layer: EgruLayer, firing: Firing) -> None:
        self._read = Read(piece, layer)
        self.sources = self._read.sources
        self._piece = piece
        self._firing = firing

    def compute(self, step: int, inputs: Inputs) -> tuple[Floats, int]:
        *_, needed = self._read(step, inputs)
        return self._firing.outputs(self._piece.layer - 1, step)[self._piece.start : self._piece.stop], needed


class StageProgram:
    """Units of a front end's stage: a convolution, ReLU and pooling of the maps of this step."""

    def __init__(self, piece: Slice, layer: StageLayer) -> None:
        self.sources = (piece.layer - 1,)
        self._piece = piece
        self._layer = layer
        self._macs = layer.stage.macs_of(layer.block(piece.start, piece.stop))

    def compute(self, step: int, inputs: Inputs) -> tuple[Floats, int]:
        x = inputs(self.sources[0], step, self._layer.inputs)
        return self._layer.outputs(x, self._piece.start, self._piece.stop), self._macs


class ReadoutProgram:
    """Classes of a readout; `layer` holds the slice's classes only."""

    def __init__(self, piece: Slice, layer: ReadoutLayer) -> None:
        self.sources = (piece.layer - 1,)
        self._layer = layer
        self._trace: Floats = np.zeros(layer.inputs, np.float32)

    def compute(self, step: int, inputs: Inputs) -> tuple[Floats, int]:
        self._trace = self._layer.trace(self._trace, inputs(self.sources[0], step, self._layer.inputs))
        return self._layer.scores(self._trace), int(np.count_nonzero(self._trace)) * self._layer.units


class DecoderProgram:
    """Words of a decoder; `layer` is the whole of it."""

    def __init__(self, piece: Slice, layer: DecoderLayer) -> None:
        self.sources = (piece.layer - 1,)
        self._piece = piece
        self._layer = layer

    def compute(self, step: int, inputs: Inputs) -> tuple[Floats, int]:
        y = inputs(self.sources[0], step, self._layer.inputs)
        answer = self._layer.answer(y, step, self._piece.start, self._piece.stop)
        return answer, int(np.count_nonzero(y)) * self._piece.units
