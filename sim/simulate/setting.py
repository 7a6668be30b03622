"""What every experiment is set in: the scenario, its machine and the routes on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.drift import drifting, skewed
from sim.machine.graph_checks import some
from sim.machine.machine import Machine
from sim.mapping.between import MachineRoutes, route_machine
from sim.mapping.chip_deadlock import Flow, refuse_chip_deadlock
from sim.mapping.chip_trees import Tree
from sim.mapping.deadlock import refuse_deadlock
from sim.mapping.misfits import refuse_misfits
from sim.mapping.route import Routes, Ways
from sim.scenario.document import Document, read
from sim.scenario.models import Scenario, Traffic
from sim.scenario.places import topology_file
from sim.scenario.streams import stream
from sim.units import ns_to_ps


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """A scenario with its document, and the machine and routes it asks for."""

    scenario: Scenario
    document: Document
    machine: Machine
    routes: MachineRoutes

    @classmethod
    def of(cls, scenario: Scenario, document: Document) -> Setting:
        """Read the topology and route on it; Refused where the two do not fit each other."""
        file = topology_file(scenario.machine.topology, document)
        asked = scenario.machine
        topology = read_topology(read(file), asked.override, asked.chips)
        refuse_misfits(scenario, topology)
        machine = load_machine(topology, asked.operating_point, asked.chips)
        machine = drifting(machine, asked.clock_drift_ppm, scenario.seed)
        machine = skewed(machine, asked.clock_skew_us, scenario.seed)
        rng = stream(scenario.seed, "routing", "ties") if scenario.network.routing == "table" else None
        ways, routed = scenario.network, uses_routers(scenario, machine)
        routes = route_machine(machine, ways.routing, rng, ways.chip_links.routing, routed=routed)
        return cls(scenario, document, machine, routes)

    def warnings(self) -> list[str]:
        """What faults have cut off."""
        faults, said = self.machine.faults, []
        if faults.cut_off_chips:
            said.append(f"faults cut {some(faults.cut_off_chips)} off from the host's chip; what is there is not used")
        if faults.unreachable:
            said.append(f"faults cut PEs {some(faults.unreachable)} off from the rest; they are not used")
        return said

    def refuse_deadlock(self, trees: Iterable[Tree] = (), flows: Iterable[Flow] = ()) -> None:
        """Refuse ways that can wait for one another in a circle, unless the scenario allows it: the mesh's copying
        `trees` on a chip, and `flows` between chips."""
        network = self.scenario.network
        if network.allow_deadlock or network.engine == "ideal":
            return
        routed = uses_routers(self.scenario, self.machine)
        copied: dict[Routes, list[Ways]] = {routes: [] for routes in self.routes.on}
        for routes, ways in trees:
            copied[routes].append(ways)
        for routes, own in copied.items():
            refuse_deadlock(routes.machine, routes, network.virtual_channels, routed=routed, trees=own)
        if network.chip_links.full == "wait":
            refuse_chip_deadlock(self.machine, self.routes.between, flows, network.chip_links.virtual_channels)


def power_window(scenario: Scenario) -> int:
    """The window of power in ps."""
    return max(1, ns_to_ps(1000 * scenario.measure.power_window_us))


def uses_routers(scenario: Scenario, machine: Machine) -> bool:
    """Whether packets go through event routers: those to many places, or to other chips."""
    asked, multicast = scenario.workload, scenario.network.multicast
    copied = multicast == "event_router" and (not isinstance(asked, Traffic) or asked.pattern == "trace")
    return copied or machine.parts != ()
