"""What the work of a step costs on a processing element, in cycles, from counts of what was really there.

`csr_rows` stores arriving values in a dense vector and then walks every stored non-zero of the slice, whether its
source fired or not. `event_columns` walks the column of each value as it arrives, while others are still on their
way, and never looks at the rest. Both end with an update of every unit. Values in narrower formats are made fp32 as
they arrive, int8 weights each time they are used; a row's scale is applied once to its sum. `mac_array` stores values
as the bytes that arrive and has the MAC array multiply the whole matrix, zeros and all, by them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sim.engine.packet import Packet
from sim.machine.machine import Costs
from sim.scenario.formats import ValueForm
from sim.workload.network import GATES, EgruLayer
from sim.workload.sparse import SparseRows


@dataclass(frozen=True, slots=True)
class Work:
    """Cycles spent on arrival of a packet, taking it in and computing with it at once, or on a step; the products made,
    and whether the MAC array made them; cycles `after` the last weight of a step that are not shared out over them."""

    receive: float
    compute: float
    macs: int
    on_array: bool = False
    after: float = 0


@dataclass(frozen=True, slots=True)
class Forms:
    """The formats of a slice's weights, of its inputs and of the events of its own layer."""

    weights: ValueForm = "fp32"
    inputs: ValueForm = "fp32"
    recurrent: ValueForm = "fp32"

    def convert(self, costs: Costs, *, recurrent: bool) -> float:
        """Cycles to make fp32 of one arriving value."""
        form = self.recurrent if recurrent else self.inputs
        return 0.0 if form == "fp32" else costs.convert_value_cycles

    def weight(self, costs: Costs) -> float:
        """Cycles that one stored weight costs on top of its product."""
        return costs.int8_nonzero_cycles if self.weights == "int8" else 0.0

    def row(self, costs: Costs) -> float:
        """Cycles to apply the scale of one row."""
        return costs.int8_row_cycles if self.weights == "int8" else 0.0


FP32 = Forms()


class ComputeKernel(Protocol):
    """A way to compute a slice."""

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work: ...

    def on_step(self) -> Work: ...


class CsrRows:
    """All stored non-zeros, each step."""

    def __init__(self, layer: EgruLayer, costs: Costs, forms: Forms = FP32) -> None:
        self._costs = costs
        self._nonzeros = layer.W.nnz + layer.R.nnz
        rows = 2 * GATES * layer.units
        walk = rows * (costs.csr_row_cycles + forms.row(costs))
        walk += self._nonzeros * (costs.csr_nonzero_cycles + forms.weight(costs))
        self._step = Work(0, walk + layer.units * costs.update_neuron_cycles, self._nonzeros)
        self._value = tuple(
            costs.receive_value_cycles + forms.convert(costs, recurrent=recurrent) for recurrent in (False, True)
        )
        self._arrival: dict[tuple[int, bool], Work] = {}

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work:
        key = len(packet.values), recurrent
        if key not in self._arrival:
            cycles = self._costs.receive_packet_cycles + key[0] * self._value[recurrent]
            self._arrival[key] = Work(cycles, 0, 0)
        return self._arrival[key]

    def on_step(self) -> Work:
        return self._step


class EventColumns:
    """The columns of values that arrive, as they arrive; a zero among them is only looked at."""

    def __init__(self, layer: EgruLayer, costs: Costs, forms: Forms = FP32) -> None:
        self._costs = costs
        self._lengths = column_lengths(layer.W), column_lengths(layer.R)
        self._convert = tuple(forms.convert(costs, recurrent=recurrent) for recurrent in (False, True))
        self._weight = costs.event_nonzero_cycles + forms.weight(costs)
        scaling = 2 * GATES * layer.units * forms.row(costs)
        self._step = Work(0, layer.units * costs.update_neuron_cycles + scaling, 0)
        self._alone: dict[tuple[int, bool], Work] = {}

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work:
        if len(packet.values) > 1 or not packet.values[0]:
            return self._work(packet, recurrent)
        key = packet.start, recurrent
        if key not in self._alone:
            self._alone[key] = self._work(packet, recurrent)
        return self._alone[key]

    def on_step(self) -> Work:
        return self._step

    def _work(self, packet: Packet, recurrent: bool) -> Work:
        costs, lengths = self._costs, self._lengths[recurrent]
        places = packet.places or range(packet.start, packet.start + len(packet.values))
        columns = [lengths[place] for place, value in zip(places, packet.values, strict=True) if value]
        macs, zeros = sum(columns), len(packet.values) - len(columns)
        receive = costs.receive_packet_cycles + zeros * costs.receive_value_cycles
        compute = len(columns) * (costs.event_cycles + self._convert[recurrent]) + macs * self._weight
        return Work(receive, compute, macs)


class StreamedColumns(EventColumns):
    """Columns that lie in DRAM, one after the other: nothing is computed on arrival, and a step says which it needs."""

    def __init__(self, layer: EgruLayer, costs: Costs, forms: Forms, nonzero_bytes: int) -> None:
        super().__init__(layer, costs, forms)
        sizes = [nonzero_bytes * length for lengths in self._lengths for length in lengths]
        self._runs = [(stop - size, size) for stop, size in zip(accumulate(sizes), sizes, strict=True)]
        self._inputs = layer.inputs
        self._later: defaultdict[int, float] = defaultdict(float)
        self._wanted: defaultdict[int, set[int]] = defaultdict(set)
        self._now = -1

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work:
        work, step = super().on_arrival(packet, recurrent=recurrent), packet.step + recurrent
        places = packet.places or range(packet.start, packet.start + len(packet.values))
        first = self._inputs if recurrent else 0
        self._wanted[step] |= {first + place for place, value in zip(places, packet.values, strict=True) if value}
        self._later[step] += work.compute
        return Work(work.receive, 0, work.macs)

    def on_step(self) -> Work:
        self._now += 1
        return Work(0, self._later.pop(self._now, 0.0) + self._step.compute, 0)

    def runs(self) -> list[tuple[int, int]]:
        """Offsets and lengths, in bytes, of the columns that the step last begun has to read."""
        return [self._runs[place] for place in sorted(self._wanted.pop(self._now, ())) if self._runs[place][1]]


class MacArray:
    """A dense product with each of the two matrices, each step; only the 16 x 4 array multiplies."""

    def __init__(self, layer: EgruLayer, costs: Costs, forms: Forms) -> None:
        self._costs = costs
        rows = GATES * layer.units
        macs = rows * (layer.inputs + layer.R.columns)
        product = 2 * costs.mac_array_setup_cycles + macs / (costs.mac_array_macs_per_cycle * costs.mac_array_use)
        after = 2 * rows * forms.row(costs) + layer.units * costs.update_neuron_cycles
        self._step = Work(0, product + after, macs, on_array=True)

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work:
        values = len(packet.values)
        return Work(self._costs.receive_packet_cycles + values * self._costs.receive_value_cycles, 0, 0)

    def on_step(self) -> Work:
        return self._step


def column_lengths(matrix: SparseRows) -> list[int]:
    """Stored non-zeros of each column, as plain ints."""
    counts: npt.NDArray[np.int64] = matrix.column_counts()
    return [int(count) for count in counts]


KERNELS: dict[str, type[CsrRows] | type[EventColumns] | type[MacArray]] = {
    "csr_rows": CsrRows,
    "event_columns": EventColumns,
    "mac_array": MacArray,
}
