"""The command line: what it prints where, and its exit codes; the run itself is a stand-in."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from sim.engine.stuck import Stuck
from sim.measure.store import new_directory, write_json
from sim.scenario.complaints import Refused
from tools import run as tool

ROOT = Path(__file__).resolve().parents[2]


class Failed(Exception):  # noqa: N818
    pass


class Interrupted(Exception):  # noqa: N818
    def __init__(self, path):
        super().__init__(path)
        self.path = path


@pytest.fixture
def simulate(tmp_path, monkeypatch):
    """A `sim.simulate` that writes a small summary and keeps its calls; set `ending` to make it fail."""
    module = ModuleType("sim.simulate")
    module.calls, module.ending, module.forecast = [], None, None
    module.Failed, module.Interrupted = Failed, Interrupted

    def run(path, overrides, out=None, progress=None, trace=False, before=None):
        call = {"path": path, "overrides": overrides, "out": out, "progress": progress, "trace": trace}
        module.calls.append(call)
        if before and module.forecast:
            before(module.forecast)
        if module.ending:
            raise module.ending
        directory = new_directory(out, "small", "0" * 8)
        known = {"schema_version": 1, "scenario": "small", "seed": 1, "completed": True}
        known |= {"time": {"total_s": 0.00243}, "warnings": ["2 packets lost"]}
        write_json(directory, "summary", known)
        return directory

    module.run = run
    monkeypatch.setitem(sys.modules, "sim.simulate", module)
    monkeypatch.chdir(tmp_path)
    return module


def test_a_run_prints_its_summary_and_where_it_is(simulate, capsys):
    assert tool.main(["s.yaml"]) == 0
    printed = capsys.readouterr()
    assert "small  seed 1  completed" in printed.out
    assert "2.43 ms simulated" in printed.out
    assert "result in results/small-00000000" in printed.out
    assert printed.err == ""
    assert callable(simulate.calls[0]["progress"])


def test_what_links_between_chips_will_carry_is_told_before_the_run(simulate, capsys):
    packets, bits = np.array([300.0, 1200.0]), np.array([28_800.0, 115_200.0])
    foreseen = SimpleNamespace(packets=packets, bits=bits, busiest=1, stated=True)
    simulate.forecast = SimpleNamespace(foreseen=foreseen, links=("chip0->chip1", "chip1->chip0"))
    simulate.ending = Stuck(5_000_000, [])
    assert tool.main(["s.yaml"]) == 1
    first, then = capsys.readouterr().err.splitlines()[:2]
    assert first == (
        "foreseen over links between chips, at the activity stated: 1.5 kpackets, 144 kbit a step; "
        "most over chip1->chip0: 1.2 kpackets, 115 kbit"
    )
    assert then.startswith("stuck")
    assert tool.main(["s.yaml", "--quiet"]) == 1
    assert "foreseen" not in capsys.readouterr().err


def test_options_reach_the_run_as_overrides(simulate):
    settings = ["--set", "mapping.place=snake", "--set", "machine.chips=4"]
    assert tool.main(["s.yaml", *settings, "--seed", "7", "--network", "process", "--out", "there"]) == 0
    (call,) = simulate.calls
    assert call["path"] == "s.yaml" and call["out"] == Path("there")
    expected = {"mapping.place": "snake", "machine.chips": 4, "seed": 7, "network.engine": "process"}
    assert call["overrides"] == expected


def test_json_prints_the_summary_file_and_nothing_else_on_standard_output(simulate, capsys):
    assert tool.main(["s.yaml", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["time"]["total_s"] == 0.00243
    assert printed.err == "warning: 2 packets lost\n"


def test_quiet_prints_the_path_and_shows_no_progress(simulate, capsys):
    assert tool.main(["s.yaml", "--quiet"]) == 0
    assert capsys.readouterr().out == "results/small-00000000\n"
    assert simulate.calls[0]["progress"] is None


@pytest.mark.parametrize(
    ("ending", "code", "message"),
    [
        (Refused.at("workload.tokens", "too many"), 2, "workload.tokens: too many\n"),
        (Failed("book energy does not close"), 1, "book energy does not close\n"),
        (Stuck(5_000_000, []), 1, "stuck at 5.000 us"),
        (Interrupted(Path("results/part")), 130, "interrupted; the part that ran is in results/part\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (PermissionError(13, "Permission denied", "results"), 1, "results: Permission denied\n"),
    ],
)
def test_every_ending_has_its_exit_code_and_a_message(simulate, capsys, ending, code, message):
    simulate.ending = ending
    assert tool.main(["s.yaml"]) == code
    printed = capsys.readouterr()
    assert printed.err.startswith(message)
    assert printed.out == ""


def test_all_settings_that_cannot_be_read_are_told_at_once(simulate, capsys):
    assert tool.main(["s.yaml", "--set", "nothing", "--set", "a b=1"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert simulate.calls == []


def test_without_a_scenario_it_says_what_to_try(simulate, capsys):
    assert tool.main([]) == 2
    assert "no scenario given" in capsys.readouterr().err


def test_a_seed_that_is_no_number_is_wrong_input(simulate, capsys):
    with pytest.raises(SystemExit) as ended:
        tool.main(["s.yaml", "--seed", "many"])
    assert ended.value.code == 2
    assert "--seed" in capsys.readouterr().err


def test_explain_needs_no_scenario(capsys):
    assert tool.main(["--explain", "time.total_s"]) == 0
    assert capsys.readouterr().out.startswith("time.total_s  [s]")
    assert tool.main(["--explain", "time.totl_s"]) == 2
    assert "did you mean 'time.total_s'?" in capsys.readouterr().err


def test_help_works_from_anywhere_and_loads_nothing_heavy(tmp_path):
    program = f"""
import runpy, sys
sys.argv = ["run.py", "--help"]
try:
    runpy.run_path({str(ROOT / "tools/run.py")!r}, run_name="__main__")
except SystemExit as ended:
    heavy = [name for name in ("numpy", "simpy", "rich", "yaml", "duckdb", "pydantic") if name in sys.modules]
    print(heavy, ended.code)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "--explain" in done.stdout
    assert done.stdout.splitlines()[-1] == "[] 0"


def test_a_reader_who_has_seen_enough_causes_no_traceback(tmp_path):
    command = f"{sys.executable} {ROOT / 'tools/run.py'} --explain network | true"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == ""
