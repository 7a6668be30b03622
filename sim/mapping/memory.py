"""What a slice occupies in the SRAM of its processing element, in bytes.

The published store of a layer-2 PE (88.3 kB) is compressed rows with 8 bytes for each non-zero, fp32 value and 32-bit
index, and two arrays of row pointers (arXiv 2312.09084; derivation in the project's facts, section 1.3). Walking
rows needs the inputs as a dense vector; walking columns needs pointers by source instead. Values are made fp32 when
they arrive, so only weights and their indices take fewer bytes in other formats; an int8 row has a scale of 4 bytes.
"""

from __future__ import annotations

from sim.machine.machine import Sram
from sim.mapping.dense_memory import decoder_budget, decoder_bytes, readout_budget, stage_budget
from sim.mapping.mapping import Budget, Slice
from sim.scenario.formats import Formats
from sim.workload.decoder_layer import DecoderLayer
from sim.workload.network import GATES, EgruLayer
from sim.workload.parts import Layer
from sim.workload.readout import ReadoutLayer
from sim.workload.stage_layer import StageLayer

VALUE_BYTES = 4
POINTER_BYTES = 4
SCALE_BYTES = 4
WEIGHT_BYTES = {"fp32": 4, "int8": 1}
ACCUMULATORS = 4
"""z, r, and the input and recurrent parts of g apart: the reset gate multiplies only the recurrent part."""
PLAIN = Formats()


def nonzero_bytes(formats: Formats, kernel: str) -> int:
    """Bytes of one stored weight with its index; none of its own where all weights are stored, zeros too."""
    return 0 if kernel == "mac_array" else WEIGHT_BYTES[formats.weights] + formats.indices // 8


def budget(
    layer: Layer,
    start: int,
    stop: int,
    nonzeros: int,
    kernel: str,
    buffers: int,
    formats: Formats = PLAIN,
    blocks: int = 0,
) -> Budget:
    """Bytes of units `start` to `stop` of a whole `layer`; `buffers` steps of input can be held at once, and `blocks`
    is what the buffers take where weights can be nowhere but in DRAM."""
    if isinstance(layer, DecoderLayer):
        return decoder_budget(layer, start, stop, buffers, blocks, scaled=formats.weights == "int8")
    if isinstance(layer, StageLayer):
        return stage_budget(layer, start, stop, buffers)
    if isinstance(layer, ReadoutLayer):
        return readout_budget(layer, start, stop, buffers)
    return _of_units(layer, stop - start, nonzeros, kernel, buffers, formats)


def _of_units(layer: EgruLayer, units: int, nonzeros: int, kernel: str, buffers: int, formats: Formats) -> Budget:
    """Bytes of so many units with so many non-zeros of a recurrent layer.

    Every part is a constant plus a constant for each unit and for each non-zero. On the MAC array, matrices and vectors
    are dense, a byte for each number.
    """
    recurrent = layer.R.columns
    on_arrival, on_array = kernel == "event_columns", kernel == "mac_array"
    sums = ACCUMULATORS * units * VALUE_BYTES
    scales = 2 * GATES * units * SCALE_BYTES if formats.weights == "int8" else 0
    pointers = 0 if on_array else POINTER_BYTES * _pointers(layer, units, kernel)
    vectors = 0 if on_arrival else (buffers * layer.inputs + recurrent) * (1 if on_array else VALUE_BYTES)
    return Budget(
        weights=_matrices(layer, units, nonzeros, kernel, formats) + pointers + scales,
        parameters=(2 * GATES + 1) * units * VALUE_BYTES,
        state=2 * units * VALUE_BYTES,
        accumulators=buffers * sums if on_arrival else sums,
        inputs=vectors,
    )


def stored_bytes(layer: Layer, piece: Slice, kernel: str, formats: Formats = PLAIN) -> int:
    """Bytes of a slice's weights themselves, the part of `Budget.weights` that can be streamed: no pointers, no scales.

    A readout's are few and stay.
    """
    if isinstance(layer, StageLayer):
        return stage_budget(layer, piece.start, piece.stop, 1).weights
    if isinstance(layer, ReadoutLayer):
        return 0
    if isinstance(layer, DecoderLayer):
        return decoder_bytes(layer, piece.units, WEIGHT_BYTES[formats.weights])
    return _matrices(layer, piece.units, piece.nonzeros, kernel, formats)


def _matrices(layer: EgruLayer, units: int, nonzeros: int, kernel: str, formats: Formats) -> int:
    """Bytes of the weights of so many units."""
    matrix = GATES * units * (layer.inputs + layer.R.columns) if kernel == "mac_array" else 0
    return nonzeros * nonzero_bytes(formats, kernel) + matrix


def _pointers(layer: EgruLayer, units: int, kernel: str) -> int:
    """Where rows, or columns, begin and end, in both matrices."""
    return 2 * (GATES * units + 1) if kernel == "csr_rows" else layer.inputs + layer.R.columns + 2


def room_for_data(sram: Sram) -> int:
    """Bytes left for slices once code, stack and receive FIFO have theirs."""
    return sram.total_bytes - sram.code_bytes - sram.stack_bytes - sram.fifo_bytes
