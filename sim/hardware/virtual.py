"""Virtual channels: several buffers behind one link, allotted to heads while these already bid for the switch.

Each cycle a link decides two things at once, by one round of iSLIP each (McKeown 1999, pointers move only on
acceptance). Channels: every channel that nobody holds, with a credit or without, picks in turn among the heads that
want this link and hold none; a head picked by several takes the next in turn and holds it until it has crossed.
Switch: the link picks in turn among the inputs that have a head for it with a credit (a head without a channel counts
if any free channel has one), and within that input a head that holds a channel before one that does not, then in turn;
the input may have a better offer (`Crossing`). This is speculation (Peh and Dally 2001) without precedence between
inputs: a head let through the switch that was not allotted a channel, or one without a credit, stays where it is, and
link and input have lost the cycle.

On a ring the channels are in two classes, lower and upper half: a flit starts in the lower and changes to the upper
when it crosses the ring's dateline, its wrap-around link, so that no circle of waiting can close (Dally and Seitz
1987).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.engine.packet import Flit
from sim.hardware.channel import VirtualChannel
from sim.hardware.crossing import Choice, SharedLane
from sim.hardware.flow import Buffer, Feeder, Target
from sim.hardware.link import NEVER, Common, Output, next_in_turn
from sim.machine.machine import Channel, Machine


@dataclass(frozen=True, slots=True)
class Ring:
    """The dimension a link belongs to on a torus, and whether it is the wrap-around link of its ring."""

    dimension: int
    wraps: bool


class VirtualLink(Output):
    """A link with several buffers at its other end; `ring` where it is part of one."""

    def __init__(self, common: Common, index: int) -> None:
        super().__init__(common, index)
        self.channels: Sequence[VirtualChannel] = ()
        self.ring: Ring | None = None
        self._held: dict[Buffer, VirtualChannel] = {}
        self._turns: dict[Buffer, int] = {}
        self._turn = -1
        self._last_input = -1
        self._decided = -1
        self._starved = False

    def divide(self, count: int, room: int) -> Sequence[VirtualChannel]:
        """Have `count` channels, each with room for that many flits; who makes them gives each its target."""
        self.channels = [VirtualChannel(self, number, room) for number in range(count)]
        return self.channels

    def drain_into(self, target: Target, room: int) -> Feeder:
        """Fill a single buffer; whom it tells when a flit has left."""
        (channel,) = self.divide(1, room)
        channel.target = target
        return channel

    def credit_due(self, cycle: int) -> None:
        """A credit will be back at `cycle`: reason to wake if there was none to wait for."""
        if self._starved:
            self._starved = False
            self._arm(cycle)

    def decide(self) -> None:
        now = self.common.ahead[0]
        if now == self._armed:
            self._armed = NEVER
        if now < self._free:
            self._look_again(now)
        elif now != self._decided:
            self._decided = now
            self._serve_heads(now)

    def _serve_heads(self, now: int) -> None:
        ready = [lane for lane in self._heads() if lane.since <= now]
        able = [lane for lane in ready if self._able(lane, now)]
        if ready and isinstance(ready[0], SharedLane):
            self._bid(ready, able, now)  # type: ignore[arg-type]  # the inputs of a router are all of a kind
        elif able:
            self._serve(able, now)
        else:
            self._await(now)

    def _able(self, lane: Buffer, now: int) -> bool:
        """Whether the head of `lane` could go, given the channel it has or hopes for."""
        held = self._held.get(lane)
        if held:
            return held.credits.available(now) > 0
        for channel in self._usable(lane.head, now):  # noqa: SIM110 - asked for every head and cycle
            if not channel.held and channel.credits.available(now):
                return True
        return False

    def _serve(self, able: list[Buffer], now: int) -> None:
        """Where inputs share no switch, the head next in turn takes a channel as it goes."""
        lane = next_in_turn(able, self._last)
        free = [channel for channel in self._usable(lane.head, now) if channel.credits.available(now)]
        self._held[lane] = _in_turn(free, self._turn)
        self._turn = self._held[lane].number
        self._grant(lane, now)
        self._look_again(now)

    def _bid(self, ready: list[SharedLane], able: list[SharedLane], now: int) -> None:
        """Offer the switch to a head that is able to go, and channels to all that hold none."""
        offered = min(able, key=self._precedence) if len(able) > 1 else None
        allotted = self._allot(ready, now)
        if able:
            lane = offered or able[0]
            lane.crossing.offer(lane, self)
        elif allotted:
            self._arm(now + 1)
        else:
            self._await(now)

    def _precedence(self, lane: SharedLane) -> tuple[bool, int, bool, bool, int]:
        """Whom the switch is offered first: the input next in turn, and there a head with a channel."""
        slot, crossing = lane.slot, lane.crossing
        number = crossing.number
        return number <= self._last_input, number, lane not in self._held, slot <= crossing.turn, slot

    def _allot(self, ready: list[SharedLane], now: int) -> bool:
        """Give free channels to heads that hold none; whether there was anything to give."""
        held = self._held
        asking = [lane for lane in ready if lane not in held] if held else ready
        won = self._won(asking, now) if len(asking) > 1 else {lane: self._free_for(lane, now) for lane in asking}
        given = False
        for lane, channels in won.items():
            if channels:
                given = True
                self._give(lane, _in_turn(channels, self._turns.get(lane, -1)), now)
        return given

    def _won(self, asking: list[SharedLane], now: int) -> dict[SharedLane, list[VirtualChannel]]:
        """By buffer, the channels that pick its head, each the next in turn of those that ask for it."""
        won: dict[SharedLane, list[VirtualChannel]] = {lane: [] for lane in asking}
        askers: dict[VirtualChannel, list[SharedLane]] = {}
        for lane in asking:
            for channel in self._free_for(lane, now):
                askers.setdefault(channel, []).append(lane)
        for channel, lanes in askers.items():
            last = channel.last
            won[min(lanes, key=lambda lane: (lane.slot <= last, lane.slot))].append(channel)
        return won

    def _free_for(self, lane: Buffer, now: int) -> list[VirtualChannel]:
        """The channels that the head of `lane` may have and nobody holds."""
        return [channel for channel in self._usable(lane.head, now) if not channel.held]

    def _give(self, lane: SharedLane, channel: VirtualChannel, now: int) -> None:
        if lane.head.leg.adaptive:
            room = sum(channel.credits.available(now) for channel in self.channels)
            lane.crossing.choose(lane, Choice(room, self, channel))
        else:
            self._hold(lane, channel)

    def _hold(self, lane: SharedLane, channel: VirtualChannel) -> None:
        channel.held = True
        channel.last = lane.slot
        self._turns[lane] = channel.number
        self._held[lane] = channel

    def bind(self, lane: SharedLane, channel: VirtualChannel) -> None:
        """The head of `lane`, which had a choice, goes by this link and `channel`."""
        self._hold(lane, channel)
        lane.bind(self)

    def settled(self, lane: SharedLane, *, accepted: bool) -> None:
        """The input has taken this link's offer of the switch, or another's."""
        now = self.common.edges.cycle
        if accepted:
            self._last_input = lane.crossing.number
            channel = self._held.get(lane)
            if channel and channel.credits.available(now):
                self._grant(lane, now)
        self._look_again(now)

    def _look_again(self, now: int) -> None:
        """Be woken when the link is free and there is a head to see, if only one that did not get through."""
        if self._head:
            self._arm(max(self.waiting_since(), self._free, now + 1))

    def _await(self, now: int) -> None:
        """Be woken when something changes for heads that have nothing to hope for now: another head, a credit."""
        if not self._head:
            return
        returns = [cycle for cycle in self._returns() if cycle > now]
        self._starved = not returns
        times = [lane.since for lane in self._heads() if lane.since > now] + returns
        if times:
            self._arm(min(times))

    def _returns(self) -> list[int]:
        """When places that this link counts will next be free."""
        due = [channel.credits.next_return() for channel in self.channels]
        return [cycle for cycle in due if cycle is not None]

    def _usable(self, flit: Flit, now: int) -> Sequence[VirtualChannel]:
        """The channels of the flit's class on this link."""
        count = len(self.channels)
        if self.ring is None or count == 1:
            return self.channels
        return self.channels[count // 2 :] if self._upper(flit, self.ring) else self.channels[: count // 2]

    def _upper(self, flit: Flit, ring: Ring) -> bool:
        """Whether the flit is past the dateline of this link's ring once it has crossed the link."""
        return ring.wraps or (flit.dimension == ring.dimension and flit.past_dateline)

    def _grant(self, lane: Buffer, now: int) -> None:
        channel = self._held.pop(lane)
        channel.held = False
        channel.credits.take()
        flit = self._take(lane, now, channel.credits.taken)
        if self.ring:
            flit.past_dateline = self._upper(flit, self.ring)
            flit.dimension = self.ring.dimension
        channel.target.push(flit, now + self.common.latency)


def _in_turn(channels: Sequence[VirtualChannel], last: int) -> VirtualChannel:
    """The one after number `last`, counting round."""
    return (
        min(channels, key=lambda channel: (channel.number <= last, channel.number))
        if len(channels) > 1
        else channels[0]
    )


def ring_of(machine: Machine, channel: Channel) -> Ring | None:
    """Where a channel stands on a torus; None on a plain grid or a graph."""
    if machine.grid is None or not machine.grid.torus:
        return None
    source, target = machine.sites[channel.source], machine.sites[channel.target]
    along_x, along_y = abs(target.x - source.x), abs(target.y - source.y)
    return Ring(dimension=0 if along_x else 1, wraps=max(along_x, along_y) > 1)
