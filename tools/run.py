"""Run one scenario, print a summary, leave a result directory: `python tools/run.py scenarios/smoke.yaml`.

Exit codes: 0 done; 1 the run itself failed; 2 the input is wrong; 130 interrupted, a partial result is left.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Python puts tools/ on its path, but `sim` stands beside it when the project is not installed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

# What is slow to import is imported where it is used, so that --help answers at once.
from sim.report.command import DONE, FAILED, INTERRUPTED, exit_code, say
from sim.scenario.complaints import Refused

if TYPE_CHECKING:
    from sim.report.result import Result
    from sim.simulate import Forecast


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code."""
    asked = _parser().parse_args(arguments)
    return exit_code(lambda: _explain(asked.explain) if asked.explain else _run(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run.py",
        usage="%(prog)s SCENARIO [options]\n       %(prog)s --explain NAME",
        description="Run one scenario; print a summary and leave a result directory.",
        epilog="exit codes: 0 done, 1 the run itself failed, 2 the input is wrong, 130 interrupted",
    )
    add = parser.add_argument
    add("scenario", metavar="SCENARIO", nargs="?", help="the YAML file that says what to run")
    add("--set", metavar="KEY=VALUE", action="append", default=[], help="change a key: mapping.place=snake")
    add("--out", metavar="DIR", type=Path, help="result directory, new or empty (else results/<name>-<hash>)")
    add("--seed", metavar="N", type=int, help="the same as --set seed=N")
    add("--network", choices=["process", "ideal"], help="the same as --set network.engine=...")
    add("--trace", action="store_true", help="record spans, packets and hops for trace.py (see the key 'trace')")
    add("--json", action="store_true", help="print summary.json to standard output instead of the summary")
    add("--quiet", action="store_true", help="no progress and no summary, only the path of the result")
    add("--explain", metavar="NAME", help="say what a summary key or table column means, and stop")
    return parser


def _explain(name: str) -> int:
    from sim.report.glossary import explain

    print(explain(name), flush=True)
    return DONE


def _run(asked: argparse.Namespace) -> int:
    if asked.scenario is None:
        raise Refused.at("SCENARIO", "no scenario given; try scenarios/smoke.yaml, or --help")
    from sim.engine.stuck import Stuck
    from sim.report.result import Result
    from sim.simulate import Failed, Interrupted

    try:
        result = Result(_simulated(asked))
    except (Stuck, Failed) as failure:
        return say(str(failure), FAILED)
    except Interrupted as interrupted:
        return say(f"interrupted; the part that ran is in {interrupted.path}", INTERRUPTED)
    _show(result, asked)
    return DONE


def _simulated(asked: argparse.Namespace) -> Path:
    from sim.report.progress import shown_on
    from sim.simulate import run

    overrides, before = _overrides(asked), None if asked.quiet else _foretell
    showing: Any = nullcontext() if asked.quiet else shown_on(sys.stderr)
    with showing as show:
        return run(asked.scenario, overrides, out=asked.out, progress=show, trace=asked.trace, before=before)


def _foretell(forecast: Forecast) -> None:
    from sim.report.forecast import in_words

    print(f"foreseen {in_words(forecast)}", file=sys.stderr, flush=True)


def _overrides(asked: argparse.Namespace) -> dict[str, object]:
    from sim.scenario.settings import parse_settings

    overrides, complaints = parse_settings(asked.set)
    if complaints:
        raise Refused(complaints)
    special = {"seed": asked.seed, "network.engine": asked.network}
    return overrides | {key: value for key, value in special.items() if value is not None}


def _show(result: Result, asked: argparse.Namespace) -> None:
    if not (asked.json or asked.quiet):
        _print_summary(result)
        return
    summary = (result.path / "summary.json").read_text(encoding="utf-8")
    print(summary.rstrip() if asked.json else result.path, flush=True)
    for warning in result.summary.get("warnings", []):  # lost events are told however quiet the run was to be
        print(f"warning: {warning}", file=sys.stderr)


def _print_summary(result: Result) -> None:
    from rich.console import Console

    from sim.report.terminal import print_summary

    print_summary(result, Console(highlight=False))


if __name__ == "__main__":
    sys.exit(main())
