"""What a network is: layers of EGRU units with their weights, and the language model's two ends when it
has them.

Weights are stored by target unit, blocks in the order z | r | g, so that a processing element's share of a
layer is a plain choice of rows. A slice of a layer is itself a layer whose recurrent matrix still reads
every unit of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.workload.decoder_layer import DecoderLayer
from sim.workload.front_end import FrontEnd
from sim.workload.language_model import Decoder, Embedding
from sim.workload.readout import ReadoutLayer
from sim.workload.rounding import EXACT, Rounding
from sim.workload.sparse import Floats, SparseRows
from sim.workload.text import Vocabulary

GATES: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class EgruLayer:
    """One EGRU layer, or a slice of one. With n = `units`, I = `inputs` and H units in the whole layer:

    `W` 3n x I, `R` 3n x H, biases `bx` and `br` (3n,), thresholds `thr` (n,), all float32, blocks z | r |
    g; `zoneout` is the share of the old state mixed in at inference, 0 for none; `events` is what becomes
    of an output's value when it is sent.
    """

    inputs: int
    units: int
    W: SparseRows
    R: SparseRows
    bx: Floats
    br: Floats
    thr: Floats
    zoneout: float = 0.0
    events: Rounding = EXACT


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Layers in order; embedding, decoder and vocabulary where the network is a language model, a front end before the
    layers and a readout behind them where it is a classifier of frames. `dealt` is the decoder where PEs decode.
    """

    layers: tuple[EgruLayer, ...]
    embedding: Embedding | None = None
    decoder: Decoder | None = None
    vocabulary: Vocabulary | None = None
    synthetic: bool = False
    front_end: FrontEnd | None = None
    readout: ReadoutLayer | None = None
    dealt: DecoderLayer | None = None


def slice_layer(layer: EgruLayer, start: int, stop: int) -> EgruLayer:
    """The units `start` to `stop` (not included) of a whole layer."""
    whole = layer.R.columns
    blocks = [(gate * whole + start, gate * whole + stop) for gate in range(GATES)]
    rows = np.concatenate([np.arange(first, last) for first, last in blocks])
    return EgruLayer(
        inputs=layer.inputs,
        units=stop - start,
        W=layer.W.take(blocks),
        R=layer.R.take(blocks),
        bx=layer.bx[rows],
        br=layer.br[rows],
        thr=layer.thr[start:stop],
        zoneout=layer.zoneout,
        events=layer.events,
    )
