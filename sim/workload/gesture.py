"""A gesture workload made ready: events to frames, a front end and recurrent layers with weights, and a readout.

Synthetic weights are calibrated on the run's own frames, as far as CALIBRATION_FRAMES; so are the scales of a front end
in 8-bit integers. The source feeds one frame a step and says at the end which class each frame, and the whole window,
was taken for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from sim.scenario.complaints import Refused
from sim.scenario.document import Document
from sim.scenario.gesture import MadeUpBox
from sim.scenario.models import Gesture
from sim.scenario.outline import Outline, frame_shape, outlines
from sim.units import PS_PER_US
from sim.workload import npz, synthetic
from sim.workload.convolve import ACCUMULATOR_BITS, as_whole
from sim.workload.dvs.aedat import Trial, read_labels
from sim.workload.dvs.events import Recording, read_events
from sim.workload.dvs.frames import Binning, frames, statistics, whole_frames
from sim.workload.dvs.gestures import GESTURES, Camera, record
from sim.workload.front_end import FrontEnd, in_float32, in_int8, overflowing
from sim.workload.front_weights import drawn_readout, drawn_stages, read_readout, read_stages
from sim.workload.network import Network
from sim.workload.sparse import Floats

CALIBRATION_FRAMES: Final = 16
CHECKED_FRAMES: Final = 4
WEIGHTS: Final = "workload.weights"
FRAMES: Final = "workload.frames"
US_PER_MS: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class CameraFrames:
    """Feeds `frames` (count, channels, rows, columns), flattened; `label`, from 1, is the right class where it is
    known. Frame n is whole at (n + 1) `frame_us` after the start where the camera makes them as the run goes on.
    """

    frames: Floats
    frame_us: int
    live: bool
    label: int | None
    facts: dict[str, Any]
    known_ahead: bool = True
    scores: dict[int, Floats] = field(default_factory=dict)

    @property
    def largest_input(self) -> float:
        return float(np.max(np.abs(self.frames), initial=0.0))

    def targets(self, steps: int) -> list[int]:
        return []

    def input(self, step: int) -> Floats:
        return np.ascontiguousarray(self.frames[step].reshape(-1))

    def due_ps(self, step: int) -> int:
        """When the camera has made the frame of `step`, in ps; 0 where frames are there from the start."""
        return (step + 1) * self.frame_us * PS_PER_US if self.live else 0

    def token(self, step: int) -> None:
        """None: a frame is not a token."""

    def accept(self, step: int, y: Floats) -> None:
        """Take the scores of the classes, (classes,)."""
        self.scores[step] = y

    def report(self) -> dict[str, object]:
        """What the frames held, the class of each frame and of the window (from 1; by the mean of the scores)."""
        if not self.scores:
            return {"input": self.facts}
        steps = sorted(self.scores)
        by_frame = [int(np.argmax(self.scores[step])) + 1 for step in steps]
        mean = np.mean([self.scores[step].astype(np.float64) for step in steps], axis=0)
        said: dict[str, object] = {"input": self.facts, "class": int(np.argmax(mean)) + 1, "class_by_frame": by_frame}
        said["class_of_most_frames"] = Counter(by_frame).most_common(1)[0][0]
        return said | ({"label": self.label} if self.label is not None else {})


def prepare_gesture(asked: Gesture, seed: int, document: Document) -> tuple[Network, CameraFrames, tuple[str, ...]]:
    """The network, its source of frames and warnings; Refused with the key that is to blame."""
    recording, label = _recording(asked, seed, document)
    binning = Binning(round(asked.frame_ms * US_PER_MS), asked.polarity, asked.full_scale, asked.pool)
    _refuse_short(asked, recording, binning)
    made = frames(recording, binning, asked.frames)
    drafts = outlines(asked.front_end, frame_shape(asked))
    network, warnings = _network(asked, seed, document, drafts, made[:CALIBRATION_FRAMES])
    facts = statistics(recording, binning, asked.frames)
    assert network.front_end is not None
    warnings += _overflows(network.front_end, made[:CHECKED_FRAMES])
    return (
        network,
        CameraFrames(_as_sent(network.front_end, made), binning.window_us, asked.real_time, label, facts),
        warnings,
    )


def _recording(asked: Gesture, seed: int, document: Document) -> tuple[Recording, int | None]:
    """The events, and the class that they are of where that is known."""
    width, height = asked.sensor.width, asked.sensor.height
    if isinstance(asked.events, MadeUpBox):
        wish = asked.events.synthetic
        camera = Camera(width, height, wish.events_per_edge_pixel, wish.noise_hz)
        length = round(asked.frames * asked.frame_ms * US_PER_MS)
        return record(wish.gesture, camera, length, seed), list(GESTURES).index(wish.gesture) + 1
    recording = read_events(document.resolve(asked.events), width, height)
    if asked.labels is None:
        return recording.between(int(recording.t[0]), int(recording.t[-1]) + 1), None
    trial = _trial(asked, read_labels(document.resolve(asked.labels)))
    return recording.between(trial.start_us, trial.stop_us), trial.label


def _trial(asked: Gesture, trials: tuple[Trial, ...]) -> Trial:
    if asked.trial > len(trials):
        problem = f"trial {asked.trial} asked, but {asked.labels} has {len(trials)}; make it 1 to {len(trials)}"
        raise Refused.at("workload.trial", problem)
    return trials[asked.trial - 1]


def _refuse_short(asked: Gesture, recording: Recording, binning: Binning) -> None:
    there = whole_frames(recording, binning.window_us)
    if there < asked.frames and not isinstance(asked.events, MadeUpBox):
        problem = f"{asked.frames} frames of {asked.frame_ms:g} ms asked, but the recording has {there}; ask for fewer"
        raise Refused.at(FRAMES, problem)


def _network(
    asked: Gesture, seed: int, document: Document, drafts: tuple[Outline, ...], sample: Floats
) -> tuple[Network, tuple[str, ...]]:
    """The network with the weights that are asked for, its scales calibrated on `sample` frames."""
    if not isinstance(asked.weights, str):
        front = _front(asked, drawn_stages(drafts, seed), sample)
        network, warnings = synthetic.build(asked.weights.synthetic, seed, _features(front, sample))
        readout = drawn_readout(asked.readout, network.layers[-1].units, seed)
        return replace(network, front_end=front, readout=readout), warnings
    path = document.resolve(asked.weights)
    arrays = npz.read_arrays(path, WEIGHTS, lambda name: name[:1] == "F" or name.startswith("readout/"))
    front = _front(asked, read_stages(arrays, drafts, WEIGHTS, path), sample)
    network = npz.load(path, WEIGHTS)
    _refuse_width(front, network)
    readout = read_readout(arrays, asked.readout, network.layers[-1].units, WEIGHTS, path)
    return replace(network, front_end=front, readout=readout), ()


def _front(asked: Gesture, stages: Any, sample: Floats) -> FrontEnd:
    shape = frame_shape(asked)
    return in_int8(shape, stages, sample) if asked.arithmetic == "int8" and stages else in_float32(shape, stages)


def _overflows(front: FrontEnd, sample: Floats) -> tuple[str, ...]:
    """Warnings of sums that do not fit the accumulator, so that what is made of them is wrong."""
    found = overflowing(front, _as_sent(front, sample)).items()
    return tuple(
        f"{count} sums of {name} in the first {len(sample)} frames do not fit the accumulator of {ACCUMULATOR_BITS} "
        "bits and wrap: its outputs are not those of its weights; set workload.arithmetic to fp32, or scale the weights"
        for name, count in found
    )


def _features(front: FrontEnd, sample: Floats) -> Floats:
    """What the recurrent layers read of each frame, (frames, features)."""
    rows = [_as_sent(front, frame) for frame in sample]
    return np.stack([([row, *front.maps(row)][-1]).reshape(-1) for row in rows])


def _as_sent(front: FrontEnd, values: Floats) -> Floats:
    """Frames as they travel: on the front end's grid of 8-bit integers where it has one."""
    if front.arriving is None:
        return values
    sent: Floats = np.ldexp(as_whole(values, front.arriving), -front.arriving).astype(np.float32)
    return sent


def _refuse_width(front: FrontEnd, network: Network) -> None:
    if network.layers[0].inputs != front.features:
        raise Refused.at(
            WEIGHTS,
            f"the first recurrent layer has {network.layers[0].inputs} inputs, but the front end makes "
            f"{front.features} values of a frame",
        )
