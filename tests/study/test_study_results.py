"""Statistics of replicas, the shape of the table, the words on the screen."""

import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sim.study.bisection import Threshold
from sim.study.campaign import Row, StudyProgress
from sim.study.models import Study
from sim.study.plan import Point
from sim.study.point import Outcome
from sim.study.progress import described, shown_on
from sim.study.results import Found, StudyResult, columns
from sim.study.statistics import Estimate, estimate
from sim.study.text import print_study, shown

KEYS = {"name": "s", "base": "b.yaml", "axes": {"workload.rate": [0.1, 0.2]}}


def row(rate, replica, summary, stage=""):
    axes = {"workload.rate": rate}
    point = Point("grid", int(rate * 10), axes, replica, {"seed": replica}, f"{rate}-{replica}")
    return Row(point, Outcome(summary, stage, "it broke" if stage else ""))


def latency(mean, saturated=False):
    return {"traffic": {"latency_cycles": {"mean": mean}, "saturated": saturated}}


def study(**more):
    return Study.model_validate({**KEYS, **more})


def test_the_confidence_interval_is_students():
    # The table of Student's t has 4.303 for 2 degrees of freedom and 12.706 for 1.
    three = estimate([1.0, 2.0, 3.0])
    assert three.mean == 2.0 and three.half_width == pytest.approx(4.3027 / math.sqrt(3), rel=1e-4)
    assert estimate([1.0, 3.0]).half_width == pytest.approx(12.7062, rel=1e-4)
    assert estimate([7]) == Estimate(7.0, None, 1)


def test_the_confidence_interval_holds_the_true_mean_95_times_in_100():
    draws = np.random.default_rng(1).normal(3.0, 2.0, size=(4000, 4))
    held = [abs((one := estimate(list(draw))).mean - 3.0) <= one.half_width for draw in draws]
    assert 0.94 < np.mean(held) < 0.96


@given(st.lists(st.floats(-1e6, 1e6), min_size=2), st.randoms())
def test_the_order_of_replicas_changes_no_digit_of_the_mean(values, random):
    mixed = values[:]
    random.shuffle(mixed)
    assert estimate(mixed).mean == estimate(values).mean


def test_columns_keep_their_type_and_mask_what_is_absent():
    rows = [row(0.1, 0, latency(21.5)), row(0.2, 0, None, "run"), row(0.2, 1, {"traffic": {"saturated": True}})]
    table = columns(study(), rows)
    assert table["traffic.saturated"].dtype == np.bool_
    assert table["traffic.saturated"].mask.tolist() == [False, True, False]
    assert table["traffic.latency_cycles.mean"].mask.tolist() == [False, True, True]
    assert table["failed"].tolist() == [False, True, False]
    assert table["workload.rate"].dtype == np.float64


def test_a_summary_key_called_like_an_axis_is_kept_apart():
    table = columns(study(), [row(0.1, 0, {"workload": {"rate": 7}})])
    assert table["workload.rate"].tolist() == [0.1]
    assert table["summary.workload.rate"].tolist() == [7]


def test_lists_on_an_axis_are_written_as_json():
    shape = study(axes={"mapping.pes_per_layer": [[1, 2], [3]]})
    point = Point("grid", 0, {"mapping.pes_per_layer": [1, 2]}, 0, {"seed": 1}, "p")
    assert columns(shape, [Row(point, Outcome({}))])["mapping.pes_per_layer"].tolist() == ["[1, 2]"]


def printed(result):
    stream = io.StringIO()
    print_study(result, Console(file=stream, width=160, highlight=False))
    return stream.getvalue()


def test_the_screen_shows_means_with_confidence_thresholds_and_failures(tmp_path):
    bisect = {"key": "workload.rate", "low": 0.1, "high": 1, "until": "traffic.saturated", "tolerance": 0.01}
    rows = [
        row(0.1, 0, latency(21.0)),
        row(0.1, 1, latency(22.0)),
        row(0.2, 0, latency(90.0, True)),
        row(0.2, 1, None, "run"),
    ]
    found = (Found({}, (Threshold(0.38, 0.375, 0.385), Threshold(0.4, 0.395, 0.405)), estimate([0.38, 0.4])),)
    text = printed(StudyResult(tmp_path, study(replicas=2, bisect=bisect), tuple(rows), found, True))
    assert "21.5 ± 6.4" in text and "0.39 ± 0.13" in text
    assert "failed at run: workload.rate=0.2, replica 1: it broke" in text
    assert f"study in {tmp_path}" in text


def test_times_have_the_prefix_that_suits_all_of_them_and_replicas_that_failed_alike_share_a_line(tmp_path):
    rows = [row(0.1, n, {"time": {"step_mean_s": 0.0021 + n * 1e-4}}) for n in (0, 1)]
    rows += [row(0.2, n, {"time": {"step_mean_s": 0.00031}}) for n in (0, 1)]
    rows += [row(0.3, n, None, "run") for n in (0, 1)]
    figure = {"x": "workload.rate", "y": ["time.step_mean_s"]}
    text = printed(StudyResult(tmp_path, study(replicas=2, figure=figure), tuple(rows), (), True))
    assert "[us]" in text and "2150 ± 635" in text and "310 ± 0" in text
    assert text.count("it broke") == 1 and "replica 0, 1: it broke" in text


def test_what_a_point_has_not_is_no_failure(tmp_path):
    rows = [row(0.1, 0, latency(21.0)), row(0.2, 0, {"traffic": {"saturated": True}})]
    figure = {"x": "workload.rate", "y": ["traffic.latency_cycles.mean"]}
    text = printed(StudyResult(tmp_path, study(figure=figure), tuple(rows), (), True))
    assert "failed" not in text and text.count("21") == 1


@pytest.mark.parametrize(
    ("mean", "half", "text"),
    [
        (22.1834, 0.3111, "22.18 ± 0.31"),
        (268.19, 101.7, "268 ± 102"),
        (0.0995812, 0.0012345, "0.0996 ± 0.0012"),
        (3e-9, 1.2e-11, "3e-09 ± 1.2e-11"),
        (5.0, 0.0, "5 ± 0"),
        (1 / 3, None, "0.33333"),
    ],
)
def test_a_mean_has_no_more_digits_than_its_confidence(mean, half, text):
    assert shown(Estimate(mean, half, 3)) == text


def test_a_threshold_that_was_not_found_says_why(tmp_path):
    bisect = {"key": "workload.rate", "low": 0.1, "high": 1, "until": "traffic.saturated", "tolerance": 0.01}
    found = (Found({}, (Threshold(problem="traffic.saturated is false still at 1"),), None),)
    text = printed(StudyResult(tmp_path, study(bisect=bisect), (), found, True))
    assert "not found: traffic.saturated is false still at 1" in text


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (StudyProgress(0, 0, 0, 40), "0 of 40 points, the smallest first, to tell how long the rest will take"),
        (StudyProgress(12, 8, 1, 40, 84.0), "12 of 40 points (8 from earlier), 1 failed, about 1:24 left"),
        (StudyProgress(1, 0, 0, 1001, 1e4), "1 of 1001 points, about 2:46:40 left"),
        (StudyProgress(40, 0, 0, 40, 0.0), "40 of 40 points"),
    ],
)
def test_progress_counts_points_and_tells_the_time_left(progress, line):
    assert described(progress) == line


def test_progress_in_a_file_is_a_line_now_and_then_and_one_at_the_end():
    stream, now = io.StringIO(), iter(range(100))
    with shown_on(stream, lambda: next(now) / 4) as show:
        for done in range(1, 21):
            show(StudyProgress(done, 0, 0, 20))
    lines = stream.getvalue().splitlines()
    assert 2 <= len(lines) < 10 and lines[-1] == "20 of 20 points"


REFERENCES = [
    {"name": "another machine", "source": "a paper", "values": {"traffic.latency_cycles.mean": 12.5}},
    {"name": "a third", "source": "a report", "values": {"traffic.accepted_rate": 0.25}},
]


def test_references_stand_below_the_points_with_their_source_and_are_no_points(tmp_path):
    rows = (row(0.1, 0, latency(21.0)), row(0.2, 0, latency(90.0)))
    figure = {"x": "workload.rate", "y": ["traffic.latency_cycles.mean"]}
    told = study(references=REFERENCES, figure=figure)
    lines = printed(StudyResult(tmp_path, told, rows, (), True)).splitlines()
    (shown_row,) = [number for number, line in enumerate(lines) if "another machine" in line and "12.5" in line]
    assert shown_row > max(number for number, line in enumerate(lines) if "90" in line)
    assert any("another machine: not run here, a paper" in line for line in lines)
    assert len(columns(told, rows)["point"]) == 2
    assert "12.5" not in printed(StudyResult(tmp_path, study(figure=figure), rows, (), True))
