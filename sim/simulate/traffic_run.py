"""A traffic study: the mesh alone, packets made by rule, and what its listeners say."""

from __future__ import annotations

from typing import Any

from sim.engine.kernel import Kernel
from sim.engine.probe import combined
from sim.hardware.mesh import Buffers
from sim.hardware.traffic import Study
from sim.measure.books import Books, network_books
from sim.measure.network import Latency
from sim.measure.recorder import Recorder
from sim.measure.summary import network
from sim.measure.tables import Table, link_table, use_shares
from sim.measure.traffic import Throughput, traffic
from sim.scenario.models import Scenario, Traffic
from sim.simulate.setting import Setting
from sim.units import ps_to_s


class TrafficRun:
    """One study, ready for time to begin; its steps are the cycles of the mesh."""

    def __init__(self, setting: Setting, kernel: Kernel, asked: Traffic) -> None:
        self.kernel = kernel
        self._setting = setting
        setting.refuse_deadlock()
        self._asked = asked
        self._clock = setting.machine.noc.clock
        start, stop = asked.warmup_cycles, asked.warmup_cycles + asked.measure_cycles
        self._through = Throughput(self._clock, start, stop)
        self._recorder = Recorder(latency=Latency(range(start, stop)))
        probe = combined([self._recorder.latency, self._recorder.links, self._recorder.deliveries, self._through])
        scenario = setting.scenario
        self._study = Study(
            kernel, probe, setting.machine, setting.routes, _buffers(scenario), asked, scenario.seed
        )
        self._links = self._study.mesh.facts()
        self._recorder.links.watch(len(self._links))

    @property
    def steps(self) -> int:
        return self._study.window.stop

    def steps_done(self) -> int:
        return min(self.steps, int(self._clock.cycles_in(self.kernel.now)))

    def books(self) -> Books:
        noc = self._setting.machine.noc
        return network_books(
            self._recorder, use_shares(self._recorder.links.flits, noc.clock, noc.flit_cycles, self._elapsed)
        )

    def tables(self) -> dict[str, Table]:
        return {"link": link_table(self._links, self._recorder.links, self._setting.machine.noc, self._elapsed)}

    def sections(self, made: dict[str, Table]) -> dict[str, Any]:
        nodes, cycles = len(self._setting.machine.pes), self._asked.measure_cycles
        section = traffic(self._through, self._recorder.latency, self._clock, nodes, cycles, self._study.window.open)
        return {
            "time": {"total_s": ps_to_s(self.kernel.now)},
            "network": network(self._recorder.deliveries, self._recorder.latency, made["link"]),
            "traffic": section,
            "assumed": list(self._setting.machine.assumed),
            "warnings": _warnings(section),
        }

    def mapping(self) -> None:
        return None

    def flit_hops(self) -> int:
        return sum(self._recorder.links.flits)

    @property
    def _elapsed(self) -> int:
        return max(1, self.kernel.now)


def _buffers(scenario: Scenario) -> Buffers:
    return Buffers(scenario.network.virtual_channels, scenario.network.buffer_flits)


def _warnings(section: dict[str, Any]) -> list[str]:
    if not section["saturated"]:
        return []
    return [
        f"the network is saturated: offered {section['offered_rate']:.4f}, accepted "
        f"{section['accepted_rate']:.4f} flits per node and cycle; latencies grow with the length of the study"
    ]
