"""Small machines and meshes for the tests of the network: the one place that knows how they are put together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sim.engine.kernel import Kernel
from sim.engine.packet import Copies, Dispatch, Flit, Packet
from sim.engine.probe import Probe, combined
from sim.hardware.event_router import EventRouter, Find
from sim.hardware.mesh import Buffers, Mesh, Port, Sender
from sim.hardware.ways import Ways
from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.machine import Machine
from sim.mapping.mapping import Destinations, Group
from sim.mapping.route import Routes
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES
from sim.units import Clock

GHZ = Clock.from_mhz(1000)
"""A clock whose edges are whole nanoseconds, so that logs can be read."""


def machine(topology: str = "mesh", point: str = "low", **override: Any) -> Machine:
    """A shipped machine, sections of its file given other values."""
    return load_machine(read_topology(read(TOPOLOGIES / f"{topology}.yaml"), override), point)


def mesh_of(width: int, height: int, *, pes_per_site: int = 1, **noc: Any) -> Machine:
    """A plain mesh at 1 GHz, fields of `Noc` given other values; without any, a lone packet takes 3 H + 5 cycles."""
    made = machine(grid={"width": width, "height": height}, sites={"pes_per_site": pes_per_site})
    return replace(made, noc=replace(made.noc, **({"clock": GHZ} | noc)))


def packet(number: int = 0, **fields: Any) -> Packet:
    """A packet of events, told from others by its key."""
    given: dict[str, Any] = {"kind": "events", "key": number, "bits": 72, "population": 0, "step": 0}
    return Packet(**given | fields)


class Log(Probe):
    """Every hop as (cycle, link, cycles waited), every lookup as (ps, key, copies), every span as it was told."""

    def __init__(self) -> None:
        self.bench: Bench
        self._hops: list[tuple[int, int, int]] = []
        self.lookups: list[tuple[int, int, int]] = []
        self.spans: list[tuple[str, str, int, int]] = []
        self.levels: list[tuple[str, str, int]] = []
        self.filled: list[int] = []
        self.sent_to = 0
        self.delivered_to = 0

    def hop(self, flit: Flit, link: int, cycle: int, waited: int, filled: int) -> None:
        self._hops.append((self.bench.kernel.now, link, waited))
        self.filled.append(filled)

    def lookup(self, packet: Packet, copies: int) -> None:
        self.lookups.append((self.bench.kernel.now, packet.key, copies))

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        self.spans.append((unit, activity, start, end))

    def level(self, unit: str, quantity: str, value: int) -> None:
        self.levels.append((unit, quantity, value))

    def sent(self, packet: Packet, receivers: int) -> None:
        self.sent_to += receivers

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        self.delivered_to += receivers

    @property
    def hops(self) -> list[tuple[int, str, int]]:
        links = self.bench.mesh.facts()
        return [(self.bench.cycle(now), links[link].name, waited) for now, link, waited in self._hops]

    def hops_by_kind(self) -> Counter[str]:
        """Flit-hops over links of each kind."""
        links = self.bench.mesh.facts()
        return Counter(links[link].kind for _, link, _ in self._hops)


@dataclass
class Sink:
    """A receiver that writes down (ps, its name, key) of what it gets, in a log shared with others."""

    kernel: Kernel
    name: Any
    arrivals: list[tuple[int, Any, int]] = field(default_factory=list)

    def receive(self, packet: Packet) -> bool:
        self.arrivals.append((self.kernel.now, self.name, packet.key))
        return True


class Bench:
    """A mesh with one port, one sender and one sink at each site that is used."""

    def __init__(
        self,
        machine: Machine,
        *,
        routing: str = "xy",
        buffer_flits: int = 8,
        channels: int = 1,
        shuffle: int | None = None,
        listeners: Iterable[Probe] = (),
        silent: bool = False,
        routes: Routes | None = None,
    ) -> None:
        self.machine = machine
        self.clock = machine.noc.clock
        self.kernel = Kernel(shuffle)
        self.log = Log()
        self.log.bench = self
        self.probe = Probe() if silent else combined([self.log, *listeners])
        self.routes = routes or Routes(machine, routing)
        self.mesh = Mesh(self.kernel, self.probe, machine, self.routes, Buffers(channels, buffer_flits))
        self.arrivals: list[tuple[int, Any, int]] = []
        self.ports: dict[int, Port] = {}
        self._senders: dict[int, Sender] = {}
        self._sinks: dict[int, Sink] = {}

    def port(self, site: int) -> Port:
        if site not in self.ports:
            self.ports[site] = self.mesh.port(site, self.machine.sites[site].name)
        return self.ports[site]

    def sender(self, site: int) -> Sender:
        if site not in self._senders:
            self._senders[site] = self.port(site).sender()
        return self._senders[site]

    def sink(self, site: int) -> Sink:
        if site not in self._sinks:
            self._sinks[site] = Sink(self.kernel, site, self.arrivals)
        return self._sinks[site]

    def direct(self, goal: int) -> Dispatch:
        return Dispatch((self.mesh.to(self.port(goal), (self.sink(goal),)),), 1)

    def unicast(self, goals: Iterable[int]) -> Dispatch:
        legs = tuple(leg for goal in goals for leg in self.direct(goal).legs)
        return Dispatch(legs, len(legs))

    def tree(self, start: int, goals: Iterable[int]) -> Dispatch:
        where: Mapping[Port, tuple[Sink, ...]] = {self.port(goal): (self.sink(goal),) for goal in goals}
        return Dispatch((self.mesh.tree(start, where),), len(where))

    def send(self, start: int, dispatch: Dispatch, number: int = 0, when: int = 0) -> None:
        self.sender(start).post(packet(number), dispatch, when)

    def run(self) -> "Bench":
        self.kernel.run()
        return self

    def cycles(self) -> list[tuple[int, Any, int]]:
        """Arrivals with the cycle of the mesh in place of the instant."""
        return [(self.cycle(now), name, key) for now, name, key in self.arrivals]

    def cycle(self, now: int) -> int:
        """The number of the edge of the mesh's clock at `now`."""
        return self.clock.first_edge_after(now - 1)


def hops_between(machine: Machine, start: int, goal: int) -> int:
    """Links on a way that is straight in x and in y."""
    here, there = machine.sites[start], machine.sites[goal]
    return abs(here.x - there.x) + abs(here.y - there.y)


def edge(mhz: int, cycle: int) -> int:
    """The instant of a clock edge in ps, written down a second time."""
    return cycle * 1_000_000 // mhz


def first_edge_from(mhz: int, instant: int) -> int:
    """The number of the first edge at or after `instant` (ps), in closed form: cycle x period >= instant."""
    return -(-instant * mhz // 1_000_000)


class RoutedBench(Bench):
    """A bench with the machine's event router: packets of group g, by key, go to a sink at each PE of the group.

    `described` gives fields of the router other values. Sinks are named by the numbers of their PEs.
    """

    def __init__(self, machine: Machine, groups: Sequence[Iterable[int]], described: Any = None, **wishes: Any) -> None:
        super().__init__(machine, **wishes)
        router = machine.event_router
        assert router is not None
        ports = {pe.index: self.port(pe.site) for pe in machine.pes}
        sinks = {pe.index: Sink(self.kernel, pe.index, self.arrivals) for pe in machine.pes}
        doors = [self.mesh.port(site, f"door {number}") for number, site in enumerate(router.port_sites)]
        ways = Ways(self.mesh, ports, sinks, None, "event_router", doors)
        where = [Destinations(tuple(sorted(pes))) for pes in groups]
        self._ways = ways
        self._groups = [Group("events", 1, pes, number, 0, 0) for number, pes in enumerate(where)]
        table = {number: ways.copies(pes) for number, pes in enumerate(where)}
        room = wishes.get("buffer_flits", 8)
        EventRouter(self.kernel, self.probe, replace(router, **(described or {})), doors, by_key(table), room)

    def route(self, start: int, group: int, when: int = 0) -> None:
        """Send a packet of `group` from a PE at site `start`."""
        self.send(start, self._ways.dispatch(self._groups[group], start), group, when)


def by_key(table: Mapping[int, Copies]) -> Find:
    """A router's table that knows keys only."""
    return lambda flit, came: table[flit.packet.key]
