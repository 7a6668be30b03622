"""The commands end to end: what they print and leave, Ctrl-C, and the same run from Python."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

import sim
from sim.report.result import Result

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTIBLE = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
"""What a process does first, so that it can be interrupted even where tests run in the background of a shell."""


def test_a_run_leaves_a_result_and_shows_its_summary(tool, write, tmp_path):
    ended = tool("run.py", write(), "--out", "there")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("small  seed 1  completed")
    assert ended.out.rstrip().endswith("result in there")
    result = Result(tmp_path / "there")
    assert result.summary["completed"] and all(result.summary["books"].values())
    assert result.tables == ["dram_port", "latency", "layer_step", "link", "link_step", "path", "pe", "power", "step"]
    assert json.loads((tmp_path / "there" / "mapping.json").read_text())["slices"]


def test_json_output_is_the_summary_and_no_result_is_overwritten(tool, write, tmp_path):
    first, second = (json.loads(tool("run.py", write(), "--json").out) for _ in range(2))
    assert first["workload"] == second["workload"]
    results = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert len(results) == 2 and results[1] == f"{results[0]}-2"


def test_settings_and_seed_reach_the_run(tool, write):
    settings = ["--set", "mapping.place=snake", "--seed", "3"]
    summary = json.loads(tool("run.py", write(), "--json", *settings).out)
    assert (summary["mapping"]["place"], summary["seed"]) == ("snake", 3)


def test_the_same_run_from_python(write, tmp_path):
    result = sim.run(write(), {"mapping.place": "snake", "seed": 3}, out=tmp_path / "there")
    assert result.summary["completed"]
    assert result.table("pe")["units"].sum() == 48
    assert result.scenario["mapping"]["place"] == "snake"


def interrupted(path, out):
    """Start a run, wait until it is under way, press Ctrl-C: its exit code and what it said."""
    command = [sys.executable, str(ROOT / "tools" / "run.py"), str(path), "--out", str(out)]
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=INTERRUPTIBLE
    )
    try:
        deadline = time.monotonic() + 300
        while not out.is_dir() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1.0)
        os.kill(running.pid, signal.SIGINT)
        printed, said = running.communicate(timeout=300)
    finally:
        running.kill()
    return running.returncode, printed, said


@pytest.mark.parametrize("scenario", ["lm_trained", "traffic_uniform"])
def test_ctrl_c_leaves_a_readable_part(tmp_path, scenario):
    long = {"lm_trained": "tokens: 2000", "traffic_uniform": "measure_cycles: 1000000"}[scenario]
    text = (ROOT / "scenarios" / f"{scenario}.yaml").read_text().replace("data/", f"{ROOT}/scenarios/data/")
    (tmp_path / "long.yaml").write_text(text.replace("tokens: 512", long).replace("measure_cycles: 10000", long))
    code, printed, said = interrupted(tmp_path / "long.yaml", tmp_path / "part")
    assert (code, printed) == (130, "")
    assert said == f"interrupted; the part that ran is in {tmp_path / 'part'}\n"
    result = Result(tmp_path / "part")
    assert result.summary["completed"] is False
    assert "books" not in result.summary
    assert result.summary["network"]["flit_hops"] == result.table("link")["flits"].sum() > 0
    if scenario == "lm_trained":
        assert result.summary["time"]["steps"] < result.summary["workload"]["steps"]
    assert not list(tmp_path.glob("part/.*"))
