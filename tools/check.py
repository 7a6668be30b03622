"""Say everything that is wrong with a scenario, each complaint at its line, without running it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sim.machine.description import read_topology
from sim.scenario.complaints import Complaint, Refused, did_you_mean
from sim.scenario.document import in_order, read, unopened
from sim.scenario.load import Review, review
from sim.scenario.models import LanguageModel, Machine, Scenario, SyntheticBox, Traffic
from sim.scenario.places import topology_file
from sim.scenario.schema import json_schema
from sim.scenario.settings import parse_settings
from sim.scenario.validate import examine

DONE, WRONG_INPUT = 0, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when nothing is wrong with the scenario, 2 when something is, or with the options."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.scenario is None and options.schema is None:
        parser.error("expected a SCENARIO to check, or --schema FILE to write")
    try:
        if options.schema is not None:
            _write_schema(options.schema)
        if options.scenario is not None:
            print(_checked(options.scenario, options.set))
    except Refused as refused:
        print(*refused.complaints, sep="\n", file=sys.stderr)
        return WRONG_INPUT
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
    return f"ok: {seen.scenario.name}\n{_understood(seen.scenario)}"


def _machine_complaints(seen: Review) -> Iterator[Complaint]:
    """What is wrong with the topology file or with what the scenario puts over it."""
    machine, _ = examine(seen.document.data.get("machine", {}), Machine)
    if machine is None:
        return
    try:
        topology = read_topology(read(topology_file(machine.topology, seen.document)), machine.override)
        points = topology.operating_points
        if machine.operating_point not in points:
            known = f"'{topology.name}' has: {', '.join(points)}"
            near = did_you_mean(machine.operating_point, points)
            problem = f"unknown operating point '{machine.operating_point}'; {known}{near}"
            raise Refused.at("machine.operating_point", problem)
    except Refused as refused:
        yield from seen.document.located(refused).complaints


def _understood(scenario: Scenario) -> str:
    machine, work = scenario.machine, scenario.workload
    where = f"on {machine.topology} at {machine.operating_point}"
    if isinstance(work, Traffic):
        load = f"{work.rate:g} flits per node and cycle for {work.measure_cycles} cycles"
        return f"{work.pattern} traffic, {load} {where}"
    box = work.weights
    net = " -> ".join(map(str, box.synthetic.layers)) if isinstance(box, SyntheticBox) else Path(box).name
    if isinstance(work, LanguageModel):
        return f"language model {net}, {work.mode} {work.tokens} tokens of {Path(work.text).name} {where}"
    return f"network {net}, {work.steps or 'all'} steps of {Path(work.inputs).name} {where}"


def _write_schema(path: Path) -> None:
    try:
        path.write_text(json.dumps(json_schema(), indent=2) + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Refused.at("--schema", f"{path}: {unopened(path, error)}") from None


if __name__ == "__main__":
    sys.exit(main())
