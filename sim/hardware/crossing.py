"""An input of a router with several buffers: one of them a cycle goes through the switch, by one round of iSLIP.

The links of the router each offer a cycle to one input; an input that is offered several accepts the one next in turn,
and the other links try again a cycle later (McKeown 1999: pointers move only on acceptance). A head that leaves by
several links accepts all that offer to it. A head that may choose its way is offered channels by several links and is
bound to the one with most room behind it.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from sim.engine.edges import Edges
from sim.hardware.channel import VirtualChannel
from sim.hardware.flow import Feeder, WayOut
from sim.hardware.lane import Lane
from sim.hardware.router import Router


class Bidder(WayOut, Protocol):
    """A link that shares its router's switch with others."""

    index: int

    def settled(self, lane: SharedLane, *, accepted: bool) -> None:
        """The input has taken this link's offer of the switch, or another's."""

    def bind(self, lane: SharedLane, channel: VirtualChannel) -> None:
        """The head of `lane`, which had a choice, goes by this link and `channel`."""


class Choice(NamedTuple):
    """A channel that a head may have, and how many places were free behind its link when that was said."""

    room: int
    link: Bidder
    channel: VirtualChannel


class Crossing:
    """Input `number` of its router; `turn` is the slot of the buffer that was last let through the switch."""

    def __init__(self, edges: Edges, number: int) -> None:
        self.number = number
        self.turn = -1
        self._edges = edges
        self._last = -1
        self._offers: list[tuple[SharedLane, Bidder]] = []
        self._choices: dict[SharedLane, list[Choice]] = {}

    def offer(self, lane: SharedLane, link: Bidder) -> None:
        """`link` would let the head of `lane` through the switch in this cycle."""
        self._expect()
        self._offers.append((lane, link))

    def choose(self, lane: SharedLane, choice: Choice) -> None:
        """The head of `lane` may have this channel, or one that another link names."""
        self._expect()
        self._choices.setdefault(lane, []).append(choice)

    def _expect(self) -> None:
        if not self._offers and not self._choices:
            self._edges.settle(self._settle)

    def _settle(self) -> None:
        offers, self._offers = self._offers, []
        bound = self._bind() if self._choices else {}
        able = [(lane, link) for lane, link in offers if bound.get(lane, link) is link] if bound else offers
        taken = self._accept(able) if able else None
        for lane, link in sorted(offers, key=_by_link) if len(offers) > 1 else offers:
            link.settled(lane, accepted=lane is taken and bound.get(lane, link) is link)

    def _bind(self) -> dict[SharedLane, Bidder]:
        """Give each head that could choose the channel with most room; the link to which it is bound then."""
        choices, self._choices = self._choices, {}
        best = {lane: max(of, key=lambda one: (one.room, -one.link.index)) for lane, of in choices.items()}
        for lane, one in best.items():
            one.link.bind(lane, one.channel)
        return {lane: one.link for lane, one in best.items()}

    def _accept(self, offers: list[tuple[SharedLane, Bidder]]) -> SharedLane:
        """Whose offer comes from the link next in turn."""
        lane, link = offers[0]
        if len(offers) > 1:
            lane, link = min(offers, key=lambda offer: (offer[1].index <= self._last, offer[1].index))
        self.turn, self._last = lane.slot, link.index
        return lane


def _by_link(offer: tuple[SharedLane, Bidder]) -> int:
    return offer[1].index


class SharedLane(Lane):
    """One of several buffers of an input, the `crossing`; its head may have the choice among several links."""

    __slots__ = ("crossing",)

    def __init__(self, router: Router, feeder: Feeder, crossing: Crossing) -> None:
        super().__init__(feeder)
        self.stand_before(router)
        self.crossing = crossing

    def bind(self, to: WayOut) -> None:
        """Have the head leave by `to`: take back what it asked of the other links it could have gone by."""
        self.branches = 1
        for link in self.asked():
            if link is not to:
                link.withdraw(self)
