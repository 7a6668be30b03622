"""What is wrong with a study is told at its line, all of it at once."""

import numpy as np
import pytest

HEAD = "name: s\nbase: base.yaml\n"
RATES = HEAD + "axes: {workload.rate: [0.1, 0.2]}\n"
BISECT = "bisect: {key: workload.rate, low: 0.1, high: 0.9, until: traffic.saturated, tolerance: 0.1}\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("base: base.yaml\nreplicas: 2\n", "study.yaml:1:1: name: is missing"),
        (HEAD, "study.yaml:1:1: axes: nothing varies"),
        ("name: s\nbase: bse.yaml\nreplicas: 2\n", "study.yaml:2:1: base: "),
        (RATES + "axis: 3\n", "study.yaml:4:1: axis: unknown key, did you mean 'axes'?"),
        (
            RATES + "references: [{name: a, source: b, values: {time.totals: 1}}]\n",
            "references[0].values.time.totals: no number of the summary is called 'time.totals', did you mean",
        ),
        (
            RATES + "references: [" + 2 * "{name: a, source: b, values: {time.total_s: 1}}, " + "]\n",
            "references[1].name: 'a' is the name of another reference",
        ),
        (RATES + "replicas: 0\n", "study.yaml:4:1: replicas: 0 is too small, expected 1 or more"),
        (HEAD + "axes:\n  workload.rate: 0.1\n", "study.yaml:4:3: axes.workload.rate: expected"),
        (HEAD + "axes:\n  workload.rate: []\n", "study.yaml:4:3: axes.workload.rate: a list of 0 is too short"),
        (HEAD + "axes:\n  workload.rate: [0.1, 0.1]\n", "study.yaml:4:24: axes.workload.rate[1]: 0.1 is given twice"),
        (HEAD + "axes:\n  workload.rate: {from: 0, to: 1, points: 3, scale: lug}\n", "did you mean 'log'?"),
        (HEAD + "axes:\n  workload.rate: {from: 0, to: 1, points: 3, scale: log}\n", "log needs both ends above 0"),
        (HEAD + "axes:\n  workload.rate: {from: 0, points: 3}\n", "axes.workload.rate.to: is missing"),
        (HEAD + "axes:\n  workload.rate: {from: 0, to: 1, points: 3, scal: log}\n", "did you mean 'scale'?"),
        (HEAD + "axes: {seed: {from: 1, to: 9999, points: 9999}}\nreplicas: 99\n", "989,901 points asked"),
        (RATES + "set: {workload.rate: 0.3}\n", "study.yaml:4:7: set.workload.rate: is also given values by an axis"),
        (HEAD + "axes: {workload: [{}], workload.rate: [1]}\n", "'workload.rate' lies inside 'workload'"),
        (HEAD + "axes: {workload.rate: [0.1], seed: [1, 2]}\nzip: true\n", "but workload.rate has 1, seed has 2"),
        (HEAD + BISECT.replace("0.9", "0.05"), "study.yaml:3:40: bisect.high: 0.05 is not above low"),
        (HEAD + BISECT.replace("tolerance: 0.1", "tolerance: 2"), "2 is no finer than what is searched, 0.8 wide"),
        (HEAD + BISECT.replace("saturated", "saturatd"), "did you mean 'traffic.saturated'?"),
        (HEAD + BISECT.replace("saturated", "offered_rate"), "expected a yes-or-no number: "),
        (RATES + "figure: {x: workload.rat, y: [traffic.accepted_rate]}\n", "did you mean 'workload.rate'?"),
        (RATES + "figure: {x: workload.rate, y: [traffic.accepted_rat]}\n", "study.yaml:4:32: figure.y[0]: no number"),
        (
            HEAD + "axes: {workload.rate: [0.1], seed: [1, 2]}\n"
            "figure: {x: seed, y: [traffic.accepted_rate], group_by: []}\n",
            "axis 'workload.rate' is neither x nor here",
        ),
    ],
)
def test_what_cannot_be_meant_is_told_at_its_line(said, text, complaint):
    lines = said(text)
    assert len(lines) == 1, lines
    assert complaint in lines[0]


def test_values_that_the_scenario_refuses_are_told_where_the_study_gives_them(said):
    text = HEAD + "set:\n  workload.patern: uniform\naxes:\n  workload.rate: [0.1, 1.5, often]\n  seed: [1, 2]\n"
    lines = said(text)
    assert [line.partition(" is ")[0].partition(" unknown")[0] for line in lines[:2]] == [
        "study.yaml:4:3: set.workload.patern:",
        "study.yaml:6:24: axes.workload.rate[1]: 1.5",
    ]
    assert lines[2].startswith("study.yaml:6:29: axes.workload.rate[2]: expected a number")
    assert len(lines) == 3


def test_what_is_wrong_with_every_value_alike_is_told_once_at_the_key(said):
    assert said(HEAD + "axes: {workload.rte: [0.1, 0.2, 0.3], seed: [1, 2]}\n") == [
        "study.yaml:3:8: axes.workload.rte: unknown key, did you mean 'rate'?"
    ]
    apart = said(HEAD + "axes: {workload.rate: [1.5, 2.5]}\n")
    assert [line.partition(" is ")[0] for line in apart] == [
        f"study.yaml:3:{column}: axes.workload.rate[{index}]: {value}"
        for index, (column, value) in enumerate([(24, 1.5), (29, 2.5)])
    ]


def test_a_range_or_a_search_that_the_scenario_refuses_is_told_there(said):
    text = HEAD + "axes:\n  network.buffer_flits: {from: 1, to: 2, points: 3}\n" + BISECT.replace("0.9", "1.9")
    lines = said(text)
    assert "study.yaml:4:3: axes.network.buffer_flits: " in lines[0] and "whole number" in lines[0]
    assert "study.yaml:5:10: bisect.key: 1.9 is too large" in lines[1]


def test_a_fault_of_the_base_is_told_once_with_its_own_line(said):
    lines = said(RATES, base="name: tiny\nworkload: {kind: traffic, rate: 0.1}\nmesh: 3\n")
    assert lines == [lines[0]] and lines[0].startswith("study.yaml:2:1: base: base.yaml:3:1: mesh: unknown key")


def test_a_fault_between_the_base_and_one_value_names_that_value(said):
    base = """\
name: lm
workload: {kind: language_model, weights: {synthetic: {layers: [8, 8]}}, text: words.txt, tokens: 2}
mapping: {pes_per_layer: [1]}
"""
    text = HEAD + "axes:\n  workload.weights.synthetic.layers: [[8, 8], [8, 8, 8]]\n"
    lines = said(text, base=base)
    (fault,) = [line for line in lines if "pes_per_layer" in line]
    assert fault.startswith("study.yaml:2:1: base: with workload.weights.synthetic.layers=[8, 8, 8]: base.yaml:3:")


def test_settings_reach_the_study_and_its_scenario(plan):
    changes = {"replicas": 2, "workload.measure_cycles": 50, "axes.workload.rate": np.array([0.3, 0.4, 0.5])}
    made = plan(RATES, changes)
    assert [point.axes["workload.rate"] for point in made.grid] == [0.3, 0.3, 0.4, 0.4, 0.5, 0.5]
    assert {point.scenario["workload"]["measure_cycles"] for point in made.grid} == {50}


def test_a_wrong_setting_is_told_as_such(said):
    assert said(RATES, {"replicas": -1})[0].startswith("--set: replicas: -1 is too small")
    assert said(RATES, {"workload.patern": "x"})[0].startswith("--set: set.workload.patern: unknown key")
    assert said(RATES, {"workload.rate": 0.3}) == [
        "--set: set.workload.rate: is also given values by an axis; keep one of the two"
    ]
