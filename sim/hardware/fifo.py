"""The receive FIFO of a processing element: packets land here without interrupting the core.

What happens when it is full is a choice of the hardware: drop what comes, overwrite the oldest, or stall the network.
`ReceiveFifo` itself grows as it must, an idealisation that loses nothing; how deep it got is told. Messages of the sync
protocol match the other receive filter and land in a queue of their own that is never full, so what can be lost is
values, and software, which reads the hardware's count of losses, does not wait for what was lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from simpy import Event

from sim.engine.kernel import Behaviour, Kernel
from sim.engine.packet import Packet
from sim.engine.probe import Probe
from sim.hardware.credits import Credits
from sim.units import Clock

ENTRY_BYTES = 16
"""A packet as it lies in the FIFO: one word of 128 bits, the widest payload, with its key beside it."""


class ReceiveFifo:
    """What has arrived for one unit and was not yet read."""

    def __init__(self, kernel: Kernel, probe: Probe, unit: str) -> None:
        self.kernel = kernel
        self.probe = probe
        self.unit = unit
        self._packets: deque[Packet] = deque()
        self._arrival: Event | None = None
        self._lost: list[Packet] = []

    def __len__(self) -> int:
        return len(self._packets)

    def receive(self, packet: Packet) -> bool:
        """A packet lands, and a unit that waits for one wakes."""
        self._packets.append(packet)
        if self._arrival:
            self.wake(packet)
        return True

    def wake(self, packet: Packet) -> None:
        """A unit that waits goes on because of `packet`; one that does not takes no notice."""
        if self._arrival:
            self.probe.woken(self.unit, packet, self.kernel.now)
            self._arrival.succeed()
            self._arrival = None

    def ring(self) -> None:
        """The unit's timer fires: if it waits for a packet, it goes on without one."""
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

    def losses(self) -> list[Packet]:
        """What was lost since this was last asked."""
        lost, self._lost = self._lost, []
        return lost

    def retire(self) -> None:
        """The unit has done its last step and will not read again."""

    def filled(self, missing: Callable[[], str]) -> Behaviour:
        """Wait until something lands; `missing` says what for, should it never come."""
        self._arrival = self.kernel.event()
        yield from self.kernel.wait(self.unit, self._arrival, missing)


class TiedFifo(ReceiveFifo):
    """A FIFO without limit on a network without contention, where several packets may land at one instant: it was the
    one lowest by population, step, kind and key that woke the unit."""

    def receive(self, packet: Packet) -> bool:
        self._packets.append(packet)
        if self._arrival:
            self._arrival.succeed()
            self._arrival = None
        return True

    def filled(self, missing: Callable[[], str]) -> Behaviour:
        yield from super().filled(missing)
        if not self._packets:
            return
        lowest = min(self._packets, key=lambda packet: (packet.population, packet.step, packet.kind, packet.key))
        self.probe.woken(self.unit, lowest, self.kernel.now)


class BoundedFifo(ReceiveFifo):
    """A FIFO with room for `size` packets of values."""

    def __init__(self, kernel: Kernel, probe: Probe, unit: str, size: int) -> None:
        super().__init__(kernel, probe, unit)
        self.size = size
        self.held = 0

    def take(self, most: int) -> list[Packet]:
        taken = super().take(most)
        self.held -= sum(map(counts, taken))
        return taken

    def _land(self, packet: Packet) -> bool:
        self.held += counts(packet)
        return super().receive(packet)


class DroppingFifo(BoundedFifo):
    """What finds it full is lost."""

    def receive(self, packet: Packet) -> bool:
        if not counts(packet) or self.held < self.size:
            return self._land(packet)
        self._lost.append(packet)
        self.probe.lost(self.unit, packet, 1, "dropped by a full receive FIFO")
        return False


class OverwritingFifo(BoundedFifo):
    """What finds it full takes the place of the oldest."""

    def receive(self, packet: Packet) -> bool:
        if counts(packet) and self.held == self.size:
            oldest = next(one for one in self._packets if counts(one))
            self._packets.remove(oldest)
            self.held -= 1
            self._lost.append(oldest)
            self.probe.overwritten(self.unit, oldest)
        return self._land(packet)


class Gate(Protocol):
    """A link that waits for places."""

    def credit_due(self, cycle: int) -> None: ...


class StallingFifo(ReceiveFifo):
    """What would find it full waits in the network; a place read is known there at the next edge of its clock."""

    def __init__(self, kernel: Kernel, probe: Probe, unit: str, size: int, clock: Clock) -> None:
        super().__init__(kernel, probe, unit)
        self.places = Credits(size)
        self._clock = clock
        self._gates: list[Gate] = []
        self._retired_from: int | None = None

    def opens(self, gate: Gate) -> None:
        """Tell `gate` when a place comes free."""
        self._gates.append(gate)

    def has_room(self, packet: Packet, cycle: int) -> bool:
        if self._retired_from is not None and cycle >= self._retired_from:
            return True
        return not counts(packet) or self.places.available(cycle) > 0

    def retire(self) -> None:
        """A unit that has ended holds nobody up: a real one would go on reading."""
        self._retired_from = self._clock.first_edge_after(self.kernel.now)
        for gate in self._gates:
            gate.credit_due(self._retired_from)

    def reserve(self, packet: Packet) -> None:
        """`packet` is on its last link: its place is taken."""
        if counts(packet):
            self.places.take()

    def take(self, most: int) -> list[Packet]:
        taken = super().take(most)
        cycle = self._clock.first_edge_after(self.kernel.now)
        freed = sum(map(counts, taken))
        for _ in range(freed):
            self.places.give_back(cycle)
        for gate in self._gates if freed else ():
            gate.credit_due(cycle)
        return taken


def receive_fifo(policy: str, kernel: Kernel, probe: Probe, unit: str, size: int, clock: Clock) -> ReceiveFifo:
    """The FIFO of `unit` with room for `size` packets, doing when full what `policy` says (grow, drop, overwrite or
    stall); `clock` is that of the network it would stall."""
    if policy == "grow":
        return ReceiveFifo(kernel, probe, unit)
    if policy == "stall":
        return StallingFifo(kernel, probe, unit, size, clock)
    return (DroppingFifo if policy == "drop" else OverwritingFifo)(kernel, probe, unit, size)


def counts(packet: Packet) -> bool:
    """Whether a packet takes a place: values do, messages of the sync protocol have a queue of their own."""
    return packet.kind == "events"
