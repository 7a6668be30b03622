"""The work one slice gives its PE: which packets it reads, what they cost, and what comes out of a step.

The inputs of a step are two vectors, the values of the population in front and the events of the own layer one step
before, filled in from the packets that came; what did not come is zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from sim.engine.packet import Packet
from sim.engine.probe import TaskRecord
from sim.hardware.kernels import ComputeKernel, Work
from sim.mapping.mapping import Slice
from sim.workload.egru import step as egru_step
from sim.workload.network import EgruLayer
from sim.workload.sparse import Floats

Tap = Callable[[int, int, Floats], None]
"""Called with step, first unit and outputs (units,) of every step of a slice."""


class Task:
    """One slice on its PE; `layer` holds the slice's rows only."""

    def __init__(
        self,
        piece: Slice,
        layer: EgruLayer,
        kernel: ComputeKernel,
        make_packets: Callable[[Slice, int, Floats], list[Packet]],
        tap: Tap,
    ) -> None:
        self.piece = piece
        self.population = piece.layer
        self.member = piece.member
        self.sources = (piece.layer - 1, piece.layer)
        self.events_sent = 0
        self.packets_sent = 0
        self._layer = layer
        self._kernel = kernel
        self._make_packets = make_packets
        self._tap = tap
        self._state: Floats = np.zeros(piece.units, np.float32)
        self._arrived: defaultdict[tuple[int, int], list[Packet]] = defaultdict(list)
        self._received = 0
        self._macs = 0
        self._columns = (layer.W.column_counts(), layer.R.column_counts())
        self._needed = 0

    def on_arrival(self, packet: Packet) -> Work:
        """Keep a packet's values for their step; what taking it in costs."""
        self._arrived[packet.population, packet.step].append(packet)
        work = self._kernel.on_arrival(packet, recurrent=packet.population == self.population)
        self._macs += work.macs
        return work

    def packets_of(self, step: int) -> int:
        """Packets taken in so far that the step will use."""
        moments = (self.population - 1, step), (self.population, step - 1)
        return sum(len(self._arrived[moment]) for moment in moments if moment in self._arrived)

    def work_of_step(self) -> Work:
        """What the step itself costs, once its inputs are in."""
        work = self._kernel.on_step()
        self._macs += work.macs
        return work

    def compute(self, step: int) -> list[Packet]:
        """Take the step; the packets that tell of the units that fired, lowest first."""
        x = self._vector(self.population - 1, step, self._layer.inputs)
        before = self._vector(self.population, step - 1, self._layer.R.columns)
        self._needed = int(self._columns[0][x != 0].sum() + self._columns[1][before != 0].sum())
        y, self._state = egru_step(self._layer, x, before, self._state)
        self._tap(step, self.piece.start, y)
        packets = self._make_packets(self.piece, step, y)
        self.events_sent, self.packets_sent = int(np.count_nonzero(y)), len(packets)
        return packets

    def record(self, step: int, start: int, ready: int, done: int) -> TaskRecord:
        """What is to be told of the step just computed; counts start anew with it."""
        counts = (self._received, self.events_sent, self._macs, self._needed)
        self._received = self._macs = 0
        return TaskRecord(self.piece.index, step, start, ready, done, *counts)

    def _vector(self, population: int, step: int, size: int) -> Floats:
        vector = np.zeros(size, np.float32)
        packets: Sequence[Packet] = self._arrived.pop((population, step), ())
        self._received += len(packets)
        for packet in packets:
            fill(vector, packet)
        return vector


def fill(vector: Floats, packet: Packet) -> None:
    """Put a packet's values where they belong in the vector of its population."""
    if packet.places:
        vector[list(packet.places)] = packet.values
    else:
        vector[packet.start : packet.start + len(packet.values)] = packet.values
