"""A directed link: the rule of the network on chip.

A link picks, round robin, among the heads that want it, when it has a credit. A grant occupies it for one flit time;
the flit is visible in the buffer at the other end one latency after the grant; the next head of the buffer it came
from is visible one cycle after the grant; the credit is back some cycles after the flit has left that buffer.

Whoever grants writes down the cycle from which things count, always a later one, and a link orders one wake for the
first cycle at which it may have something to decide.

A large mesh has more links than the computer's caches have room for, and its speed is that of memory. So what links
have in common is kept once for all of them, and what a link nearly always has one of at most (a head that wants it, a
credit on its way back) stands in the link itself, and only what goes beyond that in a tuple of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from sim.engine.edges import Clocked, Edges, started
from sim.engine.packet import Flit
from sim.engine.probe import Probe
from sim.hardware.flow import Buffer, Feeder, Target
from sim.hardware.lane import STATE, Buffered
from sim.hardware.router import Router

NEVER = 1 << 62


class Common:
    """What links alike share: their clock, its cycles to come, whom they tell, the cycles of grant to visible
    (`latency`), grant to next grant (`occupancy`) and slot left to credit back (`credit_delay`), and of those that fill
    a single buffer its `room` (flits).

    Those that `enter` the mesh serve before the routers of an edge decide, as a part of its effects. What there is to
    enter was settled at earlier instants, so this comes to the same whatever the order; it lets a flit be in its first
    buffer one cycle after it was sent.
    """

    __slots__ = ("_holding", "agenda", "ahead", "credit_delay", "edges", "latency", "occupancy", "room", "told")

    def __init__(
        self, edges: Edges, probe: Probe, latency: int, occupancy: int, credit_delay: int, *, enter: bool = False
    ) -> None:
        self.edges = edges
        self.ahead = edges.ahead
        self.told = probe.hop
        self.latency = latency
        self.occupancy = occupancy
        self.credit_delay = credit_delay
        self.agenda = edges.entries if enter else edges.decisions
        self.room = 0
        self._holding: dict[int, Common] = {}
        edges.see(max(latency, occupancy, credit_delay))

    def holding(self, room: int) -> Common:
        """The same for links with so much room."""
        if room not in self._holding:
            self._holding[room] = copy(self)
            self._holding[room].room = room
        return self._holding[room]


TOUCHED_FIRST = ("_armed", "_back", "_credits", "_head", "_others", "common")
"""What a head that asks for a link touches of it, and what the link looks at first itself."""


class Output:
    """What every kind of link shares: who wants it, whose turn it is, and when to be woken."""

    __slots__ = TOUCHED_FIRST

    index: int
    process: Clocked
    _free: int
    _last: int

    def __init__(self, common: Common, index: int) -> None:
        self.common = common
        self.index = index
        self._head: Buffer | None = None
        self._others: tuple[Buffer, ...] = ()
        self._last = 0
        self._free = 0
        self._armed = NEVER
        self.process = started(self.behaviour())

    def behaviour(self) -> Clocked:
        """Wait, decide, and again; what is waited for is the next edge of which it is known that it may matter.

        Nothing is kept from one edge to the next, and so briefly said the process takes no more memory than the link.
        """
        while True:
            yield "an edge that may matter"
            self.decide()

    def decide(self) -> None:
        """Do what there is to do at the edge that is being worked on."""
        raise NotImplementedError

    def request(self, lane: Buffer, cycle: int) -> None:
        """The head of `lane` wants this link from `cycle` on."""
        if self._head is None:
            self._head = lane
        else:
            self._others += (lane,)
        if cycle < self._armed:
            self._armed = cycle
            self.common.agenda[cycle].append(self)

    def withdraw(self, lane: Buffer) -> None:
        """The head of `lane` has left, by this link or another."""
        others = self._others
        if lane is not self._head:
            self._others = tuple([one for one in others if one is not lane])
        elif others:
            self._head, self._others = others[0], others[1:]
        else:
            self._head = None

    def _heads(self) -> list[Buffer]:
        """The buffers whose heads want this link."""
        return [self._head, *self._others] if self._head else []

    def waiting(self) -> int:
        """How many heads want this link."""
        return len(self._heads())

    def waiting_since(self) -> int:
        """The cycle from which the first of them has."""
        return min([lane.since for lane in self._heads()])

    def _arm(self, cycle: int) -> None:
        """Be woken at `cycle`, unless that comes later than a wake already ordered."""
        if cycle < self._armed:
            self._armed = cycle
            self.common.agenda[cycle].append(self)

    def _take(self, lane: Buffer, now: int, filled: int) -> Flit:
        """Grant the head of `lane`; `filled` places of the buffer it goes to are then taken."""
        waited = now - lane.since
        if self._others:
            self.withdraw(lane)
        else:
            self._head = None
        self._last = lane.slot
        common = self.common
        ahead = common.ahead
        self._free = ahead[common.occupancy]
        flit = lane.taken(ahead)
        if waited:
            flit.stood += waited
        common.told(flit, self.index, now, waited, filled)
        return flit


class BufferedOutput(Output, Buffered):
    """A link and the buffer at its end in one object: whatever a hop has to do with one it has to do with the other."""

    __slots__ = STATE


class Link(BufferedOutput):
    """A link with one buffer at its other end: any target, or one in front of a router that is a part of it.

    What it keeps stands in the order in which others touch it, as a computer's cache takes eight numbers together:
    first what a head asks for, then what a flit that leaves the buffer changes, then what only the link itself needs.
    """

    __slots__ = ("_free", "_last", "_later", "_target", "index", "process")

    def __init__(self, common: Common, index: int) -> None:
        self._credits = 0
        self._back = 0
        self._later: tuple[int, ...] = ()
        super().__init__(common, index)

    def end_at(self, router: Router, room: int) -> None:
        """Have a buffer in front of `router`, for that many flits."""
        self.stand_before(router)
        self.drain_into(self, room)

    def drain_into(self, target: Target, room: int) -> Feeder:
        """Fill `target`, which has room for that many flits; whom it tells when a flit has left."""
        self._target = target
        self._credits = room
        self.common = self.common.holding(room)
        return self

    def freed(self, flit: Flit, ahead: Sequence[int]) -> None:
        """A flit has left the buffer at the other end: the credit comes back, and where the link had none to wait for,
        that is a reason to wake."""
        cycle = ahead[self.common.credit_delay]
        if self._back:
            self._later += (cycle,)
        else:
            self._back = cycle
            if self._head and not self._credits:
                self._arm(cycle)

    def decide(self) -> None:
        common = self.common
        ahead = common.ahead
        now = ahead[0]
        if now == self._armed:
            self._armed = NEVER
        while self._back and self._back <= now:
            self._credits += 1
            if self._later:
                self._back, self._later = self._later[0], self._later[1:]
            else:
                self._back = 0
        lane = self._head
        if lane and self._credits and now >= self._free:
            if self._others:
                lane = self._in_turn(now)
            if lane.since <= now:
                self._credits -= 1
                flit = self._take(lane, now, common.room - self._credits)
                self._target.push(flit, ahead[common.latency])
        if self._head:
            self._arm_next(self._head)

    def _in_turn(self, now: int) -> Buffer:
        """The next input after the last one served whose head wants this link by `now`, any where none does yet."""
        heads = self._heads()
        return next_in_turn([lane for lane in heads if lane.since <= now] or heads, self._last)

    def _arm_next(self, head: Buffer) -> None:
        """Be woken when a head, the link and a credit can next be there together."""
        cycle = min([lane.since for lane in self._heads()]) if self._others else head.since
        if cycle < self._free:
            cycle = self._free
        if not self._credits:
            if not self._back:
                return
            cycle = max(cycle, self._back)
        if cycle < self._armed:
            self._armed = cycle
            self.common.agenda[cycle].append(self)


def next_in_turn(heads: Sequence[Buffer], last: int) -> Buffer:
    """Round robin: of `heads` the one with the next slot after `last`, beginning again with the lowest."""
    first = heads[0]
    after: Buffer | None = None
    for lane in heads:
        if lane.slot > last and (after is None or lane.slot < after.slot):
            after = lane
        if lane.slot < first.slot:
            first = lane
    return after or first
