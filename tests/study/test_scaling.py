"""What a scaling study says, held against laws whose speed-up and knee are known."""

import io
import math
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from sim.study.campaign import Row
from sim.study.models import Study
from sim.study.plan import Point
from sim.study.point import Outcome
from sim.study.results import StudyResult
from sim.study.scaling import curves, described_scaling, gains
from sim.study.scaling_view import draw_scaling, print_scaling

CHIPS = (1, 2, 4, 8, 16)


def row(number, axes, replica, seconds, parts=None):
    summary = None
    if seconds is not None:
        summary = {"time": {"step_mean_s": seconds}, "energy": {"per_step_j": 2.0 * seconds}}
        summary["critical_path"] = {f"{part}_s": value for part, value in (parts or {"compute": seconds}).items()}
    return Row(Point("grid", number, axes, replica, {"seed": replica}, f"{number}-{replica}"), Outcome(summary))


def studied(law, path=Path(), kind="strong", replicas=1, protocols=("barrier",), chips=CHIPS):
    """A study whose point at n chips, under a protocol and in a replica, takes law(n, protocol, replica) seconds."""
    axes = {"machine.chips": list(chips), "sync.protocol": list(protocols)}
    study = Study(
        name="s", base="b.yaml", axes=axes, replicas=replicas, scaling={"axis": "machine.chips", "kind": kind}
    )
    cells = [{"machine.chips": n, "sync.protocol": protocol} for n in chips for protocol in protocols]
    rows = [
        row(number, cell, replica, law(*cell.values(), replica))
        for number, cell in enumerate(cells)
        for replica in range(replicas)
    ]
    return StudyResult(path, study, tuple(rows), (), completed=True)


def test_amdahls_law_is_found_again_with_its_knee():
    (curve,) = curves(studied(lambda n, *_: 0.1 + 0.9 / n))
    for size in curve.sizes:
        assert size.speed_up.mean == pytest.approx(1 / (0.1 + 0.9 / size.at))
        assert size.efficiency.mean == pytest.approx(size.speed_up.mean / size.at)
        assert size.time.half_width is None and size.energy.mean == 2 * size.time.mean
    # From n chips to 2n the speed-up grows by the factor (0.1 + 0.9/n) / (0.1 + 0.45/n): 1.36 at 8.
    assert [size.gain for size in curve.sizes][3] == pytest.approx((0.1 + 0.9 / 8) / (0.1 + 0.9 / 16) - 1)
    assert curve.knee is None
    (longer,) = curves(studied(lambda n, *_: 0.1 + 0.9 / n, chips=(*CHIPS, 32, 48)))
    assert longer.knee == 32 and longer.sizes[-1].gain is None


def test_steps_that_are_no_doubling_are_told_per_doubling():
    assert gains([1, 4, 6], [1.0, 4.0, 6.0])[:2] == [pytest.approx(1.0), pytest.approx(1.0)]
    assert gains([32, 48], [10.0, 11.0]) == [pytest.approx(1.1 ** (1 / math.log2(1.5)) - 1), None]


def test_weak_scaling_counts_the_work_that_grew():
    (curve,) = curves(studied(lambda n, *_: 1.0 + 0.25 * (n > 2), kind="weak"))
    assert [size.efficiency.mean for size in curve.sizes] == [1, 1, 0.8, 0.8, 0.8]
    assert [size.speed_up.mean for size in curve.sizes] == [1, 2, pytest.approx(3.2), pytest.approx(6.4), 12.8]
    assert curve.sizes[1].gain == pytest.approx(0.6)


def test_replicas_are_compared_with_themselves():
    """Seeds that make a run twice as long at every size leave the speed-up certain, though not the time."""
    (curve,) = curves(studied(lambda n, _, replica: (1 + replica) / n, replicas=3))
    assert all(size.speed_up.half_width == pytest.approx(0) for size in curve.sizes)
    assert all(size.time.half_width > 0.5 * size.time.mean for size in curve.sizes)


def test_each_combination_of_the_other_axes_has_a_curve_and_failed_sizes_are_left_out():
    def law(n, protocol, _):
        return None if (n, protocol) == (4, "markers") else 1 / n

    barrier, markers = curves(studied(law, protocols=("barrier", "markers")))
    assert barrier.axes == {"sync.protocol": "barrier"} and len(barrier.sizes) == 5
    assert [size.at for size in markers.sizes] == [1, 2, 8, 16]
    assert curves(studied(lambda *_: None)) == []


def test_the_limit_is_the_largest_part_of_the_critical_path():
    result = studied(lambda *_: 1.0)
    parts = {"compute": 0.2, "network": 0.5, "link": 0.3}
    rows = (row(0, result.rows[0].point.axes, 0, 1.0, parts), *result.rows[1:])
    (curve,) = curves(StudyResult(Path(), result.study, rows, (), completed=True))
    assert curve.sizes[0].limit == "network" and list(curve.sizes[0].parts) == ["network", "link", "compute"]
    assert curve.sizes[0].parts["network"] == pytest.approx(0.5)


def test_nothing_of_the_table_is_lost_on_a_narrow_terminal(tmp_path):
    result = studied(lambda n, p, r: (1 + 0.01 * r) * (0.3 + 0.7 / n), tmp_path, replicas=3)
    console = Console(width=80, record=True, file=io.StringIO())
    print_scaling(result, console)
    told = console.export_text()
    assert "…" not in told and told.count("100%") > 1 and told.count("compute") == len(CHIPS)


def test_a_doubling_that_changes_nothing_gains_no_less_than_nothing(tmp_path):
    console = Console(width=80, record=True, file=io.StringIO())
    print_scaling(studied(lambda n, p, r: 1 + 1e-9 * n, tmp_path), console)
    told = console.export_text()
    assert "+0%" in told and "-0%" not in told


def test_it_is_told_as_a_table_as_data_and_as_a_picture(tmp_path):
    result = studied(lambda n, p, r: (1 + 0.01 * r) * (0.3 + 0.7 / n), tmp_path, replicas=2, protocols=("markers",))
    console = Console(width=100, record=True, file=io.StringIO())
    print_scaling(result, console)
    told = console.export_text()
    assert "strong scaling, sync.protocol = markers, mean of 2 replicas" in told
    assert "knee at 8: the next doubling gains less than 20%" in told and "compute 100%" in told
    assert "[s]" in told or "[ms]" in told
    (data,) = described_scaling(result)
    assert data["knee"] == 8 and data["sizes"][0]["limited_by"] == "compute"
    svg, png = draw_scaling(result)
    words = " ".join("".join(node.itertext()) for node in ElementTree.parse(svg).getroot().iter())
    assert png.stat().st_size > 10_000
    for word in ("speed-up", "ideal", "efficiency", "share of the critical path", "knee at 8", "16"):
        assert word in words
