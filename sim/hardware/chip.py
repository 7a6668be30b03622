"""One chip put together: its mesh, the ports of its processing elements, and its event router.

This is where descriptions become units. Nothing here decides anything; it only connects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sim.engine.edges import Edges
from sim.engine.kernel import Kernel
from sim.engine.packet import Receiver
from sim.engine.probe import Probe
from sim.hardware.dma import DmaDoor
from sim.hardware.event_router import EventRouter
from sim.hardware.fifo import ENTRY_BYTES, ReceiveFifo, StallingFifo, TiedFifo, receive_fifo
from sim.hardware.gate import GatedLink
from sim.hardware.ideal import IdealMesh, IdealRouter
from sim.hardware.local_ports import pe_ports
from sim.hardware.mesh import Buffers, LinkFact, Mesh, Port
from sim.hardware.table import Table
from sim.hardware.ways import Ways
from sim.machine.machine import Chip as Description
from sim.machine.machine import Machine
from sim.mapping.between import MachineRoutes
from sim.mapping.mapping import Entry
from sim.scenario.models import Network

ROUTER_NAME: Final = "event router"


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """What all chips of a machine are built from; `roll` numbers the links of all of them, `edges` are the clocks that
    chips share."""

    kernel: Kernel
    probe: Probe
    machine: Machine
    routes: MachineRoutes
    network: Network
    roll: list[LinkFact]
    edges: list[Edges]

    @property
    def ideal(self) -> bool:
        return self.network.engine == "ideal"

    def clock_of(self, die: Machine) -> Edges:
        """The edges of a chip's mesh, which it shares with all chips on the same clock."""
        for edges in self.edges:
            if edges.clock == die.noc.clock:
                return edges
        self.edges.append(Edges(self.kernel, die.noc.clock))
        return self.edges[-1]


class Chip:
    """The units of one chip that packets meet; `used` are the PEs that do anything, by their numbers on the chip, and
    `dense` those of them that have values put into their memory by DMA."""

    def __init__(self, setup: Setup, what: Description, used: Iterable[int], dense: Iterable[int] = ()) -> None:
        self.what = what
        self.die = what.die
        self._setup = setup
        network = setup.network
        buffers = Buffers(network.virtual_channels, network.buffer_flits)
        make = IdealMesh if setup.ideal else Mesh
        routes, clock = setup.routes.on[what.index], setup.clock_of(what.die)
        self.mesh = make(setup.kernel, setup.probe, what.die, routes, buffers, what, setup.roll, clock)
        gated = network.receive_fifo.policy == "stall" and not setup.ideal
        self.ports = pe_ports(self.mesh, gated=gated)
        self.fifos = {pe: self._fifo(pe) for pe in used}
        self.dma = {pe: DmaDoor(self.fifos[pe]) for pe in dense}
        self.ways: Ways
        self.router: EventRouter | IdealRouter | None = None

    def connect(
        self,
        host: tuple[Port, Receiver] | None,
        others: Sequence[Ways],
        sinks: Mapping[int, Receiver] | None = None,
    ) -> Ways:
        """Lay down who is reached how, with the host where its link is on this chip; at PEs the `sinks`, by their
        numbers on the chip, or their receive FIFOs."""
        router, setup = self.die.event_router, self._setup
        routed = router is not None and (setup.network.multicast == "event_router" or setup.machine.parts != ())
        sites = router.port_sites if router and routed else ()
        doors = [self.mesh.port(site, f"event router {number}") for number, site in enumerate(sites)]
        receivers: Mapping[int, Receiver] = {**self.fifos, **self.dma} if sinks is None else sinks
        what, multicast = self.what, setup.network.multicast
        self.ways = Ways(self.mesh, self.ports, receivers, host, multicast, doors, what.index, what.first_pe, others)
        return self.ways

    def start_router(self, lines: Iterable[Entry]) -> None:
        """Fill in this chip's lines of all tables and start the event router, if this chip needs one."""
        router, doors, setup, chip = self.die.event_router, self.ways.doors, self._setup, self.what.index
        if router is None or not doors:
            return
        leaving = (link.index for link in setup.machine.chip_links if link.source == chip)
        ways_out = {link: number for number, link in enumerate(leaving, len(doors))}
        entries = [entry for entry in lines if entry.chip == chip]
        table = Table(entries, self.ways, setup.routes.between, ways_out)
        name, room = self.what.called(ROUTER_NAME), setup.network.buffer_flits
        if setup.ideal:
            self.router = IdealRouter(setup.probe, name, router, doors, table.find)
            return
        self.router = EventRouter(setup.kernel, setup.probe, name, router, doors, table.find, room)

    def _fifo(self, pe: int) -> ReceiveFifo:
        """The receive FIFO of a PE, as the scenario wants it to behave when full."""
        setup = self._setup
        asked, unit = setup.network.receive_fifo, self.what.called(self.die.pes[pe].name)
        size = asked.packets or self.die.sram.fifo_bytes // ENTRY_BYTES
        gate = self.ports[pe].ejection
        policy = "grow" if asked.policy == "stall" and not isinstance(gate, GatedLink) else asked.policy
        if setup.ideal and policy == "grow":
            return TiedFifo(setup.kernel, setup.probe, unit)
        fifo = receive_fifo(policy, setup.kernel, setup.probe, unit, size, self.mesh.edges.clock)
        if isinstance(fifo, StallingFifo) and isinstance(gate, GatedLink):
            gate.guard(fifo)
        return fifo
