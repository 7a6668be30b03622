"""The command that checks a scenario: what it prints, where, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sim.scenario.schema import json_schema

ROOT = Path(__file__).resolve().parents[2]
SMOKE = str(ROOT / "scenarios" / "smoke.yaml")


def check(*arguments, cwd=ROOT):
    command = [sys.executable, str(ROOT / "tools" / "check.py"), *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_scenario_is_ok_from_any_directory(path, tmp_path):
    code, out, err = check(path, cwd=tmp_path)
    foreseen = "spinnaker2_board" in path.read_text()  # what is said of links between chips
    assert (code, out[0], len(out), err) == (0, f"ok: {path.stem}", 2 + foreseen, [])


def test_it_says_what_was_understood():
    _, out, _ = check("scenarios/smoke.yaml", "--set", "workload.tokens=3", "--set", "machine.operating_point=high")
    assert out[1] == (
        "language model 16 -> 32 -> 32 -> 16, score 3 tokens of kjv_heldout.txt on spinnaker2_chip at high"
    )


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (
            "pattern: transpose",
            "3:27: workload.pattern: transpose needs as many columns as rows, the machine has 3 x 2",
        ),
        ("pattern: hotspot, hotspots: {'6': 2}", "3:45: workload.hotspots: no node '6'; nodes are 0 to 5"),
        ("pattern: trace, trace: t.csv", "t.csv:2:3: workload.trace: no node '7'"),
        ("pattern: bursty, burst_rate: 0.05", "3:44: workload.burst_rate: 0.05 is below the mean rate 0.1"),
        ("rate: 0.2}\nnetwork: {routing: table", "4:11: network.routing: routes by 'table' can deadlock: "),
    ],
)
def test_traffic_is_held_against_the_machine(write, lines, complaint):
    """A deadlock too, for which it has to be routed."""
    grid = "machine: {topology: mesh, override: {grid: {width: 3, height: 2}}}"
    path = write(f"name: x\n{grid}\nworkload: {{kind: traffic, {lines}}}\n")
    (path.parent / "t.csv").write_text("time_cycles,source,destinations\n0,7,1\n", encoding="utf-8")
    code, out, err = check(path)
    assert (code, out, len(err)) == (2, [], 1)
    assert complaint in err[0]


def test_every_complaint_is_a_line_and_the_code_is_two(write):
    path = write("name: x\nsed: 1\nworkload: {kind: traffic, rate: 2}\nmachine: {operating_point: lo}\n")
    code, out, err = check(path, "--set", "seed=x", "--set", "seed", "--set", "machine.override.grid.wdth=1")
    assert (code, out) == (2, [])
    assert [line.removeprefix(f"{path}:").split(" (")[0] for line in err] == [
        "2:1: sed: unknown key, did you mean 'seed'?",
        "3:27: workload.rate: 2 is too large, expected 1 or less",
        "--set: seed: expected a whole number, got text 'x'",
        "--set: 'seed' has no '=', expected KEY=VALUE such as workload.tokens=10",
        "--set: machine.override.grid.wdth: unknown key, did you mean 'width'?",
    ]


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("machine.operating_point=lo", "--set: machine.operating_point: unknown operating point 'lo'"),
        ("machine.override={grid: {width: -1}}", "--set: machine.override.grid.width: -1 is too small"),
        ("machine.topology=/", "--set: machine.topology: /: is a directory"),
    ],
)
def test_the_machine_is_checked_too(setting, complaint):
    code, _, err = check(SMOKE, "--set", setting)
    assert code == 2
    assert err[0].startswith(complaint)


def test_a_topology_file_is_checked_at_its_own_lines(write, tmp_path):
    (tmp_path / "m.yaml").write_text("name: m\ngrid: {width: 2, hight: 2}\n")
    _, _, err = check(write("name: x\nworkload: {kind: traffic, rate: 0.1}\nmachine: {topology: m.yaml}\n"))
    assert any(
        line.startswith(f"{tmp_path}/m.yaml:2:18: grid.hight: unknown key, did you mean 'height'?") for line in err
    )


@pytest.mark.parametrize("arguments", [[], ["no.yaml"], ["."], [SMOKE, "--set"], [SMOKE, "--nonsense"]])
def test_wrong_arguments_end_with_code_two(arguments):
    code, out, err = check(*arguments)
    assert (code, out) == (2, [])
    assert err


def test_the_schema_is_written(tmp_path):
    assert check("--schema", tmp_path / "s.json")[0] == 0
    assert json.loads((tmp_path / "s.json").read_text()) == json_schema()


def test_a_schema_that_cannot_be_written_is_told(tmp_path):
    code, _, err = check("--schema", tmp_path / "no" / "s.json")
    assert (code, len(err)) == (2, 1)
