"""What travels: a packet with its meaning, and the leg of the way one copy of it takes.

A packet is one flit. `Leg` is worked out before time starts: at each router the links the flit leaves by, and at
each port who takes it. Many packets share a leg; a flit is a packet on a leg.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sim.hardware.link import Link


class Receiver(Protocol):
    """Whoever takes packets at a port."""

    def receive(self, packet: Packet) -> None: ...


@dataclass(slots=True, eq=False)
class Packet:
    """One packet; `kind` and what follows is what its 40-bit header and its payload mean to the software.

    `population` and `step` say which step of which population of units it belongs to; `start` is the index in the
    population of the first of `values`.
    """

    kind: str
    key: int
    bits: int
    source: str
    population: int
    step: int
    start: int = 0
    values: tuple[float, ...] = ()
    sent_at: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """`ways`: router -> links to leave by; `receivers`: link of a port -> who takes the flit there."""

    ways: Mapping[int, tuple[Link, ...]]
    receivers: Mapping[int, tuple[Receiver, ...]]


@dataclass(slots=True, eq=False)
class Flit:
    """A packet on one leg of its way."""

    packet: Packet
    leg: Leg
