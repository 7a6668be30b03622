"""What a slice of a front end's stage, of a readout or of a decoder occupies in the SRAM of its processing element, in
bytes.

A stage keeps the weights of its channels, the maps it reads (of as many steps as can be held at once) and the values it
makes, before pooling and after. On the MAC array numbers are bytes, on the core floats. A readout keeps its weights and
a trace of each unit it reads. A decoder's weights lie in DRAM, and it keeps a score for each word.
"""

from __future__ import annotations

from sim.mapping.mapping import Budget
from sim.workload.convolve import Int8
from sim.workload.decoder_layer import DecoderLayer
from sim.workload.readout import ReadoutLayer
from sim.workload.stage_layer import StageLayer

FLOAT_BYTES = 4
BIAS_BYTES = 4
SHIFT_BYTES = 1
TARGET_BYTES = 4
COLUMN_ALIGNED = 64
"""Columns that are read one by one begin at a multiple of this many bytes, so that none shares a burst with another."""


def stage_budget(layer: StageLayer, start: int, stop: int, buffers: int) -> Budget:
    """Bytes of units `start` to `stop` (not included) of a stage; `buffers` steps of input can be held at once."""
    if stop <= start:
        return Budget(0, 0, 0, 0, 0)
    stage, block = layer.stage, layer.block(start, stop)
    each = 1 if isinstance(layer.arithmetic, Int8) else FLOAT_BYTES
    channels = block.last_channel - block.first_channel if stage.weights is not None else 0
    first, last = stage.input_rows(block)
    read = (last - first) * stage.inputs.columns * stage.inputs.channels
    return Budget(
        weights=channels * stage.taps * each,
        parameters=channels * (BIAS_BYTES + SHIFT_BYTES),
        state=stage.values_of(block) * each,
        accumulators=stage.convolved_values_of(block) * each if stage.pool else 0,
        inputs=buffers * read * each,
    )


def readout_budget(layer: ReadoutLayer, start: int, stop: int, buffers: int) -> Budget:
    """Bytes of the classes `start` to `stop` (not included) of a readout."""
    classes = stop - start
    return Budget(
        weights=layer.inputs * classes * FLOAT_BYTES,
        parameters=classes * BIAS_BYTES,
        state=layer.inputs * FLOAT_BYTES,
        accumulators=classes * FLOAT_BYTES,
        inputs=buffers * layer.inputs * FLOAT_BYTES,
    )


def decoder_budget(layer: DecoderLayer, start: int, stop: int, buffers: int, blocks: int, *, scaled: bool) -> Budget:
    """Bytes of the words `start` to `stop` (not included) of a decoder, whose weights come through `blocks` bytes of
    buffers: biases, scales if there are any, scores, and the words to be predicted among its own."""
    words = stop - start
    return Budget(
        weights=words * FLOAT_BYTES * scaled,
        parameters=words * BIAS_BYTES + layer.targets_in(start, stop) * TARGET_BYTES,
        state=0,
        accumulators=words * FLOAT_BYTES,
        inputs=buffers * layer.inputs * FLOAT_BYTES,
        blocks=blocks,
    )


def decoder_bytes(layer: DecoderLayer, words: int, weight_bytes: int) -> int:
    """Bytes in DRAM of a decoder's weights for so many words."""
    return layer.inputs * column_bytes(layer, words, weight_bytes)


def column_bytes(layer: DecoderLayer, words: int, weight_bytes: int) -> int:
    """Bytes from one column of so many words to the next."""
    size = words * weight_bytes
    return size if layer.columns == "dense" else -(-size // COLUMN_ALIGNED) * COLUMN_ALIGNED
