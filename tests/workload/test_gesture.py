"""A gesture workload made ready: frames from events, weights drawn or read, classes from scores, clear refusals."""

import numpy as np
import pytest
import yaml

from sim.scenario.complaints import Refused
from sim.scenario.load import load
from sim.workload.gesture import CameraFrames
from sim.workload.prepare import one_piece, prepare

FRONT = [{"layer": "conv", "channels": 3, "kernel": 5, "stride": 4, "pool": {"size": 2, "stride": 2}}]
WORKLOAD = {
    "kind": "gesture",
    "sensor": {"width": 32, "height": 32},
    "frames": 4,
    "front_end": FRONT,
    "weights": {"synthetic": {"layers": [27, 20], "sparsity": 0.0, "activity": 0.2}},
}
SHAPES = {"F0/W": (3, 1, 5, 5), "F0/b": (3,), "readout/W": (20, 11), "readout/b": (11,)}
LAYER = {"L0/W": (27, 60), "L0/R": (20, 60), "L0/bx": (60,), "L0/br": (60,), "L0/thr": (20,)}


def loaded(tmp_path, workload, **changes):
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump({"name": "g", "workload": workload | changes}))
    return load(path)


def prepared(tmp_path, **changes):
    return prepare(*loaded(tmp_path, WORKLOAD, **changes))


def trained(path, skip=()):
    rng = np.random.default_rng(0)
    arrays = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in (SHAPES | LAYER).items()}
    arrays["L0/thr"] = np.abs(arrays["L0/thr"])
    np.savez(path, **{name: array for name, array in arrays.items() if name not in skip})
    return arrays


@pytest.mark.parametrize("arithmetic", ["int8", "fp32"])
def test_events_become_classes(tmp_path, arithmetic):
    workload = prepared(tmp_path, arithmetic=arithmetic)
    sent = one_piece(workload)
    assert [part.shape for part in sent] == [(4, 27), (4, 20), (4, 11)]
    said = workload.report()
    assert said["class_by_frame"] == (sent[-1].argmax(axis=1) + 1).tolist()
    assert said["class"] == sent[-1].astype(np.float64).mean(axis=0).argmax() + 1
    assert said["label"] == 2


def test_sums_that_wrap_are_warned_of(tmp_path, monkeypatch):
    assert prepared(tmp_path).warnings == ()
    monkeypatch.setattr("sim.workload.convolve.ACCUMULATOR_BITS", 8)
    assert "sums of front1 in the first 4 frames do not fit" in prepared(tmp_path).warnings[0]


def test_the_trace_smooths_events_before_the_readout(tmp_path):
    workload = prepared(tmp_path, readout={"classes": 3, "trace": 0.5})
    readout, sent = workload.network.readout, one_piece(workload)
    trace = np.zeros(20)
    for y, scores in zip(sent[1], sent[2], strict=True):
        trace = 0.5 * trace + 0.5 * y
        np.testing.assert_allclose(scores, trace @ readout.weights + readout.bias, rtol=1e-5, atol=1e-6)


def test_frames_can_go_straight_to_the_recurrent_layer(tmp_path):
    weights = {"synthetic": {"layers": [128, 20], "sparsity": 0.0, "activity": 0.2}}
    workload = prepared(tmp_path, front_end=[], polarity="split", pool=4, weights=weights)
    assert [part.shape for part in one_piece(workload)] == [(4, 20), (4, 11)]


def test_trained_weights_are_what_the_network_computes_with(tmp_path):
    arrays = trained(tmp_path / "w.npz")
    workload = prepared(tmp_path, weights="w.npz", arithmetic="fp32")
    stage = workload.network.front_end.stages[0].stage
    assert np.array_equal(stage.weights, arrays["F0/W"])
    assert np.array_equal(workload.network.readout.weights, arrays["readout/W"])


@pytest.mark.parametrize("skip", [("F0/b",), ("readout/W",), ("F0/W", "F0/b")])
def test_missing_weights_are_all_named(tmp_path, skip):
    trained(tmp_path / "w.npz", skip)
    with pytest.raises(Refused, match=r"workload\.weights") as refused:
        prepared(tmp_path, weights="w.npz")
    assert all(f"'{name}' is missing" in str(refused.value) for name in skip)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"front_end": []}, "the front end makes 1024 values of a frame"),
        ({"front_end": [{"layer": "conv", "channels": 1, "kernel": 40}]}, "does not fit the map of 32 x 32"),
        ({"front_end": [{"layer": "convolution", "channels": 1}]}, "front_end[0]"),
        ({"polarity": "both"}, "workload.polarity"),
        ({"events": "absent.npy"}, "workload.events"),
        ({"frame_ms": 0}, "workload.frame_ms"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(tmp_path, changes, words):
    with pytest.raises(Refused) as refused:
        loaded(tmp_path, WORKLOAD, **changes)
    assert words in str(refused.value)


def recording(path, last_us):
    kind = np.dtype([("t", "<i8"), ("x", "<i2"), ("y", "<i2"), ("p", "?")])
    events = np.zeros(50, kind)
    events["t"] = np.linspace(0, last_us, 50).astype(np.int64)
    np.save(path, events)


def test_a_recording_is_cut_to_the_trial_asked_for(tmp_path):
    recording(tmp_path / "r.npy", 200_000)
    (tmp_path / "l.csv").write_text("class,startTime_usec,endTime_usec\n3,0,90000\n7,100000,200001\n")
    source = prepared(tmp_path, events="r.npy", labels="l.csv", trial=2).source
    assert isinstance(source, CameraFrames)
    assert source.label == 7
    assert source.facts["events"] == 24
    with pytest.raises(Refused, match=r"workload.trial: trial 3 asked, but l.csv has 2"):
        prepared(tmp_path, events="r.npy", labels="l.csv", trial=3)


def test_more_frames_than_the_recording_has_are_refused(tmp_path):
    recording(tmp_path / "r.npy", 60_000)
    with pytest.raises(Refused, match=r"workload.frames: 4 frames of 25 ms asked, but the recording has 3"):
        prepared(tmp_path, events="r.npy")
