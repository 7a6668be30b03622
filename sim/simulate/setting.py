"""What every experiment is set in: the scenario, its machine and the routes on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.machine import Machine
from sim.mapping.deadlock import refuse_deadlock
from sim.mapping.route import Routes, Ways
from sim.scenario.complaints import Refused
from sim.scenario.document import Document, read
from sim.scenario.models import MemoryStream, Scenario, Traffic
from sim.scenario.places import topology_file
from sim.scenario.streams import stream
from sim.units import ns_to_ps


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A scenario with its document, and the machine and routes it asks for."""

    scenario: Scenario
    document: Document
    machine: Machine
    routes: Routes

    @classmethod
    def of(cls, scenario: Scenario, document: Document) -> Setting:
        """Read the topology and route on it; Refused where the two do not fit each other."""
        file = topology_file(scenario.machine.topology, document)
        machine = load_machine(read_topology(read(file), scenario.machine.override), scenario.machine.operating_point)
        rng = stream(scenario.seed, "routing", "ties") if scenario.network.routing == "table" else None
        routes = Routes(machine, scenario.network.routing, rng)
        _refuse_missing_router(scenario, machine)
        return cls(scenario, document, machine, routes)

    def refuse_deadlock(self, trees: Iterable[Ways] = ()) -> None:
        """Refuse ways that can wait for one another in a circle, unless the scenario allows it."""
        network = self.scenario.network
        if network.allow_deadlock or network.engine == "ideal":
            return
        routed = network.multicast == "event_router" and not isinstance(self.scenario.workload, Traffic)
        refuse_deadlock(self.machine, self.routes, network.virtual_channels, routed=routed, trees=trees)


def power_window(scenario: Scenario) -> int:
    """The window of power in ps."""
    return max(1, ns_to_ps(1000 * scenario.measure.power_window_us))


def _refuse_missing_router(scenario: Scenario, machine: Machine) -> None:
    routed = scenario.network.multicast == "event_router" and not isinstance(scenario.workload, Traffic | MemoryStream)
    if routed and machine.event_router is None:
        raise Refused.at(
            "network.multicast", f"'event_router' asked, but {machine.name} has none; expected tree or unicast"
        )
