"""A directed link and the buffer it fills: the rule of the network on chip.

A link picks, round robin, among the heads that want it, when it has a credit. A grant occupies it for one flit time;
the flit is visible in the buffer at the other end one latency after the grant; the next head of the buffer it came
from is visible one cycle after the grant; the credit is back some cycles after the flit has left that buffer.

Arrivals and credits need no events of their own: whoever grants writes down the cycle from which they count, always
a later one, and a link is woken for the first cycle at which it may have something to decide.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from sim.engine.edges import Edges, Wake
from sim.engine.kernel import Behaviour
from sim.engine.packet import Flit
from sim.engine.probe import Probe

NEVER = 1 << 62


class Target(Protocol):
    """Where a link puts its flits."""

    def push(self, flit: Flit, cycle: int) -> None:
        """Take `flit`, visible from `cycle` on."""


class Feeder(Protocol):
    """Who wants to know that a place in a buffer is free again."""

    def freed(self, flit: Flit, now: int) -> None:
        """`flit` has left the buffer at cycle `now`."""


class Lane:
    """A first-in first-out buffer at an input of a router; its head asks for the links it must leave by."""

    __slots__ = ("_next", "_pending", "feeder", "flits", "router", "slot")

    def __init__(self, router: int, slot: int, feeder: Feeder) -> None:
        self.router = router
        self.slot = slot
        self.feeder = feeder
        self.flits: deque[tuple[int, Flit]] = deque()
        self._next = 0
        self._pending = 0

    def push(self, flit: Flit, cycle: int) -> None:
        flits = self.flits
        flits.append((cycle, flit))
        if len(flits) == 1:
            self._present(flit, cycle if cycle > self._next else self._next)

    def taken(self, now: int) -> Flit:
        """One of the head's links has granted it; with the last of them the head leaves."""
        flit = self.flits[0][1]
        self._pending -= 1
        if self._pending:
            return Flit(flit.packet, flit.leg, flit.waited)
        self._leave(flit, now)
        return flit

    def _leave(self, flit: Flit, now: int) -> None:
        flits = self.flits
        flits.popleft()
        self._next = now + 1
        self.feeder.freed(flit, now)
        if flits:
            cycle, head = flits[0]
            self._present(head, cycle if cycle > now else now + 1)

    def _present(self, flit: Flit, cycle: int) -> None:
        ways = flit.leg.ways[self.router]
        self._pending = len(ways)
        for link in ways:
            link.request(self, cycle)


class Link:
    """One directed link; see the module for its rule."""

    def __init__(
        self, edges: Edges, probe: Probe, index: int, name: str, latency: int, occupancy: int, credit_delay: int
    ) -> None:
        self.edges = edges
        self.probe = probe
        self.index = index
        self.name = name
        self.latency = latency
        self.occupancy = occupancy
        self.credit_delay = credit_delay
        self.target: Target
        self.room = 0
        self._credits = 0
        self._returning: deque[int] = deque()
        self._starved = False
        self._lanes: list[Lane] = []
        self._wanted: list[int] = []
        self._waiting = 0
        self._last = 0
        self._free = 0
        self._wake = Wake(edges.kernel)
        self._armed = NEVER
        self._schedule: Callable[[int, Wake], None] = edges.decide_at

    def enters_mesh(self) -> Link:
        """Serve before the routers of an edge decide, as a part of its effects.

        What there is to enter was settled at earlier instants, so this comes to the same whatever the order; it
        lets a flit be in its first buffer one cycle after it was sent.
        """
        self._schedule = self.edges.enter_at
        return self

    def connect(self, target: Target, room: int) -> None:
        """Fill `target`, which has room for that many flits."""
        self.target = target
        self.room = self._credits = room

    def request(self, lane: Lane, cycle: int) -> None:
        """The head of `lane` wants this link from `cycle` on."""
        slot = lane.slot
        while slot >= len(self._wanted):
            self._wanted.append(NEVER)
            self._lanes.append(lane)
        self._wanted[slot] = cycle
        self._lanes[slot] = lane
        self._waiting += 1
        if cycle < self._armed:
            self._arm(cycle)

    def freed(self, flit: Flit, now: int) -> None:
        """A flit has left the buffer at the other end: the credit comes back."""
        back = now + self.credit_delay
        self._returning.append(back)
        if self._starved:
            self._starved = False
            self._arm(back)

    def behaviour(self) -> Behaviour:
        edges, wake = self.edges, self._wake
        while True:
            yield wake
            now = edges.cycle
            if now == self._armed:
                self._armed = NEVER
            if now >= self._free:
                slot = self._in_turn(now)
                if slot >= 0 and (self._credits or self._collect(now)):
                    self._grant(slot, now)
            if self._waiting:
                self._arm_next()

    def _arm(self, cycle: int) -> None:
        """Be woken at `cycle`, unless that comes later than a wake already ordered."""
        if cycle < self._armed:
            self._armed = cycle
            self._schedule(cycle, self._wake)

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

    def _grant(self, slot: int, now: int) -> None:
        wanted = self._wanted
        waited = now - wanted[slot]
        wanted[slot] = NEVER
        self._waiting -= 1
        self._last = slot
        self._free = now + self.occupancy
        self._credits -= 1
        flit = self._lanes[slot].taken(now)
        if waited:
            flit.waited += self.edges.clock.edge(waited)
        self.probe.hop(self.index, waited, self.room - self._credits)
        self.target.push(flit, now + self.latency)
