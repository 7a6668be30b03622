"""Run a study, many settings of one scenario: `python tools/sweep.py scenarios/studies/latency_load.yaml --workers 2`.

Finished points are never run again: a study that was stopped or killed goes on where it was. Exit codes: 0 done; 1 a
point failed; 2 the input is wrong; 130 interrupted, run it again to go on.
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

# What is slow to import is imported where it is used, so that --help answers at once and workers start fast.
from sim.report.command import DONE, FAILED, INTERRUPTED, exit_code, say
from sim.scenario.complaints import Refused

if TYPE_CHECKING:
    from sim.study.results import StudyResult

MOST_WORKERS = 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.study is None and asked.schema is None:
        parser.error("expected a STUDY to run, or --schema FILE to write")
    return exit_code(lambda: _do(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sweep.py",
        description="Run a study: every point that is not finished yet; print its table, leave a study directory.",
        epilog="exit codes: 0 done, 1 a point failed, 2 the input is wrong, 130 interrupted (run it again to go on)",
    )
    add = parser.add_argument
    add("study", metavar="STUDY", nargs="?", help="the YAML file of the study, see scenarios/studies/")
    add("--set", metavar="KEY=VALUE", action="append", default=[], help="change a key of the study or of every run")
    add("--workers", metavar="N", type=_workers, help="points run at once, each in a process; 1, or all of a cluster's")
    add("--cluster", metavar="ADDRESS", help="run the points on the workers of the Dask scheduler at this address")
    add("--out", metavar="DIR", type=Path, help="study directory, new or begun earlier (else results/<name>-<hash>)")
    add("--schema", metavar="FILE", type=Path, help="write the JSON schema of study files, for editors")
    add("--quiet", action="store_true", help="no progress and no tables, only the path of the study directory")
    return parser


def _workers(text: str) -> int:
    count = int(text) if text.isdecimal() else 0
    if not 1 <= count <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} asked, expected a whole number from 1 to {MOST_WORKERS}")
    return count


def _do(asked: argparse.Namespace) -> int:
    if asked.schema is not None:
        _write_schema(asked.schema)
    return DONE if asked.study is None else _run(asked)


def _run(asked: argparse.Namespace) -> int:
    from sim.study.run import StudyBroken, StudyInterrupted

    try:
        result = _studied(asked)
    except StudyBroken as broken:
        return say(str(broken), FAILED)
    except StudyInterrupted as interrupted:
        return say(str(interrupted), INTERRUPTED)
    _show(result, asked)
    return FAILED if result.failures else DONE


def _studied(asked: argparse.Namespace) -> StudyResult:
    from sim.scenario.settings import parse_settings
    from sim.study.progress import shown_on
    from sim.study.run import run_study

    changes, complaints = parse_settings(asked.set)
    if complaints:
        raise Refused(complaints)
    showing: Any = nullcontext() if asked.quiet else shown_on(sys.stderr)
    if asked.cluster is None:
        with showing as show:
            return run_study(asked.study, changes, asked.out, asked.workers or 1, show)
    from sim.study.cluster import joined

    with joined(asked.cluster) as cluster, showing as show:
        return run_study(asked.study, changes, asked.out, asked.workers or cluster.threads, show, cluster.new_pool)


def _show(result: StudyResult, asked: argparse.Namespace) -> None:
    from sim.study.figure import draw_study
    from sim.study.scaling_view import draw_scaling, print_scaling
    from sim.study.text import failure_lines, print_study
    from sim.study.tornado_view import draw_tornadoes, print_tornadoes

    drawn = [*draw_study(result), *draw_scaling(result), *draw_tornadoes(result)]
    if asked.quiet:
        print(result.path, flush=True)
        for line in failure_lines(result):  # what failed is told however quiet the sweep was to be
            print(line, file=sys.stderr)
        return
    from rich.console import Console

    console = Console(highlight=False)
    print_tornadoes(result, console)
    print_scaling(result, console)
    print_study(result, console)
    for path in drawn:
        print(f"figure in {path}", flush=True)
    if result.failures:
        print(f"{len(result.failures)} points failed", file=sys.stderr)


def _write_schema(path: Path) -> None:
    import json

    from sim.study.schema import json_schema

    path.write_text(json.dumps(json_schema(), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
