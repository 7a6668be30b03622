"""Layers that fire without arithmetic: as drawn, as recorded, and what is refused."""

import re

import numpy as np
import pytest
import yaml

from sim.scenario.complaints import Refused
from sim.scenario.load import load
from sim.workload.firing import KEPT, VALUE, Drawn, read_recorded
from sim.workload.prepare import one_piece, prepare

DRAWN = {"kind": "statistical", "layers": [20, 60, 40], "activity": [0.2, 0.4], "steps": 200}


def prepared(tmp_path, workload):
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump({"name": "g", "workload": workload}))
    return prepare(*load(path))


def test_drawn_layers_fire_as_often_as_asked(tmp_path):
    outputs = one_piece(prepared(tmp_path, DRAWN))
    assert [part.shape for part in outputs] == [(200, 60), (200, 40)]
    for part, mean in zip(outputs, (0.2, 0.4), strict=True):
        assert (part != 0).mean() == pytest.approx(mean, rel=0.2)
        assert set(np.unique(part)) == {0, VALUE}


def test_slices_may_ask_for_a_step_at_different_times(tmp_path):
    asked = prepared(tmp_path, DRAWN).firing
    assert isinstance(asked, Drawn)
    first = asked.outputs(0, 0)
    for step in range(KEPT):
        asked.outputs(0, step)
    assert np.array_equal(asked.outputs(0, 0), first)


def test_a_recording_is_replayed_with_its_values_or_one_for_all(tmp_path):
    rng = np.random.default_rng(0)
    values = rng.random((5, 8)).astype(np.float32) * (rng.random((5, 8)) < 0.3)
    bits = rng.random((5, 4)) < 0.5
    np.savez(tmp_path / "e.npz", L0=values.astype(np.float32), L1=bits)
    outputs = one_piece(prepared(tmp_path, {"kind": "replay", "events": "e.npz", "inputs": 3}))
    assert np.array_equal(outputs[0], values.astype(np.float32))
    assert np.array_equal(outputs[1], bits * VALUE)


def test_weights_are_as_many_as_asked_and_where_drawn_ones_are(tmp_path):
    network = prepared(tmp_path, DRAWN | {"sparsity": 0.5}).network
    assert network.layers[0].W.nnz == round(0.5 * 180 * 20)
    assert network.layers[1].R.nnz == round(0.5 * 120 * 40)


def test_inputs_have_the_share_asked_for(tmp_path):
    workload = prepared(tmp_path, DRAWN | {"layers": [4000, 20], "activity": 0.2, "input_activity": 0.25})
    assert np.count_nonzero(workload.input(3)) == pytest.approx(1000, rel=0.1)
    assert not np.array_equal(workload.input(3), workload.input(4))


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({}, "has no array L0"),
        ({"L0": np.ones((2, 3)), "L2": np.ones((2, 3))}, "array 'L1' is missing"),
        ({"L0": np.ones((2, 3)), "L1": np.ones((3, 3))}, "'L1' has 3 steps, but L0 has 2"),
        ({"L0": np.ones(3)}, "expected numbers (steps, units)"),
        ({"L0": np.array([[np.nan]])}, "nan"),
    ],
)
def test_wrong_recordings_are_refused(tmp_path, arrays, words):
    np.savez(tmp_path / "e.npz", **arrays)
    with pytest.raises(Refused, match=r"workload\.events") as refused:
        read_recorded(tmp_path / "e.npz")
    assert words in str(refused.value)
    if words != "nan":  # numbers are looked at when they are read, all else when the scenario is
        with pytest.raises(Refused, match=r"s\.yaml:3:3: workload\.events: .*" + re.escape(words)):
            prepared(tmp_path, {"kind": "replay", "events": "e.npz", "inputs": 3})


def test_more_steps_than_recorded_are_refused(tmp_path):
    np.savez(tmp_path / "e.npz", L0=np.ones((2, 3)))
    with pytest.raises(Refused, match=r"workload\.steps: 9 steps asked, but .*e\.npz has 2"):
        prepared(tmp_path, {"kind": "replay", "events": "e.npz", "inputs": 3, "steps": 9})


def test_no_share_at_all_is_refused(tmp_path):
    nothing = dict.fromkeys(("common", "token", "slow", "fast", "white"), 0.0)
    with pytest.raises(Refused, match=r"workload\.correlation"):
        prepared(tmp_path, DRAWN | {"correlation": nothing})
