"""A DRAM port: a DMA unit that cuts requests into bursts, and sends what they bring as packets.

Requests are taken in the order they come, their bursts asked for one a clock, or as slowly as the path of the DMA unit
allows. A packet leaves when the burst with its last byte has come, to whomever the request names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from sim.engine.kernel import EFFECT, Kernel
from sim.engine.packet import Dispatch, Packet
from sim.engine.probe import Probe
from sim.hardware.address import placing
from sim.hardware.controller import Burst, Controller
from sim.hardware.mesh import Sender
from sim.machine.machine import Dram
from sim.units import PS_PER_S

NOTICED_PS = 1
"""Requests are noticed one tick after they arrive, so that the order within an instant cannot matter."""


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """`size` bytes from `address` on, whose data leaves as `answer` to `readers`; `ends` has for each packet, in order
    of address, the number of bytes up to and with its last."""

    address: int
    size: int
    answer: Sequence[Packet]
    ends: Sequence[int]
    readers: Dispatch


class DramPort:
    """One memory port."""

    def __init__(self, kernel: Kernel, probe: Probe, what: Dram, outbox: Sender) -> None:
        self.kernel = kernel
        self.probe = probe
        self.what = what
        self.outbox = outbox
        self.reads: dict[Packet, Read] = {}
        self._controller = Controller(kernel, probe, what)
        self._place = placing(what)
        self._arrived: list[tuple[int, Packet]] = []
        self._pace = round(what.burst_bytes * PS_PER_S / what.dma_bytes_per_s) if what.dma_bytes_per_s else 0
        self._free = 0

    def receive(self, packet: Packet) -> bool:
        """A request has arrived; what it asks for was laid down in `reads` by whoever sent it."""
        if not self._arrived or self._arrived[-1][0] < self.kernel.now:
            self.kernel.at(NOTICED_PS, EFFECT, lambda _: self._take())
        self._arrived.append((self.kernel.now, packet))
        return True

    def _take(self) -> None:
        """Requests of the instant before go by what they are; some of this one may be here already."""
        arrived = [packet for came, packet in self._arrived if came < self.kernel.now]
        self._arrived = [one for one in self._arrived if one[0] == self.kernel.now]
        for request in sorted(arrived, key=self._rank):
            self._ask(request, self.reads.pop(request))

    def _rank(self, one: Packet) -> tuple[Any, ...]:
        """What tells requests of one instant apart: two of one slice may begin with the same word."""
        return one.kind, one.population, one.step, one.key, one.start, one.places, self.reads[one].size

    def _ask(self, request: Packet, read: Read) -> None:
        came = self.kernel.now - NOTICED_PS
        self._free = max(self._free, self.kernel.now)
        for number, packets in _bursts(read, self.what.burst_bytes):
            asked = self.what.clock.first_edge_after(self._free - 1)
            self._free = max(self._free + self._pace, self.what.clock.edge(asked) + 1)
            post = partial(self._post, request, came, packets, read.readers)
            self._controller.ask(Burst(self._place(number * self.what.burst_bytes), asked, post))

    def _post(self, request: Packet, came: int, packets: Sequence[Packet], readers: Dispatch, clock: int) -> None:
        when = self.what.clock.edge(clock)
        for packet in packets:
            self.probe.caused(self.what.name, request, came, packet, when)
            self.outbox.post(packet, readers, when)


def _bursts(read: Read, burst_bytes: int) -> Iterator[tuple[int, Sequence[Packet]]]:
    """The numbers of the bursts of a read, at least one, and the packets whose last byte each brings."""
    ended = zip(read.ends, read.answer, strict=True)
    brought = groupby(ended, lambda one: (read.address + max(one[0], 1) - 1) // burst_bytes)
    packets = {number: [packet for _, packet in part] for number, part in brought}
    last = (read.address + max(read.size, 1) - 1) // burst_bytes
    for number in range(read.address // burst_bytes, last + 1):
        yield number, packets.get(number, ())
