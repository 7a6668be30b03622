"""The command line of studies: what it prints where, its exit codes, and being stopped in the middle."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from sim.study.load import load_study
from sim.study.plan import make_plan
from sim.study.schema import json_schema
from tools import sweep as tool

ROOT = Path(__file__).resolve().parents[2]
SWEEP = [sys.executable, str(ROOT / "tools" / "sweep.py")]
INTERRUPTIBLE = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
"""What a process does first, so that it can be interrupted even where tests run in the background of a shell."""
SLOW = """\
name: slow
base: base.yaml
axes: {workload.measure_cycles: [100, 40000, 40001, 40002]}
"""
"""A study whose first point is soon over, with time to stop it in any of the others."""
ENDLESS = """\
name: endless
base: base.yaml
axes: {workload.measure_cycles: [100, 10000000, 20000000, 30000000]}
"""
"""A study whose first point is soon over and whose others never are, however slow the computer is to interrupt it."""
REFUSED = "name: part\nbase: base.yaml\naxes: {workload.pattern: [bit_reverse, uniform]}\n"
FIGURE = "figure: {x: workload.rate, y: [traffic.accepted_rate]}\n"


def finished(directory):
    return sorted(path.parent.name for path in directory.glob("points/*/summary.json") if path.parent.name[0] != ".")


def test_a_study_prints_its_table_and_draws_its_figure(write, tmp_path, capsys):
    text = "name: small\nbase: base.yaml\naxes: {workload.rate: [0.1, 0.2]}\n" + FIGURE
    assert tool.main([str(write(text)), "--out", "mine"]) == 0
    printed = capsys.readouterr()
    assert "accepted_rate" in printed.out and "study in mine" in printed.out
    assert "2 of 2 points" in printed.err
    assert {"figure.svg", "figure.png", "points.parquet", "study.json"} <= {
        path.name for path in Path("mine").iterdir()
    }


def test_quiet_prints_the_path_alone(write, capsys):
    assert tool.main([str(write()), "--quiet", "--set", "workload.measure_cycles=50"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("results/small-") and len(printed.out.splitlines()) == 1
    assert printed.err == ""


def test_a_failed_point_is_told_in_words_with_exit_code_1(write, capsys):
    assert tool.main([str(write(REFUSED))]) == 1
    printed = capsys.readouterr()
    assert "failed at set up: workload.pattern=bit_reverse: workload.pattern: bit_reverse" in " ".join(
        printed.out.split()
    )
    assert "1 points failed" in printed.err
    assert tool.main([str(write(REFUSED)), "--quiet"]) == 1
    assert capsys.readouterr().err.startswith("failed at set up: workload.pattern=bit_reverse: ")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["study.yaml", "--set", "replicas=no"], "--set: replicas: expected a whole number"),
        (["study.yaml", "--set", "replicas"], "'replicas' has no '='"),
        (["study.yml"], "study.yml: no such file, did you mean 'study.yaml'?"),
        (["study.yaml", "--out", "study.yaml/x"], "--out: "),
    ],
)
def test_wrong_input_is_told_with_exit_code_2(write, capsys, arguments, complaint):
    write()
    assert tool.main(arguments) == 2
    printed = capsys.readouterr()
    assert complaint in printed.err and printed.out == ""


def test_a_study_or_a_schema_is_needed_and_workers_are_a_number(capsys):
    for arguments in ([], ["study.yaml", "--workers", "0"], ["study.yaml", "--workers", "two"]):
        with pytest.raises(SystemExit) as ended:
            tool.main(arguments)
        assert ended.value.code == 2
    assert "expected a whole number from 1" in capsys.readouterr().err


def test_the_committed_schema_is_the_one_of_the_models(tmp_path):
    assert tool.main(["--schema", str(tmp_path / "s.json")]) == 0
    committed = json.loads((ROOT / "scenarios" / "study.schema.json").read_text())
    told = "run: python tools/sweep.py --schema scenarios/study.schema.json"
    assert committed == json.loads((tmp_path / "s.json").read_text()) == json_schema(), told


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios" / "studies").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_study_of_the_project_can_be_planned(path):
    assert make_plan(load_study(path)).grid


def test_help_loads_nothing_heavy():
    program = f"""
import runpy, sys
sys.argv = ["sweep.py", "--help"]
try:
    runpy.run_path({str(ROOT / "tools/sweep.py")!r}, run_name="__main__")
except SystemExit:
    print([name for name in ("numpy", "simpy", "rich", "yaml", "duckdb", "pydantic") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def started(path, *options):
    """A sweep in a process group of its own that has finished a point or two, and can be interrupted."""
    command = [*SWEEP, str(path), "--out", "mine", "--quiet", *options]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=INTERRUPTIBLE
    )
    until = time.monotonic() + 300
    while not finished(Path("mine")) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    return process


def test_a_killed_sweep_leaves_no_worker_behind_and_goes_on_where_it_was(write):
    path = write(SLOW)
    killed = started(path, "--workers", "2")
    killed.kill()
    killed.communicate()
    time.sleep(0.5)
    processes = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    alive = [line.split()[1] for line in processes.splitlines() if line.split()[0] == str(killed.pid)]
    assert all(state.startswith("Z") for state in alive), "ended, though perhaps nobody has taken note of it yet"
    before = {name: (Path("mine/points") / name / "summary.json").stat().st_mtime_ns for name in finished(Path("mine"))}
    assert 0 < len(before) < 4
    done = subprocess.run([*SWEEP, str(path), "--out", "mine"], capture_output=True, text=True, check=True)
    assert f"4 of 4 points ({len(before)} from earlier)" in done.stderr
    after = {name: (Path("mine/points") / name / "summary.json").stat().st_mtime_ns for name in finished(Path("mine"))}
    assert len(after) == 4 and before.items() <= after.items()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_interrupt_key_stops_the_sweep_with_exit_code_130(write, workers):
    path = write(ENDLESS)
    process = started(path, "--workers", workers)
    try:
        os.killpg(process.pid, signal.SIGINT)
        _, error = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130, error
    assert error == "interrupted; run it again to go on, what is finished is in mine\n"
    told = json.loads(Path("mine/study.json").read_text())
    assert told["completed"] is False and len(finished(Path("mine"))) == 1
