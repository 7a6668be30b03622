"""Virtual channels: several buffers behind one link, and inputs that can send one flit a cycle from any of them.

A link with virtual channels grants a head when one of the channels that the head may use has a credit, and takes
these channels in turn. An input with several buffers may be granted by several links in one cycle; it accepts the
grants of one of its buffers, in turn, and the other links try again a cycle later. Links decide, then inputs settle
(one iteration of iSLIP, McKeown 1999, with pointers that move only on acceptance). A head that may choose its way asks
all its links; of those that offer in one cycle it takes the one with most room behind it.

On a ring the channels are in two classes, lower and upper half: a flit starts in the lower and changes to the upper
when it crosses the ring's dateline, its wrap-around link, so that no circle of waiting can close (Dally and Seitz
1987).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.engine.edges import Clocked, Edges
from sim.engine.packet import Flit
from sim.hardware.credits import Credits
from sim.hardware.lane import Feeder, Lane, SharedLane, Target
from sim.hardware.link import NEVER, Output, next_in_turn


@dataclass(frozen=True, slots=True)
class Ring:
    """The dimension a link belongs to on a torus, and whether it is the wrap-around link of its ring."""

    dimension: int
    wraps: bool


class VirtualChannel:
    """One of the buffers behind a link, as the link counts it."""

    def __init__(self, link: VirtualLink, number: int, room: int) -> None:
        self.link = link
        self.number = number
        self.credits = Credits(room)
        self.target: Target

    def freed(self, flit: Flit, now: int) -> None:
        """A flit has left the buffer."""
        back = now + self.link.timing.credit_delay
        self.credits.give_back(back)
        self.link.credit_due(back)


class Crossing:
    """One input of a router: it sends one flit a cycle, settling which and, given a choice, by which link."""

    def __init__(self, edges: Edges) -> None:
        self._edges = edges
        self._offers: list[tuple[SharedLane, VirtualLink]] = []
        self._last = -1

    def offer(self, lane: SharedLane, link: VirtualLink) -> None:
        """`link` would take the head of `lane` in this cycle."""
        if not self._offers:
            self._edges.settle(self._settle)
        self._offers.append((lane, link))

    def _settle(self) -> None:
        offers, self._offers = self._offers, []
        lanes = sorted((lane for lane, _ in offers), key=lambda lane: lane.slot)
        chosen = next((lane for lane in lanes if lane.slot > self._last), lanes[0])
        self._last = chosen.slot
        winners = [link for lane, link in offers if lane is chosen]
        if chosen.head.leg.adaptive:
            winners = [max(winners, key=lambda link: (link.room_left(), -link.index))]
        for lane, link in sorted(offers, key=lambda offer: offer[1].index):
            link.settled(lane, accepted=lane is chosen and link in winners)


class VirtualLink(Output):
    """A link with several buffers at its other end; `ring` where it is part of one."""

    channels: Sequence[VirtualChannel] = ()
    ring: Ring | None = None
    _turn = 0
    _offered = -1

    def divide(self, count: int, room: int) -> Sequence[VirtualChannel]:
        """Have `count` channels, each with room for that many flits; who makes them gives each its target."""
        self.channels = [VirtualChannel(self, number, room) for number in range(count)]
        return self.channels

    def drain_into(self, target: Target, room: int) -> Feeder:
        """Fill a single buffer; whom it tells when a flit has left."""
        (channel,) = self.divide(1, room)
        channel.target = target
        return channel

    def room_left(self) -> int:
        """Free places in all buffers at the other end."""
        return sum(channel.credits.available(self.edges.cycle) for channel in self.channels)

    def behaviour(self) -> Clocked:
        while True:
            now = yield self._armed
            if now == self._armed:
                self._armed = NEVER
            if now == self._offered:
                continue
            lane = self._in_turn(now) if now >= self._free else None
            if lane is None:
                self._arm_next(now)
            elif isinstance(lane, SharedLane):
                self._offered = now
                lane.crossing.offer(lane, self)
            else:
                self.settled(lane, accepted=True)

    def settled(self, lane: Lane, *, accepted: bool) -> None:
        """The input has taken this link's offer, or another's."""
        now = self.edges.cycle
        if accepted:
            self._grant(lane, now)
        self._arm_next(now)

    def _arm_next(self, now: int) -> None:
        """Be woken when something can have changed: a head seen, the link free, a credit back."""
        if not self._heads:
            return
        times = [lane.since for lane in self._heads if lane.since > now]
        if self._in_turn(now):
            times.append(now + 1)
        returns = [cycle for cycle in self._returns() if cycle > now]
        self._starved = not returns
        times += returns
        if times:
            self._arm(max(min(times), self._free, now + 1))

    def _returns(self) -> list[int]:
        """When places that this link counts will next be free."""
        due = [channel.credits.next_return() for channel in self.channels]
        return [cycle for cycle in due if cycle is not None]

    def _in_turn(self, now: int) -> Lane | None:
        """The next input after the last one served whose head could go now."""
        able = [lane for lane in self._heads if lane.since <= now and self._channel(lane.head, now)]
        return next_in_turn(able, self._last)

    def _channel(self, flit: Flit, now: int) -> VirtualChannel | None:
        """The channel `flit` would go to: the next in turn with a credit among those it may use."""
        first, last = self._may_use(flit)
        for step in range(1, len(self.channels) + 1):
            number = (self._turn + step) % len(self.channels)
            if first <= number < last and self.channels[number].credits.available(now):
                return self.channels[number]
        return None

    def _may_use(self, flit: Flit) -> tuple[int, int]:
        """The half-open range of channels of the flit's class on this link."""
        count = len(self.channels)
        if self.ring is None or count == 1:
            return 0, count
        return (count // 2, count) if self._upper(flit, self.ring) else (0, count // 2)

    def _upper(self, flit: Flit, ring: Ring) -> bool:
        """Whether the flit is past the dateline of this link's ring once it has crossed the link."""
        return ring.wraps or (flit.dimension == ring.dimension and flit.past_dateline)

    def _grant(self, lane: Lane, now: int) -> None:
        channel = self._channel(lane.head, now)
        assert channel is not None, "only a head with a channel to go to is granted"
        channel.credits.take()
        self._turn = channel.number
        flit = self._send(lane, now, channel.credits.taken)
        if self.ring:
            flit.past_dateline = self._upper(flit, self.ring)
            flit.dimension = self.ring.dimension
        channel.target.push(flit, now + self.timing.latency)
