"""See what happened in a run: `python tools/trace.py results/smoke-01234567 --critical-path`.

Without an option it shows the busiest and longest waiting units and the verdict on the slowest step. What is asked of
single packets and activities needs a run with --trace. Exit codes: 0 done; 2 the input is wrong; 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

# Python puts tools/ on its path, but `sim` stands beside it when the project is not installed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

# What is slow to import is imported where it is used, so that --help answers at once.
from sim.report.command import answered
from sim.scenario.complaints import Refused

if TYPE_CHECKING:
    from sim.report.result import Result

EVER = 1 << 62


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code."""
    asked = _parser().parse_args(arguments)
    return answered(lambda: _answer(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="trace.py",
        description="See what happened in a run: who was busy, what waited, why a step was slow, a packet hop by hop.",
        epilog="exit codes: 0 done, 1 a file cannot be written, 2 the input is wrong, 130 interrupted",
    )
    add = parser.add_argument
    add("result", metavar="RESULT", type=Path, help="the directory of a run")
    add("--top", action="store_true", help="busiest and longest waiting PEs and links")
    add("--unit", metavar="NAME", help="what one unit did: '(3,2).1', 'chip0.pe(3,2).1', 'host input'")
    add("--packet", metavar="ID", help="one packet hop by hop: its number, or SENDER#N such as '(3,2).1#17'")
    add("--step", metavar="N", type=int, help="why step N took as long as it did")
    add("--between", nargs=2, metavar=("FROM", "TO"), help="only this time, such as 10us 12us; alone: what happened")
    add("--critical-path", action="store_true", help="the critical path of the run")
    add("--what-if", action="store_true", help="run it again with a part twice as fast, and compare with the path")
    add("--sql", metavar="QUERY", help="any question to the tables, in the SQL of DuckDB")
    add("--tables", action="store_true", help="the tables there are, with their columns and what they mean")
    add("--perfetto", metavar="FILE.json.gz", type=Path, help="write a file for ui.perfetto.dev or chrome://tracing")
    return parser


def _answer(asked: argparse.Namespace) -> list[str]:
    from sim.report.names import instant, packet_called, unit_called
    from sim.report.packet_view import packet_view
    from sim.report.path_views import critical_path, step_view
    from sim.report.result import Result
    from sim.report.trace_views import between, busiest, timeline

    result = Result(asked.result)
    first, last = (instant(said, "--between") for said in asked.between) if asked.between else (0, EVER)
    if first >= last:
        raise Refused.at("--between", f"{asked.between[0]} is not before {asked.between[1]}")
    lines: list[list[str]] = []
    if asked.unit:
        lines.append(timeline(result, unit_called(result, asked.unit), first, last))
    if asked.packet:
        lines.append(packet_view(result, packet_called(result, asked.packet)))
    if asked.step is not None:
        lines.append(step_view(result, asked.step))
    if asked.critical_path:
        lines.append(critical_path(result))
    if asked.perfetto:
        lines.append(_perfetto(result, asked.perfetto, first, last))
    lines += _other_answers(result, asked)
    if asked.between and not lines:
        lines.append(between(result, first, last))
    if asked.top or not lines:
        lines.append(busiest(result))
    if not any(lines[1:]) and not asked.top and len(sys.argv) == 2:
        lines.append(_slowest(result))
    return "\n\n".join("\n".join(one) for one in lines).split("\n")


def _other_answers(result: Result, asked: argparse.Namespace) -> list[list[str]]:
    from sim.report.schema_view import answer, schema

    lines = []
    if asked.sql:
        lines.append(answer(result, asked.sql))
    if asked.tables:
        lines.append(schema(result))
    if asked.what_if:
        from sim.report.what_if import what_if

        lines.append(what_if(result))
    return lines


def _slowest(result: Result) -> list[str]:
    from sim.report.verdict import slowest, verdict

    step = slowest(result)
    return [verdict(result, step)] if step is not None else []


def _perfetto(result: Result, target: Path, first: int, last: int) -> list[str]:
    from sim.report.perfetto import content, estimated_bytes, write

    if not target.name.endswith(".json.gz"):
        raise Refused.at("--perfetto", f"{target} asked, expected a name that ends in .json.gz")
    shown = content(result, first, last)
    print(f"about {estimated_bytes(shown) / 1e6:,.1f} MB of JSON before compression", file=sys.stderr, flush=True)
    return [f"wrote {path}, {path.stat().st_size:,} bytes" for path in write(shown, target)]


if __name__ == "__main__":
    sys.exit(main())
