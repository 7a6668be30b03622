"""Points on a real Dask cluster of two worker processes: the same numbers, whatever becomes of a worker."""

import gc
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.study.cluster import joined
from sim.study.run import StudyBroken, run_study
from tests.study.test_run_study import numbers, written
from tools import sweep as tool

ROOT = Path(__file__).resolve().parents[2]
DASK = [sys.executable, "-m", "dask"]
POINTS = 6
STUDY = f"""\
name: far
base: base.yaml
set: {{workload.measure_cycles: 600}}
axes: {{seed: {{from: 1, to: {POINTS}, points: {POINTS}}}}}
"""

pytestmark = pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="the extra 'cluster' is absent")


class Cluster:
    """A scheduler of its own on a free port, and worker processes that can be killed."""

    def __init__(self, directory):
        self._file = directory / "scheduler.json"
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.processes = [self._started("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file")]
        until = time.monotonic() + 120
        while not (said := self._said()) and time.monotonic() < until:
            time.sleep(0.05)
        self.address = said.get("address")

    def _said(self):
        """What the scheduler has written of itself; nothing while it has not, or not all."""
        try:
            return json.loads(self._file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}

    def add_worker(self):
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--scheduler-file")
        self.processes.append(self._started("worker", *options))
        return self.processes[-1]

    def _started(self, what, *options):
        command = [*DASK, what, *options, str(self._file)]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, env=self._environment, cwd=self._file.parent, stdout=quiet, stderr=quiet)

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path):
    cluster = Cluster(tmp_path)
    try:
        assert cluster.address, "the scheduler has not started"
        yield cluster
    finally:
        cluster.end()


def test_a_study_survives_the_death_of_a_worker_with_the_same_numbers(write, dask, tmp_path):
    path = write(STUDY)
    victim, _ = dask.add_worker(), dask.add_worker()
    before = {}

    def kill(progress):
        if progress.done >= 2 and victim.poll() is None:
            before.update(written(tmp_path / "far"))
            victim.kill()
            victim.wait()

    with joined(dask.address) as cluster:
        cluster.client.wait_for_workers(2, timeout=120)
        far = run_study(path, out=tmp_path / "far", workers=2, progress=kill, new_pool=cluster.new_pool)
    assert victim.returncode == -9 and 2 <= len(before) < POINTS
    assert far.completed and not far.failures and len(far.rows) == POINTS
    assert before.items() <= written(tmp_path / "far").items(), "what was finished was not run again"
    assert sorted(written(tmp_path / "far")) == sorted(path.name for path in (tmp_path / "far" / "points").iterdir())
    assert numbers(far.path) == numbers(run_study(path, out=tmp_path / "near").path)


def test_a_lost_scheduler_leaves_what_is_finished_and_the_study_goes_on_elsewhere(write, dask, tmp_path):
    path = write(STUDY)
    dask.add_worker()

    def kill(progress):
        if progress.done == 2:
            dask.end()

    with pytest.raises(StudyBroken, match="run it again to go on") as broken, joined(dask.address) as cluster:
        run_study(path, out=tmp_path / "far", progress=kill, new_pool=cluster.new_pool)
    assert not broken.value.result.completed and 2 <= len(broken.value.result.rows) < POINTS
    assert not broken.value.result.failures
    assert run_study(path, out=tmp_path / "far").completed


def test_the_command_uses_all_threads_of_the_workers(write, dask, capsys):
    dask.add_worker()
    assert tool.main([str(write()), "--cluster", dask.address, "--out", "mine"]) == 0
    assert "2 of 2 points" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere", "tcp://nowhere", "other://nowhere:9", ""])
def test_an_address_where_no_scheduler_is_costs_nothing(write, capfd, address, monkeypatch):
    monkeypatch.setattr("sim.study.cluster.SECONDS_TO_CONNECT", 0.5)
    assert tool.main([str(write()), "--cluster", address]) == 2
    gc.collect()  # a client that was left half made complains when it is forgotten
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith(f"--cluster: no Dask scheduler answers at {address!r}") and not Path("results").exists()


def test_a_scheduler_without_workers_is_told(write, dask, capsys, monkeypatch):
    monkeypatch.setattr("sim.study.cluster.SECONDS_FOR_WORKERS", 0.2)
    assert tool.main([str(write()), "--cluster", dask.address]) == 2
    assert "no worker has joined" in capsys.readouterr().err


def test_without_dask_the_complaint_says_how_to_get_it(write, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert tool.main([str(write()), "--cluster", "tcp://127.0.0.1:9"]) == 2
    assert "pip install -e '.[cluster]'" in capsys.readouterr().err
