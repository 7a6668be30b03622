"""Which points become which curve, and a picture that says what is on it."""

import subprocess
import sys

from sim.report.curves import Curve, Known, Mark, Panel, draw_curves, is_wide, looks_of
from sim.study.bisection import Threshold
from sim.study.campaign import Row
from sim.study.figure import draw_study, label, study_panels
from sim.study.models import Study
from sim.study.plan import Point
from sim.study.point import Outcome
from sim.study.results import Found, StudyResult
from sim.study.statistics import estimate

BISECT = {"key": "workload.rate", "low": 0.1, "high": 1, "until": "traffic.saturated", "tolerance": 0.01}
FIGURE = {"x": "workload.rate", "y": ["traffic.latency_cycles.mean"]}


def result(path, **keys):
    axes = {"network.buffer_flits": [2, 4], "workload.rate": [0.1, 0.2]}
    study = Study.model_validate(
        {"name": "s", "base": "b.yaml", "axes": axes, "bisect": BISECT, "figure": FIGURE} | keys
    )
    cells = [(flits, rate) for flits in (2, 4) for rate in (0.2, 0.1)]
    rows = [row(number, *cell, replica) for number, cell in enumerate(cells) for replica in (0, 1)]
    thresholds = [found(2, 0.3), found(4, 0.4)]
    return StudyResult(path, study, tuple(rows), tuple(thresholds), True)


def row(number, flits, rate, replica):
    said = {"latency_cycles": {"mean": 100 * rate + flits + replica}, "saturated": rate == 0.2 and flits == 2}
    axes = {"network.buffer_flits": flits, "workload.rate": rate}
    return Row(Point("grid", number, axes, replica, {"seed": 1}, f"{number}{replica}"), Outcome({"traffic": said}))


def found(flits, value):
    return Found({"network.buffer_flits": flits}, (Threshold(value, value, value),), estimate([value]))


def test_a_curve_for_each_value_of_the_other_axes_in_order_of_x(tmp_path):
    (panel,) = study_panels(result(tmp_path))
    two, four = panel.curves
    assert (two.name, four.name) == ("network.buffer_flits = 2", "network.buffer_flits = 4")
    assert two.x == (0.1, 0.2) and two.y == (12.5, 22.5)
    assert all(round(half, 4) == 6.3531 for half in two.half_width)
    assert two.beyond == (False, True) and four.beyond == (False, False)
    assert [(mark.curve, mark.x) for mark in panel.marks] == [(two.name, 0.3), (four.name, 0.4)]


def test_x_may_be_a_number_of_the_summary(tmp_path):
    figure = {"x": "traffic.latency_cycles.mean", "y": ["traffic.latency_cycles.mean"]}
    (panel,) = study_panels(result(tmp_path, figure=figure))
    (curve,) = panel.curves
    assert curve.x == curve.y == (12.5, 14.5, 22.5, 24.5)
    assert panel.marks == ()


def timed(path, seconds, flits, y="time.step_mean_s", said=None):
    """The panel of a study whose points took so long."""
    axes = {"network.buffer_flits": flits}
    study = Study.model_validate(
        {"name": "s", "base": "b.yaml", "axes": axes, "figure": {"x": "network.buffer_flits", "y": [y]}}
    )
    points = [Point("grid", n, {"network.buffer_flits": at}, 0, {"seed": 1}, str(n)) for n, at in enumerate(flits)]
    section, _, key = y.partition(".")
    rows = tuple(Row(one, Outcome({section: {key: took}})) for one, took in zip(points, seconds, strict=True))
    (panel,) = study_panels(StudyResult(path, study, rows, (), True))
    return panel


def test_an_axis_that_doubles_is_logarithmic_with_its_values_as_ticks_and_others_are_not(tmp_path):
    panel = timed(tmp_path, (3e-3, 2e-3, 1e-3), [1, 2, 4])
    assert panel.log_x and panel.x_ticks == (1, 2, 4)
    panel = timed(tmp_path, (3e-3, 2e-3, 1e-3), [2, 3, 4])
    assert not panel.log_x and panel.x_ticks == ()


def test_times_are_drawn_in_the_unit_that_suits_them_and_what_hardly_changes_or_is_a_share_from_zero(tmp_path):
    panel = timed(tmp_path, (3e-4, 2e-3, 1e-3), [1, 2, 4])
    assert panel.y_label == "time.step_mean\n[us]" and panel.curves[0].y == (300.0, 2000.0, 1000.0)
    assert not panel.from_zero
    assert timed(tmp_path, (1e-3, 1.01e-3, 1e-3), [1, 2, 4]).from_zero
    assert timed(tmp_path, (0.0, 0.0, 0.3), [1, 2, 4], "sync.wait_share").from_zero


def test_axes_are_called_with_their_unit():
    assert label("traffic.latency_cycles.mean") == "traffic.latency_cycles.mean\n[cycles]"
    assert label("workload.rate").startswith("workload.rate\noffered load in flits per node and cycle")
    assert label("machine.override.grid.width") == "machine.override.grid.width"


def test_the_picture_says_what_is_on_it_and_is_the_same_each_time(tmp_path):
    svg, png = draw_study(result(tmp_path))
    text = svg.read_text()
    for words in ("network.buffer_flits = 4", "[cycles]", "traffic.saturated from 0.3", "beyond the threshold"):
        assert words in text
    assert png.read_bytes().startswith(b"\x89PNG")
    draw_study(result(tmp_path))
    assert svg.read_text() == text


def test_a_study_without_a_figure_or_without_numbers_draws_nothing(tmp_path):
    assert draw_study(result(tmp_path, figure=None)) == []
    nothing = {"x": "workload.rate", "y": ["time.step_mean_s"]}
    assert draw_study(result(tmp_path, figure=nothing)) == []
    assert list(tmp_path.iterdir()) == []


def test_references_are_drawn_apart_from_the_curves_at_their_x_or_from_side_to_side(tmp_path):
    both = {"traffic.latency_cycles.mean": 5000.0, "traffic.accepted_rate": 0.15}
    references = [
        {"name": "another machine", "source": "a paper", "values": both},
        {"name": "no such number", "source": "a paper", "values": {"time.total_s": 1}},
    ]
    plain, told = result(tmp_path), result(tmp_path, references=references)
    (panel,), (before,) = study_panels(told), study_panels(plain)
    assert panel.curves == before.curves
    assert panel.known == (Known("another machine", None, 5000.0),)
    by_rate = FIGURE | {"x": "traffic.accepted_rate"}
    assert study_panels(result(tmp_path, references=references, figure=by_rate))[0].known[0].x == 0.15
    assert is_wide(panel.curves, panel.known) and not is_wide(panel.curves)
    assert "another machine" in draw_study(told)[0].read_text()
    draw_curves([Panel("x", "y", panel.curves, known=(Known("a star", 0.15, 20.0),))], "t", tmp_path / "star.svg")
    assert "a star" in (tmp_path / "star.svg").read_text()


def test_a_curve_has_one_look_in_all_panels_and_no_two_of_a_panel_share_one():
    panels = [["barrier", "timer"], ["timer"], ["compute", "sync"], ["sync", "host", "timer"]]
    looks = looks_of(panels)
    assert looks["barrier"] == looks["compute"]
    assert all(len({looks[name] for name in names}) == len(names) for names in panels)


def test_words_on_x_and_numbers_far_apart_can_be_drawn(tmp_path):
    words = Curve("", ("xy", "yx"), (1.0, 500.0), (2.0, 1.0), (False, False))
    draw_curves([Panel("routing", "cycles", (words,), (Mark("", 0.5, "here"),))], "words", tmp_path / "words.svg")
    assert "yx" in (tmp_path / "words.svg").read_text()
    assert is_wide([words]) and not is_wide([Curve("", (1, 2), (0.0, 500.0), (0, 0), (False, False))])


def test_drawing_needs_no_pyplot_and_importing_needs_no_matplotlib(tmp_path):
    program = f"""
import sys
from pathlib import Path
from sim.report.curves import Curve, Panel, draw_curves
assert "matplotlib" not in sys.modules
draw_curves([Panel("x", "y", (Curve("", (1.0,), (2.0,), (0.0,), (False,)),))], "t", Path({str(tmp_path)!r}) / "t.png")
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
