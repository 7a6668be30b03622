"""What every experiment is set in: the scenario, its machine and the routes on it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.machine import Machine
from sim.mapping.route import Routes, refuse_deadlock
from sim.scenario.complaints import Refused
from sim.scenario.document import Document, read
from sim.scenario.models import Scenario
from sim.scenario.places import topology_file


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
        routes = Routes(machine, scenario.network.routing)
        if not scenario.network.allow_deadlock:
            refuse_deadlock(machine, routes)
        _refuse_missing_router(scenario, machine)
        return cls(scenario, document, machine, routes)


def _refuse_missing_router(scenario: Scenario, machine: Machine) -> None:
    if scenario.network.multicast == "event_router" and machine.event_router is None:
        raise Refused.at(
            "network.multicast", f"'event_router' asked, but {machine.name} has none; expected tree or unicast"
        )
