"""See what happened in a run: `python tools/trace.py results/smoke-01234567 --critical-path`.

Without an option it shows the busiest and longest waiting units and the verdict on the slowest step. What is asked of
single packets and activities needs a run with --trace. Exit codes: 0 done; 2 the input is wrong; 130 interrupted.
"""

from __future__ import annotations

import argparse
import math
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
    from sim.report.path_views import critical_path, step_view
    from sim.report.result import Result
    from sim.report.trace_views import between

    result = Result(asked.result)
    first, last = _window(result, asked.between)
    answers = [
        *_answers_on_one(result, asked, first, last),
        *([step_view(result, asked.step)] if asked.step is not None else []),
        *([critical_path(result)] if asked.critical_path else []),
        *([_perfetto(result, asked.perfetto, first, last)] if asked.perfetto else []),
        *_other_answers(result, asked),
    ]
    if asked.between and not answers:
        answers = [between(result, first, last)]
    return "\n\n".join("\n".join(one) for one in answers or _overview(result)).split("\n")


def _window(result: Result, said: Sequence[str] | None) -> tuple[int, int]:
    """The instants asked for (ps). Refused when no part of the run lies between them."""
    from sim.report.names import instant
    from sim.units import PS_PER_S

    if said is None:
        return 0, EVER
    first, last = (instant(one, "--between") for one in said)
    if first >= last:
        raise Refused.at("--between", f"{said[0]} is not before {said[1]}")
    took = result.summary.get("time", {}).get("total_s", math.inf)
    if first > took * PS_PER_S:
        raise Refused.at("--between", f"{said[0]} asked, but the run was over after {took * 1e6:,.3f} us")
    return first, last


def _answers_on_one(result: Result, asked: argparse.Namespace, first: int, last: int) -> list[list[str]]:
    from sim.report.names import packet_called, unit_called
    from sim.report.packet_view import packet_view
    from sim.report.trace_views import timeline

    lines = []
    if asked.unit is not None:
        lines.append(timeline(result, unit_called(result, asked.unit), first, last))
    if asked.packet is not None:
        lines.append(packet_view(result, packet_called(result, asked.packet)))
    return lines


def _other_answers(result: Result, asked: argparse.Namespace) -> list[list[str]]:
    from sim.report.schema_view import answer, schema
    from sim.report.trace_views import busiest

    lines = []
    if asked.sql is not None:
        lines.append(answer(result, asked.sql))
    if asked.tables:
        lines.append(schema(result))
    if asked.what_if:
        from sim.report.what_if import what_if

        lines.append(what_if(result))
    if asked.top:
        lines.append(busiest(result))
    return lines


def _overview(result: Result) -> list[list[str]]:
    """Who was busy, and why the slowest step was."""
    from sim.report.trace_views import busiest
    from sim.report.verdict import slowest, verdict

    step = slowest(result)
    return [busiest(result), *([[verdict(result, step)]] if step is not None else [])]


def _perfetto(result: Result, target: Path, first: int, last: int) -> list[str]:
    from sim.report.perfetto import content, estimated_bytes, write

    if not target.name.endswith(".json.gz"):
        raise Refused.at("--perfetto", f"{target} asked, expected a name that ends in .json.gz")
    shown = content(result, first, last)
    print(f"about {estimated_bytes(shown) / 1e6:,.1f} MB of JSON before compression", file=sys.stderr, flush=True)
    return [f"wrote {path}, {path.stat().st_size:,} bytes" for path in write(shown, target)]


if __name__ == "__main__":
    sys.exit(main())
