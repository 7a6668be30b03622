"""Small machines and meshes for the tests of the network: the one place that knows how they are put together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sim.anchors import bench
from sim.anchors.bench import GHZ, Sink, machine, mesh_of, packet
from sim.engine.kernel import Kernel
from sim.engine.packet import Copies, Flit, Packet
from sim.engine.probe import Probe, combined
from sim.hardware.chip import Setup
from sim.hardware.event_router import EventRouter, Find
from sim.hardware.ways import Ways
from sim.machine.machine import Machine
from sim.mapping.between import route_machine
from sim.mapping.mapping import Destinations, Group
from sim.scenario.models import Network

__all__ = ["GHZ", "Sink", "machine", "mesh_of", "packet"]


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

    def lookup(self, unit: str, packet: Packet, copies: int, start: int, found: int) -> None:
        self.lookups.append((self.bench.kernel.now, packet.key, copies))

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        self.spans.append((unit, activity, start, end))

    def level(self, unit: str, quantity: str, value: int) -> None:
        self.levels.append((unit, quantity, value))

    def amount(self, unit: str, quantity: str, value: int) -> None:
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


class Bench(bench.Bench):
    """The bench of `sim.anchors`, with a log of what happened."""

    def __init__(self, machine: Machine, *, listeners: Iterable[Probe] = (), silent: bool = False, **more: Any) -> None:
        self.log = Log()
        self.log.bench = self
        super().__init__(machine, probe=Probe() if silent else combined([self.log, *listeners]), **more)


def setup_of(kernel: Kernel, probe: Probe, machine: Machine, **network: Any) -> Setup:
    """What chips of a machine are built from on which packets go by XY, and to many as single ones."""
    routes = route_machine(machine, "xy", routed=machine.parts != ())
    return Setup(kernel, probe, machine, routes, Network(**{"multicast": "unicast", **network}), [], [])


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
        EventRouter(
            self.kernel, self.probe, "event router", replace(router, **(described or {})), doors, by_key(table), room
        )

    def route(self, start: int, group: int, when: int = 0) -> None:
        """Send a packet of `group` from a PE at site `start`."""
        self.send(start, self._ways.dispatch(self._groups[group], start), group, when)


def by_key(table: Mapping[int, Copies]) -> Find:
    """A router's table that knows keys only."""
    return lambda flit, came: table[flit.packet.key]
