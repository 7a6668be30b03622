"""A network as what is dealt to processing elements: layers in order, of whatever kind.

Stages of a front end come first, then the recurrent layers, then a readout or a decoder. Mapping needs to know little
of a layer, and the same of each kind: how many units it has, in what grains they may be dealt, and whether it hears
itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.workload.decoder_layer import DecoderLayer
from sim.workload.network import GATES, EgruLayer, Network
from sim.workload.readout import ReadoutLayer
from sim.workload.stage_layer import Split, StageLayer

Layer = EgruLayer | StageLayer | ReadoutLayer | DecoderLayer


def parts(network: Network, split: Split) -> tuple[Layer, ...]:
    """The layers of `network`, its front end cut by `split` as far as that can be.

    A linear layer has one row only, and what the recurrent layers read is numbered by channels.
    """
    behind = [layer for layer in (network.readout, network.dealt) if layer is not None]
    return (*_stages(network, split), *network.layers, *behind)


def _stages(network: Network, split: Split) -> list[StageLayer]:
    made: list[StageLayer] = []
    stages = network.front_end.stages if network.front_end else ()
    for number, arithmetic in enumerate(stages):
        last = number == len(stages) - 1
        own: Split = "channels" if last or arithmetic.stage.linear else split
        made.append(StageLayer(arithmetic, own, made[-1].split if made else "channels"))
    return made


def grain(layer: Layer) -> int:
    """Neighbouring units that one slice holds together."""
    return layer.grain if isinstance(layer, StageLayer) else 1


def grains(layer: Layer) -> int:
    """Into how many slices a layer can be cut."""
    return layer.units // grain(layer)


def recurrent(layer: Layer) -> bool:
    """Whether a layer reads its own outputs of the step before."""
    return isinstance(layer, EgruLayer)


def stored_weights(layer: Layer, start: int, stop: int) -> int:
    """Weights that a slice of units `start` to `stop` (not included) keeps; a recurrent layer's are its non-zeros."""
    if isinstance(layer, StageLayer):
        block = layer.block(start, stop)
        return (block.last_channel - block.first_channel) * layer.stage.taps
    if isinstance(layer, ReadoutLayer | DecoderLayer):
        return layer.inputs * (stop - start)
    whole = layer.R.columns
    return sum(
        int(matrix.indptr[gate * whole + stop] - matrix.indptr[gate * whole + start])
        for matrix in (layer.W, layer.R)
        for gate in range(3)
    )


def products(layer: Layer) -> int:
    """Multiply-accumulates of a whole layer in a step in which nothing is skipped."""
    if isinstance(layer, StageLayer):
        return layer.stage.macs
    return layer.W.nnz + layer.R.nnz if isinstance(layer, EgruLayer) else layer.inputs * layer.units


def outputs(layer: Layer) -> int:
    """Values that a layer sends if all its units do, where that does not depend on how it is cut: not of a decoder."""
    return 0 if isinstance(layer, DecoderLayer) else layer.units


def exponentials(layer: Layer) -> int:
    """Calls of the unit for exponentials and logarithms that one unit of a layer makes in a step: for its gates, or for
    its place among all words."""
    if isinstance(layer, DecoderLayer):
        return layer.exponentials
    return GATES if isinstance(layer, EgruLayer) else 0


def last_of_units(layers: Sequence[Layer]) -> int:
    """The number, from 1, of the layer whose outputs are the network's: a decoder only reads them."""
    return len(layers) - isinstance(layers[-1], DecoderLayer)


def kinds(layers: Sequence[Layer]) -> tuple[bool, ...]:
    """Which of the layers are recurrent."""
    return tuple(recurrent(layer) for layer in layers)
