"""Checks of slices of front ends, readouts and decoders, from shapes alone: whole channels or rows, a place for each
weight.

Nothing here is shared with the code that deals and budgets them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.mapping.mapping import Mapping, Slice
from sim.workload.convolve import Int8
from sim.workload.decoder_layer import DecoderLayer
from sim.workload.network import EgruLayer
from sim.workload.parts import Layer
from sim.workload.readout import ReadoutLayer
from sim.workload.stage_layer import StageLayer


def misdealt(mapping: Mapping, layers: Sequence[Layer]) -> Iterator[str]:
    """What is wrong with slices of layers that are not recurrent."""
    for piece, own in zip(mapping.slices, mapping.budgets, strict=True) if layers else ():
        layer = layers[piece.layer - 1]
        if isinstance(layer, EgruLayer):
            continue
        if isinstance(layer, DecoderLayer):
            yield from _unstored(mapping, piece, layer)
            continue
        if isinstance(layer, StageLayer):
            yield from _parted(piece, layer)
        bytes_each = 1 if isinstance(layer, StageLayer) and isinstance(layer.arithmetic, Int8) else 4
        if own.weights < bytes_each * weights_of(layer, piece) and not own.blocks:
            yield f"{piece.name} keeps {weights_of(layer, piece)} weights of {bytes_each} bytes in {own.weights} bytes"


def _unstored(mapping: Mapping, piece: Slice, layer: DecoderLayer) -> Iterator[str]:
    """Weights of a decoder that have no place in DRAM."""
    least = weights_of(layer, piece) * (4 if layer.decoder.scales is None else 1)
    there = sum(region.size for region in mapping.regions if region.slice == piece.index)
    if there < least:
        yield f"{piece.name} of the decoder has {least} bytes of weights, and {there} bytes of DRAM for them"


def weights_of(layer: StageLayer | ReadoutLayer | DecoderLayer, piece: Slice) -> int:
    """The weights a slice must keep."""
    if isinstance(layer, DecoderLayer):
        return len(layer.decoder.columns) * piece.units
    if isinstance(layer, ReadoutLayer):
        return len(layer.weights) * piece.units
    kernel = layer.stage.weights
    if kernel is None:
        return 0
    each = kernel.size // len(kernel)
    return kernel.size if layer.split == "rows" else piece.units * each // _side(layer)


def _parted(piece: Slice, layer: StageLayer) -> Iterator[str]:
    """A channel, or a row, that two slices hold part of."""
    if piece.start % _side(layer) or piece.stop % _side(layer):
        yield f"{piece.name} parts one of the {layer.split} of {layer.stage.name}, which have {_side(layer)} values"


def _side(layer: StageLayer) -> int:
    """Values of a channel, or of a row over all channels."""
    shape = layer.stage.outputs
    return shape.rows * shape.columns if layer.split == "channels" else shape.channels * shape.columns
