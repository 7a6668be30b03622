"""The receive FIFO of a processing element: packets land here without interrupting the core.

It is as deep as it needs to be; how deep that was is told, and memory is set aside for the size in the topology file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from simpy import Event

from sim.engine.kernel import Behaviour, Kernel
from sim.engine.packet import Packet
from sim.engine.probe import Probe


class ReceiveFifo:
    """What has arrived for one unit and was not yet read."""

    def __init__(self, kernel: Kernel, probe: Probe, unit: str) -> None:
        self.kernel = kernel
        self.probe = probe
        self.unit = unit
        self._packets: deque[Packet] = deque()
        self._arrival: Event | None = None

    def __len__(self) -> int:
        return len(self._packets)

    def receive(self, packet: Packet) -> None:
        """A packet lands, and a unit that waits for one wakes."""
        self._packets.append(packet)
        if self._arrival:
            self._arrival.succeed()
            self._arrival = None

    def take(self, most: int) -> list[Packet]:
        """The oldest packets, at most `most` of them. The FIFO is fullest when it is looked at, so that is when its
        level is told."""
        packets = self._packets
        self.probe.level(self.unit, "fifo", len(packets))
        if len(packets) > most:
            return [packets.popleft() for _ in range(most)]
        taken = list(packets)
        packets.clear()
        return taken

    def filled(self, missing: Callable[[], str]) -> Behaviour:
        """Wait until something lands; `missing` says what for, should it never come."""
        self._arrival = self.kernel.event()
        yield from self.kernel.wait(self.unit, self._arrival, missing)
