"""Axes that move together in part, and keys that grow along an axis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.study.axes import beside, cell_count, grid
from sim.study.models import Scale, Study
from sim.study.scale import grown, repeated

STACKS = """\
name: stacks
seed: 1
machine: {topology: spinnaker2_chip}
workload:
  kind: vectors
  weights: {synthetic: {layers: [8, 16, 8], sparsity: 0.5}}
  inputs: x.npz
"""


def study(**keys):
    return Study(name="s", base="b.yaml", **keys)


def test_a_list_of_axes_moves_together_in_every_combination_with_the_others():
    asked = study(axes={"a": [1, 2], "b": ["x", "y"], "c": [10, 20]}, zip=["a", "c"])
    assert grid(asked) == [
        {"a": 1, "b": "x", "c": 10},
        {"a": 1, "b": "y", "c": 10},
        {"a": 2, "b": "x", "c": 20},
        {"a": 2, "b": "y", "c": 20},
    ]
    assert cell_count(asked) == 4
    assert beside(asked, "a") == ["b"] and beside(asked, "b") == ["a"]


def test_layers_grow_in_width_and_depth_and_inputs_are_no_layer():
    layers = [100, 200, 300]
    assert grown(layers, "workload.layers", Scale(along="n", width=0.5), 4) == [200, 400, 600]
    assert grown(layers, "workload.layers", Scale(along="n", depth=1), 2) == [100, 200, 200, 300, 300]
    assert grown([5, 6], "mapping.pes_per_layer", Scale(along="n", depth=1), 2) == [5, 5, 6, 6]
    assert grown(layers, "workload.layers", Scale(along="n", depth=1, width=-1), 2) == [50, 100, 100, 150, 150]
    assert grown(70, "workload.steps", Scale(along="n", width=-1), 7) == 10
    assert grown(0.5, "workload.rate", Scale(along="n", width=-1), 2) == 0.25


@given(st.integers(1, 6), st.floats(0.2, 9))
def test_a_stack_keeps_the_order_of_its_layers_and_grows_by_the_factor(layers, times):
    longer = repeated(range(layers), times)
    assert abs(len(longer) - layers * times) <= 1
    assert longer == sorted(longer)
    if times >= 1:
        repeats = [longer.count(layer) for layer in range(layers)]
        assert min(repeats) >= 1 and max(repeats) - min(repeats) <= 1


def test_points_have_what_grew_and_the_plan_says_what_cannot(plan, said):
    text = "name: grows\nbase: base.yaml\naxes: {workload.measure_cycles: [100, 200, 400]}\n"
    made = plan(text + "scale: {workload.rate: {along: workload.measure_cycles, width: 0.5}}\n")
    assert [point.scenario["workload"]["rate"] for point in made.grid] == [0.1, 0.141421356237, 0.2]
    assert [point.axes["workload.rate"] for point in made.grid] == [0.1, 0.141421356237, 0.2]
    assert (
        "study.yaml:4:9: scale.workload.burst_rate: has no value to grow from"
        in said(text + "scale: {workload.burst_rate: {along: workload.measure_cycles, width: 1}}\n")[0]
    )
    assert (
        "only a number or a list of numbers can grow"
        in said(text + "scale: {workload.kind: {along: workload.measure_cycles, width: 1}}\n")[0]
    )
    (refused,) = said(text + "scale: {workload.rate: {along: workload.measure_cycles, width: 3}}\n")
    assert refused.startswith("study.yaml:4:9: scale.workload.rate: ") and "1" in refused


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ("zip: [workload.rate, workload.rata]", "zip[1]: 'workload.rata' is no axis, did you mean 'workload.rate'?"),
        ("zip: [workload.rate, seed]", "zip: axes that move together need equally many values"),
        ("scale: {workload.rate: {along: seed, width: 1}}", "scale.workload.rate: 'workload.rate' varies by itself"),
        ("scale: {network.buffer_flits: {along: sed, width: 1}}", "'sed' is no axis, did you mean 'seed'?"),
        ("scale: {network.buffer_flits: {along: seed}}", "grows in neither width nor depth"),
        ("scaling: {axis: machine.chips}", "scaling.axis: 'machine.chips' is no axis"),
        ("scaling: {axis: seed, of: time.step}", "scaling.of: no number of the summary is called 'time.step'"),
    ],
)
def test_what_cannot_be_meant_is_told_at_its_line(said, keys, complaint):
    text = f"name: wrong\nbase: base.yaml\naxes: {{workload.rate: [0.1, 0.2], seed: [1, 2, 3]}}\n{keys}\n"
    assert any(complaint in line for line in said(text)), said(text)
