"""Compare two runs, or a run with a recording of the chip: `python tools/compare.py results/a results/b`.

A recording is a .csv file with columns pe, step, time_done, packets_received. Exit codes: 0 done; 2 the input is wrong;
130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

# Python puts tools/ on its path, but `sim` stands beside it when the project is not installed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

# What is slow to import is imported where it is used, so that --help answers at once.
from sim.report.command import answered
from sim.scenario.complaints import Refused


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code."""
    asked = _parser().parse_args(arguments)
    return answered(lambda: _answer(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="compare.py",
        description="Compare two runs: parameters and numbers that differ. Or a run with a recording of the chip.",
        epilog="exit codes: 0 done, 2 the input is wrong, 130 interrupted",
    )
    add = parser.add_argument
    add("first", metavar="A", type=Path, help="the directory of a run")
    add("second", metavar="B", type=Path, help="that of another, or a .csv: pe, step, time_done, packets_received")
    add("--time-unit", choices=["s", "ms", "us", "ns"], default="s", help="unit of time_done in a .csv, s if not given")
    return parser


def _answer(asked: argparse.Namespace) -> list[str]:
    from sim.report.compare import compared
    from sim.report.hardware import beside_hardware
    from sim.report.result import Result

    if asked.first.suffix.lower() == ".csv":
        raise Refused.at("A", f"{asked.first} is a recording; expected the run first, then the recording")
    if asked.second.suffix.lower() == ".csv":
        return beside_hardware(Result(asked.first), asked.second, asked.time_unit)
    return compared(Result(asked.first), Result(asked.second))


if __name__ == "__main__":
    sys.exit(main())
