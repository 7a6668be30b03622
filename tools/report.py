"""Make a page of a run or a study: `python tools/report.py results/smoke-01234567`.

The page is one HTML file, `report.html` in the directory, that needs no network. Exit codes: 0 done; 1 a file cannot be
written; 2 the input is wrong; 130 interrupted.
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
    return answered(lambda: _made(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="report.py",
        description="Make a page of a run or a study: one HTML file that needs no network.",
        epilog="exit codes: 0 done, 1 a file cannot be written, 2 the input is wrong, 130 interrupted",
    )
    add = parser.add_argument
    add("result", metavar="RESULT", type=Path, help="the directory of a run or of a study")
    add("--out", metavar="FILE", type=Path, help="where to write it (else report.html in the directory)")
    add("--svg", metavar="DIR", type=Path, help="also write each figure as .svg, for papers")
    add("--png", metavar="DIR", type=Path, help="also write each figure as .png")
    return parser


def _made(asked: argparse.Namespace) -> list[Path]:
    from sim.report.page_file import write_page

    target = asked.out or asked.result / "report.html"
    if target.is_dir() or (asked.out and not target.parent.is_dir()):
        problem = "is a directory; expected a file" if target.is_dir() else f"there is no directory {target.parent}"
        raise Refused.at("--out", f"{target}: {problem}")
    if (asked.result / "study.json").is_file():
        from sim.study.page import copied_figures, study_page

        return [write_page(study_page(asked.result), target), *copied_figures(asked.result, _pictures(asked))]
    from sim.report.page_data import page_data
    from sim.report.paper_figures import draw_figures
    from sim.report.result import Result

    result = Result(asked.result)
    made = [write_page(page_data(result), target)]
    for ending, directory in _pictures(asked).items():
        made += draw_figures(result, directory, ending)
    return made


def _pictures(asked: argparse.Namespace) -> dict[str, Path]:
    """Where figures of each kind go, of those that were asked for."""
    wanted = {".svg": asked.svg, ".png": asked.png}
    return {ending: directory for ending, directory in wanted.items() if directory}


if __name__ == "__main__":
    sys.exit(main())
