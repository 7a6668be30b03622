"""Weights trained with the reference code become a file that a scenario runs with."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.scenario.load import load
from sim.workload.prepare import one_piece, prepare

TOOL = Path(__file__).resolve().parents[2] / "tools" / "convert.py"
SHAPES = {
    "conv.0.weight": (3, 1, 5, 5),
    "conv.0.bias": (3,),
    "conv.3.weight": (12, 27),
    "conv.3.bias": (12,),
    "layers.0.kernel": (12, 60),
    "layers.0.recurrent_kernel": (20, 60),
    "layers.0.bias": (60,),
    "layers.0.recurrent_bias": (60,),
    "layers.0.thr": (20,),
    "layers.0.dampening_factor": (1,),
    "fc.weight": (11, 20),
    "fc.bias": (11,),
}
WORKLOAD = {
    "kind": "gesture",
    "sensor": {"width": 32, "height": 32},
    "frames": 2,
    "arithmetic": "fp32",
    "weights": "w.npz",
    "front_end": [
        {"layer": "conv", "channels": 3, "kernel": 5, "stride": 4, "pool": {"size": 2, "stride": 2}},
        {"layer": "linear", "units": 12},
    ],
}


@pytest.fixture
def convert():
    spec = importlib.util.spec_from_file_location("convert", TOOL)
    module = importlib.util.module_from_spec(spec)
    sys.modules["convert"] = module
    spec.loader.exec_module(module)
    return module.main


def state(skip=(), **more):
    rng = np.random.default_rng(0)
    drawn = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in SHAPES.items()}
    return {name: array for name, array in (drawn | more).items() if name not in skip}


def test_a_state_dict_becomes_weights_that_run(convert, tmp_path):
    given = state()
    np.savez(tmp_path / "state.npz", **given)
    assert convert([str(tmp_path / "state.npz"), str(tmp_path / "w.npz"), "--zoneout", "0.25"]) == 0
    (tmp_path / "s.yaml").write_text(yaml.safe_dump({"name": "g", "workload": WORKLOAD}))
    workload = prepare(*load(tmp_path / "s.yaml"))
    network = workload.network
    assert np.array_equal(network.front_end.stages[0].stage.weights, given["conv.0.weight"])
    assert np.array_equal(network.readout.weights, given["fc.weight"].T)
    assert network.layers[0].zoneout == 0.25
    assert network.layers[0].thr.min() >= 0 and network.layers[0].thr.max() <= 1
    assert [part.shape[1] for part in one_piece(workload)] == [27, 12, 20, 11]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (state(skip=("fc.bias",)), "'fc.bias' is missing"),
        (state(skip=("layers.0.thr",)), "'layers.0.thr' is missing"),
        (state(**{"encoder.weight": np.zeros(3, np.float32)}), "'encoder.weight' is no array of that network"),
        ({"fc.weight": np.zeros((2, 2)), "fc.bias": np.zeros(2)}, "at least one"),
    ],
)
def test_what_is_not_that_network_is_refused(convert, tmp_path, capsys, given, words):
    np.savez(tmp_path / "state.npz", **given)
    assert convert([str(tmp_path / "state.npz"), str(tmp_path / "w.npz")]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "w.npz").exists()


@pytest.mark.parametrize("name", ["absent.npz", "state.txt", "broken.npz", "broken.pt"])
def test_files_that_cannot_be_read_are_refused(convert, tmp_path, capsys, name):
    for broken in ("broken.npz", "broken.pt", "state.txt"):
        (tmp_path / broken).write_bytes(b"nothing of the kind")
    assert convert([str(tmp_path / name), str(tmp_path / "w.npz")]) == 2
    assert name in capsys.readouterr().err


def test_nothing_is_overwritten(convert, tmp_path, capsys):
    np.savez(tmp_path / "state.npz", **state())
    (tmp_path / "w.npz").write_bytes(b"mine")
    assert convert([str(tmp_path / "state.npz"), str(tmp_path / "w.npz")]) == 2
    assert (tmp_path / "w.npz").read_bytes() == b"mine"
