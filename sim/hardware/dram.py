"""A DRAM port: one request at a time, first come first served, answered burst by burst.

A request pays the latency to its first byte and then the bus time of its bursts; the data of each burst goes out as
packets when the burst has ended, to whomever the request names.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from simpy import Event

from sim.engine.kernel import Behaviour, Kernel
from sim.engine.packet import Dispatch, Packet
from sim.engine.probe import Probe
from sim.hardware.mesh import Sender
from sim.machine.machine import Dram
from sim.units import PS_PER_S, ns_to_ps


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A read whose data leaves as `answer`, packets of values in order of address, to `readers`."""

    answer: tuple[Packet, ...]
    readers: Dispatch
    value_bytes: int = 4

    @property
    def size_bytes(self) -> int:
        return sum(self.value_bytes * len(packet.values) for packet in self.answer)


class DramPort:
    """One memory controller and its device."""

    def __init__(self, kernel: Kernel, probe: Probe, what: Dram, outbox: Sender) -> None:
        self.kernel = kernel
        self.probe = probe
        self.what = what
        self.outbox = outbox
        self.reads: dict[Packet, Read] = {}
        self._queue: deque[Read] = deque()
        self._filled: Event | None = None
        self._burst = round(what.burst_bytes * PS_PER_S / what.bytes_per_s)
        self._latency = ns_to_ps(what.latency_ns)

    def receive(self, packet: Packet) -> bool:
        """A request has arrived; what it asks for was laid down in `reads` by whoever sent it."""
        self._queue.append(self.reads.pop(packet))
        if self._filled:
            self.probe.woken(self.what.name, packet, self.kernel.now)
            self._filled.succeed()
            self._filled = None
        return True

    def behaviour(self) -> Behaviour:
        while True:
            if not self._queue:
                self._filled = self.kernel.event()
                yield self._filled
            read = self._queue.popleft()
            start = self.kernel.now
            yield self.kernel.timeout(self._latency)
            for burst in _bursts(read, self.what.burst_bytes):
                yield self.kernel.timeout(self._burst)
                for packet in burst:
                    self.outbox.post(packet, read.readers, self.kernel.now)
            self.probe.span(self.what.name, "read", start, self.kernel.now)
            self.probe.level(self.what.name, "bytes_read", read.size_bytes)


def _bursts(read: Read, burst_bytes: int) -> Iterator[list[Packet]]:
    """The packets whose last byte each burst brings."""
    done, burst = 0, 1
    held: list[Packet] = []
    for packet in read.answer:
        done += read.value_bytes * len(packet.values)
        while done > burst * burst_bytes:
            yield held
            held, burst = [], burst + 1
        held.append(packet)
    yield held
