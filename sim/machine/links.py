"""The nouns of what joins chips: a directed link, and what it takes to send over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LinkTiming:
    """What it takes to send over a link between chips, in ps: a link packet on the line, and the way after that.

    A link packet carries `payload_bits` of a packet; the checksum of a share `error_rate` of them fails.
    """

    packet_ps: int
    latency_ps: int
    packet_bits: int
    payload_bits: int
    buffer_packets: int
    error_rate: float
    timeout_ps: int
    reinject_ps: int

    def link_packets(self, bits: int) -> int:
        """How many link packets a packet of `bits` is cut into."""
        return -(-bits // self.payload_bits)

    def transfer_ps(self, bits: int) -> int:
        """Time on the line of a packet of `bits`, when no checksum fails."""
        return self.link_packets(bits) * self.packet_ps

    def expected_ps(self, bits: int) -> float:
        """Mean time on the line of a packet of `bits`: each link packet that fails is sent again once the far end has
        said so."""
        failing = self.link_packets(bits) * self.error_rate / (1.0 - self.error_rate)
        return self.transfer_ps(bits) + failing * (self.packet_ps + 2 * self.latency_ps)


@dataclass(frozen=True, slots=True)
class ChipLink:
    """One direction of a link between the chips with numbers `source` and `target`.

    `direction` is that on a hexagonal mesh (`sim.machine.hexagon`), -1 elsewhere. `straight` is the number of the link
    by which a packet that came over this one goes straight on, which needs no entry in a table; None where there is
    none. `ring` is -1, or the number of the ring of links that lead straight on into one another; `dateline` marks one
    link of each ring.
    """

    index: int
    source: int
    target: int
    name: str
    kind: Literal["board", "between_boards"]
    timing: LinkTiming
    direction: int = -1
    straight: int | None = None
    ring: int = -1
    dateline: bool = False
