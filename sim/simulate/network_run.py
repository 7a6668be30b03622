"""A recurrent network on a chip: workload, mapping and units put together, and what its listeners say."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from typing import Any

from sim.engine.kernel import Kernel
from sim.engine.stuck import Waiting
from sim.hardware.job import Job
from sim.hardware.system import System
from sim.mapping.between import by_routers
from sim.mapping.check import check_mapping
from sim.mapping.chip_deadlock import flows
from sim.mapping.chip_trees import Tree, router_trees
from sim.mapping.mapping import Mapping
from sim.mapping.replicas import check_apart, joined
from sim.mapping.saved import to_plain
from sim.measure.books import Books, run_books
from sim.measure.busy import BusyTime
from sim.measure.columns import Table
from sim.measure.energy import Board, EnergyUse, Others
from sim.measure.lateness import Lateness
from sim.measure.network import Deliveries, LinkUse
from sim.measure.outputs import Kept, Outputs, Together
from sim.measure.ran import Ran
from sim.measure.real_time import Deadlines
from sim.measure.recorder import Recorder
from sim.measure.summary import sections, tables, warnings
from sim.scenario.complaints import Refused
from sim.scenario.models import Mapping as Wishes
from sim.simulate.application import Answered, Heard
from sim.simulate.batch import Copy, compared, reported, sample_table
from sim.simulate.foreseen import Forecast, chip_traffic, forecast, mapped
from sim.simulate.rests_on import network_rests_on
from sim.simulate.setting import Setting, power_window
from sim.simulate.tracing import tracer
from sim.units import ps_to_s, ps_to_us, us_to_ps
from sim.workload.language_model import Embedding
from sim.workload.parts import Layer, exponentials, last_of_units, parts
from sim.workload.prepare import Workload, prepare
from sim.workload.samples import samples


class NetworkRun:
    """One network's run, ready for time to begin."""

    def __init__(self, setting: Setting, kernel: Kernel) -> None:
        self.kernel = kernel
        self._setting = setting
        self._told: Ran | None = None
        first = prepare(setting.scenario, setting.document)
        self._workload = first
        self._layers = parts(first.network, setting.scenario.mapping.split)
        self._mappings = _map(setting, self._layers, first.network.embedding)
        _refuse_haste(setting, self._mappings[0], first.period_ps)
        self._foreseen = chip_traffic(setting, self._layers, self._mappings, first.firing)
        copied = by_routers(setting.scenario.network.multicast, setting.machine)
        ways = [way for one in self._mappings for way in _trees(setting, one)]
        crossing = {flow for one in self._mappings for flow in flows(setting.machine, one, copied=copied)}
        setting.refuse_deadlock(ways, crossing)
        self._deadlines = Deadlines(first.period_ps, first.due_ps)
        workloads = samples(first, setting.scenario, setting.document)
        self._copies = [self._copy(*pair) for pair in zip(workloads, self._mappings, strict=True)]
        self._outputs = Together([copy.outputs for copy in self._copies])
        slices = sum(len(one.slices) for one in self._mappings)
        self.tracer = tracer(setting, kernel, slices)
        self._recorder = self._listeners()
        jobs = [(copy.mapping, copy.job) for copy in self._copies]
        self._system = System(kernel, self._recorder.probe, setting.machine, setting.routes, setting.scenario, jobs)
        self._links = self._system.facts()
        if self.tracer:
            self.tracer.spool.latencies = [link.latency for link in self._links]
        machine = setting.machine
        self._recorder.watch(self._links, slices, machine.noc.clock, machine.chip_links, kernel.afterwards)

    def _copy(self, workload: Workload, mapping: Mapping) -> Copy:
        """A copy of the network with its sample."""
        last, timed = last_of_units(self._layers), mapping.schedule.stride is not None
        outputs = Outputs(self._layers[last - 1].units)
        heard = Heard(workload, outputs, lambda step: self._deadlines.done(step, self.kernel.now))
        if timed and workload.firing is None:
            heard.kept = Kept([layer.units for layer in self._layers], workload.steps)
        decoded = Answered(workload, mapping) if workload.network.dealt else None
        heard.last = None if mapping.schedule.output and not decoded else last
        job = Job(self._layers, decoded or heard, workload.steps, heard.tap, workload.firing)
        return Copy(workload, mapping, outputs, heard, job)

    @property
    def steps(self) -> int:
        return sum(copy.workload.steps for copy in self._copies)

    def forecast(self) -> Forecast | None:
        return forecast(self._setting, self._foreseen)

    def steps_done(self) -> int:
        return self._outputs.steps

    def held_up(self) -> list[tuple[str, Waiting]]:
        return self._system.held_up()

    def lost(self) -> str:
        return self._recorder.deliveries.lost_in_words()

    def books(self) -> Books:
        return run_books(self._ran())

    def tables(self) -> dict[str, Table]:
        made = tables(self._ran())
        return made | ({"sample": sample_table(self._copies)} if len(self._copies) > 1 else {})

    def sections(self, made: dict[str, Table]) -> dict[str, Any]:
        said = sections(self._ran(), made)
        said["workload"] |= reported([copy.workload for copy in self._copies])
        said["workload"] |= compared(self._copies)
        said["mapping"] |= {key: getattr(self._setting.scenario.mapping, key) for key in ("partition", "place")}
        if self._setting.machine.parts:
            said["mapping"]["chips"] = _over_chips(self._setting.scenario.mapping)
        if self._workload.period_ps:
            said["real_time"] = self._deadlines.section()
        said["assumed"] = network_rests_on(self._setting, self._mappings, self._workload)
        said["warnings"] = [*self._setting.warnings(), *self._workload.warnings, *warnings(self._ran())]
        return said

    def mapping(self) -> dict[str, Any]:
        return to_plain(joined(self._mappings))

    def flit_hops(self) -> int:
        return int(self._recorder.links.flits.sum())

    def _listeners(self) -> Recorder:
        machine, width = self._setting.machine, power_window(self._setting.scenario)
        others = Others(BusyTime(width), LinkUse(), Deliveries())
        energy = None
        if machine.energy is not None:
            names = tuple(pe.name for pe in machine.pes)
            slices = tuple(
                (names[piece.pe], piece.units * exponentials(self._layers[piece.layer - 1]))
                for mapping in self._mappings
                for piece in mapping.slices
            )
            board = Board(names, machine.operating_point.name, slices)
            energy = EnergyUse(board, others)
        more = (self.tracer,) if self.tracer else ()
        lateness = Lateness(self._workload.steps) if self._mappings[0].schedule.stride is not None else None
        return Recorder(
            links=others.links,
            deliveries=others.deliveries,
            busy=others.busy,
            energy=energy,
            lateness=lateness,
            more=more,
        )

    def _ran(self) -> Ran:
        """The run as it stands; all that is made of it at one instant is made of the same."""
        if self._told is None or self._told.total_ps != self.kernel.now:
            self._told = self._as_it_stands()
        return self._told

    def _as_it_stands(self) -> Ran:
        scenario = self._setting.scenario
        return Ran(
            machine=self._setting.machine,
            mappings=self._mappings,
            layers=self._layers,
            steps=self.steps,
            links=self._links,
            recorder=self._recorder,
            outputs=self._outputs,
            busy_waits=scenario.compute.idle == "busy_wait",
            total_ps=self.kernel.now,
            foreseen=self._foreseen,
            unused_off=scenario.machine.unused_pes == "off",
            host_counts=scenario.measure.energy_of_host,
            period_s=ps_to_s(us_to_ps(scenario.sync.period_us)),
        )


def _map(setting: Setting, layers: tuple[Layer, ...], embedding: Embedding | None) -> tuple[Mapping, ...]:
    """The mapping of each copy of the network, checked."""
    mappings = mapped(setting, layers, embedding)
    for mapping in mappings:
        _check(setting, mapping, layers)
    check_apart(mappings, setting.machine)
    return mappings


def _check(setting: Setting, mapping: Mapping, layers: tuple[Layer, ...]) -> None:
    scenario = setting.scenario
    _refuse_balanced_streams(mapping, scenario.compute.balance)
    check_mapping(
        mapping,
        setting.machine,
        setting.routes,
        layers=layers,
        exclusive=scenario.mapping.sharing == "exclusive",
        routed=by_routers(scenario.network.multicast, setting.machine),
        formats=scenario.formats,
        dense=scenario.compute.kernel == "mac_array",
    )


def _refuse_balanced_streams(mapping: Mapping, balance: str) -> None:
    streamed = [piece.name for piece in mapping.slices if mapping.budgets[piece.index].blocks]
    if balance == "perfect" and streamed:
        raise Refused.at(
            "compute.balance",
            f"'perfect' asked, but the weights of {streamed[0]} come from DRAM, and reading cannot be shared out as "
            "computing can; expected as_mapped, or all weights in SRAM",
        )


def _trees(setting: Setting, mapping: Mapping) -> Iterator[Tree]:
    """The ways of every packet that the mesh copies, from everywhere it may be sent."""
    machine = setting.machine
    if setting.scenario.network.multicast != "tree":
        return
    if machine.parts:
        yield from router_trees(machine, setting.routes, mapping.entries)
        return
    host = {machine.host.site} if machine.host else set()
    scheduler = set() if mapping.scheduler_pe is None else {mapping.scheduler_pe}
    senders = {piece.pe for piece in mapping.slices} | scheduler | set(mapping.deputies)
    starts = {machine.pes[pe].site for pe in senders} | {dram.site for dram in machine.drams} | host
    for group in mapping.groups:
        where = group.destinations
        goals = sorted({machine.pes[pe].site for pe in where.pes} | (host if where.host else set()))
        for start in sorted(starts) if where.count > 1 else ():
            yield setting.routes.on[0], setting.routes.on[0].tree(start, goals)


def _over_chips(asked: Wishes) -> str:
    """The rule that chose chips, with who cut, which version of METIS included."""
    if asked.chips != "cut":
        return asked.chips
    return f"cut by METIS, pymetis {metadata.version('pymetis')}" if asked.cut == "metis" else "cut, greedy"


def _refuse_haste(setting: Setting, mapping: Mapping, frames_ps: int) -> None:
    """Refuse a timer that asks for steps faster than their inputs come to be, one every `frames_ps` (ps)."""
    period, stride = us_to_ps(setting.scenario.sync.period_us), mapping.schedule.stride
    if stride is not None and stride * period < frames_ps:
        raise Refused.at(
            "sync.period_us",
            f"a step every {ps_to_us(stride * period):g} us asked ({stride} ticks), but there is a frame every "
            f"{ps_to_us(frames_ps):g} us; set it to {ps_to_us(frames_ps) / stride:g} or more",
        )
