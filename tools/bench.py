"""How fast and how small the simulator is, on stated work, beside the targets it is held to: `python tools/bench.py`.

Each case runs the shipped commands in processes of their own and counts their processor time, user and system, which
other load on the computer disturbs less than time on the wall. With --repeat the best of several runs counts.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Python puts tools/ on its path, but `sim` stands beside it when the project is not installed.
sys.path.insert(0, str(ROOT))

DONE, FAILED = 0, 1
BYTES_PER_RSS = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach: at least `bound`, or at most."""

    bound: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:,g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of one case; without a target it is for information."""

    case: str
    name: str
    value: float
    unit: str
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What one process took, and what it printed."""

    cpu_s: float
    peak_bytes: int
    printed: str


class Broken(Exception):  # noqa: N818 - says what became of a case
    """A command that should have worked did not."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when all cases ran, whether or not they reach their targets; 1 when one could not run."""
    asked = _parser().parse_args(arguments)
    names = asked.only or list(CASES)
    figures: list[Figure] = []
    try:
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            figures += _best([list(CASES[name](name)) for _ in range(asked.repeat)])
    except Broken as broken:
        print(broken, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    _print_json(figures) if asked.json else _print_table(figures)
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__)
    add = parser.add_argument
    add("--only", action="append", choices=list(CASES), metavar="NAME", help=f"one case: {', '.join(CASES)}")
    add("--repeat", type=int, choices=range(1, 101), default=1, metavar="N", help="take the best of N runs of each")
    add("--json", action="store_true", help="print a list of figures instead of a table")
    return parser


def _mesh(name: str) -> Iterator[Figure]:
    """The network alone: an 8x8 mesh under uniform traffic, one flit a packet."""
    rate = float(name.removeprefix("mesh_"))
    engine = _ran("traffic_uniform", f"workload.rate={rate}")[0]["engine"]
    wanted = Target(200_000, at_least=True) if rate == 0.1 else None
    yield Figure(name, "flit-hops per CPU second", engine["flit_hops_per_s"], "/s", wanted)
    yield Figure(name, "events per CPU second", engine["events_per_s"], "/s")


def _one_chip(name: str) -> Iterator[Figure]:
    """The paper-size language model over its 70 tokens, the whole process."""
    summary, spent = _ran("lm_one_chip")
    yield Figure(name, "CPU time", spent.cpu_s, "s", Target(60))
    yield Figure(name, "peak memory", spent.peak_bytes / 1e6, "MB", Target(400))
    yield Figure(name, "events per CPU second", summary["engine"]["events_per_s"], "/s")
    yield Figure(name, "flit-hops per CPU second", summary["engine"]["flit_hops_per_s"], "/s")


def _smoke(name: str) -> Iterator[Figure]:
    yield Figure(name, "CPU time", _ran("smoke")[1].cpu_s, "s", Target(2))


def _check(name: str) -> Iterator[Figure]:
    spent = _process("check.py", str(_scenario("lm_one_chip")))
    yield Figure(name, "CPU time", spent.cpu_s, "s", Target(0.5))


def _memory(name: str) -> Iterator[Figure]:
    """What the paper-size network adds to the memory of the smallest run, for each stored weight and unit."""
    small, large = (_sizes(which, "workload.tokens=1") for which in ("smoke", "lm_one_chip"))
    more = [after - before for before, after in zip(small, large, strict=True)]
    yield Figure(name, "bytes per stored weight", more[0] / more[1], "bytes")
    yield Figure(name, "bytes per unit", more[0] / more[2], "bytes")


CASES: dict[str, Callable[[str], Iterator[Figure]]] = {
    "check": _check,
    "smoke": _smoke,
    "mesh_0.1": _mesh,
    "mesh_0.2": _mesh,
    "memory": _memory,
    "lm_one_chip": _one_chip,
}


def _sizes(scenario: str, setting: str) -> tuple[int, int, int]:
    """Peak memory of a run, and the weights and units that its PEs hold."""
    from sim.report.result import Result

    with tempfile.TemporaryDirectory() as directory:
        spent = _process("run.py", str(_scenario(scenario)), "--quiet", "--set", setting, "--out", directory)
        pe = Result(directory).table("pe")
    return spent.peak_bytes, int(pe["nonzeros"].sum()), int(pe["units"].sum())


def _ran(scenario: str, *settings: str) -> tuple[dict[str, Any], Spent]:
    """The summary of a run, and what its process took."""
    options = [word for setting in settings for word in ("--set", setting)]
    with tempfile.TemporaryDirectory() as directory:
        spent = _process("run.py", str(_scenario(scenario)), "--json", "--out", directory, *options)
    return json.loads(spent.printed), spent


def _scenario(name: str) -> Path:
    return ROOT / "scenarios" / f"{name}.yaml"


def _process(tool: str, *arguments: str) -> Spent:
    """Run a tool to its end; its own CPU time and peak memory, apart from those of all others."""
    command = [sys.executable, str(ROOT / "tools" / tool), *arguments]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        files = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1)]
        _, status, used = os.wait4(os.posix_spawn(sys.executable, command, os.environ, file_actions=files), 0)
        out.seek(0)
        if os.waitstatus_to_exitcode(status):
            raise Broken(f"{' '.join(command)} ended with code {os.waitstatus_to_exitcode(status)}")
        return Spent(used.ru_utime + used.ru_stime, used.ru_maxrss * BYTES_PER_RSS, out.read())


def _best(runs: Sequence[Sequence[Figure]]) -> list[Figure]:
    """Of each figure the fastest or smallest."""
    alike = zip(*runs, strict=True)
    return [(max if same[0].unit == "/s" else min)(same, key=lambda one: one.value) for same in alike]


def _print_json(figures: Sequence[Figure]) -> None:
    rows = [asdict(one) | {"met": one.target.met(one.value) if one.target else None} for one in figures]
    print(json.dumps(rows, indent=2))


def _print_table(figures: Sequence[Figure]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("case", "figure", "value", "unit", "target", "", title=f"Python {sys.version.split()[0]}")
    for one in figures:
        met = "" if one.target is None else "[green]met[/]" if one.target.met(one.value) else "[red]missed[/]"
        shown = f"{one.value:,.0f}" if one.value >= 1000 else f"{one.value:.3g}"
        table.add_row(one.case, one.name, shown, one.unit, str(one.target or ""), met)
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
