"""What is made of the runs of a mesh: speeds, the fall from the smallest to the largest, targets."""

import pytest

from sim.anchors import meshes
from sim.anchors.figure import Figure
from sim.anchors.speed import CASES, measured
from sim.anchors.spent import Spent


@pytest.mark.parametrize(("slowest", "met"), [(150, True), (130, False)])
def test_the_fall_is_that_from_the_smallest_mesh_to_the_largest(monkeypatch, slowest, met):
    speeds = {8: 200, 16: 160, 32: slowest}
    asked = []
    monkeypatch.setattr(meshes, "_loaded", lambda load: asked.append(load) or {"flit_hops_per_s": speeds[load.side]})
    *each, fall = measured("mesh_0.2", 1)
    assert [(load.side, load.rate) for load in asked] == [(8, 0.2), (16, 0.2), (32, 0.2)]
    assert [one.value for one in each] == [200, 160, slowest]
    assert fall.value == pytest.approx(1 - slowest / 200) and fall.target.met(fall.value) == met


def test_of_several_runs_the_fall_is_that_of_the_best_not_the_least(monkeypatch):
    speeds = iter([100, 160, 150, 200, 160, 100])
    monkeypatch.setattr(meshes, "_loaded", lambda load: {"flit_hops_per_s": next(speeds)})
    *each, fall = measured("mesh_0.4", 2)
    assert [one.value for one in each] == [200, 160, 150]
    assert fall.value == pytest.approx(0.25)


def test_every_rate_has_a_case_and_the_eight_by_eight_mesh_a_target_at_a_fifth(monkeypatch):
    monkeypatch.setattr(meshes, "_loaded", lambda load: {"flit_hops_per_s": 1, "cpu_s": 2.0})
    figures = {name: list(case(name)) for name, case in CASES.items() if name.startswith("mesh_0.")}
    assert list(figures) == ["mesh_0.05", "mesh_0.2", "mesh_0.4", "mesh_0.001"]
    assert [one.target.bound for one in figures["mesh_0.2"] if one.target] == [200_000]
    assert [(one.value, one.target.bound) for one in figures["mesh_0.001"]] == [(20_050, 83_000), (2550, 2750)]


def test_set_up_is_what_a_process_takes_apart_from_the_events(monkeypatch):
    monkeypatch.setattr(meshes, "_mesh_run", lambda load: ({"engine": {"cpu_s": 0.5}}, Spent(2.0, 1, "printed")))
    (figure,) = CASES["mesh_set_up"]("mesh_set_up")
    assert figure.value == 1.5


@pytest.mark.parametrize(("unit", "told"), [("s", 1.0), ("/s", 3.0), ("%", 2.0)])
def test_of_several_runs_the_best_is_told_and_of_a_share_the_middle_one(monkeypatch, unit, told):
    values = iter([3.0, 1.0, 2.0])
    monkeypatch.setitem(CASES, "smoke", lambda name: [Figure(name, "figure", next(values), unit)])
    assert [one.value for one in measured("smoke", 3)] == [told]
