"""A network without contention: the same ways and latencies, every link always free.

A flit that enters is passed on from link to link at once, each adding its latency, so that a packet costs one event
however long its way. What a run takes longer on the real network is what congestion costs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from sim.engine.packet import Flit
from sim.engine.probe import Probe
from sim.hardware.event_router import Find
from sim.hardware.flow import Feeder, Target
from sim.hardware.mesh import UNLIMITED, Ends, Mesh, Port, Unbounded
from sim.hardware.router import Router
from sim.machine.machine import EventRouter as Description


class IdealLink:
    """A link that is never in use."""

    def __init__(self, probe: Probe, index: int, latency: int) -> None:
        self.index = index
        self.target: Target
        self._latency = latency
        self._probe = probe

    def drain_into(self, target: Target, room: int) -> Feeder:
        """Fill `target`, however little room it has."""
        self.target = target
        return Unbounded()

    def carry(self, flit: Flit, cycle: int) -> None:
        """Pass on a flit that is here at `cycle`."""
        self._probe.hop(flit, self.index, cycle, 0, 0)
        self.target.push(flit, cycle + self._latency)


class Junction:
    """A router where nobody waits."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def push(self, flit: Flit, cycle: int) -> None:
        ways: Sequence[IdealLink] = self._router.out(flit.leg)  # type: ignore[assignment]  # an ideal mesh has no other
        for link in ways[:1] if flit.leg.adaptive else ways:
            link.carry(flit, cycle)


class IdealOutbox:
    """A sender's queue in which nothing queues."""

    def __init__(self, port: Port, feeder: Feeder) -> None:
        self._feeder = feeder
        assert isinstance(port.injection, IdealLink)
        self._entrance = port.injection
        self._edges = port.mesh.edges

    def push(self, flit: Flit, cycle: int) -> None:
        """Have `flit` enter at `cycle`, which may be this very instant: others that enter then do not hold it up."""
        now = self._edges.clock.first_edge_after(self._edges.kernel.now - 1)
        self._edges.effects[max(cycle, now)].append(partial(self._enter, flit))

    def _enter(self, flit: Flit, cycle: int) -> None:
        self._feeder.freed(flit, (cycle,))
        self._entrance.carry(flit, cycle)


class IdealWayOut(Protocol):
    """A link to another chip on which nobody waits."""

    def push(self, flit: Flit, seen: int) -> None: ...


class IdealRouter:
    """The event router with as many engines as packets: only its pipeline takes time."""

    def __init__(self, probe: Probe, name: str, what: Description, ports: Sequence[Port], find: Find) -> None:
        self._probe = probe
        self._name = name
        self.find = find
        self.links: list[IdealWayOut] = []
        self._clock = what.clock
        self._stages = what.stages
        self._mesh_clock = ports[0].mesh.edges.clock
        self._doors = [port.injection for port in ports if isinstance(port.injection, IdealLink)]
        for port in ports:
            port.drain_into(self, UNLIMITED)

    def push(self, flit: Flit, cycle: int) -> None:
        self._send_on(flit, self._mesh_clock.edge(cycle), -1)

    def land(self, link: int, flit: Flit, now: int) -> None:
        """Take a flit that comes over a link between chips at the instant `now` (ps)."""
        self._send_on(flit, now, link)

    def _send_on(self, flit: Flit, now: int, came: int) -> None:
        first = self._clock.first_edge_after(now - 1)
        found = self._clock.edge(first + self._stages)
        mesh_cycle = self._mesh_clock.first_edge_after(found - 1)
        copies = self.find(flit, came)
        self._probe.lookup(self._name, flit.packet, len(copies), self._clock.edge(first), found)
        start, seen = now, self._mesh_clock.edge(mesh_cycle)
        for number, (way, leg) in enumerate(copies, 1):
            copy = Flit(flit.packet, leg, number)
            if way < len(self._doors):
                copy.looked_up = seen - start
                self._doors[way].carry(copy, mesh_cycle)
            else:
                copy.looked_up = found - start
                self.links[way - len(self._doors)].push(copy, found)


class IdealMesh(Mesh):
    """A mesh of ideal links."""

    def outbox(self, port: Port, number: int, feeder: Feeder) -> IdealOutbox:
        return IdealOutbox(port, feeder)

    def _inner(self, name: str, latency: int, kind: str, ends: tuple[int | None, int]) -> IdealLink:
        link = self._ideal(name, latency, kind, ends)
        link.drain_into(Junction(self.routers[ends[1]]), UNLIMITED)
        return link

    def _ejection(self, name: str, latency: int, site: int, *, gated: bool = False) -> IdealLink:
        return self._ideal(name, latency, "ejection", (site, None))

    def _ideal(self, name: str, latency: int, kind: str, ends: Ends) -> IdealLink:
        link = IdealLink(self.probe, len(self._roll), latency)
        self._add(link, name, kind, ends, latency)
        return link
