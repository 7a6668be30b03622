"""A directed link: the rule of the network on chip.

A link picks, round robin, among the heads that want it, when it has a credit. A grant occupies it for one flit time;
the flit is visible in the buffer at the other end one latency after the grant; the next head of the buffer it came
from is visible one cycle after the grant; the credit is back some cycles after the flit has left that buffer.

Whoever grants writes down the cycle from which things count, always a later one, and a link orders one wake for the
first cycle at which it may have something to decide.

A large mesh has more links than the computer's caches have room for, and its speed is that of memory. So what a link
nearly always has one of at most (a head that wants it, a credit on its way back) stands in the link itself, and only
what goes beyond that in a tuple of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.engine.edges import Agenda, Clocked, Edges
from sim.engine.packet import Flit
from sim.engine.probe import Probe
from sim.hardware.flow import Buffer, Feeder, Target

NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Timing:
    """Cycles of a link: grant to visible, grant to next grant, slot left to credit back. Links alike share one."""

    latency: int
    occupancy: int
    credit_delay: int


class Output:
    """What every kind of link shares: who wants it, whose turn it is, and when to be woken."""

    __slots__ = (
        "_agenda",
        "_armed",
        "_free",
        "_head",
        "_last",
        "_others",
        "_starved",
        "_told",
        "_wake",
        "edges",
        "index",
        "name",
        "timing",
    )

    def __init__(self, edges: Edges, probe: Probe, index: int, name: str, timing: Timing) -> None:
        self.edges = edges
        self.index = index
        self.name = name
        self.timing = timing
        self._told = probe.hop
        self._head: Buffer | None = None
        self._others: tuple[Buffer, ...] = ()
        self._last = 0
        self._free = 0
        self._starved = False
        self._armed = NEVER
        self._agenda: Agenda[Any] = edges.decisions
        self._wake: Any = edges.serve(self.behaviour())  # what the agenda takes: a number here, a call for effects

    def behaviour(self) -> Clocked:
        """Wait, decide, and again; what is waited for is the next edge of which it is known that it may matter."""
        raise NotImplementedError

    def enter_mesh(self) -> None:
        """Serve before the routers of an edge decide, as a part of its effects.

        What there is to enter was settled at earlier instants, so this comes to the same whatever the order; it
        lets a flit be in its first buffer one cycle after it was sent.
        """
        self._agenda = self.edges.effects
        self._wake = self.edges.units[self._wake].send

    def request(self, lane: Buffer, cycle: int) -> None:
        """The head of `lane` wants this link from `cycle` on."""
        if self._head is None:
            self._head = lane
        else:
            self._others += (lane,)
        if cycle < self._armed:
            self._armed = cycle
            self._agenda[cycle].append(self._wake)

    def withdraw(self, lane: Buffer) -> None:
        """The head of `lane` has left, by this link or another."""
        others = self._others
        if lane is not self._head:
            self._others = tuple([one for one in others if one is not lane])
        elif others:
            self._head, self._others = others[0], others[1:]
        else:
            self._head = None

    def credit_due(self, cycle: int) -> None:
        """A credit will be back at `cycle`: reason to wake if there was none to wait for."""
        if self._starved:
            self._starved = False
            self._arm(cycle)

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
            self._agenda[cycle].append(self._wake)

    def _send(self, lane: Buffer, now: int, filled: int) -> Flit:
        """Grant the head of `lane`; `filled` places of the buffer it goes to are then taken."""
        waited = now - lane.since
        if self._others:
            self.withdraw(lane)
        else:
            self._head = None
        self._last = lane.slot
        self._free = now + self.timing.occupancy
        flit = lane.taken(now)
        if waited:
            flit.waited += self.edges.clock.edge(waited)
        self._told(flit, self.index, now, waited, filled)
        return flit


class Link(Output):
    """A link with one buffer at its other end."""

    __slots__ = ("_back", "_credits", "_later", "_room", "_target")

    def __init__(self, edges: Edges, probe: Probe, index: int, name: str, timing: Timing) -> None:
        self._room = 0
        self._credits = 0
        self._back = 0
        self._later: tuple[int, ...] = ()
        super().__init__(edges, probe, index, name, timing)

    def drain_into(self, target: Target, room: int) -> Feeder:
        """Fill `target`, which has room for that many flits; whom it tells when a flit has left."""
        self._target = target
        self._room = self._credits = room
        return self

    def freed(self, flit: Flit, now: int) -> None:
        """A flit has left the buffer at the other end: the credit comes back."""
        back = now + self.timing.credit_delay
        if self._back:
            self._later += (back,)
        else:
            self._back = back
        if self._starved:
            self.credit_due(back)

    def behaviour(self) -> Clocked:
        while True:
            now = yield self._armed
            if now == self._armed:
                self._armed = NEVER
            while self._back and self._back <= now:
                self._credits += 1
                later = self._later
                if later:
                    self._back, self._later = later[0], later[1:]
                else:
                    self._back = 0
            lane = self._head
            if lane and self._credits and now >= self._free:
                if self._others:
                    lane = self._in_turn(now)
                if lane.since <= now:
                    self._credits -= 1
                    flit = self._send(lane, now, self._room - self._credits)
                    self._target.push(flit, now + self.timing.latency)
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
                self._starved = True
                return
            cycle = max(cycle, self._back)
        if cycle < self._armed:
            self._armed = cycle
            self._agenda[cycle].append(self._wake)


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
