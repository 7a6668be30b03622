"""What travels: a packet with its meaning, and the leg of the way one copy of it takes.

A packet is one flit. A `Leg` is worked out before time starts: at each router the way out that the flit takes, and at
each port who takes it. Many packets share a leg; a flit is a packet on a leg.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sim.units import Clock


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
    of what led to it and `number` what a trace calls it, where anybody follows that; `carrier` is the flit that is just
    now bringing it to a receiver.
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
    carrier: Flit | None = None

    def again(self, waited: int) -> Packet:
        """The same packet on the next chip, after it `waited` (ps) on this one: what leads to it parts here."""
        return replace(self, waited=self.waited + waited, carrier=None)


Course = tuple[Sequence[int], ...]
"""The number of the way out at each router, one or more links, in pages of so many routers."""


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """`ways` lead through the routers; `receivers`: number of an ejection link -> who takes the flit there.

    A flit leaves by all links of a way, a copy on each, or where the leg is `adaptive` by any of them. A leg with an
    `address` leads to the event router, which sends the flit on to that place, on whatever chip, without a look at its
    key.
    """

    ways: Course
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


class Standing:
    """What every hop looks at in a flit, side by side in memory: with thousands of flits under way that is what counts.

    `course` are its leg's ways. In a buffer, `since` is the cycle from which it could be at the head, and `behind` the
    flit that came next. `stood` adds up the cycles at the head of a buffer, not served, `queued` those behind others.
    """

    __slots__ = ("behind", "course", "queued", "since", "stood")

    behind: Flit | None
    course: Course
    queued: int
    since: int
    stood: int


class Flit(Standing):
    """A packet on one leg of its way.

    `copy_number` tells the flits of a packet apart: the sender's from 0, the event router's from 1. `waited` is the
    time (ps) it stood at the head of a buffer, not served, as far as that is settled, `looked_up` that in which its key
    was looked up. On a torus `dimension` is that of the ring it is on, and `past_dateline` whether it has crossed that
    ring's wrap-around link.
    """

    __slots__ = ("copy_number", "dimension", "leg", "looked_up", "packet", "past_dateline", "waited")

    def __init__(self, packet: Packet, leg: Leg, copy_number: int = 0, waited: int = 0, queued: int = 0) -> None:
        self.packet = packet
        self.leg = leg
        self.copy_number = copy_number
        self.waited = waited
        self.queued = queued
        self.looked_up = 0
        self.dimension = -1
        self.past_dateline = False
        self.course = leg.ways
        self.since = 0
        self.stood = 0
        self.behind: Flit | None = None

    def settle(self, clock: Clock) -> None:
        """Leave a mesh that runs by `clock`: turn the cycles it stood there into time."""
        if self.stood:
            self.waited += clock.edge(self.stood)
            self.stood = 0

    def copy(self) -> Flit:
        """The same flit on its way to another link."""
        twin = Flit(self.packet, self.leg, self.copy_number, self.waited, self.queued)
        twin.stood, twin.looked_up = self.stood, self.looked_up
        twin.dimension, twin.past_dateline = self.dimension, self.past_dateline
        return twin
