"""Making packets and sending them: the one place that knows keys, sizes and ways for a sender.

The key tells the sender and the unit, or the place in a dense vector; kind and low bits of the step go in the eight
bits of header beside it. A `Courier` belongs to one sender. It holds, for each group of keys the sender uses, the
dispatch worked out before time started, and gives each packet the smallest payload there is that holds its content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sim.engine.packet import Dispatch, Packet
from sim.hardware.packing import Sending
from sim.machine.machine import PacketFormat
from sim.mapping.mapping import GroupKind, Slice
from sim.mapping.mapping import Mapping as Plan
from sim.workload.sparse import Floats

COUNT_BITS = 32

Post = Callable[[Packet, Dispatch, int], None]
"""Hand a packet to the network, to be sent by the dispatch at the given instant (ps)."""


@dataclass(frozen=True, slots=True)
class Courier:
    """One sender's groups and the ways to them; `end` is the kind of packet that ends a step, `value_bits` what a
    value of a vector takes, `chip` where the sender is."""

    packets: PacketFormat
    plan: Plan
    dispatches: Mapping[tuple[GroupKind, int], Dispatch]
    post: Post
    end: GroupKind
    value_bits: int
    chip: int = 0

    def copies(self, population: int) -> int:
        """Flits the sender itself makes for one event of `population`."""
        dispatch = self.dispatches.get(("events", population))
        return len(dispatch.legs) if dispatch else 0

    def post_values(self, packet: Packet, when: int) -> None:
        """Send values of a population to all who read them."""
        self.post(packet, self.dispatches["events", packet.population], when)

    def post_end(self, population: int, member: int, step: int, sent: int, when: int) -> None:
        """Tell whoever waits that the member has done its step and sent so many packets of values."""
        of_group = {"done": 0, "gather": self.chip}.get(self.end, population)
        dispatch = self.dispatches.get((self.end, of_group))
        if dispatch:
            group = self.plan.group(self.end, of_group)
            key = group.key(member if self.end == "markers" else 0)
            packet = Packet(self.end, key, self._bits(COUNT_BITS), population, step, 0, (sent,))
            self.post(packet, dispatch, when)

    def post_release(self, population: int, step: int, numbers: tuple[int, ...], when: int) -> None:
        """Let a population begin a step, with the numbers of packets that belong to it."""
        group = self.plan.group("release", population)
        packet = Packet("release", group.key(), self._bits(COUNT_BITS * len(numbers)), population, step, 0, numbers)
        self.post(packet, self.dispatches["release", population], when)

    def events(self, piece: Slice, step: int, y: Floats, sending: Sending) -> list[Packet]:
        """The packets of the outputs `y` (units,) of a slice."""
        group = self.plan.group("events", piece.layer)
        packets = []
        for one in sending.contents(y):
            key, start = group.key(piece.member, one.unit), piece.start + one.unit
            packet = Packet("events", key, self._bits(one.bits), piece.layer, step, start, one.values)
            packet.places = tuple(piece.start + unit for unit in one.units)
            packets.append(packet)
        return packets

    def vector(self, population: int, step: int, values: tuple[float, ...], together: int) -> list[Packet]:
        """Packets of a dense vector, `together` values in each; values that are zero throughout are not sent."""
        group = self.plan.group("events", population)
        cut = [(start, values[start : start + together]) for start in range(0, len(values), together)]
        return [
            Packet(
                "events",
                group.key(0, start // together),
                self._bits(self.value_bits * len(part)),
                population,
                step,
                start,
                part,
            )
            for start, part in cut
            if any(part)
        ]

    def _bits(self, payload: int) -> int:
        """Bits of a packet with at least `payload` bits of payload."""
        fitting = [size for size in self.packets.payload_bits if size >= payload]
        return self.packets.header_bits + (fitting[0] if fitting else max(self.packets.payload_bits))
