"""The gesture network: its published counts, and what an inference of 68 frames should take.

Frames are alike to the front end, which is nearly all of the work: a few stand for all, and the whole run tells how
well.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.anchors.row import Row
from sim.anchors.runs import SCENARIOS, Runs
from sim.scenario.load import load
from sim.workload.prepare import prepare

FRAMES, FRAME_S = 68, 0.025
"""Of an inference: the window of 1.7 s that the reference code classifies."""

SOURCE = "SNUFA 2024 abstract: 5 to 18 times less energy than a GPU, gestures and language model together"
CODE = "shapes of the reference code (EvNN, benchmarks/dvs_gesture)"
WHY = "no time, power or energy of this task alone is published, for the chip or the GPU"
LEAST_RATIO, MOST_RATIO = 5, 18


def gesture(runs: Runs) -> Iterator[Row]:
    """Counts, and time and energy scaled from four frames."""
    yield from inference(runs, 4)


def whole_gesture(runs: Runs) -> Iterator[Row]:
    """The same with every frame run."""
    yield from inference(runs, FRAMES)


def inference(runs: Runs, frames: int) -> Iterator[Row]:
    """Rows from runs of so many frames, at once and as the camera makes them."""
    at_once = runs.summary("dvs_gesture", {"workload.frames": frames, "workload.real_time": False})
    live = runs.summary("dvs_gesture", {"workload.frames": frames})
    yield from _counts(at_once["workload"]["macs"] / frames)
    note = f"{WHY}; ours from {frames} frames"
    seconds, joules = FRAMES * at_once["time"]["step_mean_s"], FRAMES * at_once["energy"]["per_step_j"]
    yield Row("time of 68 frames, at once", "s", None, SOURCE, "predicted", 0.0, seconds, note)
    yield Row("energy of 68 frames, at once", "J", None, SOURCE, "predicted", 0.0, joules, f"{note}; {_gpu(joules)}")
    latency, energy = live["real_time"]["latency_s"]["mean"], live["energy"]
    yield Row("latency of a frame, real time", "s", None, SOURCE, "predicted", 0.0, latency, note)
    # Standing by is paid for by the second, the rest by the frame.
    window = FRAMES * FRAME_S + latency
    joules = energy["static_j"] / live["time"]["total_s"] * window + energy["dynamic_j"] / frames * FRAMES
    yield Row("energy of 1.7 s, real time", "J", None, SOURCE, "predicted", 0.0, joules, f"{note}; {_gpu(joules)}")


def _counts(made: float) -> Iterator[Row]:
    """Multiply-accumulates of a frame: of the network, and those that the machine made."""
    network = prepare(*load(SCENARIOS / "dvs_gesture.yaml", {"workload.frames": 1})).network
    assert network.front_end is not None and network.readout is not None
    layer, front = network.layers[0], network.front_end.macs
    dense = 3 * layer.units * (layer.inputs + layer.units)
    yield Row("MACs of a frame, front end", "count", 117.8e6, CODE, "derived", 0.001, front)
    yield Row("MACs of a frame, EGRU dense", "count", 3.12e6, CODE, "derived", 0.001, dense)
    needed = front + dense + network.readout.inputs * network.readout.units
    yield Row("MACs of a frame, made in the run", "count", needed, "the two and the readout", "predicted", 0.0, made)


def _gpu(joules: float) -> str:
    """What the ratio would mean for the other side, which nobody published."""
    return f"the ratio would put the GPU at {LEAST_RATIO * joules:.3g} to {MOST_RATIO * joules:.3g} J"
