"""A directed link: the rule of the network on chip.

A link picks, round robin, among the heads that want it, when it has a credit. A grant occupies it for one flit time;
the flit is visible in the buffer at the other end one latency after the grant; the next head of the buffer it came
from is visible one cycle after the grant; the credit is back some cycles after the flit has left that buffer.

Whoever grants writes down the cycle from which things count, always a later one, and a link orders one wake for the
first cycle at which it may have something to decide.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sim.engine.edges import Edges, Wake
from sim.engine.kernel import Behaviour
from sim.engine.packet import Flit
from sim.engine.probe import Probe
from sim.hardware.lane import Feeder, Lane, Target

NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Timing:
    """Cycles of a link: grant to visible, grant to next grant, slot left to credit back."""

    latency: int
    occupancy: int
    credit_delay: int


class Output:
    """What every kind of link shares: who wants it, whose turn it is, and when to be woken."""

    def __init__(self, edges: Edges, probe: Probe, index: int, name: str, timing: Timing) -> None:
        self.edges = edges
        self.index = index
        self.name = name
        self.timing = timing
        self._probe = probe
        self._lanes: list[Lane] = []
        self._wanted: list[int] = []
        self._waiting = 0
        self._last = 0
        self._free = 0
        self._starved = False
        self._wake = Wake(edges.kernel)
        self._armed = NEVER
        self._schedule: Callable[[int, Wake], None] = edges.decide_at

    def enter_mesh(self) -> None:
        """Serve before the routers of an edge decide, as a part of its effects.

        What there is to enter was settled at earlier instants, so this comes to the same whatever the order; it
        lets a flit be in its first buffer one cycle after it was sent.
        """
        self._schedule = self.edges.enter_at

    def request(self, lane: Lane, cycle: int) -> None:
        """The head of `lane` wants this link from `cycle` on."""
        slot = lane.slot
        if slot >= len(self._wanted):
            self._make_room(slot, lane)
        self._wanted[slot] = cycle
        self._lanes[slot] = lane
        self._waiting += 1
        if cycle < self._armed:
            self._armed = cycle
            self._schedule(cycle, self._wake)

    def _make_room(self, slot: int, lane: Lane) -> None:
        """Keep account of the inputs up to `slot`."""
        missing = slot + 1 - len(self._wanted)
        self._wanted += [NEVER] * missing
        self._lanes += [lane] * missing

    def withdraw(self, lane: Lane) -> None:
        """The head of `lane` has left by another link."""
        self._wanted[lane.slot] = NEVER
        self._waiting -= 1

    def credit_due(self, cycle: int) -> None:
        """A credit will be back at `cycle`: reason to wake if there was none to wait for."""
        if self._starved:
            self._starved = False
            self._arm(cycle)

    def waiting(self) -> int:
        """How many heads want this link."""
        return sum(cycle < NEVER for cycle in self._wanted)

    def waiting_since(self) -> int:
        """The cycle from which the first of them has."""
        return min(self._wanted)

    def _arm(self, cycle: int) -> None:
        """Be woken at `cycle`, unless that comes later than a wake already ordered."""
        if cycle < self._armed:
            self._armed = cycle
            self._schedule(cycle, self._wake)

    def _send(self, slot: int, now: int, filled: int) -> Flit:
        """Grant the head at input `slot`; `filled` places of the buffer it goes to are then taken."""
        waited = now - self._wanted[slot]
        self._wanted[slot] = NEVER
        self._waiting -= 1
        self._last = slot
        self._free = now + self.timing.occupancy
        flit = self._lanes[slot].taken(self, now)
        if waited:
            flit.waited += self.edges.clock.edge(waited)
        self._probe.hop(self.index, waited, filled)
        return flit


class Link(Output):
    """A link with one buffer at its other end."""

    def __init__(self, edges: Edges, probe: Probe, index: int, name: str, timing: Timing) -> None:
        super().__init__(edges, probe, index, name, timing)
        self._latency = timing.latency
        self._target: Target
        self._room = 0
        self._credits = 0
        self._returning: deque[int] = deque()

    def drain_into(self, target: Target, room: int) -> Feeder:
        """Fill `target`, which has room for that many flits; whom it tells when a flit has left."""
        self._target = target
        self._room = self._credits = room
        return self

    def freed(self, flit: Flit, now: int) -> None:
        """A flit has left the buffer at the other end: the credit comes back."""
        back = now + self.timing.credit_delay
        self._returning.append(back)
        if self._starved:
            self.credit_due(back)

    def behaviour(self) -> Behaviour:
        edges, wake = self.edges, self._wake
        while True:
            yield wake
            now = edges.cycle
            if now == self._armed:
                self._armed = NEVER
            if now >= self._free:
                slot = self._in_turn(now)
                if slot >= 0 and self._collect(now):
                    self._credits -= 1
                    flit = self._send(slot, now, self._room - self._credits)
                    self._target.push(flit, now + self._latency)
            if self._waiting:
                self._arm_next()

    def _arm_next(self) -> None:
        """Be woken when a head, the link and a credit can next be there together."""
        cycle = min(self._wanted)
        if cycle < self._free:
            cycle = self._free
        if not self._credits:
            if not self._returning:
                self._starved = True
                return
            cycle = max(cycle, self._returning[0])
        if cycle < self._armed:
            self._armed = cycle
            self._schedule(cycle, self._wake)

    def _in_turn(self, now: int) -> int:
        """The next input after the last one served whose head wants this link by `now`, or -1."""
        wanted = self._wanted
        count = len(wanted)
        slot = self._last
        for _ in range(count):
            slot += 1
            if slot >= count:
                slot = 0
            if wanted[slot] <= now:
                return slot
        return -1

    def _collect(self, now: int) -> int:
        """Take in the credits that are back by `now`; how many there are then."""
        returning = self._returning
        while returning and returning[0] <= now:
            returning.popleft()
            self._credits += 1
        return self._credits
