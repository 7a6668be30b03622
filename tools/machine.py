"""Show a machine: `python tools/machine.py mesh` prints its site map, its faults and every number with its basis.

Exit codes: 0 done; 1 a file could not be written; 2 the input is wrong.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

# Python puts tools/ on its path, but `sim` stands beside it when the project is not installed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sim.machine.description import Topology, read_topology
from sim.report.command import DONE, exit_code
from sim.scenario import settings
from sim.scenario.complaints import Complaint, Refused
from sim.scenario.document import Document, read
from sim.scenario.places import topology_file

PIPE_WIDTH = 200  # columns for the table when no terminal says how many there are


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code."""
    asked = _parser().parse_args(arguments)
    return exit_code(lambda: _show(_topology(asked.topology, asked.set, asked.chips), asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="machine.py",
        description="Show a machine: its site map and counts, what is dead, every number with its basis and source.",
        epilog="exit codes: 0 done, 1 a file could not be written, 2 the input is wrong",
    )
    add = parser.add_argument
    add("topology", metavar="TOPOLOGY", help="a name in topologies/, or the path of a .yaml file")
    add("--set", metavar="KEY=VALUE", action="append", default=[], help="change a key, such as grid.width=16")
    add("--chips", metavar="N", type=int, help="so many chips of a board, or whole boards")
    add("--draw", metavar="FILE", type=Path, help="write the site map as a picture (.svg, .png or .pdf)")
    add("--graphml", metavar="FILE", type=Path, help="write the machine's graph as GraphML")
    return parser


def _topology(written: str, texts: Sequence[str], chips: int | None) -> Topology:
    """The topology called `written`, a path counting from here, with the settings in place."""
    given, complaints = settings.parse_settings(texts)
    document, misplaced = settings.apply(read(_file(written)), given)
    if complaints or misplaced:
        raise Refused([*complaints, *misplaced])
    return read_topology(document, chips=chips)


def _file(written: str) -> Path:
    try:
        return topology_file(written, Document(Path("TOPOLOGY"), {}, {}))
    except Refused as refused:
        raise Refused([Complaint("TOPOLOGY", refused.complaints[0].problem)]) from None


def _show(topology: Topology, asked: argparse.Namespace) -> int:
    from rich.console import Console

    from sim.machine.build import load_machine
    from sim.machine.graph import draw, save_graphml
    from sim.machine.parameters import parameters
    from sim.machine.text import counts, fault_list, parameter_table, site_map

    machine = load_machine(topology, next(iter(topology.operating_points)), asked.chips)
    if asked.draw is not None:
        draw(machine, asked.draw)
    if asked.graphml is not None:
        save_graphml(machine, asked.graphml)
    print(f"{machine.name}: {topology.description}\n\n{site_map(machine)}\n\n{counts(machine)}\n")
    if faults := fault_list(machine):
        print(f"{faults}\n")
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(parameter_table(parameters(topology)))
    return DONE


if __name__ == "__main__":
    sys.exit(main())
