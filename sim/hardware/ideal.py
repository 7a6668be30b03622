"""A network without contention: the same ways and latencies, every link always free.

A flit that enters is passed on from link to link at once, each adding its latency, so that a packet costs one event
however long its way. What a run takes longer on the real network is what congestion costs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from sim.engine.packet import Flit
from sim.engine.probe import Probe
from sim.hardware.event_router import Copies
from sim.hardware.lane import Feeder, Target
from sim.hardware.mesh import UNLIMITED, AnyLink, Mesh, Port, Unbounded
from sim.machine.machine import EventRouter as Description


class IdealLink:
    """A link that is never in use."""

    def __init__(self, probe: Probe, index: int, name: str, latency: int) -> None:
        self.index = index
        self.name = name
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

    def __init__(self, router: int) -> None:
        self._router = router

    def push(self, flit: Flit, cycle: int) -> None:
        ways: Sequence[IdealLink] = flit.leg.ways[self._router]  # type: ignore[assignment]  # an ideal mesh has no other
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
        self._entrance.carry(flit, cycle)
        self._feeder.freed(flit, cycle)


class IdealRouter:
    """The event router with as many engines as packets: only its pipeline takes time."""

    def __init__(self, probe: Probe, what: Description, ports: Sequence[Port], table: Mapping[int, Copies]) -> None:
        self._probe = probe
        self._table = table
        self._clock = what.clock
        self._stages = what.stages
        self._mesh_clock = ports[0].mesh.edges.clock
        self._doors = [port.injection for port in ports if isinstance(port.injection, IdealLink)]
        for port in ports:
            port.drain_into(self, UNLIMITED)

    def push(self, flit: Flit, cycle: int) -> None:
        seen = self._clock.first_edge_after(self._mesh_clock.edge(cycle) - 1)
        found = self._mesh_clock.first_edge_after(self._clock.edge(seen + self._stages) - 1)
        copies = self._table[flit.packet.key]
        self._probe.lookup(flit.packet, len(copies))
        looked_up = self._mesh_clock.edge(found) - self._mesh_clock.edge(cycle)
        for number, (port, leg) in enumerate(copies, 1):
            self._doors[port].carry(Flit(flit.packet, leg, number, looked_up=looked_up), found)


class IdealMesh(Mesh):
    """A mesh of ideal links."""

    def outbox(self, port: Port, number: int, feeder: Feeder) -> IdealOutbox:
        return IdealOutbox(port, feeder)

    def _link(self, name: str, latency: int, kind: str, *, gated: bool = False) -> IdealLink:
        link = IdealLink(self.probe, len(self.links), name, latency)
        self._add(link, kind)
        return link

    def _into_router(self, link: AnyLink, site: int) -> None:
        link.drain_into(Junction(site), UNLIMITED)
