"""What the work of a step costs on a processing element, in cycles, from counts of what was really there.

`csr_rows` stores arriving values in a dense vector and then walks every stored non-zero of the slice, whether its
source fired or not. `event_columns` walks the column of each value as it arrives, while others are still on their
way, and never looks at the rest. Both end with an update of every unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sim.engine.packet import Packet
from sim.machine.machine import Costs
from sim.workload.network import GATES, EgruLayer
from sim.workload.sparse import SparseRows


@dataclass(frozen=True, slots=True)
class Work:
    """Cycles spent on arrival of a packet: taking it in, and computing with it at once; and the products made."""

    receive: float
    compute: float
    macs: int


class ComputeKernel(Protocol):
    """A way to compute a slice."""

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work: ...

    def on_step(self) -> Work: ...


class CsrRows:
    """All stored non-zeros, each step."""

    def __init__(self, layer: EgruLayer, costs: Costs) -> None:
        self._costs = costs
        self._nonzeros = layer.W.nnz + layer.R.nnz
        rows = 2 * GATES * layer.units
        walk = rows * costs.csr_row_cycles + self._nonzeros * costs.csr_nonzero_cycles
        self._step = Work(0, walk + layer.units * costs.update_neuron_cycles, self._nonzeros)
        self._arrival: dict[int, Work] = {}

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work:
        values = len(packet.values)
        if values not in self._arrival:
            cycles = self._costs.receive_packet_cycles + values * self._costs.receive_value_cycles
            self._arrival[values] = Work(cycles, 0, 0)
        return self._arrival[values]

    def on_step(self) -> Work:
        return self._step


class EventColumns:
    """The columns of values that arrive, as they arrive."""

    def __init__(self, layer: EgruLayer, costs: Costs) -> None:
        self._costs = costs
        self._input = column_lengths(layer.W)
        self._recurrent = column_lengths(layer.R)
        self._step = Work(0, layer.units * costs.update_neuron_cycles, 0)

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work:
        costs = self._costs
        lengths = self._recurrent if recurrent else self._input
        macs = sum(lengths[packet.start : packet.start + len(packet.values)])
        compute = len(packet.values) * costs.event_cycles + macs * costs.event_nonzero_cycles
        return Work(costs.receive_packet_cycles, compute, macs)

    def on_step(self) -> Work:
        return self._step


def column_lengths(matrix: SparseRows) -> list[int]:
    """Stored non-zeros of each column, as plain ints."""
    counts: npt.NDArray[np.int64] = matrix.column_counts()
    return [int(count) for count in counts]


KERNELS: dict[str, type[CsrRows] | type[EventColumns]] = {"csr_rows": CsrRows, "event_columns": EventColumns}
