"""Gestures made up: blobs that swing and circle in front of the camera, and noise.

A moving blob darkens what it comes over and frees what it leaves: events lie on its edge, OFF ahead and ON behind, more
of them the faster it moves. The classes are those of the DVS128 Gesture set. Everything is drawn from a named stream
and computed from correctly rounded operations, so a recording is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.scenario.streams import stream
from sim.workload.dvs.events import Recording

TICK_US = 1000
SENSOR = 128
"""Places and sizes below are pixels of a sensor of 128 x 128; others are scaled."""

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Motion:
    """One blob: where its way has its middle, how far it goes each way, how often a second it comes round, and from
    which part of the way it starts. `turn` 0 swings to and fro, 1 circles clockwise on the screen, -1 the other way.
    """

    x: float
    y: float
    reach_x: float
    reach_y: float
    hertz: float
    turn: int = 0
    phase: float = 0.0
    radius: float = 9.0


def _two(left: Motion, right: Motion) -> tuple[Motion, Motion]:
    return left, right


GESTURES: dict[str, Sequence[Motion]] = {
    "hand_clapping": _two(Motion(48, 64, 14, 2, 2.5), Motion(80, 64, -14, 2, 2.5)),
    "right_hand_wave": (Motion(40, 44, 16, 5, 2.0),),
    "left_hand_wave": (Motion(88, 44, 16, 5, 2.0),),
    "right_arm_clockwise": (Motion(42, 64, 26, 26, 1.2, turn=1),),
    "right_arm_counter_clockwise": (Motion(42, 64, 26, 26, 1.2, turn=-1),),
    "left_arm_clockwise": (Motion(86, 64, 26, 26, 1.2, turn=1),),
    "left_arm_counter_clockwise": (Motion(86, 64, 26, 26, 1.2, turn=-1),),
    "arm_roll": _two(Motion(64, 64, 14, 14, 2.2, turn=1), Motion(64, 64, 14, 14, 2.2, turn=1, phase=0.5)),
    "air_drums": _two(Motion(44, 72, 3, 18, 2.8), Motion(84, 72, 3, 18, 2.8, phase=0.5)),
    "air_guitar": _two(Motion(46, 80, 5, 12, 3.2), Motion(92, 48, 4, 4, 0.6)),
    "other": _two(Motion(64, 40, 30, 8, 0.9, turn=1), Motion(64, 92, -22, 12, 1.6)),
}
"""By class of the DVS128 Gesture set, in the order of its labels 1 to 11."""


@dataclass(frozen=True, slots=True)
class Camera:
    """What the sensor is like: its size in pixels, events for each pixel of edge and pixel moved, and the rate (per
    pixel and second) at which every pixel fires by chance.
    """

    width: int = SENSOR
    height: int = SENSOR
    events_per_edge_pixel: float = 5.0
    noise_hz: float = 0.1


def record(gesture: str, camera: Camera, duration_us: int, seed: int) -> Recording:
    """A recording of `duration_us` of one gesture of `GESTURES`, whose tempo and place differ from seed to seed."""
    rng = stream(seed, "workload", "gesture", gesture)
    shift, tempo = 8 * rng.random(2) - 4, 0.8 + 0.4 * rng.random()
    times = np.arange(0, duration_us, TICK_US)
    parts = [_blob(motion, times, camera, rng, shift, tempo) for motion in GESTURES[gesture]]
    parts.append(_noise(camera, duration_us, rng))
    t, x, y, on = (np.concatenate(column) for column in zip(*parts, strict=True))
    inside = np.flatnonzero((x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height) & (t < duration_us))
    kept = inside[np.argsort(t[inside], kind="stable")]
    return Recording(t[kept], x[kept], y[kept], on[kept].astype(np.bool_), camera.width, camera.height)


Columns = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]


def _blob(
    motion: Motion, times: npt.NDArray[np.int64], camera: Camera, rng: np.random.Generator, shift: Doubles, tempo: float
) -> Columns:
    """The events of a blob's edge, tick by tick as many as its way of the tick is long."""
    scale = np.array([camera.width, camera.height]) / SENSOR
    seconds: Doubles = times.astype(np.float64) * (tempo / 1e6)
    places = (_way(motion, seconds) + shift) * scale
    steps = np.diff(places, axis=0, append=places[-1:])
    length = np.sqrt((steps**2).sum(axis=1))
    wanted = 2 * motion.radius * scale.min() * length * camera.events_per_edge_pixel
    counts = np.floor(wanted + rng.random(len(times))).astype(np.int64)
    of = np.repeat(np.arange(len(times)), counts)
    edge = _on_circle(rng.random(len(of)))
    ahead = (edge * steps[of]).sum(axis=1)
    jitter = rng.random((len(of), 2)) - 0.5
    x, y = np.floor(places[of] + edge * motion.radius * scale + jitter).astype(np.int64).T
    return times[of] + rng.integers(0, TICK_US, len(of)), x, y, ahead < 0


def _way(motion: Motion, seconds: Doubles) -> Doubles:
    """Where the blob's middle is, (times, 2) pixels."""
    round_ = seconds * motion.hertz + motion.phase
    if motion.turn:
        path = _on_circle((motion.turn * round_) % 1.0)
    else:
        swing = 4 * np.abs(round_ % 1.0 - 0.5) - 1
        path = np.stack([swing, swing], axis=1)
    return np.array([motion.x, motion.y]) + path * [motion.reach_x, motion.reach_y]


def _on_circle(share: Doubles) -> Doubles:
    """Points of the unit circle once round for shares 0 to 1, (points, 2), from rational functions alone.

    Each quarter is ((1 - s^2), 2 s) / (1 + s^2), s from 0 to 1, turned; so the pace is not quite even.
    """
    quarter = np.floor(share * 4)
    s = share * 4 - quarter
    c, d = (1 - s * s) / (1 + s * s), 2 * s / (1 + s * s)
    which = quarter.astype(np.int64) % 4
    return np.stack([np.choose(which, [c, -d, -c, d]), np.choose(which, [d, c, -d, -c])], axis=1)


def _noise(camera: Camera, duration_us: int, rng: np.random.Generator) -> Columns:
    """Events at any place and time."""
    count = int(camera.noise_hz * camera.width * camera.height * duration_us / 1e6 + rng.random())
    places = rng.integers(0, camera.width, count), rng.integers(0, camera.height, count)
    return rng.integers(0, duration_us, count), *places, rng.random(count) < 0.5
