"""The work one slice gives its PE: which packets it reads, what they cost, and what is sent of a step.

The inputs of a step are vectors filled in from the packets that came, as the slice's program asks for them; what did
not come is zero.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from sim.engine.packet import Packet
from sim.engine.probe import TaskRecord
from sim.hardware.kernels import Work
from sim.hardware.packing import Sending
from sim.hardware.streaming import Stream
from sim.hardware.work import SliceWork
from sim.mapping.mapping import Slice
from sim.workload.sparse import Floats

Tap = Callable[[int, int, Floats], None]
"""Called with step, first unit and outputs (units,) of every step of a slice."""


class Task:
    """One slice on its PE; `stream` brings its weights where they are in DRAM."""

    def __init__(
        self,
        piece: Slice,
        work: SliceWork,
        make_packets: Callable[[Slice, int, Floats, Sending], list[Packet]],
        tap: Tap,
        stream: Stream | None = None,
    ) -> None:
        self.stream = stream
        self.piece = piece
        self.population = piece.layer
        self.member = piece.member
        self.sources = work.program.sources
        self.events_sent = 0
        self.packets_sent = 0
        self._program = work.program
        self._kernel = work.kernel
        self.sending = work.sending
        self.by_dma = work.by_dma
        self._make_packets = make_packets
        self._answers = work.answers_at is not None
        self._sent_as = piece if work.answers_at is None else replace(piece, start=work.answers_at)
        self._tap = tap
        self._arrived: defaultdict[tuple[int, int], list[Packet]] = defaultdict(list)
        self._received = 0
        self._macs = 0
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
        y, self._needed = self._program.compute(step, self._vector)
        self._tap(step, self.piece.start, y)
        packets = self._make_packets(self._sent_as, step, y, self.sending)
        self.packets_sent = len(packets)
        self.events_sent = 0 if self._answers else int(np.count_nonzero(y))
        return packets

    def record(self, step: int, start: int, ready: int, done: int, overrun: int = 0, begun: int = 0) -> TaskRecord:
        """What is to be told of the step just computed; counts start anew with it."""
        counts = (self._received, self.events_sent, self._macs, self._needed)
        self._received = self._macs = 0
        return TaskRecord(self.piece.index, step, start, ready, done, *counts, overrun, begun)

    def _vector(self, population: int, step: int, size: int) -> Floats:
        vector = np.zeros(size, np.float32)
        packets: Sequence[Packet] = self._arrived.pop((population, step), ())
        self._received += len(packets)
        self.put_together(vector, packets)
        return vector

    def put_together(self, vector: Floats, packets: Sequence[Packet]) -> None:
        """Fill a vector of zeros from the packets of its step: no two have values of one place."""
        for packet in packets:
            fill(vector, packet)


def fill(vector: Floats, packet: Packet) -> None:
    """Put a packet's values where they belong in the vector of its population."""
    if packet.places:
        vector[list(packet.places)] = packet.values
    else:
        vector[packet.start : packet.start + len(packet.values)] = packet.values


def add_up(vector: Floats, packets: Sequence[Packet]) -> None:
    """Add packets to a vector where several may have values of one place: in the order they were sent in, which for
    one place is that of its steps, whatever order they came in."""
    for packet in sorted(packets, key=lambda packet: packet.sent_at):
        places = list(packet.places) or slice(packet.start, packet.start + len(packet.values))
        vector[places] += np.array(packet.values, np.float32)
