"""Say everything that is wrong with a scenario, each complaint at its line, without running it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sim.machine.description import read_topology
from sim.mapping.misfits import chips_of, misfits
from sim.report.command import DONE, exit_code
from sim.report.understood import understood
from sim.scenario.complaints import Refused
from sim.scenario.document import Document, in_order, read, unopened
from sim.scenario.load import review
from sim.scenario.models import Scenario, Traffic
from sim.scenario.places import topology_file
from sim.scenario.schema import json_schema
from sim.scenario.settings import parse_settings


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
    complaints = [*seen.complaints, *complaints, *misfits(seen)]
    if seen.scenario is None or complaints:
        raise Refused(in_order(dict.fromkeys(complaints)))
    if isinstance(seen.scenario.workload, Traffic):
        _refuse_traffic(seen.scenario, seen.scenario.workload, seen.document)
    return "\n".join(
        [f"ok: {seen.scenario.name}", understood(seen.scenario), *_between_chips(seen.scenario, seen.document)]
    )


def _refuse_traffic(scenario: Scenario, asked: Traffic, document: Document) -> None:
    """Refuse a pattern that does not fit the machine, a trace with wrong lines, and ways that can deadlock."""
    from sim.simulate.setting import Setting  # these take longer to import than all the rest to do
    from sim.simulate.traffic_asked import understood

    try:
        understood(Setting.of(scenario, document), asked)
    except Refused as refused:
        raise document.located(refused) from None


def _between_chips(scenario: Scenario, document: Document) -> Iterator[str]:
    """What the links between chips will have to carry, where there are any."""
    topology = read_topology(read(topology_file(scenario.machine.topology, document)), scenario.machine.override)
    if chips_of(scenario.machine, topology) == 1:
        return
    from sim.report.forecast import in_words  # takes longer to import than all the rest to do, so only if needed
    from sim.simulate.foreseen import told_before

    try:
        told = told_before(scenario, document)
    except Refused as refused:
        raise document.located(refused) from None
    if told:
        yield in_words(told)


def _write_schema(path: Path) -> None:
    try:
        path.write_text(json.dumps(json_schema(), indent=2) + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Refused.at("--schema", f"{path}: {unopened(path, error)}") from None


if __name__ == "__main__":
    sys.exit(main())
