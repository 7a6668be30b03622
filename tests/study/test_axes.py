"""Which values and combinations a study runs."""

import pytest

from sim.study.axes import grid, searched, values
from sim.study.models import Study


def study(**keys):
    return Study.model_validate({"name": "s", "base": "b.yaml", **keys})


def axis(**range_):
    return study(axes={"a": range_}).axes["a"]


BISECT = {"key": "a", "low": 0, "high": 1, "until": "traffic.saturated", "tolerance": 0.1}


@pytest.mark.parametrize(
    ("range_", "expected"),
    [
        ({"from": 0.05, "to": 0.2, "points": 4}, (0.05, 0.1, 0.15, 0.2)),
        ({"from": 1, "to": 7, "points": 4}, (1, 3, 5, 7)),
        ({"from": 1, "to": 2, "points": 3}, (1, 1.5, 2)),
        ({"from": 4, "to": 1, "points": 4}, (4, 3, 2, 1)),
        ({"from": 1, "to": 64, "points": 7, "scale": "log"}, (1, 2, 4, 8, 16, 32, 64)),
        ({"from": 0.001, "to": 0.1, "points": 3, "scale": "log"}, (0.001, 0.01, 0.1)),
    ],
)
def test_a_range_has_both_ends_and_round_values_between(range_, expected):
    assert values(axis(**range_)) == expected
    assert [type(value) for value in values(axis(**range_))] == [type(value) for value in expected]


def test_every_combination_is_run_with_the_last_axis_varying_fastest():
    cells = grid(study(axes={"a": [1, 2], "b": ["x", "y"]}))
    assert cells == [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"}]


def test_axes_can_move_together():
    cells = grid(study(axes={"a": [1, 2], "b": {"from": 10, "to": 20, "points": 2}}, zip=True))
    assert cells == [{"a": 1, "b": 10}, {"a": 2, "b": 20}]


def test_a_study_without_axes_is_one_point_for_each_replica():
    assert grid(study(replicas=3)) == [{}]


def test_a_threshold_is_searched_at_every_combination_of_the_other_axes():
    both = study(axes={"a": [0.1, 0.2], "b": ["x", "y"]}, bisect=BISECT)
    assert searched(both) == [{"b": "x"}, {"b": "y"}]
    assert len(grid(both)) == 4


def test_a_combination_that_axes_moving_together_repeat_is_searched_once():
    together = study(axes={"a": [1, 2, 3], "b": ["x", "y", "x"]}, zip=True, bisect=BISECT)
    assert searched(together) == [{"b": "x"}, {"b": "y"}]


def test_a_study_that_only_searches_has_no_grid():
    alone = study(bisect=BISECT)
    assert grid(alone) == [] and searched(alone) == [{}]
