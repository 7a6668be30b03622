"""The event router: looks a packet's key up in its table and sends one copy to each quad that listens.

Three engines start one lookup each per cycle of the router's own clock; a lookup takes the stages of the pipeline. A
packet holds a slot of the issue buffer until its last copy has entered the mesh, and while no slot is free what comes
in waits in the buffers of the ports, and then in the mesh.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from sim.engine.edges import Clocked, Edges
from sim.engine.kernel import Kernel
from sim.engine.packet import Flit, Leg, Packet
from sim.engine.probe import Probe
from sim.hardware.mesh import Port
from sim.machine.machine import EventRouter as Description

Copies = tuple[tuple[int, Leg], ...]
"""For each copy the number of the port it leaves by, and its leg."""


class EventRouter:
    """One chip's event router; `table` finds, by key, the copies to make."""

    def __init__(
        self,
        kernel: Kernel,
        probe: Probe,
        what: Description,
        ports: Sequence[Port],
        table: Mapping[int, Copies],
        buffer_flits: int,
    ) -> None:
        self.probe = probe
        self.table = table
        self.engines = what.engines
        self.stages = what.stages
        self.edges = Edges(kernel, what.clock)
        self._slots = what.issue_slots
        self._returning: deque[int] = deque()
        self._left: dict[Packet, int] = {}
        self._mesh_clock = ports[0].mesh.edges.clock
        self._outboxes = [port.sender(self) for port in ports]
        self._inputs = [Input(self, port, buffer_flits) for port in ports]
        self._last = 0
        self._decided = -1
        self._wake = self.edges.serve(self.behaviour())

    def behaviour(self) -> Clocked:
        while True:
            now = yield "a flit to look up and a free slot"
            if now > self._decided:  # several flits seen on one edge order as many wakes
                self._decided = now
                self._start_lookups(now)

    def decide_at(self, cycle: int) -> None:
        """Have the router look, at edge `cycle` of its clock, what there is to do."""
        self.edges.decisions[cycle].append(self._wake)

    def freed(self, flit: Flit, now: int) -> None:
        """A copy has entered the mesh at its cycle `now`; with the last one a slot comes free, an edge later."""
        left = self._left[flit.packet] - 1
        if left:
            self._left[flit.packet] = left
            return
        del self._left[flit.packet]
        cycle = self.edges.clock.first_edge_after(self._mesh_clock.edge(now))
        self._returning.append(cycle)
        self.decide_at(cycle)

    def cycle_of(self, mesh_cycle: int) -> int:
        """The first edge of this router's clock at or after an edge of the mesh."""
        return self.edges.clock.first_edge_after(self._mesh_clock.edge(mesh_cycle) - 1)

    def mesh_cycle(self, now: int) -> int:
        """The last edge of the mesh at or before edge `now` of this router's clock."""
        return self._mesh_clock.first_edge_after(self.edges.clock.edge(now)) - 1

    def _start_lookups(self, now: int) -> None:
        while self._returning and self._returning[0] <= now:
            self._returning.popleft()
            self._slots += 1
        started = 0
        while started < self.engines and self._slots:
            waiting = self._in_turn(now)
            if waiting is None:
                return
            self._look_up(waiting.take(now), now)
            started += 1
        if self._slots and self._in_sight(now):
            self.decide_at(now + 1)

    def _in_turn(self, now: int) -> Input | None:
        for offset in range(1, len(self._inputs) + 1):
            number = (self._last + offset) % len(self._inputs)
            if self._inputs[number].ready(now):
                self._last = number
                return self._inputs[number]
        return None

    def _in_sight(self, now: int) -> bool:
        return any(waiting.ready(now) for waiting in self._inputs)

    def _look_up(self, flit: Flit, now: int) -> None:
        packet = flit.packet
        copies = self.table[packet.key]
        self._slots -= 1
        self._left[packet] = len(copies)
        self.probe.lookup(packet, len(copies))
        found = self._mesh_clock.first_edge_after(self.edges.clock.edge(now + self.stages) - 1)
        looked_up = self._mesh_clock.edge(found) - self.edges.clock.edge(now)
        for number, (port, leg) in enumerate(copies, 1):
            self._outboxes[port].push(Flit(packet, leg, number, flit.waited, flit.queued, looked_up), found)


class Input:
    """The buffer behind one port of the router."""

    def __init__(self, router: EventRouter, port: Port, room: int) -> None:
        self._router = router
        self._feeder = port.drain_into(self, room)
        self._flits: deque[tuple[int, Flit]] = deque()

    def push(self, flit: Flit, cycle: int) -> None:
        seen = self._router.cycle_of(cycle)
        self._flits.append((seen, flit))
        self._router.decide_at(seen)

    def ready(self, now: int) -> bool:
        return bool(self._flits) and self._flits[0][0] <= now

    def take(self, now: int) -> Flit:
        """The head; for the mesh it has left at the last edge that has passed."""
        seen, flit = self._flits.popleft()
        flit.waited += self._router.edges.clock.edge(now - seen)
        self._feeder.freed(flit, self._router.mesh_cycle(now))
        return flit
