"""What a scenario asks of a machine that does not have it: told from descriptions alone, before anything is built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.machine.chips import arrange
from sim.machine.description import Topology, read_topology
from sim.machine.layout import lay_out
from sim.machine.points import impossible_change, unknown_point
from sim.mapping.cut import missing_metis
from sim.scenario.complaints import Complaint, Refused
from sim.scenario.document import read
from sim.scenario.formats import too_long
from sim.scenario.load import Review
from sim.scenario.models import Machine, MemoryStream, Scenario, Traffic
from sim.scenario.places import topology_file
from sim.scenario.validate import examine


def misfits(seen: Review) -> Iterator[Complaint]:
    """What is wrong with the topology file, what the scenario puts over it, or what it asks of that machine."""
    machine, _ = examine(seen.document.data.get("machine", {}), Machine)
    if machine is None:
        return
    try:
        document = read(topology_file(machine.topology, seen.document))
        topology = read_topology(document, machine.override, machine.chips)
        arrange(topology, machine.chips)
    except Refused as refused:
        yield from seen.document.located(refused).complaints
        return
    yield from seen.document.located(Refused([*_misfits(machine, seen.scenario, topology)])).complaints


def refuse_misfits(scenario: Scenario, topology: Topology) -> None:
    """Refused where the scenario asks for what the machine does not have."""
    if found := list(_misfits(scenario.machine, scenario, topology)):
        raise Refused(found)


def chips_of(machine: Machine, topology: Topology) -> int:
    """How many chips the scenario has; Refused where there is no such machine."""
    arrangement = arrange(topology, machine.chips)
    return 1 if arrangement is None else len(arrangement.places)


def _misfits(machine: Machine, scenario: Scenario | None, topology: Topology) -> Iterator[Complaint]:
    yield from unknown_point(topology, machine.operating_point)
    if scenario:
        yield from _missing(scenario, topology)


def _missing(scenario: Scenario, topology: Topology) -> Iterator[Complaint]:
    """Parts and PEs that the scenario asks for and the machine does not have."""
    name = topology.name
    if isinstance(scenario.workload, MemoryStream):
        if topology.dram is None:
            yield Complaint("workload.kind", f"'memory' asked, but {name} has no DRAM")
        return
    if isinstance(scenario.workload, Traffic):
        return
    if scenario.network.multicast == "event_router" and topology.event_router is None:
        yield Complaint("network.multicast", f"'event_router' asked, but {name} has none; expected tree or unicast")
    if topology.host is None:
        yield Complaint("machine.topology", f"{name} has no host to feed a network; add a section 'host'")
    if topology.dram is None:
        yield from _without_dram(scenario, name)
    if scenario.compute.dvfs.policy == "auto":
        yield from impossible_change(topology, scenario.machine.operating_point, scenario.compute.dvfs.raised_to)
    if scenario.mapping.chips == "cut" and scenario.mapping.cut == "metis" and chips_of(scenario.machine, topology) > 1:
        yield from missing_metis()
    payload = max(topology.packets.payload_bits.value)
    yield from too_long(scenario.formats, scenario.compute.values_per_packet, payload)
    if scenario.mapping.pes_per_layer is not None:
        there = chips_of(scenario.machine, topology) * len(lay_out(topology).pes)
        yield from _too_many_pes(scenario, scenario.mapping.pes_per_layer, name, there)


def _without_dram(scenario: Scenario, name: str) -> Iterator[Complaint]:
    for part in ("embedding", "decoder"):
        if getattr(scenario.workload, part, "host") == "dram":
            yield Complaint(f"workload.{part}", f"'dram' asked, but {name} has no DRAM; expected host")
    if scenario.mapping.weights == "dram":
        yield Complaint("mapping.weights", f"{name} has no DRAM to stream weights from; set mapping.weights: sram")


def _too_many_pes(scenario: Scenario, pes: Sequence[int], name: str, there: int) -> Iterator[Complaint]:
    """`there` counts PEs without faults, so what is refused here cannot be had; what is not may still be refused."""
    shared = scenario.mapping.sharing == "shared"
    asked = max(pes, default=0) if shared else sum(pes)
    if asked > there:
        remedy = "" if shared else ", or set mapping.sharing: shared"
        yield Complaint("mapping.pes_per_layer", f"{asked} PEs asked, {name} has {there}; ask for fewer{remedy}")
    elif asked == there and scenario.sync.scheduled:
        problem = f"all {there} PEs of {name} asked, and the scheduler of the barrier needs one for itself"
        yield Complaint("mapping.pes_per_layer", f"{problem}; ask for one fewer, or set sync.protocol: markers")
