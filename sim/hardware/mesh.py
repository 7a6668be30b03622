"""The network on chip put together: a link for each channel, and ports where units send and receive.

Several units may share a port (the PEs of a quad do): they take turns on its injection link, and a flit that leaves
by its ejection link reaches all those of them that its leg names, as the mask of PE bits in a packet does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain, count
from typing import Protocol

from sim.engine.edges import Edges
from sim.engine.kernel import Kernel
from sim.engine.packet import Course, Dispatch, Flit, Leg, Packet, Receiver
from sim.engine.probe import Probe
from sim.engine.stuck import Waiting
from sim.hardware.crossing import Crossing, SharedLane
from sim.hardware.flow import AnyLink, Feeder, Target
from sim.hardware.gate import GatedLink
from sim.hardware.lane import Lane
from sim.hardware.link import Common, Link, Output
from sim.hardware.router import NOWHERE, Directions, Pages, Router
from sim.hardware.virtual import VirtualLink, ring_of
from sim.machine.machine import Chip, Machine
from sim.mapping.route import Routes


class Queue(Protocol):
    """Where a sender puts its flits."""

    def push(self, flit: Flit, cycle: int) -> None: ...


Ends = tuple[int | None, int | None]
"""The sites that a link joins, None outside the mesh."""

UNLIMITED = 1 << 60
"""Room at the end of an ejection link whose receivers always take what comes."""


@dataclass(frozen=True, slots=True)
class LinkFact:
    """A link's number, name and kind: "mesh", "injection" or "ejection"; the sites it joins, None outside the mesh;
    and the number of its chip.

    A flit is at the other end `latency` cycles after its grant; `room` for so many is there, in all channels together,
    None where what it fills is never full.
    """

    index: int
    name: str
    kind: str
    source: int | None
    target: int | None
    latency: int
    chip: int = 0
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Buffers:
    """What waits in front of the routers: virtual channels to a link, and flits to a channel."""

    channels: int
    flits: int


class Mesh:
    """All links of one chip, numbered: first the channels of its die, then two for each port.

    Of several chips each has a mesh, named after it; they number their links on in the list `roll` that they share.
    """

    def __init__(
        self,
        kernel: Kernel,
        probe: Probe,
        machine: Machine,
        routes: Routes,
        buffers: Buffers,
        chip: Chip | None = None,
        roll: list[LinkFact] | None = None,
        edges: Edges | None = None,
    ) -> None:
        self.kernel = kernel
        self.probe = probe
        self.machine = machine
        self.routes = routes
        self.buffers = buffers
        self.edges = Edges(kernel, machine.noc.clock) if edges is None else edges
        self.links: list[AnyLink] = []
        self._commons: dict[tuple[int, bool], Common] = {}
        self._chip = chip or machine.chips[0]
        self._roll: list[LinkFact] = [] if roll is None else roll
        self.routers = [Router(site) for site in range(len(machine.sites))]
        self.pages = Pages()
        self.directions = Directions(self.routers, machine.channels, self.links)
        for channel in machine.channels:
            link = self._inner(channel.name, machine.noc.hop_cycles, "mesh", (channel.source, channel.target))
            if isinstance(link, VirtualLink):
                link.ring = ring_of(machine, channel)

    def port(self, site: int, name: str, *, gated: bool = False) -> Port:
        """A new port at `site`; `gated` where receivers may refuse for want of room."""
        noc = self.machine.noc
        injection = self._inner(f"{name} in", noc.injection_cycles - 1, "injection", (None, site))
        ejection = self._ejection(f"{name} out", noc.ejection_cycles, site, gated=gated)
        port = Port(self, site, injection, ejection)
        port.drain_into(Exit(self, ejection.index), UNLIMITED)
        return port

    def to(self, port: Port, receivers: Iterable[Receiver]) -> Leg:
        """The leg from anywhere to some of those at `port`."""
        return Leg(port.course, {port.ejection.index: tuple(receivers)}, self.routes.adaptive)

    def to_site(self, goals: Mapping[Port, tuple[Receiver, ...]]) -> Leg:
        """The leg from anywhere to everybody in `goals`, ports of one router, which copies to several."""
        first = next(iter(goals))
        course = first.course
        if len(goals) > 1:
            ways = list(chain.from_iterable(course))
            ways[first.site] = self.routers[first.site][tuple(port.ejection for port in goals)]
            course = self.pages.course(ways)
        return Leg(course, {port.ejection.index: who for port, who in goals.items()}, self.routes.adaptive)

    def tree(self, start: int, goals: Mapping[Port, tuple[Receiver, ...]]) -> Leg:
        """One leg from site `start` to everybody in `goals`, copied where the ways part."""
        branches = self.routes.tree(start, (port.site for port in goals))
        links = {site: tuple(self.links[channel] for channel in channels) for site, channels in branches.items()}
        for port in goals:
            links[port.site] = (*links.get(port.site, ()), port.ejection)
        ways = [router[links[site]] if site in links else NOWHERE for site, router in enumerate(self.routers)]
        return Leg(self.pages.course(ways), {port.ejection.index: receivers for port, receivers in goals.items()})

    def fills(self, link: AnyLink, room: int) -> None:
        """Put down how much room there is in what `link` fills."""
        self._roll[link.index] = replace(self._roll[link.index], room=room if room < UNLIMITED else None)

    def facts(self) -> tuple[LinkFact, ...]:
        """All links numbered so far, of all chips that number them together, for those who report on them."""
        return tuple(self._roll)

    def held_up(self) -> list[tuple[str, Waiting]]:
        """The links that heads still wait for, when nothing more can happen."""
        waited = [link for link in self.links if isinstance(link, Output) and link.waiting()]
        return [(f"link {self._roll[link.index].name}", self._held(link)) for link in waited]

    def _held(self, link: Output) -> Waiting:
        heads, since = link.waiting(), self.edges.clock.edge(link.waiting_since())
        return Waiting(since, lambda: f"a free place behind it, with {heads} heads of buffers waiting")

    def outbox(self, port: Port, number: int, feeder: Feeder) -> Queue:
        """The queue of sender number `number` at `port`."""
        return Outbox(port, number, feeder)

    @property
    def _simple(self) -> bool:
        """Whether there is nothing to choose: a single buffer behind each link, a single way for each flit."""
        return self.buffers.channels == 1 and not self.routes.adaptive

    def _inner(self, name: str, latency: int, kind: str, ends: tuple[int | None, int]) -> AnyLink:
        """A new link that fills the buffers of a new input of the router where it ends."""
        common, router = self._common(latency, enter=kind == "injection"), self.routers[ends[1]]
        link: Link | VirtualLink
        if self._simple:
            link = Link(common, len(self._roll))
            link.end_at(router, self.buffers.flits)
        else:
            link, crossing = VirtualLink(common, len(self._roll)), Crossing(self.edges, len(router.inputs))
            for channel in link.divide(self.buffers.channels, self.buffers.flits):
                channel.target = SharedLane(router, channel, crossing)
        self._add(link, name, kind, ends, latency)
        return link

    def _ejection(self, name: str, latency: int, site: int, *, gated: bool = False) -> AnyLink:
        """A new link from the router at `site` to who receives there."""
        make = GatedLink if gated else Link if self._simple else VirtualLink
        link = make(self._common(latency), len(self._roll))
        self._add(link, name, "ejection", (site, None), latency)
        return link

    def _common(self, latency: int, *, enter: bool = False) -> Common:
        kind = latency, enter
        if kind not in self._commons:
            noc = self.machine.noc
            self._commons[kind] = Common(
                self.edges, self.probe, latency, noc.flit_cycles, noc.credit_cycles, enter=enter
            )
        return self._commons[kind]

    def _add(self, link: AnyLink, name: str, kind: str, ends: Ends, latency: int) -> None:
        source, target = (None if site is None else self._chip.first_site + site for site in ends)
        self.links.append(link)
        called, room = self._chip.called(name), self.buffers.channels * self.buffers.flits
        self._roll.append(LinkFact(link.index, called, kind, source, target, latency, self._chip.index, room))


class Port:
    """Where units meet the mesh: an injection and an ejection link."""

    def __init__(self, mesh: Mesh, site: int, injection: AnyLink, ejection: AnyLink) -> None:
        self.mesh = mesh
        self.site = site
        self.injection = injection
        self.ejection = ejection
        self._slots = count()

    @cached_property
    def course(self) -> Course:
        """From anywhere to this port."""
        mesh = self.mesh
        ways = list(map(mesh.directions.__getitem__, mesh.routes.towards(self.site)))
        ways[self.site] = mesh.routers[self.site][self.ejection,]
        return mesh.pages.course(ways)

    def sender(self, feeder: Feeder | None = None, unit: str = "") -> Sender:
        """A new sender here, for `unit`; `feeder` is told of each flit that has entered the mesh."""
        return Sender(self.mesh, self.mesh.outbox(self, next(self._slots), feeder or Unbounded()), unit)

    def drain_into(self, target: Target, room: int) -> Feeder:
        """Have flits that leave here fill `target`, which has room for that many; whom it tells when one has left."""
        self.mesh.fills(self.ejection, room)
        return self.ejection.drain_into(target, room)


class Sender:
    """A unit's hand on the mesh: packets by the instant they are sent, flits by the cycle they can be seen."""

    def __init__(self, mesh: Mesh, queue: Queue, unit: str) -> None:
        self._mesh = mesh
        self._unit = unit
        self._queue = queue
        self.push = queue.push

    def post(self, packet: Packet, dispatch: Dispatch, when: int) -> None:
        """Hand over `packet` at the instant `when` (ps), now or later but never before an earlier one."""
        packet.sent_at = when
        if self._unit:
            self._mesh.probe.handed_over(self._unit, packet, when)
        cycle = self._mesh.edges.clock.first_edge_after(when)
        for number, leg in enumerate(dispatch.legs):
            self.push(Flit(packet, leg, number), cycle)
        self._mesh.probe.sent(packet, dispatch.receivers)


class Unbounded:
    """The feeder of a queue nobody is held up by."""

    def freed(self, flit: Flit, ahead: Sequence[int]) -> None:
        pass


class Outbox(Lane):
    """A sender's queue in front of an injection link."""

    __slots__ = ("_entrance", "_next")

    def __init__(self, port: Port, slot: int, feeder: Feeder) -> None:
        super().__init__(feeder)
        self.stand(slot)
        assert isinstance(port.injection, Output)
        self._entrance = port.injection
        self._next = 0

    def taken(self, ahead: Sequence[int]) -> Flit:
        self._next = ahead[1]
        return super().taken(ahead)

    def _present(self, flit: Flit, cycle: int) -> None:
        """Ask for the one way in, as soon as it has a cycle to spare after the flit before."""
        self.head = flit
        self.since = cycle if cycle > self._next else self._next
        self.branches = 1
        self._entrance.request(self, self.since)


class Exit:
    """The end of an ejection link: gives a flit to those its leg names."""

    def __init__(self, mesh: Mesh, ejection: int) -> None:
        self._edges = mesh.edges
        self._agenda = mesh.edges.effects
        self._told = mesh.probe.delivered
        self._ejection = ejection

    def push(self, flit: Flit, cycle: int) -> None:
        self._agenda[cycle].append(partial(self._deliver, flit))

    def _deliver(self, flit: Flit, cycle: int) -> None:
        flit.settle(self._edges.clock)
        packet, taken = flit.packet, 0
        packet.carrier = flit
        for receiver in flit.leg.receivers[self._ejection]:
            taken += receiver.receive(packet)
        packet.carrier = None
        self._told(flit, taken, self._edges.now)
