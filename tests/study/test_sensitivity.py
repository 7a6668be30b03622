"""Sensitivity studies: which points they have, what they make of them, and that nothing else changes a number."""

import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sim.study import crew
from sim.study.point import run_point
from sim.study.run import run_study
from sim.study.tornado import quantile, tornadoes
from sim.study.tornado_view import draw_tornadoes, print_tornadoes

STUDY = """\
name: moved
base: base.yaml
sensitivity:
  of: [traffic.latency_cycles.mean, time.total_s]
  parameters: [noc.*, host.latency_ns]
  draws: 4
"""
KEY = "machine.override."


def cells(plan, move):
    return [point.axes for point in plan.grid if point.purpose == move]


def draws_of(plan, name):
    return [cell[KEY + name] for cell in cells(plan, "draw")]


def test_each_parameter_goes_to_both_ends_alone_and_the_assumed_ones_together(plan):
    made = plan(STUDY)
    names = [one.name for one in made.moved.alone]
    assert names == [f"noc.{key}_cycles" for key in ("hop", "injection", "ejection", "credit")] + ["host.latency_ns"]
    assert cells(made, "grid") == [{}]
    assert cells(made, "low") == [{KEY + name: low} for name, low in zip(names, [1, 1, 1, 1, 5000], strict=True)]
    assert cells(made, "high") == [{KEY + name: high} for name, high in zip(names, [10] * 4 + [100000], strict=True)]
    assert [list(cell) for cell in cells(made, "draw")] == [[KEY + "host.latency_ns"]] * 4  # the only assumed one


def test_an_end_that_is_the_value_itself_needs_no_run(plan):
    stated = "{value: 4, low: 4, high: 9, basis: assumed}"
    made = plan(STUDY + f"set: {{machine.override.noc.hop_cycles: {stated}}}\n")
    assert {KEY + "noc.hop_cycles": 9} in cells(made, "high")
    assert not any(KEY + "noc.hop_cycles" in cell for cell in cells(made, "low"))


def test_what_is_left_out_or_has_no_range_stays(plan):
    made = plan(STUDY, {"sensitivity.parameters": ["*"], "sensitivity.leave_out": ["costs.*", "sram.*", "noc.credit*"]})
    names = {one.name for one in made.moved.alone}
    assert {"noc.hop_cycles", "host.macs_per_s"} <= names
    assert not any(name.startswith(("costs.", "sram.", "noc.credit", "packets.")) for name in names)
    assert "noc.flit_bits" in made.moved.unranged and "noc.clock_mhz" in made.moved.unranged


def test_draws_are_in_range_whole_where_the_number_is_and_do_not_depend_on_others(plan):
    wide = {"sensitivity.together": "all", "sensitivity.draws": 60}
    made = plan(STUDY, wide)
    hops, latencies = draws_of(made, "noc.hop_cycles"), draws_of(made, "host.latency_ns")
    assert all(isinstance(value, int) and 1 <= value <= 10 for value in hops) and len(set(hops)) > 5
    assert all(5000 <= value <= 100000 for value in latencies) and len(set(latencies)) == 60
    alone = plan(STUDY, wide | {"sensitivity.draws": 9, "sensitivity.parameters": ["host.latency_ns"]})
    assert draws_of(alone, "host.latency_ns") == latencies[:9]
    assert draws_of(plan(STUDY, wide | {"seed": 6}), "host.latency_ns") != latencies


def test_draws_are_uniform_in_the_logarithm_or_in_the_number(plan):
    wide = {"sensitivity.draws": 400, "sensitivity.parameters": ["host.latency_ns"]}
    by_scale = {
        scale: draws_of(plan(STUDY, wide | {"sensitivity.scale": scale}), "host.latency_ns")
        for scale in ("log", "linear")
    }
    shares = {
        "log": [math.log(value / 5000) / math.log(20) for value in by_scale["log"]],
        "linear": [(value - 5000) / 95000 for value in by_scale["linear"]],
    }
    for values in shares.values():
        ordered = np.sort(values)
        assert np.max(np.abs(ordered - np.linspace(0, 1, 400))) < 0.08  # Kolmogorov and Smirnov: 1.6 / sqrt(400)


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("axes: {workload.rate: [0.1, 0.2]}", "axes: a sensitivity study has one base"),
        ("replicas: 2", "replicas: 2 asked, but a sensitivity study runs each point once"),
        ("figure: {x: workload.rate, y: [time.total_s]}", "figure: a sensitivity study has one base"),
    ],
)
def test_nothing_else_varies_in_a_sensitivity_study(said, more, line):
    assert any(line in told for told in said(f"{STUDY}{more}\n"))


def test_unknown_names_are_told_where_they_stand(said):
    (line,) = said(STUDY.replace("host.latency_ns", "host.latency"))
    assert line.startswith("study.yaml:5:") and "no number of the machine is called 'host.latency'" in line
    assert "did you mean 'host.latency_ns'?" in line
    (line,) = said(STUDY.replace("time.total_s", "time.totl_s"))
    assert "did you mean 'time.total_s'?" in line


def test_a_sensitivity_study_gives_the_same_numbers_for_any_number_of_workers(write, tmp_path):
    path = write(STUDY)
    one = run_study(path, out=tmp_path / "one", workers=1)
    two = run_study(path, out=tmp_path / "two", workers=2)
    assert (one.path / "study.json").read_bytes() == (two.path / "study.json").read_bytes()
    assert tornadoes(one) == tornadoes(two)
    latency = tornadoes(one)[0]
    assert latency.name == "traffic.latency_cycles.mean"
    assert [bar.swing for bar in latency.bars] == sorted((bar.swing for bar in latency.bars), reverse=True)
    longest = latency.bars[0]
    assert longest.parameter.name == "noc.hop_cycles" and longest.at_low < latency.base < longest.at_high
    silent = next(bar for bar in latency.bars if bar.parameter.name == "host.latency_ns")
    assert silent.swing == 0 and silent.at_low == latency.base  # a traffic study has no host
    assert latency.spread.draws == 4 and latency.spread.least == latency.spread.most == latency.base
    told = json.loads((one.path / "study.json").read_text())["tornadoes"]
    assert told[0]["base"] == latency.base and told[0]["bars"][0]["parameter"] == "noc.hop_cycles"


def test_it_goes_on_where_it_was(write, monkeypatch):
    ran = []
    monkeypatch.setattr(crew.work_off, "__defaults__", (lambda task: ran.append(task.identity) or run_point(task),))
    path = write(STUDY)
    first = run_study(path)
    assert len(ran) == len(set(ran)) == 1 + 5 + 5 + 4
    assert tornadoes(run_study(path)) == tornadoes(first) and len(ran) == 15
    run_study(path, {"sensitivity.draws": 6})
    assert len(ran) == 17  # two draws more


def test_a_point_that_fails_is_a_record_and_its_bar_says_so(write, tmp_path):
    huge = "{value: 16384, low: 8192, high: 500000, basis: assumed}"
    text = STUDY.replace("noc.*, host.latency_ns", "sram.code_bytes, noc.hop_cycles")
    result = run_study(write(text + f"set: {{machine.override.sram.code_bytes: {huge}}}\n"))
    assert {row.outcome.stage for row in result.failures} == {"set up"}
    bar = next(bar for bar in tornadoes(result)[0].bars if bar.parameter.name == "sram.code_bytes")
    assert bar.at_high is None and bar.at_low is not None and bar.swing == 0
    console = Console(file=io.StringIO(), width=200)
    print_tornadoes(result, console)
    assert "for want of a run that ended well: sram.code_bytes" in console.file.getvalue()


def test_what_is_shown_names_parameters_ranges_and_the_interval(write):
    result = run_study(write(STUDY), {"sensitivity.together": "all"})
    console = Console(file=io.StringIO(), width=80)
    print_tornadoes(result, console)
    text = console.file.getvalue()
    assert "traffic.latency_cycles.mean = " in text and "noc.hop_cycles" in text
    assert "1 - 10" in text and "* assumed" in text
    assert "all 5 ranged parameters drawn together, 4 draws: 5 % " in text
    assert "more parameters move it less than these" in text
    svg, png = draw_tornadoes(result)
    drawn = svg.read_text()
    assert "noc.hop_cycles  1 - 10" in drawn and "5 % to 95 % of 4 draws" in drawn and "low end" in drawn
    assert png.stat().st_size > 10_000
    again = drawn
    draw_tornadoes(result)
    assert svg.read_text() == again


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0, 1))
def test_quantiles_are_those_of_numpy(values, share):
    ordered = sorted(values)
    assert quantile(ordered, share) == pytest.approx(float(np.quantile(ordered, share)), rel=1e-9, abs=1e-6)
