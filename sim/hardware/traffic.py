"""Packets made by rule, to study the network alone: sources that know when and where to send.

Each node creates packets at random, with a fixed probability in each cycle; they wait in its source queue until they
can enter the mesh. Creation times and destinations depend on the node's own random stream and on nothing that happens,
so the source queue needs no storage: the next packet is handed over when the one before it has entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sim.engine.kernel import EFFECT, Behaviour, Kernel
from sim.engine.packet import Dispatch, Flit, Packet
from sim.engine.probe import Probe
from sim.hardware.mesh import Buffers, Mesh, Port, Sender
from sim.machine.machine import Machine
from sim.mapping.route import Routes
from sim.scenario.complaints import Refused
from sim.scenario.models import Traffic
from sim.scenario.streams import stream
from sim.workload.patterns import KEY, NEEDS_GRID, Goals, goals

DRAWN_TOGETHER = 256


class Window:
    """The measured part of a run, in cycles of the mesh, and how many packets created in it are still under way."""

    def __init__(self, kernel: Kernel, mesh: Mesh, warmup: int, measure: int) -> None:
        self.kernel = kernel
        self.start = warmup
        self.stop = warmup + measure
        self.last = warmup + 2 * measure
        self.open = 0
        self.over = False
        self._edge = mesh.edges.clock.edge
        self._emptied = kernel.event()

    def holds(self, cycle: int) -> bool:
        return self.start <= cycle < self.stop

    def behaviour(self) -> Behaviour:
        """Measure; then keep the load on until every measured packet is there, or as long again."""
        yield self.kernel.timeout(self._edge(self.stop))
        if self.open:
            deadline = self.kernel.timeout(self._edge(self.last) - self.kernel.now)
            yield self._emptied | deadline
        self.over = True

    def arrived(self) -> None:
        """A measured packet is there; the end is noticed at the next instant, after all of this one."""
        self.open -= 1
        if not self.open and self.kernel.now >= self._edge(self.stop):
            self.kernel.at(1, EFFECT, self._notice)

    def _notice(self, _: object) -> None:
        if not self.open and not self._emptied.triggered:
            self._emptied.succeed()


class Source:
    """One node: creates packets and, as the feeder of its own outbox, hands over one after another."""

    def __init__(
        self, mesh: Mesh, window: Window, port: Port, to: Callable[[int], Dispatch], draws: Iterator[tuple[int, int]]
    ) -> None:
        self.mesh = mesh
        self.window = window
        self._to = to
        self._draws = draws
        self._outbox: Sender = port.sender(self)

    def start(self) -> None:
        self._hand_over()

    def freed(self, flit: Flit, now: int) -> None:
        """The packet before has entered the mesh."""
        self._hand_over()

    def _hand_over(self) -> None:
        drawn = None if self.window.over else next(self._draws, None)
        if drawn is None:
            return
        created, goal = drawn
        clock = self.mesh.edges.clock
        tagged = self.window.holds(created)
        self.window.open += tagged
        packet = Packet("traffic", goal, self.mesh.machine.noc.flit_bits, goal, created, sent_at=clock.edge(created))
        dispatch = self._to(goal)
        for leg in dispatch.legs:
            self._outbox.push(Flit(packet, leg), created + 1)
        self.mesh.probe.sent(packet, dispatch.receivers)


class Sink:
    """One node's receiving end."""

    def __init__(self, window: Window) -> None:
        self._window = window

    def receive(self, packet: Packet) -> bool:
        if self._window.holds(packet.step):
            self._window.arrived()
        return True


def bernoulli(rng: np.random.Generator, rate: float, goals: Goals) -> Iterator[tuple[int, int]]:
    """(cycle of creation, destination) for ever: a packet in each cycle with probability `rate`."""
    cycle = -1
    while True:
        gaps = rng.geometric(rate, DRAWN_TOGETHER)
        for gap, goal in zip(gaps.tolist(), goals(DRAWN_TOGETHER).tolist(), strict=True):
            cycle += gap
            yield cycle, goal


class Study:
    """A mesh with a source and a sink at each processing element, started and waiting for time to begin."""

    def __init__(
        self,
        kernel: Kernel,
        probe: Probe,
        machine: Machine,
        routes: Routes,
        buffers: Buffers,
        asked: Traffic,
        seed: int,
    ) -> None:
        self.mesh = Mesh(kernel, probe, machine, routes, buffers)
        self.window = Window(kernel, self.mesh, asked.warmup_cycles, asked.measure_cycles)
        ports = {site: self.mesh.port(site, f"{machine.sites[site].name} PEs") for site in _pe_sites(machine)}
        sinks = [Sink(self.window) for _ in machine.pes]
        ways = [
            Dispatch((self.mesh.to(ports[pe.site], (sink,)),), 1) for pe, sink in zip(machine.pes, sinks, strict=True)
        ]
        width, height = _nodes(machine, asked.pattern)
        sources = []
        for pe in machine.pes:
            name = f"traffic of {pe.name}"
            where = goals(asked.pattern, pe.index, width, height, stream(seed, name, "goals"))
            draws = bernoulli(stream(seed, name, "times"), asked.rate, where) if asked.rate else iter(())
            sources.append(Source(self.mesh, self.window, ports[pe.site], ways.__getitem__, draws))
        kernel.work("traffic study", self.window.behaviour())
        for source in sources:
            source.start()


def _pe_sites(machine: Machine) -> list[int]:
    return sorted({pe.site for pe in machine.pes})


def _nodes(machine: Machine, pattern: str) -> tuple[int, int]:
    """Columns and rows of nodes; a machine with several PEs to a router, or with holes, is one row of them all."""
    if len(machine.pes) == len(machine.sites):
        columns = len({site.x for site in machine.sites})
        return columns, len(machine.sites) // columns
    if pattern in NEEDS_GRID:
        raise Refused.at(KEY, f"{pattern} needs one PE at every site, {machine.name} has another layout")
    return len(machine.pes), 1
