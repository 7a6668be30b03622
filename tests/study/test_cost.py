"""How long a study will take: what grows with a scenario's work, and a line through what is known."""

import pytest

from sim.study.campaign import Campaign
from sim.study.cost import Pace, work
from sim.study.point import Outcome


def scenario(chips=1, pes=None, **workload):
    return {"machine": {"chips": chips}, "workload": workload, "mapping": {"pes_per_layer": pes}}


def test_work_grows_with_steps_units_activity_processing_elements_and_load():
    drawn = {"kind": "statistical", "layers": [10, 20], "activity": 0.1, "steps": 5}
    base = work(scenario(**drawn))
    assert work(scenario(**drawn | {"steps": 10})) == 2 * base
    assert work(scenario(**drawn | {"layers": [20, 40]})) == 2 * base
    assert work(scenario(**drawn | {"activity": [0.2]})) == 2 * base
    assert work(scenario(chips=2, **drawn)) == 2 * base
    assert work(scenario(pes=[304], **drawn)) == 2 * base
    copies = scenario(pes=[152], **drawn)
    copies["mapping"]["replicas"] = 3
    assert work(copies) == 3 * base
    weights = {"synthetic": {"layers": [10, 20], "activity": 0.1}}
    assert work(scenario(kind="language_model", weights=weights, tokens=5)) == base
    assert work(scenario(kind="language_model", weights="a.npz", tokens=5)) > 0
    traffic = {"kind": "traffic", "warmup_cycles": 100, "measure_cycles": 100}
    assert work(scenario(rate=0.2, **traffic)) == 2 * work(scenario(rate=0.1, **traffic))


def test_points_are_expected_on_the_line_through_those_that_are_known():
    pace = Pace()
    assert pace.expected(1, 1.0) is None
    for amount in (1.0, 3.0, 8.0):
        pace.add(amount, 2.0 + 0.5 * amount)
    assert pace.expected(1, 20.0) == pytest.approx(12.0)
    assert pace.expected(3, 20.0) == pytest.approx(16.0)


def test_neither_set_up_nor_work_is_expected_to_take_less_than_nothing():
    for points in ([(1.0, 1.0), (10.0, 40.0)], [(1.0, 4.0), (10.0, 1.0)], [(2.0, 3.0), (2.0, 3.0)], [(0.0, 1.0)]):
        pace = Pace()
        for amount, seconds in points:
            pace.add(amount, seconds)
        assert pace.expected(1, 0.0) >= 0 and pace.expected(0, 5.0) >= 0
        assert pace.expected(len(points), sum(amount for amount, _ in points)) == pytest.approx(
            sum(seconds for _, seconds in points), rel=0.2
        )


class Empty:
    """A directory without any finished point."""

    def __init__(self, path):
        self.points = path

    def find(self, identity):
        return None


def test_the_smallest_point_is_run_first_then_from_the_largest_and_the_time_left_is_told(plan, tmp_path):
    text = "name: grows\nbase: base.yaml\naxes: {workload.measure_cycles: [380, 180, 1980, 980]}\n"
    now, told, ran = [0.0], [], []
    campaign = Campaign(plan(text), Empty(tmp_path), told.append, workers=2, clock=lambda: now[0])
    campaign.recall()
    while task := campaign.take():
        cycles = task.scenario["workload"]["measure_cycles"]
        ran.append(cycles)
        now[0] += 1 + cycles / 100
        campaign.tell(task, Outcome({}))
    assert ran == [180, 1980, 980, 380]
    assert told[0].seconds_left is None and told[0].done == 0
    assert told[2].seconds_left == pytest.approx((2 + 13.6) / 2), "known exactly from two points, in two processes"
    assert told[-1].seconds_left == pytest.approx(0)
