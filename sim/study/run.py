"""A study file in, a directory with all its points and what they say together out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.measure.store import write_table
from sim.study.campaign import Campaign, Tell
from sim.study.crew import Gone, NewPool, local_pool, work_off
from sim.study.directory import StudyDirectory, opened
from sim.study.load import load_study
from sim.study.plan import Plan, make_plan
from sim.study.results import StudyResult, columns, described, result_of
from sim.study.scaling import described_scaling
from sim.study.tornado import described_tornadoes


class StudyInterrupted(Exception):  # noqa: N818 - says what became of the study
    """The study was stopped by the user; `result` has what was finished, and running it again goes on from there."""

    def __init__(self, result: StudyResult, why: str = "interrupted") -> None:
        super().__init__(f"{why}; run it again to go on, what is finished is in {result.path}")
        self.result = result


class StudyBroken(StudyInterrupted):
    """The same, because what ran the points is lost."""


def run_study(
    path: str | Path,
    changes: Mapping[str, Any] = {},
    out: Path | None = None,
    workers: int = 1,
    progress: Tell | None = None,
    new_pool: NewPool | None = None,
) -> StudyResult:
    """Run every point of the study at `path` that is not finished yet; failed points are records and stop nothing.

    `changes` has dotted keys of the study or of its scenario. `new_pool` makes any `concurrent.futures.Executor` with
    room for `workers` tasks, by default processes on this machine, and is called again when one breaks. Raises Refused
    when the study cannot be run as it is written, StudyInterrupted on KeyboardInterrupt, StudyBroken when an executor
    is lost for good.
    """
    plan = make_plan(load_study(path, changes))
    with opened(out, plan.file.study.name, plan.digest) as directory:
        campaign = Campaign(plan, directory, progress, workers)
        campaign.recall()
        _keep(plan, directory, campaign, completed=False)
        try:
            work_off(campaign, new_pool or local_pool(workers), workers)
        except KeyboardInterrupt:
            campaign.gather()
            raise StudyInterrupted(_keep(plan, directory, campaign, completed=False)) from None
        except Gone as gone:
            campaign.gather()
            raise StudyBroken(_keep(plan, directory, campaign, completed=False), str(gone)) from None
        return _keep(plan, directory, campaign, completed=True)


def _keep(plan: Plan, directory: StudyDirectory, campaign: Campaign, *, completed: bool) -> StudyResult:
    result = result_of(directory.path, plan, campaign, completed=completed)
    if result.rows:
        write_table(directory.path, "points", columns(result.study, result.rows))
    told = described(result, plan.digest)
    if plan.moved.alone:
        told["tornadoes"] = described_tornadoes(result)
    if result.study.scaling:
        told["scaling"] = described_scaling(result)
    directory.write("study", told)
    return result
