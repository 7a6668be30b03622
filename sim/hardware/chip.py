"""One chip put together: mesh, event router, memories, host line and processing elements, ready to run a mapping.

This is where descriptions become units. Nothing here decides anything; it only connects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sim.engine.kernel import Kernel
from sim.engine.packet import Dispatch, Packet, Receiver
from sim.engine.probe import Probe
from sim.hardware.dram import DramPort, Read
from sim.hardware.event_router import Copies, EventRouter
from sim.hardware.fifo import ENTRY_BYTES, ReceiveFifo, StallingFifo, TiedFifo, receive_fifo
from sim.hardware.gate import GatedLink
from sim.hardware.host import FEEDING, TAKING, Application, Gateway, Host, Memory
from sim.hardware.ideal import IdealMesh, IdealRouter
from sim.hardware.kernels import KERNELS, Forms
from sim.hardware.mesh import Buffers, Mesh
from sim.hardware.messages import Courier, Post
from sim.hardware.packing import Packing
from sim.hardware.pe import Core, Dvfs, Pace, ProcessingElement
from sim.hardware.scheduler import Scheduler
from sim.hardware.serial import SerialLine
from sim.hardware.sync import Inbox, Markers, Releases
from sim.hardware.task import Tap, Task
from sim.hardware.ways import Ways
from sim.machine.machine import Host as HostLink
from sim.machine.machine import Machine
from sim.mapping.mapping import GroupKind, Mapping, Slice
from sim.mapping.route import Routes
from sim.mapping.schedule import INPUT
from sim.scenario.formats import VALUE_BITS
from sim.scenario.models import Scenario
from sim.units import ns_to_ps
from sim.workload.network import EgruLayer, slice_layer

READ_BITS = 64
"""Payload of a memory request: address and length."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What the chip is to do: whole layers, what they are used for, how many steps, and who listens to outputs."""

    layers: tuple[EgruLayer, ...]
    application: Application
    steps: int
    tap: Tap


class Chip:
    """All units of one chip, started and waiting for time to begin."""

    def __init__(
        self,
        kernel: Kernel,
        probe: Probe,
        machine: Machine,
        routes: Routes,
        mapping: Mapping,
        scenario: Scenario,
        job: Job,
    ) -> None:
        self.kernel = kernel
        self.probe = probe
        self.machine = machine
        self.mapping = mapping
        self.scenario = scenario
        self.job = job
        network = scenario.network
        buffers = Buffers(network.virtual_channels, network.buffer_flits)
        self._ideal = network.engine == "ideal"
        self.mesh = (IdealMesh if self._ideal else Mesh)(kernel, probe, machine, routes, buffers)
        self._members = {p: max(1, len(mapping.members(p))) for p in mapping.schedule.populations}
        gated = network.receive_fifo.policy == "stall" and not self._ideal
        self._ports = {
            site: self.mesh.port(site, f"{machine.sites[site].name} PEs", gated=gated) for site in _pe_sites(machine)
        }
        self._fifos = {pe: self._fifo(pe) for pe in self._used()}
        pace = scenario.compute.idle
        idle = "sleep" if pace == "wfi" else "wait"
        self._pace = Pace(machine.operating_point.clock, machine.costs, idle, self._dvfs())
        self._build_host(_required(machine.host))
        self._start_router()
        self._start_pes()
        self._start_host(_required(machine.host))

    def _dvfs(self) -> Dvfs | None:
        """The choice of operating points that a PE has, if any."""
        asked, machine = self.scenario.compute.dvfs, self.machine
        if asked.policy == "fixed" or machine.switch_ns is None:
            return None
        raised = machine.operating_points[asked.raised_to]
        return Dvfs(machine.operating_point, raised, asked.threshold_packets, max(1, ns_to_ps(machine.switch_ns)))

    def _used(self) -> list[int]:
        held = {piece.pe for piece in self.mapping.slices}
        scheduler = self.mapping.scheduler_pe
        return sorted(held if scheduler is None else held | {scheduler})

    def _fifo(self, pe: int) -> ReceiveFifo:
        """The receive FIFO of a PE, as the scenario wants it to behave when full."""
        asked, what = self.scenario.network.receive_fifo, self.machine.pes[pe]
        size = asked.packets or self.machine.sram.fifo_bytes // ENTRY_BYTES
        gate = self._ports[what.site].ejection
        policy = "grow" if asked.policy == "stall" and not isinstance(gate, GatedLink) else asked.policy
        if self._ideal and policy == "grow":
            return TiedFifo(self.kernel, self.probe, what.name)
        fifo = receive_fifo(policy, self.kernel, self.probe, what.name, size, self.mesh.edges.clock)
        if isinstance(fifo, StallingFifo) and isinstance(gate, GatedLink):
            gate.guard(fifo)
        return fifo

    def _build_host(self, link: HostLink) -> None:
        self._host_port = self.mesh.port(link.site, "host")
        self._host = Host(
            self.kernel,
            self.probe,
            self.job.application,
            self._inbox(),
            takes_output=self.mapping.schedule.output is not None,
        )
        up = SerialLine(self.kernel, self.probe, "host link up", link)
        self._down = SerialLine(self.kernel, self.probe, "host link down", link)
        self.kernel.serve(up.behaviour())
        self.kernel.serve(self._down.behaviour())
        self._gateway = Gateway(up, self._host.arrive)
        self._host_outbox = self._host_port.sender()

    def _start_router(self) -> None:
        receivers: dict[int, Receiver] = dict(self._fifos)
        network, router = self.scenario.network, self.machine.event_router
        host = self._host_port, self._gateway
        if router is None or network.multicast != "event_router":
            self._ways = Ways(self.mesh, self._ports, receivers, host, network.multicast)
            return
        doors = [self.mesh.port(site, f"event router {n}") for n, site in enumerate(router.port_sites)]
        self._ways = Ways(self.mesh, self._ports, receivers, host, network.multicast, doors)
        table = Table(self.mapping, self._ways)
        if self._ideal:
            IdealRouter(self.probe, router, doors, table)
            return
        EventRouter(self.kernel, self.probe, router, doors, table, network.buffer_flits)

    def _start_pes(self) -> None:
        held: dict[int, list[Slice]] = {}
        for piece in self.mapping.slices:
            held.setdefault(piece.pe, []).append(piece)
        for pe, pieces in sorted(held.items()):
            core, courier = self._core(pe), self._pe_courier(pe)
            tasks = [self._task(piece, courier) for piece in pieces]
            unit = ProcessingElement(core, tasks, self._inbox(), courier)
            self.kernel.work(core.name, unit.behaviour(self.job.steps))
        if self.mapping.scheduler_pe is not None:
            core, courier = self._core(self.mapping.scheduler_pe), self._pe_courier(self.mapping.scheduler_pe)
            scheduler = Scheduler(core, courier, self.mapping.schedule, self._members)
            self.kernel.work(core.name, scheduler.behaviour(self.job.steps))

    def _start_host(self, link: HostLink) -> None:
        courier = self._courier(link.site, self._post_down)
        together = self.scenario.compute.values_per_packet
        self.kernel.work(FEEDING, self._host.feed(self.job.steps, courier, together, self._memory(link.site)))
        output = self.mapping.schedule.output
        if output is not None:
            units = self.job.layers[-1].units
            taking = self._host.take(self.job.steps, courier, output, units, link.macs_per_s)
            self.kernel.work(TAKING, taking)

    def _memory(self, host_site: int) -> Memory | None:
        """The first DRAM port, where the embedding lies if the scenario puts it there."""
        if getattr(self.scenario.workload, "embedding", "host") != "dram":
            return None
        what = self.machine.drams[0]
        port = self.mesh.port(what.site, what.name)
        dram = DramPort(self.kernel, self.probe, what, port.sender())
        readers = self._ways.dispatch(self.mapping.group("events", INPUT), what.site)
        return Memory(partial(self._request, dram, readers), self._ways.direct(port, dram))

    def _request(self, dram: DramPort, readers: Dispatch, step: int, row: int, packets: list[Packet]) -> Packet:
        """Ask for one row of the embedding, all of it, though packets of zeros are not sent."""
        request = Packet("read", 0, self.machine.packets.header_bits + READ_BITS, INPUT, step)
        width = VALUE_BITS[self.scenario.formats.inputs] // 8
        size = self.job.layers[0].inputs * width
        ends = [(packet.start + len(packet.values)) * width for packet in packets]
        dram.reads[request] = Read(row * size, size, packets, ends, readers)
        return request

    def _task(self, piece: Slice, courier: Courier) -> Task:
        layer = slice_layer(self.job.layers[piece.layer - 1], piece.start, piece.stop)
        formats = self.scenario.formats
        forms = Forms(formats.weights, formats.inputs if piece.layer == 1 else formats.events, formats.events)
        kernel = KERNELS[self.scenario.compute.kernel](layer, self.machine.costs, forms)
        last = piece.layer == len(self.job.layers)
        return Task(piece, layer, kernel, courier.events, self.job.tap if last else _unheard)

    def _core(self, pe: int) -> Core:
        return Core(self.kernel, self.probe, self._pace, self._fifos[pe])

    def _inbox(self) -> Inbox:
        schedule = self.mapping.schedule
        return Releases(schedule) if self.mapping.scheduler_pe is not None else Markers(schedule, self._members)

    def _pe_courier(self, pe: int) -> Courier:
        site = self.machine.pes[pe].site
        return self._courier(site, self._ports[site].sender(unit=self.machine.pes[pe].name).post)

    def _courier(self, site: int, post: Post) -> Courier:
        end: GroupKind = "done" if self.mapping.scheduler_pe is not None else "markers"
        dispatches = {(g.kind, g.population): self._ways.dispatch(g, site) for g in self.mapping.groups}
        return Courier(self.machine.packets, self.mapping, dispatches, post, end, Packing(self.scenario.formats))

    def _post_down(self, packet: Packet, dispatch: Dispatch, when: int) -> None:
        self.probe.handed_over(FEEDING if packet.population == INPUT else TAKING, packet, when)
        self._down.send(packet, lambda arrived: self._host_outbox.post(arrived, dispatch, self.kernel.now))


class Table(dict[int, Copies]):
    """The event router's table: key -> copies, each key looked up among the entries once."""

    def __init__(self, mapping: Mapping, ways: Ways) -> None:
        super().__init__()
        self._copies = {id(entry): ways.copies(entry.destinations) for entry in mapping.entries}
        self._entries = mapping.entries

    def __missing__(self, key: int) -> Copies:
        entry = next(entry for entry in self._entries if entry.matches(key))
        self[key] = self._copies[id(entry)]
        return self[key]


def _pe_sites(machine: Machine) -> list[int]:
    return sorted({pe.site for pe in machine.pes})


def _required(host: HostLink | None) -> HostLink:
    if host is None:
        raise LookupError("a network needs a host to feed it")
    return host


def _unheard(step: int, start: int, outputs: object) -> None:
    pass
