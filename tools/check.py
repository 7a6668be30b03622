"""Say everything that is wrong with a scenario, each complaint at its line, without running it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sim.machine.chips import arrange
from sim.machine.description import Topology, read_topology
from sim.machine.layout import lay_out
from sim.mapping.cut import missing_metis
from sim.report.command import DONE, exit_code
from sim.scenario.complaints import Complaint, Refused, did_you_mean
from sim.scenario.document import Document, in_order, read, unopened
from sim.scenario.formats import too_long
from sim.scenario.load import Review, review
from sim.scenario.models import (
    Gesture,
    LanguageModel,
    Machine,
    MemoryStream,
    Replay,
    Scenario,
    Statistical,
    SyntheticBox,
    Traffic,
)
from sim.scenario.places import topology_file
from sim.scenario.schema import json_schema
from sim.scenario.settings import parse_settings
from sim.scenario.validate import examine


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when nothing is wrong with the scenario, 2 when something is, or with the options."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.scenario is None and options.schema is None:
        parser.error("expected a SCENARIO to check, or --schema FILE to write")
    return exit_code(lambda: _do(options))


def _do(options: argparse.Namespace) -> int:
    if options.schema is not None:
        _write_schema(options.schema)
    if options.scenario is not None:
        print(_checked(options.scenario, options.set))
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="check.py", description=__doc__)
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help="a .yaml file, see scenarios/")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="put VALUE in place of what the file says",
    )
    parser.add_argument("--schema", type=Path, metavar="FILE", help="write the JSON schema of scenarios, for editors")
    return parser


def _checked(path: str, texts: Sequence[str]) -> str:
    """What was understood; Refused with everything that is wrong."""
    settings, complaints = parse_settings(texts)
    try:
        seen = review(path, settings)
    except Refused as refused:
        raise Refused([*refused.complaints, *complaints]) from None
    complaints = [*seen.complaints, *complaints, *_machine_complaints(seen)]
    if seen.scenario is None or complaints:
        raise Refused(in_order(dict.fromkeys(complaints)))
    return "\n".join(
        [f"ok: {seen.scenario.name}", _understood(seen.scenario), *_between_chips(seen.scenario, seen.document)]
    )


def _between_chips(scenario: Scenario, document: Document) -> Iterator[str]:
    """What the links between chips will have to carry, where there are any."""
    topology = read_topology(read(topology_file(scenario.machine.topology, document)), scenario.machine.override)
    if _chips(scenario.machine, topology) == 1:
        return
    from sim.report.forecast import in_words  # takes longer to import than all the rest to do, so only if needed
    from sim.simulate.foreseen import told_before

    try:
        told = told_before(scenario, document)
    except Refused as refused:
        raise document.located(refused) from None
    if told:
        yield in_words(told)


def _machine_complaints(seen: Review) -> Iterator[Complaint]:
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
    found = [*_point_complaints(machine, topology), *(_misfits(seen.scenario, topology) if seen.scenario else ())]
    yield from seen.document.located(Refused(found)).complaints


def _chips(machine: Machine, topology: Topology) -> int:
    """How many chips the scenario has; Refused where there is no such machine."""
    arrangement = arrange(topology, machine.chips)
    return 1 if arrangement is None else len(arrangement.places)


def _point_complaints(machine: Machine, topology: Topology) -> Iterator[Complaint]:
    points = topology.operating_points
    if machine.operating_point not in points:
        known = f"'{topology.name}' has: {', '.join(points)}"
        near = did_you_mean(machine.operating_point, points)
        problem = f"unknown operating point '{machine.operating_point}'; {known}{near}"
        yield Complaint("machine.operating_point", problem)


def _misfits(scenario: Scenario, topology: Topology) -> Iterator[Complaint]:
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
    if scenario.mapping.chips == "cut" and scenario.mapping.cut == "metis" and _chips(scenario.machine, topology) > 1:
        yield from missing_metis()
    payload = max(topology.packets.payload_bits.value)
    yield from too_long(scenario.formats, scenario.compute.values_per_packet, payload)
    if scenario.mapping.pes_per_layer is not None:
        there = _chips(scenario.machine, topology) * len(lay_out(topology).pes)
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
    elif asked == there and scenario.sync.protocol != "markers":
        problem = f"all {there} PEs of {name} asked, and the scheduler of the barrier needs one for itself"
        yield Complaint("mapping.pes_per_layer", f"{problem}; ask for one fewer, or set sync.protocol: markers")


def _understood(scenario: Scenario) -> str:
    machine, work = scenario.machine, scenario.workload
    where = f"on {machine.topology} at {machine.operating_point}"
    if isinstance(work, Traffic):
        load = f"{work.rate:g} flits per node and cycle for {work.measure_cycles} cycles"
        return f"{work.pattern} traffic, {load} {where}"
    if isinstance(work, MemoryStream):
        load = f"{work.outstanding} outstanding" if work.outstanding else f"at {work.rate:g} of the peak"
        return f"{work.pattern} bursts {load} at the memory ports for {work.measure_cycles} clocks {where}"
    if isinstance(work, Statistical | Replay):
        steps = f"{work.steps or 'all'} steps"
        what = _chain(work.layers) if isinstance(work, Statistical) else Path(work.events).name
        return f"{work.kind} activity {what}, {steps} {where}"
    net = _chain(work.weights.synthetic.layers) if isinstance(work.weights, SyntheticBox) else Path(work.weights).name
    if isinstance(work, LanguageModel):
        return f"language model {net}, {work.mode} {work.tokens} tokens of {Path(work.text).name} {where}"
    if isinstance(work, Gesture):
        front = f"{len(work.front_end)} layers, then " if work.front_end else ""
        return f"gesture, {front}recurrent {net}, {work.frames} frames of {work.frame_ms:g} ms {where}"
    return f"network {net}, {work.steps or 'all'} steps of {Path(work.inputs).name} {where}"


def _chain(sizes: Sequence[int]) -> str:
    return " -> ".join(map(str, sizes))


def _write_schema(path: Path) -> None:
    try:
        path.write_text(json.dumps(json_schema(), indent=2) + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Refused.at("--schema", f"{path}: {unopened(path, error)}") from None


if __name__ == "__main__":
    sys.exit(main())
