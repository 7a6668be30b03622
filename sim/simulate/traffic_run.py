"""A traffic study: the network alone, packets made by rule, and what its listeners say."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from sim.engine.kernel import EFFECT, Kernel
from sim.engine.probe import combined
from sim.engine.stuck import Waiting
from sim.hardware.chip import Setup
from sim.hardware.study import Study
from sim.measure.books import Books, network_books
from sim.measure.busy import BusyTime
from sim.measure.chip_traffic import ChipTraffic, chip_tables, chips_section
from sim.measure.columns import Table
from sim.measure.critical_path import LastPacket, parts, seconds
from sim.measure.demand import Demand, demand
from sim.measure.energy import Board, EnergyUse, Others
from sim.measure.energy_summary import energy_section, power_table, windows_agree
from sim.measure.joules import Account, Terms, account
from sim.measure.network import LinkUse
from sim.measure.path_tables import path_table
from sim.measure.summary import network
from sim.measure.tables import latency_table, link_table, use_shares
from sim.measure.traffic import TrafficRecord
from sim.scenario.models import Traffic
from sim.simulate.rests_on import traffic_rests_on
from sim.simulate.setting import Setting, power_window
from sim.simulate.tracing import tracer
from sim.simulate.traffic_asked import understood
from sim.units import ps_to_s


class TrafficRun:
    """One study, ready for time to begin; its steps are the cycles of the mesh."""

    def __init__(self, setting: Setting, kernel: Kernel, asked: Traffic) -> None:
        self.kernel = kernel
        self._setting = setting
        made = understood(setting, asked)
        self._pattern, self._cycles, self._late = made.pattern, made.load.cycles, made.warnings
        clock, chips = setting.machine.noc.clock, len(setting.machine.chips)
        self._record = TrafficRecord(made.nodes.names, clock, self._cycles, chips=chips)
        self._deliveries, self._use, self._crossings = self._record.deliveries, LinkUse(), ChipTraffic()
        self._busy = BusyTime(power_window(setting.scenario))
        self._energy = self._energy_use()
        energy = [self._busy, self._energy] if self._energy else []
        self._path = LastPacket(clock, [link.name for link in setting.machine.chip_links])
        self.tracer = tracer(setting, kernel, 0)
        more = [*energy, *([self.tracer] if self.tracer else [])]
        heard = [self._use, self._crossings, self._path, *more]
        probe = combined([*self._record.listeners, *heard])
        setup = Setup(kernel, probe, setting.machine, setting.routes, made.network, [], [])
        self._study = Study(setup, made.load)
        self._links = self._study.facts()
        if self.tracer:
            self.tracer.spool.latencies = [link.latency for link in self._links]
        self._use.watch(len(self._links))
        for cycle in (self._cycles.start, self._cycles.stop):
            before = max(0, setting.machine.noc.clock.edge(cycle) - 1)  # between two edges nothing is granted
            kernel.at(before, EFFECT, self._mark)

    def _mark(self, _: object) -> None:
        self._use.mark()
        self._crossings.mark()

    @property
    def steps(self) -> int:
        return self._cycles.stop

    def forecast(self) -> None:
        return None

    def steps_done(self) -> int:
        return min(self.steps, self._setting.machine.noc.clock.first_edge_after(self.kernel.now) - 1)

    def held_up(self) -> list[tuple[str, Waiting]]:
        return self._study.held_up()

    def lost(self) -> str:
        return self._deliveries.lost_in_words()

    def books(self) -> Books:
        noc = self._setting.machine.noc
        shares = use_shares(self._use.flits, noc.clock, noc.flit_cycles, self._elapsed)
        paid = self._account()
        energy = {"energy_parts_sum_to_total": windows_agree(paid)} if paid else {}
        whole = sum(parts(self._path.end(self.kernel.now)).values()) == self.kernel.now
        between = (busy / self._elapsed for busy in self._crossings.busy.values())
        used = [] if self._setting.scenario.network.engine == "ideal" else [*shares, *between]  # nobody waits his turn
        return network_books(self._deliveries, used) | energy | {"critical_path_sums_to_elapsed": whole}

    def tables(self) -> dict[str, Table]:
        noc = self._setting.machine.noc
        table = link_table(self._links, self._use, self._setting.machine, self._elapsed)
        window = max(1, noc.clock.edge(self._measured.stop) - noc.clock.edge(self._measured.start))
        # A flit granted at the end of the window may still be moving after it.
        use = np.minimum(1.0, use_shares(self._use.between_marks(), noc.clock, noc.flit_cycles, window))
        made = {
            "link": table | {"use_share": use, "demand_share": self._demand.shares},
            "node": self._node_table(),
            "latency": latency_table(self._record.latency.taken.counts),
            "path": path_table(self._path.end(self.kernel.now), {}),
        }
        machine, copied, between = self._setting.machine, self._study.load.copied, self._demand.between
        over = chip_tables(machine, copied, self._crossings, between, window, self._elapsed)
        paid = self._account()
        return made | over | ({"power": power_table(paid)} if paid else {})

    def _node_table(self) -> Table:
        machine = self._setting.machine
        sites = [machine.sites[pe.site] for pe in machine.pes]
        return {
            "node": np.arange(len(sites)),
            "name": np.array([pe.name for pe in machine.pes], dtype=object),
            "chip": np.array([pe.chip for pe in machine.pes]),
            "site_x": np.array([site.x for site in sites]),
            "site_y": np.array([site.y for site in sites]),
            **self._record.rates(self._demand.created, len(self._measured)),
        }

    def sections(self, made: dict[str, Table]) -> dict[str, Any]:
        left = self._study.window.left if self._study.window.over else None
        said = self._record.section(self._demand.created, len(self._measured), left)
        section = {"pattern": self._pattern} | said
        if self._measured:
            most = self._demand.most
            section |= {"highest_demand_share": most.share, "highest_demand_link": most.link}
        paid = self._account()
        chips = chips_section(made, self._study.load.copied) if "chip" in made else {}
        return {
            "time": {"total_s": ps_to_s(self.kernel.now)},
            **({"energy": energy_section(paid, 0)} if paid else {}),
            "network": network(self._deliveries, self._record.latency, made["link"]),
            "traffic": section,
            **({"chips": chips} if chips else {}),
            "critical_path": seconds(self._path.end(self.kernel.now)),
            "assumed": traffic_rests_on(self._setting),
            "warnings": [*self._setting.warnings(), *self._warnings(section), *self._late],
        }

    def mapping(self) -> None:
        return None

    def flit_hops(self) -> int:
        return int(self._use.flits.sum())

    def _energy_use(self) -> EnergyUse | None:
        """What draws power: the network, and processing elements that have nothing to do."""
        setting = self._setting
        if setting.machine.energy is None:
            return None
        board = Board(tuple(pe.name for pe in setting.machine.pes), setting.machine.operating_point.name)
        return EnergyUse(board, Others(self._busy, self._use, self._deliveries))

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
    def _measured(self) -> range:
        """The cycles to measure, as far as time got."""
        reached = self.steps_done()
        return range(min(self._cycles.start, reached), reached)

    @cached_property
    def _demand(self) -> Demand:
        return demand(self._setting.machine, self._study, self._measured)

    def _warnings(self, section: dict[str, Any]) -> list[str]:
        lost = self._deliveries.lost_in_words()
        said = [lost] if lost else []
        if section.get("saturated"):
            chosen = self._setting.scenario.network.routing == "west_first"
            as_if = ", if packets always took the first of the ways they can choose from" if chosen else ""
            said.append(
                f"the network is saturated: offered {section['offered_rate']:.4f}, accepted "
                f"{section['accepted_rate']:.4f} flits per node and cycle (worst node "
                f"{section['accepted_rate_worst_node']:.4f}); {self._symptom(section)}, so latencies grow with the "
                f"length of the study; {self._demand.most}{as_if}"
            )
        return said

    def _symptom(self, section: dict[str, Any]) -> str:
        """How it shows: in a queue of a source, or, where queues in the network take it all, by what was not there."""
        grows, left = section["queue_growth_rate_worst_source"], self._study.window.left
        if grows > 0:
            return f"the queue of PE {section['worst_source']} grows by {grows:.4f} flits a cycle"
        if left:
            return f"{left} measured packets were not there when the load was taken off"
        return "more and more packets are under way in the network"
