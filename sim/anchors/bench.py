"""A mesh by itself, put together by hand: what sends and receives stands at bare ports, and no software costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sim.engine.kernel import Kernel
from sim.engine.packet import Dispatch, Packet
from sim.engine.probe import Probe
from sim.hardware.mesh import Buffers, Mesh, Port, Sender
from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.machine import Machine
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


@dataclass
class Sink:
    """A receiver that writes down (ps, its name, key) of what it gets, in a log shared with others."""

    kernel: Kernel
    name: Any
    arrivals: list[tuple[int, Any, int]] = field(default_factory=list)

    def receive(self, packet: Packet) -> bool:
        """Take a packet."""
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
        probe: Probe | None = None,
        routes: Routes | None = None,
    ) -> None:
        self.machine = machine
        self.clock = machine.noc.clock
        self.kernel = Kernel(shuffle)
        self.probe = probe or Probe()
        self.routes = routes or Routes(machine, routing)
        self.mesh = Mesh(self.kernel, self.probe, machine, self.routes, Buffers(channels, buffer_flits))
        self.arrivals: list[tuple[int, Any, int]] = []
        self.ports: dict[int, Port] = {}
        self._senders: dict[int, Sender] = {}
        self._sinks: dict[int, Sink] = {}

    def port(self, site: int) -> Port:
        """The one port of a site."""
        if site not in self.ports:
            self.ports[site] = self.mesh.port(site, self.machine.sites[site].name)
        return self.ports[site]

    def sender(self, site: int) -> Sender:
        """What sends at the port of a site."""
        if site not in self._senders:
            self._senders[site] = self.port(site).sender()
        return self._senders[site]

    def sink(self, site: int) -> Sink:
        """What receives at a site; all sinks write into `arrivals`."""
        if site not in self._sinks:
            self._sinks[site] = Sink(self.kernel, site, self.arrivals)
        return self._sinks[site]

    def direct(self, goal: int) -> Dispatch:
        """To one site."""
        return Dispatch((self.mesh.to(self.port(goal), (self.sink(goal),)),), 1)

    def unicast(self, goals: Iterable[int]) -> Dispatch:
        """To each of `goals` a copy of its own."""
        legs = tuple(leg for goal in goals for leg in self.direct(goal).legs)
        return Dispatch(legs, len(legs))

    def tree(self, start: int, goals: Iterable[int]) -> Dispatch:
        """To all `goals`, branching on the way."""
        where: Mapping[Port, tuple[Sink, ...]] = {self.port(goal): (self.sink(goal),) for goal in goals}
        return Dispatch((self.mesh.tree(start, where),), len(where))

    def send(self, start: int, dispatch: Dispatch, number: int = 0, when: int = 0) -> None:
        """Post packet `number` at site `start`, at `when` (ps)."""
        self.sender(start).post(packet(number), dispatch, when)

    def run(self) -> Bench:
        """Until nothing moves."""
        self.kernel.run()
        return self

    def cycles(self) -> list[tuple[int, Any, int]]:
        """Arrivals with the cycle of the mesh in place of the instant."""
        return [(self.cycle(now), name, key) for now, name, key in self.arrivals]

    def cycle(self, now: int) -> int:
        """The number of the edge of the mesh's clock at `now`."""
        return self.clock.first_edge_after(now - 1)
