"""Whole studies of a tiny network: same numbers anyhow, nothing run twice, nothing lost."""

import json
import multiprocessing
import os
import signal

import duckdb
import numpy as np
import pytest

from sim.scenario.complaints import Refused
from sim.study import crew
from sim.study.point import Outcome, Task, run_point
from sim.study.run import StudyInterrupted, run_study

CURVE = """\
name: curve
base: base.yaml
axes:
  network.buffer_flits: [2, 4]
  workload.rate: [0.2, 0.6]
replicas: 2
bisect: {key: workload.rate, low: 0.2, high: 1.0, until: traffic.saturated, tolerance: 0.1}
"""
SLOWER = """\
name: slower
base: base.yaml
set: {workload.measure_cycles: 600}
axes: {seed: {from: 1, to: 6, points: 6}}
"""
REFUSED = "name: part\nbase: base.yaml\naxes: {workload.pattern: [bit_reverse, uniform, neighbor]}\n"


def table(path):
    with duckdb.connect() as connection:
        return connection.read_parquet(str(path / "points.parquet")).fetchnumpy()


def numbers(path):
    """The table without what depends on the speed of the machine."""
    columns = {name: values for name, values in table(path).items() if not name.startswith("engine.")}
    return {name: np.ma.filled(values.astype(object), None).tolist() for name, values in columns.items()}


@pytest.fixture
def counted(monkeypatch):
    """The identities of all points that are run in this process."""
    run = []

    def counting(task: Task) -> Outcome:
        run.append(task.identity)
        return run_point(task)

    monkeypatch.setattr(crew.work_off, "__defaults__", (counting,))
    return run


def test_a_study_gives_the_same_numbers_for_any_number_of_workers(write, tmp_path):
    path = write(CURVE)
    one = run_study(path, out=tmp_path / "one", workers=1)
    two = run_study(path, out=tmp_path / "two", workers=2)
    assert numbers(one.path) == numbers(two.path)
    assert (one.path / "study.json").read_bytes() == (two.path / "study.json").read_bytes()
    assert one.completed and not one.failures
    assert [found.axes for found in one.thresholds] == [{"network.buffer_flits": 2}, {"network.buffer_flits": 4}]
    assert all(0.2 < found.together.mean < 1.0 for found in one.thresholds)


def test_the_table_has_axes_seeds_and_every_number_of_the_summary(write, counted):
    result = run_study(write(), {"replicas": 2})
    columns = table(result.path)
    assert columns["workload.rate"].tolist() == [0.1, 0.1, 0.2, 0.2]
    assert columns["replica"].tolist() == [0, 1, 0, 1] and columns["seed"][0] == 5
    summary = json.loads((result.path / "points" / columns["point"][3] / "summary.json").read_text())
    assert columns["traffic.latency_cycles.mean"][3] == summary["traffic"]["latency_cycles"]["mean"]
    assert columns["traffic.saturated"].dtype == np.bool_
    assert not {"schema_version", "versions.numpy"} & columns.keys()


def test_finished_points_are_never_run_again(write, counted):
    first = run_study(write())
    assert len(counted) == 2
    again = run_study(write())
    assert len(counted) == 2 and again.path == first.path
    assert [row.outcome for row in again.rows] == [row.outcome for row in first.rows]


def test_a_study_that_grew_runs_only_what_is_new(write, counted):
    first = run_study(write())
    grown = run_study(write(), {"axes.workload.rate": [0.1, 0.2, 0.3], "replicas": 1})
    assert len(counted) == 3 and grown.path != first.path
    assert numbers(grown.path)["workload.rate"] == [0.1, 0.2, 0.3]


def test_a_search_uses_what_the_grid_has_answered(write, counted):
    text = "name: both\nbase: base.yaml\naxes: {workload.rate: [0.1, 0.3, 0.5]}\n"
    text += "bisect: {key: workload.rate, low: 0.1, high: 0.5, until: traffic.saturated, tolerance: 0.2}\n"
    result = run_study(write(text))
    assert len(counted) == len(set(counted)) == 3
    assert "is false still at 0.5" in result.thresholds[0].each[0].problem
    assert sorted(row.point.purpose for row in result.rows) == ["bisect"] * 2 + ["grid"] * 3


def test_failed_points_are_records_and_stop_nothing(write, counted):
    result = run_study(write(REFUSED))
    assert result.completed and [row.outcome.stage for row in result.failures] == ["set up"]
    recorded = json.loads((result.path / "study.json").read_text())
    (failure,) = recorded["failures"]
    assert failure["axes"] == {"workload.pattern": "bit_reverse"}
    assert failure["message"].startswith("workload.pattern: bit_reverse needs a power of two")
    assert numbers(result.path)["failed"] == [True, False, False]
    assert table(result.path)["traffic.accepted_rate"].mask.tolist() == [True, False, False]
    run_study(write(REFUSED))
    assert len(counted) == 3, "a failure that is a property of the scenario is not tried again"


def test_an_error_of_the_program_is_a_record_and_is_tried_again(write, monkeypatch):
    def broken(*arguments, **options):
        raise ZeroDivisionError("by nothing")

    with monkeypatch.context() as patch:
        patch.setattr("sim.study.point.run", broken)
        failed = run_study(write())
    assert [row.outcome.stage for row in failed.failures] == ["code", "code"]
    assert "ZeroDivisionError: by nothing (test_run_study.py:" in failed.failures[0].outcome.message
    assert not run_study(write()).failures


def test_an_interrupted_study_keeps_what_it_has_and_goes_on(write, monkeypatch, counted):
    def stop(progress):
        if progress.done == 1:
            raise KeyboardInterrupt

    with pytest.raises(StudyInterrupted) as stopped:
        run_study(write(), progress=stop)
    partial = stopped.value.result
    assert len(partial.rows) == 1 and not partial.completed
    assert json.loads((partial.path / "study.json").read_text())["completed"] is False
    assert run_study(write()).completed and len(counted) == 2


def test_a_worker_killed_in_the_middle_of_a_study_costs_its_point_which_is_run_again(write, tmp_path):
    path = write(SLOWER)
    before = {}

    def kill(progress):
        if progress.done == 2:
            before.update(written(tmp_path / "killed"))
            victim = multiprocessing.active_children()[0]
            os.kill(victim.pid, signal.SIGKILL)
            victim.join()

    result = run_study(path, out=tmp_path / "killed", workers=2, progress=kill)
    after = written(tmp_path / "killed")
    assert result.completed and not result.failures and len(after) == 6
    assert len(before) >= 2 and before.items() <= after.items(), "what was finished was not run again"
    assert numbers(result.path) == numbers(run_study(path, out=tmp_path / "whole").path)


def written(directory):
    """When each finished point was written."""
    found = directory.glob("points/[!.]*/summary.json")
    return {path.parent.name: path.stat().st_mtime_ns for path in found}


def test_what_a_killed_worker_left_is_no_result(write):
    result = run_study(write())
    name = result.rows[0].point.identity
    (result.path / "points" / name).rename(result.path / "points" / f".{name}.part")
    assert len(run_study(write()).rows) == 2
    assert sorted(path.name for path in (result.path / "points").iterdir()) == sorted(
        row.point.identity for row in result.rows
    )


def test_a_directory_with_something_else_in_it_is_refused(write, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").touch()
    with pytest.raises(Refused, match="is not empty and holds no study"):
        run_study(write(), out=tmp_path / "full")
    with pytest.raises(Refused, match=r"notes\.txt is a file"):
        run_study(write(), out=tmp_path / "full" / "notes.txt")
    run_study(write(), out=tmp_path / "mine")
    with pytest.raises(Refused, match="holds another study"):
        run_study(write(), {"replicas": 2}, out=tmp_path / "mine")


def test_two_sweeps_do_not_work_in_one_directory(write, tmp_path):
    def second(progress):
        with pytest.raises(Refused, match="another sweep is at work"):
            run_study(write(), out=tmp_path / "mine")

    run_study(write(), out=tmp_path / "mine", progress=second)
