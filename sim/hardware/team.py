"""One copy of a network on a machine: its processing elements, scheduler and host jobs, and who talks to whom.

Several copies on PEs of their own work on samples of their own and share chips, links, memories and the host's line;
none knows of the others. Nothing here decides anything; it only connects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from sim.engine.kernel import Behaviour, Kernel
from sim.engine.packet import Dispatch, Packet
from sim.engine.probe import Probe
from sim.hardware.chip import Chip
from sim.hardware.core import Core, Dvfs, Pace
from sim.hardware.decoder_kernel import ActiveDecoder
from sim.hardware.dram import DramPort
from sim.hardware.evened import Balance
from sim.hardware.host import Host, Memory
from sim.hardware.job import Job
from sim.hardware.kernels import ComputeKernel, StreamedColumns
from sim.hardware.memories import Answer, Memories
from sim.hardware.mesh import Sender
from sim.hardware.messages import Courier, Post
from sim.hardware.pe import ProcessingElement
from sim.hardware.processor import Processor
from sim.hardware.scheduler import Deputy, Scheduler
from sim.hardware.serial import SerialLine
from sim.hardware.streaming import Stream
from sim.hardware.sync import Inbox, Markers, Releases, Unasked
from sim.hardware.task import Task
from sim.hardware.timed import TimedElement, TimedTask, Timeliness, Timer, timer_of
from sim.hardware.work import work_of
from sim.machine.machine import Host as HostLink
from sim.machine.machine import Machine
from sim.mapping.mapping import GroupKind, Mapping, Slice
from sim.mapping.schedule import INPUT
from sim.scenario.formats import VALUE_BITS
from sim.scenario.models import Scenario
from sim.units import Clock, ns_to_ps, us_to_ps


class Worker(Protocol):
    """What a PE does."""

    def behaviour(self, steps: int) -> Behaviour: ...


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What teams share: the machine's units, and the host's end of the line with its place on chip `home`."""

    chips: Sequence[Chip]
    memories: Memories
    link: HostLink
    home: Chip
    host_site: int
    outbox: Sender
    down: SerialLine
    processor: Processor


class Team:
    """Copy `number` (from 0) of a network, whose slices are called by their number plus `first_slice`."""

    def __init__(
        self,
        kernel: Kernel,
        probe: Probe,
        machine: Machine,
        mapping: Mapping,
        scenario: Scenario,
        job: Job,
        number: int = 0,
        first_slice: int = 0,
    ) -> None:
        self.kernel = kernel
        self.probe = probe
        self.machine = machine
        self.mapping = mapping
        self.scenario = scenario
        self.job = job
        self.number = number
        self._first_slice = first_slice
        self._balances = [Balance() for _ in job.layers]
        self._timer = self._timer_of_host()
        self._members = {p: max(1, len(mapping.members(p))) for p in mapping.schedule.populations}
        self.host = Host(
            kernel,
            probe,
            job.application,
            self._inbox(),
            takes_output=mapping.schedule.output is not None,
            timer=self._timer,
            steps=job.steps,
            number=number,
        )

    def start(self, ground: Ground) -> None:
        """Start all that the copy is, on a machine whose units are connected."""
        self._ground = ground
        self._start_pes()
        self._start_host(ground.link)

    def _start_pes(self) -> None:
        held: dict[int, list[Slice]] = {}
        for piece in self.mapping.slices:
            held.setdefault(piece.pe, []).append(piece)
        for pe, pieces in sorted(held.items()):
            core, courier = self._core(pe), self._pe_courier(pe)
            tasks = [self._task(piece, courier, core) for piece in pieces]
            unit = ProcessingElement(core, tasks, self._inbox(), courier)
            self._let_dma_in(pe, unit)
            timed = [task for task in tasks if isinstance(task, TimedTask)]
            self._start(pe, core, self._timed(pe, unit, timed) if timed else unit)
        if self.mapping.scheduler_pe is not None:
            core, courier = self._core(self.mapping.scheduler_pe), self._pe_courier(self.mapping.scheduler_pe)
            scheduler = Scheduler(core, courier, self.mapping.schedule, self._reporters())
            self._start(self.mapping.scheduler_pe, core, scheduler)
        for pe in self.mapping.deputies:
            self._start_deputy(pe)

    def _start(self, pe: int, core: Core, unit: Worker) -> None:
        """Have the PE do its steps from when its chip begins."""
        self.kernel.work(core.name, core.begin(self._chip_of(pe).what.starts_at, unit.behaviour(self.job.steps)))

    def _timed(self, pe: int, unit: ProcessingElement, tasks: list[TimedTask]) -> Worker:
        assert self._timer is not None
        return TimedElement(unit, tasks, timer_of(self._chip_of(pe).what, self.machine, self._timer))

    def _start_deputy(self, pe: int) -> None:
        chip, core = self._chip_of(pe), self._core(pe)
        pieces = [piece for piece in self.mapping.slices if self._chip_of(piece.pe) is chip]
        deputy = Deputy(core, self._pe_courier(pe, "done"), Counter(piece.layer for piece in pieces))
        self._start(pe, core, deputy)

    def _timer_of_host(self) -> Timer | None:
        """The timer at its nominal rate, from when the first input exists; None where no timer drives the steps."""
        if self.mapping.schedule.stride is None:
            return None
        period = Clock(us_to_ps(self.scenario.sync.period_us), 1)
        return Timer(self.mapping.schedule, period, self.job.application.due_ps(0))

    def _let_dma_in(self, pe: int, unit: ProcessingElement) -> None:
        chip = self._chip_of(pe)
        door = chip.dma.get(pe - chip.what.first_pe)
        if door:
            door.place = unit.place

    def _start_host(self, link: HostLink) -> None:
        end: GroupKind = "markers" if self.mapping.scheduler_pe is None else "done"
        courier = self._courier(self._ground.home, self._ground.host_site, self._post_down, end)
        together = self.scenario.compute.values_per_packet
        self.kernel.work(self.host.feeding, self.host.feed(self.job.steps, courier, together, self._memory()))
        output = self.mapping.schedule.output
        if output is not None:
            values = self.job.taken(len(self.mapping.members(len(self.job.layers))))
            taking = self.host.take(self.job.steps, courier, output, values, link.macs_per_s, self._ground.processor)
            self.kernel.work(self.host.taking, taking)

    def _memory(self) -> Memory | None:
        """The DRAM port where the embedding lies if the scenario puts it there."""
        if getattr(self.scenario.workload, "embedding", "host") != "dram":
            return None
        region = next(one for one in self.mapping.regions if one.slice is None)
        dram, there = self._ground.memories.port(region.port)
        readers = self._ground.home.ways.dispatch(self.mapping.group("events", INPUT), dram.what.site)
        return Memory(partial(self._row, dram, readers, region.start), there)

    def _row(self, dram: DramPort, readers: Dispatch, start: int, step: int, row: int, packets: list[Packet]) -> Packet:
        """Ask for one row of the embedding."""
        width = VALUE_BITS[self.scenario.formats.inputs] // 8
        size = self.job.layers[0].inputs * width
        ends = [(packet.start + len(packet.values)) * width for packet in packets]
        return self._ground.memories.row(dram, readers, step, start + row * size, size, Answer(packets, ends))

    def _task(self, piece: Slice, courier: Courier, core: Core) -> Task:
        streamed = self.mapping.budgets[piece.index].blocks > 0
        called = replace(piece, index=self._first_slice + piece.index)
        layer, firing = self.job.layers[piece.layer - 1], self.job.firing
        work = work_of(piece, layer, self.machine, self.scenario, firing, streamed=streamed)
        if self.scenario.compute.balance == "perfect":
            work = replace(work, kernel=self._balances[piece.layer - 1].share(work.kernel))
        stream = self._stream(piece, core, work.kernel, courier) if streamed else None
        tap = partial(self.job.tap, piece.layer)
        if self._timer is None:
            return Task(called, work, courier.events, tap, stream)
        timeliness = Timeliness(self.probe, core.name, called.index, self.job.steps)
        return TimedTask(timeliness, called, work, courier.events, tap, stream)

    def _stream(self, piece: Slice, core: Core, kernel: ComputeKernel, courier: Courier) -> Stream:
        """What brings the slice's weights from DRAM."""
        region = next(one for one in self.mapping.regions if one.slice == piece.index)
        columns = kernel if isinstance(kernel, StreamedColumns | ActiveDecoder) else None
        stream = Stream(core, piece, region, columns, self.scenario.mapping.block_bytes)
        return self._ground.memories.feed(stream, courier.post)

    def _reporters(self) -> dict[int, int]:
        """How many tell the scheduler of the end of each population's steps: its members, or deputies for them."""
        if not self.mapping.deputies:
            return self._members
        homes = {(piece.layer, self.machine.pes[piece.pe].chip) for piece in self.mapping.slices}
        told = Counter(layer for layer, _ in homes)
        return {population: told[population] or 1 for population in self.mapping.schedule.populations}

    def _chip_of(self, pe: int) -> Chip:
        return self._ground.chips[self.machine.pes[pe].chip]

    def _core(self, pe: int) -> Core:
        chip = self._chip_of(pe)
        idle = "sleep" if self.scenario.compute.idle == "wfi" else "wait"
        pace = Pace(chip.die.operating_point.clock, chip.die.costs, idle, self._dvfs(chip.die))
        return Core(self.kernel, self.probe, pace, chip.fifos[pe - chip.what.first_pe])

    def _dvfs(self, die: Machine) -> Dvfs | None:
        """The choice of operating points that a PE has, if any."""
        asked = self.scenario.compute.dvfs
        if asked.policy == "fixed" or die.switch_ns is None:
            return None
        raised = die.operating_points[asked.raised_to]
        return Dvfs(die.operating_point, raised, asked.threshold_packets, max(1, ns_to_ps(die.switch_ns)))

    def _inbox(self) -> Inbox:
        schedule = self.mapping.schedule
        if schedule.stride is not None:
            return Unasked(schedule)
        return Releases(schedule) if self.mapping.scheduler_pe is not None else Markers(schedule, self._members)

    def _pe_courier(self, pe: int, end: GroupKind | None = None) -> Courier:
        chip, what = self._chip_of(pe), self.machine.pes[pe]
        site = what.site - chip.what.first_site
        sender = chip.ports[pe - chip.what.first_pe].sender(unit=what.name)
        return self._courier(chip, site, sender.post, end or self._end())

    def _end(self) -> GroupKind:
        """What slices say at the end of a step."""
        if self.mapping.scheduler_pe is None:
            return "markers"
        return "gather" if self.mapping.deputies else "done"

    def _courier(self, chip: Chip, site: int, post: Post, end: GroupKind) -> Courier:
        number = chip.what.index
        dispatches = chip.ways.dispatches(self.mapping.groups, site)
        bits = VALUE_BITS[self.scenario.formats.inputs]
        return Courier(self.machine.packets, self.mapping, dispatches, post, end, bits, number)

    def _post_down(self, packet: Packet, dispatch: Dispatch, when: int) -> None:
        self.probe.handed_over(self.host.feeding if packet.population == INPUT else self.host.taking, packet, when)
        outbox = self._ground.outbox
        self._ground.down.send(packet, lambda one: outbox.post(one, dispatch, self.kernel.now), self.number)
