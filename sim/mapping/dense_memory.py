"""What a slice of a front end's stage, or of a readout, occupies in the SRAM of its processing element, in bytes.

A stage keeps the weights of its channels, the maps it reads (of as many steps as can be held at once) and the values it
makes, before pooling and after. On the MAC array numbers are bytes, on the core floats. A readout keeps its weights and
a trace of each unit it reads.
"""

from __future__ import annotations

from sim.mapping.mapping import Budget
from sim.workload.convolve import Int8
from sim.workload.readout import ReadoutLayer
from sim.workload.stage_layer import StageLayer

FLOAT_BYTES = 4
BIAS_BYTES = 4
SHIFT_BYTES = 1


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
