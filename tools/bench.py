"""How fast and how small the simulator is, on stated work, beside the targets it is held to: `python tools/bench.py`.

Each case runs the shipped commands in processes of their own and counts their processor time, user and system, which
other load on the computer disturbs less than time on the wall. With --repeat the best of several runs counts, and of
shares of time the middle one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

# Python puts tools/ on its path, but `sim` stands beside it when the project is not installed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.console import Console
from rich.table import Table

from sim.anchors.figure import Figure
from sim.anchors.speed import CASES, measured
from sim.anchors.spent import Broken
from sim.report.command import DONE, FAILED, exit_code, say


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when all cases ran, whether or not they reach their targets; 1 when one could not run."""
    asked = _parser().parse_args(arguments)
    return exit_code(lambda: _measure(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__)
    add = parser.add_argument
    add("--only", action="append", choices=list(CASES), metavar="NAME", help=f"one case: {', '.join(CASES)}")
    add(
        "--repeat",
        type=int,
        choices=range(1, 101),
        default=1,
        metavar="N",
        help="take the best of N runs, of shares the middle one",
    )
    add("--json", action="store_true", help="print a list of figures instead of a table")
    return parser


def _measure(asked: argparse.Namespace) -> int:
    figures: list[Figure] = []
    try:
        for name in asked.only or CASES:
            print(f"{name} ...", file=sys.stderr, flush=True)
            figures += measured(name, asked.repeat)
    except Broken as broken:
        return say(str(broken), FAILED)
    _print_json(figures) if asked.json else _print_table(figures)
    return DONE


def _print_json(figures: Sequence[Figure]) -> None:
    rows = [asdict(one) | {"met": one.target.met(one.value) if one.target else None} for one in figures]
    print(json.dumps(rows, indent=2))


def _print_table(figures: Sequence[Figure]) -> None:
    table = Table("case", "figure", "value", "unit", "target", "", title=f"Python {sys.version.split()[0]}")
    for one in figures:
        met = "" if one.target is None else "[green]met[/]" if one.target.met(one.value) else "[red]missed[/]"
        shown = f"{one.value:,.0f}" if one.value >= 1000 else f"{one.value:.3g}"
        table.add_row(one.case, one.name, shown, one.unit, str(one.target or ""), met)
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
