"""Binning: every event is counted once, in the frame and at the pixel it belongs to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.workload.dvs.events import Recording
from sim.workload.dvs.frames import Binning, frames, statistics, whole_frames
from sim.workload.dvs.gestures import GESTURES, Camera, record


def recording(rows, width=8, height=4):
    t, x, y, p = (np.array(column) for column in zip(*sorted(rows), strict=True))
    return Recording(t, x, y, p.astype(bool), width, height)


ROWS = [(0, 1, 2, 1), (999, 1, 2, 0), (1000, 1, 2, 1), (1500, 7, 3, 0), (1500, 7, 3, 0), (2500, 0, 0, 1)]


def test_polarities_are_merged_as_asked():
    made = recording(ROWS)
    first = {kind: frames(made, Binning(1000, kind, 1, 1), 2) for kind in ("mean", "sum", "difference", "split")}
    assert first["split"].shape == (2, 2, 4, 8)
    assert first["mean"][0, 0, 2, 1] == 1.0
    assert first["sum"][1, 0, 3, 7] == 2.0
    assert first["difference"][1, 0, 3, 7] == 2.0
    assert first["difference"][1, 0, 2, 1] == -1.0
    assert first["split"][1, 0, 3, 7] == 2.0
    assert first["split"][1, 1, 2, 1] == 1.0


def test_counts_are_divided_by_full_scale_and_pooled_by_the_largest():
    made = frames(recording(ROWS), Binning(1000, "sum", 4, 2), 2)
    assert made.shape == (2, 1, 2, 4)
    assert made[1, 0, 1, 3] == 0.5
    assert made[0].sum() == 0.5


def test_frames_beyond_the_recording_are_empty():
    made = frames(recording(ROWS), Binning(1000, "sum", 1, 1), 5)
    assert made.sum(axis=(1, 2, 3)).tolist() == [2, 3, 1, 0, 0]
    assert whole_frames(recording(ROWS), 1000) == 3


def test_statistics_count_what_is_in_the_frames():
    facts = statistics(recording(ROWS), Binning(1000, "sum", 1, 1), 2)
    assert facts["events"] == 5
    assert facts["events_per_s"] == 2500
    assert facts["on_share"] == pytest.approx(0.4)
    assert facts["events_per_frame_max"] == 3
    assert facts["active_pixel_share"] == pytest.approx(3 / 64)


EVENTS = st.lists(
    st.tuples(st.integers(0, 9_999), st.integers(0, 7), st.integers(0, 3), st.integers(0, 1)), min_size=1, max_size=60
)


@given(EVENTS, st.integers(1, 4000), st.integers(1, 12))
def test_every_event_is_counted_once(rows, window, count):
    made = frames(recording(rows), Binning(window, "split", 1, 1), count)
    inside = [row for row in rows if row[0] < count * window]
    assert made.sum() == len(inside)
    for t, x, y, p in inside:
        assert made[t // window, p, y, x] >= 1


@pytest.mark.parametrize("gesture", GESTURES)
def test_made_up_gestures_move_and_differ_by_seed(gesture):
    one, other = (record(gesture, Camera(noise_hz=0), 500_000, seed) for seed in (1, 2))
    assert one.count > 1000
    assert one.t.tolist() != other.t.tolist()
    assert (np.diff(one.t) >= 0).all()
    assert one.t.max() < 500_000
    assert 0.4 < one.on.mean() < 0.6
    assert record(gesture, Camera(noise_hz=0), 500_000, 1).x.tolist() == one.x.tolist()


def test_more_noise_is_more_events_at_the_rate_asked_for():
    quiet, loud = (record("other", Camera(noise_hz=hz), 400_000, 1).count for hz in (0, 5))
    assert loud - quiet == pytest.approx(5 * 128 * 128 * 0.4, abs=2)


def test_a_swinging_hand_sends_off_events_ahead_and_on_events_behind():
    made = record("right_hand_wave", Camera(noise_hz=0), 120_000, 3)
    middles = [made.x[made.on == on].mean() for on in (True, False)]
    halves = [made.x[made.t < 40_000].mean(), made.x[made.t > 80_000].mean()]
    moves_right = halves[1] > halves[0]
    assert (middles[1] > middles[0]) == moves_right


def test_a_sensor_of_another_size_is_filled_alike():
    made = record("right_hand_wave", Camera(64, 32, noise_hz=0), 300_000, 1)
    assert made.x.max() < 64
    assert made.y.max() < 32
