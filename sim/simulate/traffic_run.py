"""A traffic study: the mesh alone, packets made by rule, and what its listeners say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from sim.engine.kernel import EFFECT, Kernel
from sim.engine.probe import combined
from sim.engine.stuck import Waiting
from sim.hardware.ideal import IdealMesh
from sim.hardware.mesh import Buffers, Mesh
from sim.hardware.study import Study, nodes_of, timetable
from sim.mapping.route import Ways
from sim.measure.books import Books, network_books
from sim.measure.critical_path import LastPacket, parts, seconds
from sim.measure.demand import Demand, demand
from sim.measure.energy import Board, EnergyUse
from sim.measure.energy_summary import energy_section, power_table, windows_agree
from sim.measure.joules import Account, Terms, account
from sim.measure.network import Deliveries, LinkUse
from sim.measure.path_tables import path_table
from sim.measure.summary import network
from sim.measure.tables import Table, link_table, use_shares
from sim.measure.traffic import TrafficRecord
from sim.scenario.complaints import Refused
from sim.scenario.models import Traffic
from sim.simulate.setting import Setting, power_window
from sim.simulate.tracing import tracer
from sim.units import ps_to_s
from sim.workload.arrivals import Creation, read_trace
from sim.workload.patterns import Nodes, hotspot_weights, node_number


class TrafficRun:
    """One study, ready for time to begin; its steps are the cycles of the mesh."""

    def __init__(self, setting: Setting, kernel: Kernel, asked: Traffic) -> None:
        _refuse_contradictions(asked)
        self.kernel = kernel
        self._setting = setting
        self._cycles = range(asked.warmup_cycles, asked.warmup_cycles + asked.measure_cycles)
        nodes = nodes_of(setting.machine, asked.pattern)
        trace = read_trace(setting.document.resolve(asked.trace), nodes) if asked.trace else []
        self._pattern = _understood(asked, nodes, sum(map(len, trace)))
        self._tree = _copied_in_mesh(setting, trace)
        setting.refuse_deadlock(_trees(setting, trace) if self._tree else ())
        self._timetable = timetable(asked, nodes, setting.scenario.seed, trace)
        self._record = TrafficRecord(nodes.names, setting.machine.noc.clock, self._cycles)
        self._deliveries, self._use = Deliveries(), LinkUse()
        self._energy = self._energy_use()
        energy = [self._energy] if self._energy else []
        self._path = LastPacket(setting.machine.noc.clock)
        self.tracer = tracer(setting, kernel, 0)
        more = [*energy, *([self.tracer] if self.tracer else [])]
        probe = combined([*self._record.listeners, self._deliveries, self._use, self._path, *more])
        options = setting.scenario.network
        make = IdealMesh if options.engine == "ideal" else Mesh
        buffers = Buffers(options.virtual_channels, options.buffer_flits)
        self._mesh = make(kernel, probe, setting.machine, setting.routes.on[0], buffers)
        self._study = Study(kernel, probe, self._mesh, self._timetable, self._cycles, tree=self._tree)
        self._links = self._mesh.facts()
        if self.tracer:
            self.tracer.spool.latencies = [link.latency for link in self._links]
        self._use.watch(len(self._links))
        for cycle in (self._cycles.start, self._cycles.stop):
            before = max(0, setting.machine.noc.clock.edge(cycle) - 1)  # between two edges nothing is granted
            kernel.at(before, EFFECT, lambda _: self._use.mark())

    @property
    def steps(self) -> int:
        return self._cycles.stop

    def steps_done(self) -> int:
        return min(self.steps, int(self._setting.machine.noc.clock.cycles_in(self.kernel.now)))

    def held_up(self) -> list[tuple[str, Waiting]]:
        return self._mesh.held_up()

    def lost(self) -> str:
        return self._deliveries.lost_in_words()

    def books(self) -> Books:
        noc = self._setting.machine.noc
        shares = use_shares(self._use.flits, noc.clock, noc.flit_cycles, self._elapsed)
        paid = self._account()
        energy = {"energy_parts_sum_to_total": windows_agree(paid)} if paid else {}
        whole = sum(parts(self._path.end(self.kernel.now)).values()) == self.kernel.now
        return network_books(self._deliveries, shares) | energy | {"critical_path_sums_to_elapsed": whole}

    def tables(self) -> dict[str, Table]:
        noc = self._setting.machine.noc
        table = link_table(self._links, self._use, self._setting.machine, self._elapsed)
        window = noc.clock.edge(self._cycles.stop) - noc.clock.edge(self._cycles.start)
        # A flit granted at the end of the window may still be moving after it.
        use = np.minimum(1.0, use_shares(self._use.between_marks(), noc.clock, noc.flit_cycles, window))
        made = {
            "link": table | {"use_share": use, "demand_share": self._demand.shares},
            "node": self._node_table(),
            "path": path_table(self._path.end(self.kernel.now), {}),
        }
        paid = self._account()
        return made | ({"power": power_table(paid)} if paid else {})

    def _node_table(self) -> Table:
        machine = self._setting.machine
        sites = [machine.sites[pe.site] for pe in machine.pes]
        return {
            "node": np.arange(len(sites)),
            "name": np.array([pe.name for pe in machine.pes], dtype=object),
            "site_x": np.array([site.x for site in sites]),
            "site_y": np.array([site.y for site in sites]),
            **self._record.rates(self._demand.created),
        }

    def sections(self, made: dict[str, Table]) -> dict[str, Any]:
        section = {"pattern": self._pattern} | self._record.section(self._demand.created, self._study.window.left)
        paid = self._account()
        return {
            "time": {"total_s": ps_to_s(self.kernel.now)},
            **({"energy": energy_section(paid, 0)} if paid else {}),
            "network": network(self._deliveries, self._record.latency, made["link"]),
            "traffic": section,
            "critical_path": seconds(self._path.end(self.kernel.now)),
            "assumed": list(self._setting.machine.assumed),
            "warnings": self._warnings(section),
        }

    def mapping(self) -> None:
        return None

    def flit_hops(self) -> int:
        return sum(self._use.flits)

    def _energy_use(self) -> EnergyUse | None:
        """What draws power: the network, and processing elements that have nothing to do."""
        setting = self._setting
        if setting.machine.energy is None:
            return None
        board = Board(tuple(pe.name for pe in setting.machine.pes), setting.machine.operating_point.name)
        return EnergyUse(board, power_window(setting.scenario), self._use, self._deliveries)

    def _account(self) -> Account | None:
        scenario, energy = self._setting.scenario, self._setting.machine.energy
        if self._energy is None or energy is None:
            return None
        off, host = scenario.machine.unused_pes == "off", scenario.measure.energy_of_host
        return account(self._energy, Terms(energy, off, False, host, self.kernel.now))

    @property
    def _elapsed(self) -> int:
        return max(1, self.kernel.now)

    @cached_property
    def _demand(self) -> Demand:
        setting = self._setting
        return demand(
            setting.machine,
            setting.routes.on[0],
            self._study,
            self._links,
            self._timetable,
            self._cycles,
            tree=self._tree,
        )

    def _warnings(self, section: dict[str, Any]) -> list[str]:
        if not section["saturated"]:
            return []
        return [
            f"the network is saturated: offered {section['offered_rate']:.4f}, accepted "
            f"{section['accepted_rate']:.4f} flits per node and cycle (worst node "
            f"{section['accepted_rate_worst_node']:.4f}); the queue of PE {section['worst_source']} grows by "
            f"{section['queue_growth_rate_worst_source']:.4f} flits a cycle, so latencies grow with the length of the "
            "study; " + self._demand.words(self._links)
        ]


def _understood(asked: Traffic, nodes: Nodes, packets: int) -> str:
    """The pattern in words, with what it was told: a slip in it would pass unnoticed."""
    said: str = asked.pattern
    if said == "hotspot":
        weights = hotspot_weights(nodes, asked.hotspots)
        spots = sorted(node_number(written, nodes, "workload.hotspots") for written in asked.hotspots)
        said += ", " + ", ".join(f"{nodes.names[spot]} x {weights[spot]:g}" for spot in spots)
    if said == "bursty":
        said += f", bursts of {asked.burst_cycles:g} cycles at {asked.burst_rate:g} flits per cycle"
    return said if asked.pattern != "trace" else f"trace, {packets} packets"


def _copied_in_mesh(setting: Setting, trace: Sequence[Sequence[Creation]]) -> bool:
    """Whether routers of the mesh copy packets to many; Refused where nobody says who is to."""
    multicast = setting.scenario.network.multicast
    if multicast == "event_router" and any(len(goals) > 1 for own in trace for _, goals in own):
        raise Refused.at(
            "network.multicast",
            "the trace has packets to several destinations, and a traffic study has no event router to copy them; "
            "expected tree or unicast",
        )
    return multicast == "tree"


def _trees(setting: Setting, trace: Sequence[Sequence[Creation]]) -> Iterator[Ways]:
    """The ways of every packet of the trace that the mesh copies."""
    pes = setting.machine.pes
    ends = {(pes[node].site, goals) for node, own in enumerate(trace) for _, goals in own if len(goals) > 1}
    for start, goals in sorted(ends):
        yield setting.routes.on[0].tree(start, [pes[goal].site for goal in goals])


def _refuse_contradictions(asked: Traffic) -> None:
    if asked.pattern == "trace" and not asked.trace:
        raise Refused.at("workload.trace", "pattern trace needs the path of a .csv file")
    if asked.pattern == "bursty" and asked.burst_rate < asked.rate:
        raise Refused.at(
            "workload.burst_rate", f"{asked.burst_rate} is below the mean rate {asked.rate}; expected {asked.rate} to 1"
        )
