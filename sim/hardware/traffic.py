"""Packets made by rule, to study the network alone: sources with a timetable, and sinks.

A packet waits in its source's queue until it can enter the mesh. Creation times and destinations depend on nothing that
happens, so the queue needs no storage: the next packet is handed over when the one before it has entered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from sim.engine.kernel import EFFECT, Behaviour, Kernel
from sim.engine.packet import Dispatch, Flit, Packet
from sim.engine.probe import Probe
from sim.hardware.chip import Chip
from sim.hardware.mesh import Mesh
from sim.machine.machine import Machine, PeSite
from sim.mapping.multicast import Multicast
from sim.workload.arrivals import Creation

STUDY = "traffic study"
LEAST_DRAIN = 1000
"""Cycles that the packets of even the shortest measurement have to arrive, beyond the longest straight way of a chip:
what is not there then waits in a queue. The farthest chips of a board are some 400 cycles from one another."""


class Window:
    """Keeps the load on while packets are measured, and until those are there, but not for ever.

    Packets made in `cycles` are measured; `open` counts those of them under way, and `left` is how many of them there
    still were when the load went off, at the latest at cycle `latest`.
    """

    def __init__(self, kernel: Kernel, mesh: Mesh, cycles: range) -> None:
        self.kernel = kernel
        self.cycles = cycles
        self.latest = cycles.stop + max(len(cycles), LEAST_DRAIN + _straight(mesh.machine))
        self.open = 0
        self.left = 0
        self.over = False
        self.edges = mesh.edges
        self._edge = mesh.edges.clock.edge
        self._emptied = kernel.event()

    def behaviour(self) -> Behaviour:
        """Measure; then keep the load on until every measured packet is there, or until cycle `latest`."""
        whole_window = self.kernel.timeout(self._edge(self.cycles.stop))
        yield from self.kernel.wait(STUDY, whole_window, lambda: "the end of the measured cycles")
        if self.open:
            deadline = self.kernel.timeout(self._edge(self.latest) - self.kernel.now)
            yield from self.kernel.wait(STUDY, self._emptied | deadline, lambda: "the measured packets")
        self.left = self.open
        self.over = True

    def arrived(self) -> None:
        """A measured packet is there; the end is noticed at the next instant, after all of this one."""
        self.open -= 1
        if not self.open and self.kernel.now >= self._edge(self.cycles.stop):
            self.kernel.at(1, EFFECT, self._notice)

    def _notice(self, _: object) -> None:
        if not self.open and not self._emptied.triggered:
            self._emptied.succeed()


def _straight(machine: Machine) -> int:
    """Cycles over as many links as a way on the chip can need that makes no detour."""
    grid = machine.grid
    return machine.noc.hop_cycles * (grid.width + grid.height if grid else len(machine.sites))


class Ways(Protocol):
    """How a node reaches others."""

    copied: Multicast

    def __getitem__(self, goals: tuple[int, ...], /) -> Dispatch: ...


class Source:
    """One node's sending end: as the feeder of its own queue it hands over one packet after another, of so many `bits`,
    the node's number as their population; `pe` is the node on its chip."""

    __slots__ = (
        *("_bits", "_copies_left", "_draws", "_name", "_push"),
        *("chip", "mesh", "node", "port", "ways", "window"),
    )

    def __init__(
        self, chip: Chip, window: Window, pe: PeSite, ways: Ways, draws: Iterator[Creation], bits: int
    ) -> None:
        self.chip = chip
        self.mesh = chip.mesh
        self.port = chip.ports[pe.index]
        self.ways = ways
        self.window = window
        self.node = chip.what.first_pe + pe.index
        self._name = chip.what.called(pe.name)
        self._draws = draws
        self._bits = bits
        self._push = self.port.sender(self).push
        self._copies_left = 0

    def start(self) -> None:
        """Hand over the first packet."""
        self._hand_over()

    def freed(self, flit: Flit, ahead: Sequence[int]) -> None:
        """A flit has entered the mesh; with the last copy of a packet the next one is handed over."""
        flit.packet.entered_at = self.mesh.edges.clock.edge(ahead[0])
        self._copies_left -= 1
        if not self._copies_left:
            self._hand_over()

    def packet(self, created: int, goals: tuple[int, ...]) -> Packet:
        """The packet for `goals` that is made in that cycle."""
        key = self.ways.copied.key(self.node, goals)
        return Packet("traffic", key, self._bits, self.node, created)

    def _hand_over(self) -> None:
        drawn = None if self.window.over else next(self._draws, None)
        if drawn is None or drawn[0] >= self.window.latest:
            return
        created, goals = drawn
        dispatch = self.ways[goals]
        self._copies_left = len(dispatch.legs)
        if created in self.window.cycles:
            self.window.open += dispatch.receivers
        when = self.mesh.edges.clock.edge(created)
        packet = self.packet(created, goals)
        packet.sent_at = when
        self.mesh.probe.handed_over(self._name, packet, when)
        self.mesh.probe.sent(packet, dispatch.receivers)
        for number, leg in enumerate(dispatch.legs):
            self._push(Flit(packet, leg, number), created + 1)


class Sink:
    """One node's receiving end."""

    def __init__(self, window: Window, probe: Probe, node: int) -> None:
        self._window = window
        self._told = probe.arrived
        self._node = node

    def receive(self, packet: Packet) -> bool:
        window = self._window
        self._told(self._node, packet, window.edges.now)
        if packet.step in window.cycles:
            window.arrived()
        return True
