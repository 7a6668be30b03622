"""The benchmark command: small cases, as a table and as JSON, and what it makes of the runs of a mesh."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "tools" / "bench.py"


@pytest.fixture
def bench(monkeypatch):
    """The command as a module."""
    named = importlib.util.spec_from_file_location("bench", BENCH)
    module = importlib.util.module_from_spec(named)
    monkeypatch.setitem(sys.modules, "bench", module)  # where its dataclasses look for it
    named.loader.exec_module(module)
    return module


def test_a_case_is_printed_with_its_target(tool):
    ended = tool("bench.py", "--only", "smoke")
    assert ended.code == 0
    assert "CPU time" in ended.out and "<= 2" in ended.out


def test_json_holds_every_figure_with_its_target(tool):
    figures = json.loads(tool("bench.py", "--only", "smoke", "--only", "check", "--repeat", "2", "--json").out)
    assert [(one["case"], one["unit"], one["target"]["bound"]) for one in figures] == [
        ("smoke", "s", 2),
        ("check", "s", 0.5),
    ]
    assert all(one["met"] == (0 < one["value"] <= one["target"]["bound"]) for one in figures)


@pytest.mark.parametrize("arguments", [["--only", "nonsense"], ["--repeat", "0"]])
def test_wrong_options_end_with_code_two(tool, arguments):
    assert tool("bench.py", *arguments).code == 2


@pytest.mark.parametrize(("slowest", "met"), [(150, True), (130, False)])
def test_the_fall_is_that_from_the_smallest_mesh_to_the_largest(bench, monkeypatch, slowest, met):
    speeds = {8: 200, 16: 160, 32: slowest}
    asked = []
    monkeypatch.setattr(bench, "_loaded", lambda load: asked.append(load) or {"flit_hops_per_s": speeds[load.side]})
    *each, fall = bench._figures("mesh_0.2", 1)
    assert [(load.side, load.rate) for load in asked] == [(8, 0.2), (16, 0.2), (32, 0.2)]
    assert [one.value for one in each] == [200, 160, slowest]
    assert fall.value == pytest.approx(1 - slowest / 200) and fall.target.met(fall.value) == met


def test_of_several_runs_the_fall_is_that_of_the_best_not_the_least(bench, monkeypatch):
    speeds = iter([100, 160, 150, 200, 160, 100])
    monkeypatch.setattr(bench, "_loaded", lambda load: {"flit_hops_per_s": next(speeds)})
    *each, fall = bench._figures("mesh_0.4", 2)
    assert [one.value for one in each] == [200, 160, 150]
    assert fall.value == pytest.approx(0.25)


def test_every_rate_has_a_case_and_the_eight_by_eight_mesh_a_target_at_a_fifth(bench, monkeypatch):
    monkeypatch.setattr(bench, "_loaded", lambda load: {"flit_hops_per_s": 1, "cpu_s": 2.0})
    figures = {name: list(case(name)) for name, case in bench.CASES.items() if name.startswith("mesh_0.")}
    assert list(figures) == ["mesh_0.05", "mesh_0.2", "mesh_0.4", "mesh_0.001"]
    assert [one.target.bound for one in figures["mesh_0.2"] if one.target] == [200_000]
    assert [(one.value, one.target.bound) for one in figures["mesh_0.001"]] == [(20_050, 83_000), (2550, 2750)]


def test_set_up_is_what_a_process_takes_apart_from_the_events(bench, monkeypatch):
    monkeypatch.setattr(bench, "_mesh_run", lambda load: ({"engine": {"cpu_s": 0.5}}, bench.Spent(2.0, 1, "printed")))
    (figure,) = bench.CASES["mesh_set_up"]("mesh_set_up")
    assert figure.value == 1.5
