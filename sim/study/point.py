"""One point run in whatever process it is given to: a resolved scenario in, its summary or why there is none out.

A point's directory appears under its name only when the point is finished: until then it has a name that no other
attempt at it has, so that a worker may be killed at any time, or be thought dead, and leaves nothing that looks like a
result. A point that is there already is not run: its worker may have died after it was done and before it said so.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.engine.stuck import Stuck
from sim.measure.store import write_json, write_yaml
from sim.report.result import Result
from sim.scenario.complaints import Refused
from sim.simulate import Failed, Interrupted, run

FAILURE = "failure"
INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is given: the point's name, its resolved scenario, and the directory of all points."""

    identity: str
    scenario: dict[str, Any]
    points: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a point: its summary, or the stage it failed at and a message.

    Stages: `set up` (the machine does not take the scenario), `run` (nothing can move any more), `books` (what was
    counted does not add up), `code` (an error of the program), `worker` (its process died), `interrupted`.
    """

    summary: dict[str, Any] | None = None
    stage: str = ""
    message: str = ""


def run_point(task: Task) -> Outcome:
    """Run one point and leave its directory; never raises for anything the run itself can do."""
    points = Path(task.points)
    if not points.is_dir():
        return Outcome(stage="worker", message=f"{points} is not on {socket.gethostname()}; share the file system")
    if known := finished(points / task.identity):
        return known
    mine = f".{task.identity}.{socket.gethostname()}-{os.getpid()}"
    part = points / f"{mine}.part"
    shutil.rmtree(part, ignore_errors=True)
    scenario = write_yaml(points, mine, task.scenario)
    try:
        return _kept(_ran(scenario, part), task, part)
    except Interrupted as interrupted:
        return Outcome(stage=INTERRUPTED, message=str(interrupted))
    except Exception as error:
        return Outcome(stage="code", message=_where(error))
    finally:
        scenario.unlink(missing_ok=True)
        shutil.rmtree(part, ignore_errors=True)


def finished(directory: Path) -> Outcome | None:
    """The outcome of the point in `directory`, None when it was never finished."""
    if (directory / f"{FAILURE}.json").exists():
        failure = json.loads((directory / f"{FAILURE}.json").read_text(encoding="utf-8"))
        return Outcome(stage=failure["stage"], message=failure["message"])
    return Outcome(Result(directory).summary) if (directory / "summary.json").exists() else None


def _ran(scenario: Path, part: Path) -> Outcome:
    try:
        return Outcome(Result(run(scenario, {}, out=part)).summary)
    except Refused as refused:
        told = (f"{one.path}: {one.problem}" if one.path else one.problem for one in refused.complaints)
        return Outcome(stage="set up", message="; ".join(told))
    except Stuck as stuck:
        return Outcome(stage="run", message=str(stuck))
    except Failed as failed:
        return Outcome(stage="books", message=str(failed).partition("; see ")[0])


def _kept(outcome: Outcome, task: Task, part: Path) -> Outcome:
    """Give the point's directory its name; a failure is written down in it, since it would only happen again."""
    part.mkdir(exist_ok=True)
    if outcome.summary is None:
        write_yaml(part, "scenario", task.scenario)
        write_json(part, FAILURE, {"stage": outcome.stage, "message": outcome.message})
    target = Path(task.points) / task.identity
    shutil.rmtree(target, ignore_errors=True)
    os.replace(part, target)
    return outcome


def _where(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    said = str(error) or "no message"
    return f"{type(error).__name__}: {said} ({Path(frame.filename).name}:{frame.lineno})"
