"""A serial line outside the mesh (the host's): frames one after another, and a fixed delay to the far end.

Whatever waits when the line is free goes into one frame, oldest first, up to the size of a frame; a frame pays its
overhead once, and its packets arrive together.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from functools import partial

from simpy import Event

from sim.engine.kernel import EFFECT, Behaviour, Kernel
from sim.engine.packet import Packet
from sim.engine.probe import Probe
from sim.machine.machine import Host
from sim.units import ns_to_ps, transfer_ps

Arrive = Callable[[Packet], None]

NOTICED_PS = 1
"""A packet handed over is seen by the line one tick later, so that the order within an instant cannot matter."""


class SerialLine:
    """One direction of the host's link."""

    def __init__(self, kernel: Kernel, probe: Probe, name: str, host: Host) -> None:
        self.kernel = kernel
        self.probe = probe
        self.name = name
        self.host = host
        self._latency = max(1, ns_to_ps(host.latency_ns))
        self._queue: list[tuple[int, int, int, int, Packet, Arrive]] = []
        self._accepted = 0
        self._filled: Event | None = None

    def send(self, packet: Packet, arrive: Arrive, rank: int) -> None:
        """Queue `packet`; `arrive` is called with it, as an effect, at the far end.

        Packets of one instant go by the number of their population, then by `rank`, then in the order of sending.
        """
        self._accepted += 1
        order = (self.kernel.now, packet.population, rank, self._accepted)
        self.kernel.at(NOTICED_PS, EFFECT, lambda _: self._queue_up((*order, packet, arrive)))

    def behaviour(self) -> Behaviour:
        while True:
            if not self._queue:
                self._filled = self.kernel.event()
                yield self._filled
            frame, bits = self._frame()
            start = self.kernel.now
            yield self.kernel.timeout(transfer_ps(bits, self.host.gbit_per_s))
            self.probe.span(self.name, "transfer", start, self.kernel.now)
            self.probe.amount(self.name, "bits", bits)
            self.kernel.at(self._latency, EFFECT, partial(_unpack, frame))

    def _queue_up(self, item: tuple[int, int, int, int, Packet, Arrive]) -> None:
        heapq.heappush(self._queue, item)
        if self._filled:
            self._filled.succeed()
            self._filled = None

    def _frame(self) -> tuple[list[tuple[Packet, Arrive]], int]:
        """The packets of the next frame, at least one, and its length in bits."""
        room = self.host.frame_bytes * 8
        held: list[tuple[Packet, Arrive]] = []
        bits = 0
        while self._queue and (not held or bits + self._queue[0][4].bits <= room):
            *_, packet, arrive = heapq.heappop(self._queue)
            held.append((packet, arrive))
            bits += packet.bits
        return held, bits + self.host.frame_overhead_bits


def _unpack(frame: list[tuple[Packet, Arrive]], _: Event) -> None:
    for packet, arrive in frame:
        arrive(packet)
