"""What a slice occupies in the SRAM of its processing element, in bytes, and what to do when it is too much.

The published store of a layer-2 PE (88.3 kB) is compressed rows with 8 bytes for each non-zero, fp32 value and 32-bit
index, and two arrays of row pointers (arXiv 2312.09084; derivation in the project's facts, section 1.3). Walking
rows needs the inputs as a dense vector; walking columns needs pointers by source instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.machine.machine import Sram
from sim.mapping.mapping import Budget, Slice
from sim.scenario.complaints import Refused
from sim.workload.network import GATES, EgruLayer

VALUE_BYTES = 4
INDEX_BYTES = 4
POINTER_BYTES = 4
ACCUMULATORS = 4
"""z, r, and the input and recurrent parts of g apart: the reset gate multiplies only the recurrent part."""


def budget(layer: EgruLayer, start: int, stop: int, nonzeros: int, kernel: str, buffers: int) -> Budget:
    """Bytes of units `start` to `stop` of a whole `layer`; `buffers` steps of input can be held at once."""
    units, recurrent = stop - start, layer.R.columns
    rows = kernel == "csr_rows"
    pointers = 2 * (GATES * units + 1) if rows else layer.inputs + recurrent + 2
    sums = ACCUMULATORS * units * VALUE_BYTES
    dense = (buffers * layer.inputs + recurrent) * VALUE_BYTES
    return Budget(
        weights=nonzeros * (VALUE_BYTES + INDEX_BYTES) + pointers * POINTER_BYTES,
        parameters=(2 * GATES + 1) * units * VALUE_BYTES,
        state=2 * units * VALUE_BYTES,
        accumulators=sums if rows else buffers * sums,
        inputs=dense if rows else 0,
    )


def room_for_data(sram: Sram) -> int:
    """Bytes left for slices once code, stack and receive FIFO have theirs."""
    return sram.total_bytes - sram.code_bytes - sram.stack_bytes - sram.fifo_bytes


def refuse_too_big(slices: Sequence[Slice], budgets: Sequence[Budget], sram: Sram, remedies: dict[int, str]) -> None:
    """Refuse a mapping in which the slices of some PE do not fit it together; the fullest PE is the one named."""
    room = room_for_data(sram)
    used: dict[int, int] = {}
    for piece, need in zip(slices, budgets, strict=True):
        used[piece.pe] = used.get(piece.pe, 0) + need.total
    pe, most = max(used.items(), key=lambda item: (item[1], -item[0]))
    if most <= room:
        return
    held = [piece for piece in slices if piece.pe == pe]
    worst = max(held, key=lambda piece: budgets[piece.index].total)
    raise Refused.at(
        "mapping.pes_per_layer",
        f"{' and '.join(piece.name for piece in held)} needs {most} bytes of SRAM for data, a PE has {room} "
        f"({sram.total_bytes} less {sram.code_bytes} code, {sram.stack_bytes} stack, {sram.fifo_bytes} receive "
        f"FIFO); {remedies[worst.layer]}",
    )
