"""The event router: looks a packet's key up in its table and sends one copy to each quad that listens, and to links.

Three engines start one lookup each per cycle of the router's own clock; a lookup takes the stages of the pipeline. A
packet of this chip holds a slot of the issue buffer until its last copy has entered the mesh or begun to cross a link,
and while no slot is free what comes in waits in the buffers of the ports, and then in the mesh. A packet that came over
a link keeps its place in that link's buffer instead, so packets of different links never wait for one another's.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from sim.engine.edges import Clocked, Edges, started
from sim.engine.kernel import Kernel
from sim.engine.packet import Copies, Flit, Leg
from sim.engine.probe import Probe
from sim.hardware.link import NEVER
from sim.hardware.mesh import Port
from sim.machine.links import ChipLink
from sim.machine.machine import EventRouter as Description

Find = Callable[[Flit, int], Copies]
"""The copies to make of a flit that came over a link between chips, by its number, or -1 from this chip."""


@dataclass(slots=True, eq=False)
class Stay:
    """A packet in the router: how many copies of it are still there, and whose place it holds."""

    left: int
    holder: LinkInput | None


class Copy(Flit):
    """A copy that the router has made."""

    __slots__ = ("stay",)

    def __init__(self, flit: Flit, leg: Leg, number: int, stay: Stay) -> None:
        super().__init__(flit.packet, leg, number, flit.waited, flit.queued)
        self.stay = stay


class WayOut(Protocol):
    """A link to another chip, as the router sees it."""

    def push(self, flit: Copy, seen: int, came: LinkInput | None) -> None:
        """Take a copy, visible from the instant `seen` (ps) on."""


class EventRouter:
    """One chip's event router; `find` says which copies to make, ways out over links counting on from the ports."""

    def __init__(
        self,
        kernel: Kernel,
        probe: Probe,
        name: str,
        what: Description,
        ports: Sequence[Port],
        find: Find,
        buffer_flits: int,
    ) -> None:
        self.probe = probe
        self.name = name
        self.find = find
        self.engines = what.engines
        self.stages = what.stages
        self.edges = Edges(kernel, what.clock)
        self.links: list[WayOut] = []
        self._slots = what.issue_slots
        self._returning: deque[int] = deque()
        self.mesh_clock = ports[0].mesh.edges.clock
        self._outboxes = [port.sender(self) for port in ports]
        self.occupied: list[int] = []
        self._inputs: list[Input | LinkInput] = [Input(self, n, port, buffer_flits) for n, port in enumerate(ports)]
        self._last = 0
        self._decided = -1
        self.process = started(self.behaviour())

    def behaviour(self) -> Clocked:
        while True:
            now = yield "a flit to look up and a free slot"
            if now > self._decided:  # several flits seen on one edge order as many wakes
                self._decided = now
                self._start_lookups(now)

    def decide_at(self, cycle: int) -> None:
        """Have the router look, at edge `cycle` of its clock, what there is to do."""
        self.edges.decisions[cycle].append(self)

    def entrance(self, link: ChipLink, channel: int) -> LinkInput:
        """The far end of one virtual channel of a link to this chip."""
        entrance = LinkInput(self, len(self._inputs), link, channel)
        self._inputs.append(entrance)
        return entrance

    def freed(self, flit: Flit, ahead: Sequence[int]) -> None:
        """A copy has entered the mesh in the first of its cycles `ahead`."""
        assert isinstance(flit, Copy)
        self.released(flit.stay, self.mesh_clock.edge(ahead[0]))

    def released(self, stay: Stay, when: int) -> None:
        """A copy has left at the instant `when`; with the last one its place comes free, a slot an edge later."""
        stay.left -= 1
        if stay.left:
            return
        if stay.holder:
            stay.holder.give_back()
            return
        cycle = self.edges.clock.first_edge_after(when)
        self._returning.append(cycle)
        self.decide_at(cycle)

    def cycle_of(self, mesh_cycle: int) -> int:
        """The first edge of this router's clock at or after an edge of the mesh."""
        return self.edges.clock.first_edge_after(self.mesh_clock.edge(mesh_cycle) - 1)

    def mesh_cycle(self, now: int) -> int:
        """The last edge of the mesh at or before edge `now` of this router's clock."""
        return self.mesh_clock.first_edge_after(self.edges.clock.edge(now)) - 1

    def _start_lookups(self, now: int) -> None:
        while self._returning and self._returning[0] <= now:
            self._returning.popleft()
            self._slots += 1
        for _ in range(self.engines):
            waiting = self._in_turn(now)
            if waiting is None:
                return
            self._look_up(waiting, now)
        if self._in_sight(now):
            self.decide_at(now + 1)

    def _in_turn(self, now: int) -> Input | LinkInput | None:
        """The next input round robin that has a flit which may start; only few of them have any."""
        split = bisect_right(self.occupied, self._last)
        for number in chain(self.occupied[split:], self.occupied[:split]):
            if self._may_start(self._inputs[number], now):
                self._last = number
                return self._inputs[number]
        return None

    def _in_sight(self, now: int) -> bool:
        return any(self._may_start(self._inputs[number], now) for number in self.occupied)

    def _may_start(self, waiting: Input | LinkInput, now: int) -> bool:
        return waiting.ready(now) and (self._slots > 0 or isinstance(waiting, LinkInput))

    def _look_up(self, waiting: Input | LinkInput, now: int) -> None:
        flit = waiting.take(now)
        came = waiting if isinstance(waiting, LinkInput) else None
        copies = self.find(flit, came.link.index if came else -1)
        stay = Stay(len(copies), came)
        self._slots -= came is None
        start, found = self.edges.clock.edge(now), self.edges.clock.edge(now + self.stages)
        self.probe.lookup(self.name, flit.packet, len(copies), start, found)
        mesh_cycle = self.mesh_clock.first_edge_after(found - 1)
        ports, seen = len(self._outboxes), self.mesh_clock.edge(mesh_cycle)
        for number, (way, leg) in enumerate(copies, 1):
            copy = Copy(flit, leg, number, stay)
            if way < ports:
                copy.looked_up = seen - start
                self._outboxes[way].push(copy, mesh_cycle)
            else:
                copy.looked_up = found - start
                self.links[way - ports].push(copy, found, came)


class Queue:
    """Flits in front of the router, each visible from an edge of its clock on; `number` is its place in the round."""

    def __init__(self, router: EventRouter, number: int) -> None:
        self._router = router
        self._number = number
        self._flits: deque[tuple[int, Flit]] = deque()

    def ready(self, now: int) -> bool:
        return bool(self._flits) and self._flits[0][0] <= now

    def take(self, now: int) -> Flit:
        """The head, with what it has waited here."""
        seen, flit = self._flits.popleft()
        if not self._flits:
            self._router.occupied.remove(self._number)
        flit.waited += self._router.edges.clock.edge(now - seen)
        return flit

    def _join(self, flit: Flit, seen: int) -> None:
        if not self._flits:
            insort(self._router.occupied, self._number)
        self._flits.append((seen, flit))
        self._router.decide_at(seen)


class Input(Queue):
    """The buffer behind one port of the router."""

    def __init__(self, router: EventRouter, number: int, port: Port, room: int) -> None:
        super().__init__(router, number)
        self._feeder = port.drain_into(self, room)

    def push(self, flit: Flit, cycle: int) -> None:
        flit.settle(self._router.mesh_clock)
        self._join(flit, self._router.cycle_of(cycle))

    def take(self, now: int) -> Flit:
        """The head; for the mesh it has left at the last edge that has passed."""
        flit = super().take(now)
        self._feeder.freed(flit, range(self._router.mesh_cycle(now), NEVER))
        return flit


class LinkInput(Queue):
    """The buffer at the far end of one virtual channel of a link, where a head that is taken keeps its place;
    `give_back` tells the link of a free one."""

    give_back: Callable[[], None]

    def __init__(self, router: EventRouter, number: int, link: ChipLink, channel: int) -> None:
        super().__init__(router, number)
        self.link = link
        self.channel = channel

    def land(self, flit: Flit, now: int) -> None:
        """A flit has come over the link, in the effect phase of the instant `now`."""
        self._join(flit, self._router.edges.clock.first_edge_after(now - 1))
