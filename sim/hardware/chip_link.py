"""One direction of a link between two chips: serialises packets, resends what arrives broken, counts far places.

A packet is cut into link packets, each with a checksum. A broken one is asked for again when it has arrived, and what
was sent since is sent again with it (go back N), so it costs its time on the line and the way there and back once
more. The far event router has a buffer for each virtual channel, and the link sends when there is a place; the news of
a freed place takes as long as a packet's way. On a ring of links that go straight on, a packet changes to the upper
channel at the ring's dateline (Dally and Seitz 1987). Where the scenario says so, a packet that has waited too long at
the head of its queue is dropped, and perhaps put back later by software, as on SpiNNaker.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sim.engine.edges import Clocked, started
from sim.engine.kernel import DECISION, EFFECT, Kernel
from sim.engine.packet import Flit
from sim.engine.probe import Crossing, Probe
from sim.engine.stuck import Waiting
from sim.hardware.event_router import Copy, LinkInput, Stay
from sim.hardware.link import NEVER
from sim.machine.links import ChipLink as Description
from sim.mapping.chip_deadlock import channel_of

DROPPED = "dropped by an event router after waiting for a link"


@dataclass(frozen=True, slots=True)
class Conduct:
    """What a link does beside sending: `resent` draws how many link packets fail of so many; `released` frees a copy's
    place in the router; late packets are `dropped`, where anybody is to be told how many receivers that costs, and
    `reinjected` later."""

    resent: Callable[[int], int]
    released: Callable[[Stay, int], None]
    dropped: Callable[[Flit], int] | None = None
    reinjected: bool = False


class Channel:
    """One virtual channel: copies waiting for it, and free places behind it."""

    def __init__(self, far: LinkInput, room: int) -> None:
        self.far = far
        self.queue: deque[tuple[int, Copy]] = deque()
        self.room = self.credits = room
        self.headed = 0

    def head_since(self) -> int:
        """When the head could first have gone."""
        return max(self.queue[0][0], self.headed)

    def pop(self, now: int) -> tuple[int, Copy]:
        self.headed = now
        return self.queue.popleft()


class ChipLink:
    """The near end, a process; the far end is a `LinkInput` for each virtual channel."""

    def __init__(
        self, kernel: Kernel, probe: Probe, what: Description, far: Sequence[LinkInput], conduct: Conduct
    ) -> None:
        self.kernel = kernel
        self.what = what
        self._probe = probe
        self._conduct = conduct
        self._timing = what.timing
        self._channels = [Channel(one, what.timing.buffer_packets) for one in far]
        for channel in self._channels:
            channel.far.give_back = partial(self._give_back, channel)
        self._turn = 0
        self._free = 0
        self._armed = NEVER
        self._process = started(self.behaviour())

    def push(self, flit: Copy, seen: int, came: LinkInput | None) -> None:
        """Take a copy that the router has made, visible from the instant `seen` (ps) on."""
        before = (came.link, came.channel) if came else None
        self._channels[channel_of(before, self.what, len(self._channels))].queue.append((seen, flit))
        self._arm(seen)

    def behaviour(self) -> Clocked:
        while True:
            now = yield "a packet, the line and a place behind it"
            if now >= self._armed:
                self._armed = NEVER
            if self._conduct.dropped:
                self._drop_late(now)
            if now >= self._free:
                channel = self._in_turn(now)
                if channel:
                    self._send(channel, now)
            self._arm_next(now)

    def held_up(self) -> list[tuple[str, Waiting]]:
        """What waits here for a place, when nothing more can happen."""
        waiting = [channel for channel in self._channels if channel.queue]
        words = partial("a free place behind it, with {} packets waiting".format, sum(len(c.queue) for c in waiting))
        return [(f"link {self.what.name}", Waiting(min(c.head_since() for c in waiting), words))] if waiting else []

    def _in_turn(self, now: int) -> Channel | None:
        """The next channel whose head is there and has a place to go to."""
        count = len(self._channels)
        for step in range(1, count + 1):
            number = (self._turn + step) % count
            channel = self._channels[number]
            if channel.queue and channel.credits and channel.queue[0][0] <= now:
                self._turn = number
                return channel
        return None

    def _send(self, channel: Channel, now: int) -> None:
        seen, flit = channel.pop(now)
        channel.credits -= 1
        timing = self._timing
        count = timing.link_packets(flit.packet.bits)
        resent = self._conduct.resent(count)
        busy = count * timing.packet_ps + resent * (timing.packet_ps + 2 * timing.latency_ps)
        self._free = now + busy
        end = self._free + timing.latency_ps
        flit.waited += now - seen
        arrived = Flit(flit.packet.again(flit.waited), flit.leg)
        filled = channel.room - channel.credits
        bits = (count + resent) * timing.packet_bits
        crossing = Crossing(self.what.index, seen, now, end, busy, count, resent, bits, filled)
        self._probe.crossed(flit, arrived.packet, crossing)
        self.kernel.at(end - now, EFFECT, lambda _: channel.far.land(arrived, end))
        self._conduct.released(flit.stay, now)

    def _drop_late(self, now: int) -> None:
        for channel in self._channels:
            while channel.queue and now - channel.head_since() >= self._timing.timeout_ps and not channel.credits:
                _, flit = channel.pop(now)
                self._conduct.released(flit.stay, now)
                self._drop(channel, flit, now)

    def _drop(self, channel: Channel, flit: Copy, now: int) -> None:
        assert self._conduct.dropped
        if self._conduct.reinjected:
            self._probe.reinjected(flit.packet, self.what.index)
            again = Copy(flit, flit.leg, flit.copy_number, Stay(NEVER, None))
            channel.queue.append((now + self._timing.reinject_ps, again))
        else:
            self._probe.lost(self.what.name, flit.packet, self._conduct.dropped(flit), DROPPED)

    def _give_back(self, channel: Channel) -> None:
        """The far buffer has a free place again; the news is under way."""
        self.kernel.at(self._timing.latency_ps, EFFECT, lambda _: self._credit(channel))

    def _credit(self, channel: Channel) -> None:
        channel.credits += 1
        if channel.queue:
            self._arm(self.kernel.now)

    def _arm_next(self, now: int) -> None:
        """Be woken when a head, the line and a place can next be there together, or a head has waited too long."""
        times = [max(c.queue[0][0], self._free) for c in self._channels if c.queue and c.credits]
        if self._conduct.dropped:
            late = self._timing.timeout_ps
            times += [c.head_since() + late for c in self._channels if c.queue and not c.credits]
        if times:
            self._arm(max(min(times), now + 1))

    def _arm(self, when: int) -> None:
        if when < self._armed:
            self._armed = when
            self.kernel.at(when - self.kernel.now, DECISION, lambda _: self._go_on(when))

    def _go_on(self, now: int) -> None:
        self._process.send(now)


class IdealChipLink:
    """A link that is never in use and never fails: a packet takes its own time on the line, and the way."""

    def __init__(self, probe: Probe, what: Description, land: Callable[[Flit, int], None]) -> None:
        self.what = what
        self._probe = probe
        self._land = land

    def push(self, flit: Flit, seen: int) -> None:
        """Pass on a copy that is here at the instant `seen` (ps)."""
        timing = self.what.timing
        count, busy = timing.link_packets(flit.packet.bits), timing.transfer_ps(flit.packet.bits)
        end = seen + busy + timing.latency_ps
        arrived = Flit(flit.packet.again(flit.waited), flit.leg)
        bits = count * timing.packet_bits
        self._probe.crossed(flit, arrived.packet, Crossing(self.what.index, seen, seen, end, busy, count, 0, bits, 0))
        self._land(arrived, end)
