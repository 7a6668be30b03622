"""What travels: a packet with its meaning, and the leg of the way one copy of it takes.

A packet is one flit. A `Leg` is worked out before time starts: at each router the way out that the flit takes, and at
each port who takes it. Many packets share a leg; a flit is a packet on a leg.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol


class Receiver(Protocol):
    """Whoever takes packets at a port."""

    def receive(self, packet: Packet) -> bool:
        """Take `packet`, in the effect phase of the instant at which it arrives; False where it is lost instead."""


@dataclass(slots=True, eq=False)
class Packet:
    """One packet; `kind` and what follows is what its header and its payload mean to the software.

    `population` and `step` say which step of which population it belongs to; `start` is the index in the population
    of the first of `values`, and `places` those of all of them where they are not neighbours. `sent_at` is when its
    sender handed it over, `entered_at` when it left a source's queue where anybody asks, or the mesh for the host's
    line (ps). `waited` adds up the time (ps) it stood still on chips that it has left. `path` is the end of the chain
    of what led to it and `number` what a trace calls it, where anybody follows that.
    """

    kind: str
    key: int
    bits: int
    population: int
    step: int
    start: int = 0
    values: tuple[float, ...] = ()
    places: tuple[int, ...] = ()
    sent_at: int = 0
    entered_at: int = 0
    path: Any = None
    number: int = -1
    waited: int = 0

    def again(self, waited: int) -> Packet:
        """The same packet on the next chip, after it `waited` (ps) on this one: what leads to it parts here."""
        return replace(self, waited=self.waited + waited)


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """`ways`: router -> number of the way out there, one or more links; `receivers`: number of an ejection link -> who
    takes the flit there.

    A flit leaves by all links of a way, a copy on each, or where the leg is `adaptive` by any of them. A leg with an
    `address` leads to the event router, which sends the flit on to that place, on whatever chip, without a look at its
    key.
    """

    ways: Mapping[int, int] | Sequence[int]
    receivers: Mapping[int, tuple[Receiver, ...]]
    adaptive: bool = False
    address: Address | None = None


Copies = tuple[tuple[int, Leg], ...]
"""For each copy that an event router makes the number of the way out, and its leg."""


@dataclass(frozen=True, slots=True, eq=False)
class Address:
    """One place of the machine, as a core-to-core packet names it: a chip, and what its event router sends there."""

    chip: int
    copies: Copies


@dataclass(frozen=True, slots=True, eq=False)
class Dispatch:
    """How one sender reaches all `receivers` of a group: a flit on each of `legs`."""

    legs: tuple[Leg, ...]
    receivers: int


@dataclass(slots=True, eq=False)
class Flit:
    """A packet on one leg of its way.

    `copy_number` tells the flits of a packet apart: the sender's from 0, the event router's from 1. `waited` adds up
    the time (ps) it stood at the head of a buffer, not served, `queued` the cycles it stood behind others in a buffer,
    `looked_up` the time (ps) its key was looked up. On a torus `dimension` is that of the ring it is on, and
    `past_dateline` whether it has crossed that ring's wrap-around link. In a buffer, `since` is the cycle from which
    it could be at the head, and `behind` the flit that came next. `course` are the leg's ways, at which every router
    looks.
    """

    packet: Packet
    leg: Leg
    copy_number: int = 0
    waited: int = 0
    queued: int = 0
    looked_up: int = 0
    dimension: int = -1
    past_dateline: bool = False
    since: int = 0
    behind: Flit | None = None
    course: Mapping[int, int] | Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        self.course = self.leg.ways

    def copy(self) -> Flit:
        """The same flit on its way to another link."""
        return Flit(
            self.packet,
            self.leg,
            self.copy_number,
            self.waited,
            self.queued,
            self.looked_up,
            self.dimension,
            self.past_dateline,
        )
