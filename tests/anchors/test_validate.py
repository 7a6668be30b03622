"""The table of figures known from elsewhere: its verdicts, its exit codes, and every quick group in agreement."""

import json

import pytest

from sim.anchors import chip
from sim.anchors.gesture import WHY, inference
from sim.anchors.groups import GROUPS, SLOW
from sim.anchors.published import fit, published, readings
from sim.anchors.row import Row
from sim.machine.description import read_topology
from tools import validate

QUICK = ["power", "arithmetic", "network", "memory"]
READINGS_OF_THE_CUT = {
    "bisection if the event router's sites passed nothing on",
    "bisection if links ran at 400 MHz",
}


def row(ours, published=100.0, tolerance=0.05, is_bound=False):
    return Row("a figure", "W", published, "somewhere", "predicted", tolerance, ours, is_bound=is_bound)


@pytest.mark.parametrize(("ours", "verdict"), [(104.9, "ok"), (95.1, "ok"), (105.1, "MISS"), (None, "not checked")])
def test_a_row_is_judged_by_its_tolerance(ours, verdict):
    assert row(ours).verdict == verdict


def test_a_bound_may_be_missed_from_below_only_and_what_nobody_published_is_not_judged():
    assert row(1.0, is_bound=True).verdict == "ok"
    assert row(100.1, tolerance=0.0, is_bound=True).verdict == "MISS"
    assert row(5.0, published=None).verdict == "not checked"


def test_all_takes_the_slow_form_of_a_group_and_a_name_alone_the_quick_one(monkeypatch, capsys):
    for known, ours in ((GROUPS, 100.0), (SLOW, 101.0)):
        monkeypatch.setitem(known, "theory", lambda runs, ours=ours: iter([row(ours)]))
    for more, ours in (([], 100.0), (["--all"], 101.0)):
        assert validate.main(["--json", "--only", "theory", *more]) == 0
        assert [one["ours"] for one in json.loads(capsys.readouterr().out)] == [ours]


def test_the_quick_groups_agree_and_are_told_as_json(capsys):
    assert validate.main(["--json", *(word for name in QUICK for word in ("--only", name))]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {one["group"] for one in rows} == set(QUICK)
    assert all(one["source"] for one in rows)
    unsaid = [one for one in rows if one["verdict"] == "not checked"]
    assert [one["figure"] for one in unsaid if one["group"] == "network"] == ["bisection of the mesh"]
    assert len(unsaid) == 5 and all("not published" in one["note"] and one["ours"] is None for one in unsaid)
    assert len([one for one in rows if one["group"] == "power"]) == 7


@pytest.mark.parametrize(
    ("group", "broken", "figures"),
    [
        ("network", {"noc.flit_cycles": 2}, {"payload of a link", *READINGS_OF_THE_CUT}),
        ("network", {"event_router.clock_mhz": 300}, {"router's peak to links", "router's peak to PEs"}),
        ("memory", {"dram.dma_bytes_per_s": 1.5e9}, {"sustained rate of both ports"}),
        ("memory", {"dram.clock_mhz": 1200}, {"raw rate of a port"}),
    ],
)
def test_rows_of_the_chip_are_what_its_model_does(monkeypatch, group, broken, figures):
    """A chip of other numbers misses the rows that are about them, and no others."""
    override = {}
    for name, value in broken.items():
        section, key = name.split(".")
        override[section] = {key: value}
    monkeypatch.setattr(chip, "read_topology", lambda document: read_topology(document, override))
    assert {row.figure for row in GROUPS[group](None) if row.verdict == "MISS"} == figures


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
            "memory": {
                "weight_store_mean_bytes": {"layer2": 88_300},
                "sram_limit_bytes": 131_072,
                "sram_max_bytes": 129_372,
            },
            "pe": {"used": 150},
        }


def test_the_published_rows_are_all_there_and_judged():
    rows = {one.figure: one for one in published(Answers())}
    assert [one.verdict for one in rows.values()].count("ok") == 7
    assert rows["latency of a sample"].basis == "fitted" and rows["energy of a sample"].basis == "predicted"
    wrong = {one.figure for one in published(Answers(1.1)) if one.verdict == "MISS"}
    ratios = {"times less energy than an A100", "times slower than an A100"}
    assert wrong == {"latency of a sample", "energy of a sample", *ratios}
    assert "leaves 1700 of 131072 bytes" in rows["memory for data of a PE"].note


def test_other_readings_are_told_with_what_they_would_give():
    *runs, arithmetic = readings(Answers())
    assert len(runs) == 2 and all(one.verdict == "not checked" and "ruled out" in one.note for one in runs)
    # 364.8 k cycles of a token, 10 935 weights.
    assert arithmetic.ours == pytest.approx(364_821 / (10_935 * 0.15), rel=1e-4)
    assert set(SLOW) - set(GROUPS) == {"readings"}


class Line:
    """Runs that take a time that falls short of a straight line in the cycles a weight costs."""

    def __init__(self, right):
        self.right, self.asked = right, []

    def summary(self, scenario, overrides):
        (cycles,) = overrides.values()
        self.asked.append(cycles)
        return {"time": {"total_s": 0.17025 * (cycles / self.right) ** 1.3}}


@pytest.mark.parametrize("right", [28.5, 31.0, 33.7])
def test_the_fit_finds_the_cycles_that_give_the_published_latency_in_a_few_runs(right):
    runs = Line(right)
    assert fit(runs) == pytest.approx(right, rel=0.0005)
    assert len(runs.asked) <= 6 and runs.asked[:2] == [28.0, 34.0]


def test_the_gesture_rows_are_predicted_beside_the_published_ratio_and_the_counts_judged(runs):
    rows = {one.figure: one for one in inference(runs, 1)}
    counts = [one for one in rows.values() if one.unit == "count"]
    assert len(counts) == 3 and {one.verdict for one in counts} == {"ok"}
    rest = [one for one in rows.values() if one not in counts]
    assert len(rest) == 4 and all(one.ours > 0 and one.verdict == "not checked" for one in rest)
    assert all("5 to 18 times" in one.source and WHY in one.note for one in rest)
    # Hardly anything runs while frames are waited for: the chip draws what it does with all PEs asleep at 0.5 V.
    assert 0.2354 < rows["energy of 1.7 s, real time"].ours / 1.7 < 1.05 * 0.2354
    assert rows["time of 68 frames, at once"].ours == pytest.approx(68 * 0.0023, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("group", ["published", "trained"])
def test_the_long_groups_agree(group):
    assert validate.main(["--only", group]) == 0
