"""Every figure known from elsewhere beside ours: `python tools/validate.py`.

Exit codes: 0 all that could be checked agree; 1 one is off by more than its tolerance; 2 the input is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

# Python puts tools/ on its path, but `sim` stands beside it when the project is not installed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.console import Console
from rich.table import Table

from sim.anchors.groups import GROUPS, SLOW, Group
from sim.anchors.published import fit
from sim.anchors.row import Row
from sim.anchors.runs import Runs
from sim.report.command import DONE, FAILED, exit_code

NAMES = list(GROUPS | SLOW)
STYLES = {"ok": "green", "MISS": "bold red", "not checked": "yellow"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code."""
    asked = _parser().parse_args(arguments)
    return exit_code(lambda: _validate(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="validate.py",
        description="Hold the simulator against every figure known from elsewhere.",
        epilog="exit codes: 0 all agree, 1 one does not, 2 the input is wrong, 130 interrupted",
    )
    add = parser.add_argument
    add("--only", metavar="GROUP", action="append", choices=NAMES, help=", ".join(NAMES))
    add("--all", action="store_true", help=f"also what is slow: {', '.join(SLOW)}, every row of them")
    add("--fit", action="store_true", help="find the one fitted constant anew, and print it")
    add("--json", action="store_true", help="print rows as JSON to standard output instead of a table")
    return parser


def _validate(asked: argparse.Namespace) -> int:
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as place:
        runs = Runs(Path(place), lambda news: console.print(news, style="dim", markup=False))
        if asked.fit:
            print(f"costs.csr_nonzero_cycles: {fit(runs):g}")
            return DONE
        rows = {name: list(group(runs)) for name, group in _groups(asked).items()}
    _print(rows, as_json=asked.json)
    return FAILED if any(row.verdict == "MISS" for group in rows.values() for row in group) else DONE


def _groups(asked: argparse.Namespace) -> dict[str, Group]:
    """The groups to show; of one that is both quick and slow, the quick form unless all rows are asked for."""
    known = GROUPS | SLOW if asked.all else GROUPS | {name: SLOW[name] for name in SLOW if name not in GROUPS}
    return {name: known[name] for name in known if name in (asked.only or (known if asked.all else GROUPS))}


def _print(rows: dict[str, list[Row]], *, as_json: bool) -> None:
    if as_json:
        told = [
            {"group": name, **asdict(row), "error": row.error, "verdict": row.verdict}
            for name, group in rows.items()
            for row in group
        ]
        print(json.dumps(told, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("group", "figure", "published", "ours", "error", "within", "basis", "verdict"):
        table.add_column(heading, no_wrap=heading != "figure")
    table.add_column("source and notes", overflow="fold")
    for name, group in rows.items():
        for row in group:
            table.add_row(name, *_cells(row), style=STYLES[row.verdict] if row.verdict != "ok" else None)
    Console(width=None if sys.stdout.isatty() else 180).print(table)


def _cells(row: Row) -> list[str]:
    ours = "" if row.ours is None else f"{row.ours:.5g}"
    published = "" if row.published is None else f"{row.published:.5g} "
    error = "" if row.error is None else f"{row.error:+.2%}"
    within = "at most" if row.is_bound else f"{row.tolerance:.2%}"
    said = "; ".join(filter(None, (row.source, row.note)))
    return [
        row.figure,
        f"{published}{row.unit}",
        ours,
        error,
        within if row.published is not None else "",
        row.basis,
        row.verdict,
        said,
    ]


if __name__ == "__main__":
    sys.exit(main())
