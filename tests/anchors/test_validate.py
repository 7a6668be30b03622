"""The table of figures known from elsewhere: its verdicts, its exit codes, and every quick group in agreement."""

import json

import pytest

from sim.anchors.groups import GROUPS, SLOW
from sim.anchors.published import published, readings
from sim.anchors.row import Row
from tools import validate

QUICK = [name for name in GROUPS if name not in ("published", "trained")]


def row(ours, published=100.0, tolerance=0.05):
    return Row("a figure", "W", published, "somewhere", "predicted", tolerance, ours)


@pytest.mark.parametrize(("ours", "verdict"), [(104.9, "ok"), (95.1, "ok"), (105.1, "MISS"), (None, "not checked")])
def test_a_row_is_judged_by_its_tolerance(ours, verdict):
    assert row(ours).verdict == verdict


def test_the_quick_groups_agree_and_are_told_as_json(capsys):
    assert validate.main(["--json", *(word for name in QUICK for word in ("--only", name))]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {one["group"] for one in rows} == set(QUICK)
    assert all(one["source"] for one in rows)
    assert {one["figure"] for one in rows if one["verdict"] == "not checked"} == {"bisection of the mesh"}
    assert len([one for one in rows if one["group"] == "power"]) == 5


def test_a_row_that_misses_ends_with_code_1(monkeypatch, capsys):
    monkeypatch.setitem(GROUPS, "memory", lambda runs: iter([row(200.0)]))
    assert validate.main(["--only", "memory"]) == 1
    assert "MISS" in capsys.readouterr().out


class Answers:
    """Runs that say what the published one would if it came out as published."""

    def __init__(self, factor=1.0):
        self.factor = factor

    def summary(self, scenario, overrides=None):
        return {
            "time": {"total_s": 0.17025 * self.factor},
            "energy": {"total_j": 0.0653 * self.factor, "mean_power_w": 0.0653 / 0.17025},
            "memory": {"weight_store_mean_bytes": {"layer2": 88_300}},
            "pe": {"used": 150},
        }


def test_the_published_rows_are_all_there_and_judged():
    rows = {one.figure: one for one in published(Answers())}
    assert [one.verdict for one in rows.values()].count("ok") == 5
    assert rows["latency of a sample"].basis == "fitted" and rows["energy of a sample"].basis == "predicted"
    wrong = {one.figure for one in published(Answers(1.1)) if one.verdict == "MISS"}
    assert wrong == {"latency of a sample", "energy of a sample"}


def test_other_readings_are_told_with_what_they_would_give():
    assert all(one.verdict == "not checked" and "ruled out" in one.note for one in readings(Answers()))
    assert set(SLOW) == {"readings"}


@pytest.mark.slow
@pytest.mark.parametrize("group", ["published", "trained"])
def test_the_long_groups_agree(group):
    assert validate.main(["--only", group]) == 0
