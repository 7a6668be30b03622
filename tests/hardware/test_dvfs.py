"""Operating points: a PE works faster on a loaded step, pays for each change, and rests where it came from."""

from dataclasses import replace

import pytest

from sim.engine.probe import Probe
from sim.machine.machine import OperatingPoint
from sim.units import Clock
from tests.hardware.toy_network import ALWAYS, Spans, board, layer, run

LAYERS = [layer(2, [0.1] * 4, 1), layer(4, [ALWAYS] * 3, 2)]
INPUTS = [[0.5, -0.5], [0.0, 1.0], [1.0, 1.0]]


class Points(Spans):
    """Spans with the operating point they ran at."""

    def __init__(self):
        super().__init__()
        self.at = {}
        self.points = {}

    def switched(self, unit, point, now):
        assert self.by_unit[unit][-1][0] == "switch" and self.by_unit[unit][-1][2] == now
        self.at[unit] = point

    def span(self, unit, activity, start, end):
        super().span(unit, activity, start, end)
        self.points.setdefault(unit, []).append((activity, self.at.get(unit, "low"), end - start))


def ran(threshold=None, idle="wfi", shuffle=None, **switch):
    """What was heard, and the outputs, on PEs of 1 GHz that can work at 2."""
    made = board(2, 1)
    fast = OperatingPoint("high", 0.8, Clock.from_mhz(2000))
    made = replace(made, switch_ns=100.0, operating_points={**made.operating_points, "high": fast})
    heard = Points()
    dvfs = {"policy": "auto", "threshold_packets": threshold} if threshold else {}
    done = run(LAYERS, INPUTS, on=made, probe=heard, shuffle=shuffle, compute={"dvfs": dvfs, "idle": idle})
    return heard, done.host.outputs, done.kernel.now


def test_without_the_choice_nobody_changes():
    heard, _, _ = ran()
    assert heard.at == {} and not any(kind == "switch" for spans in heard.points.values() for kind, _, _ in spans)


def test_a_threshold_that_is_never_reached_changes_no_instant():
    plain, never = ran(), ran(10**6)
    assert plain[0].by_unit == never[0].by_unit and plain[1:] == never[1:]


@pytest.mark.parametrize("idle", ["wfi", "busy_wait"])
def test_a_loaded_step_is_computed_at_the_higher_point_in_half_the_time(idle):
    slow, fast = (ran(threshold, idle)[0] for threshold in (10**6, 1))
    for unit in slow.points:
        before = [time for kind, _, time in slow.points[unit] if kind == "compute"]
        after = [(point, time) for kind, point, time in fast.points[unit] if kind == "compute"]
        assert after == [("high", time // 2) for time in before]


def test_a_pe_rests_and_ends_at_the_point_it_came_from_and_each_change_takes_its_time():
    heard, _, _ = ran(1)
    assert set(heard.at.values()) == {"low"}
    for spans in heard.points.values():
        assert {point for kind, point, _ in spans if kind == "sleep"} <= {"low"}
        changes = [(point, time) for kind, point, time in spans if kind == "switch"]
        assert changes == [("low", 100_000), ("high", 100_000)] * (len(changes) // 2)


def test_outputs_are_the_same_at_any_point_and_in_any_order():
    plain = ran()
    for threshold in (1, 3, 5):
        heard, outputs, now = ran(threshold)
        assert outputs == plain[1]
        other, again, then = ran(threshold, shuffle=7)
        assert (outputs, now, heard.points) == (again, then, other.points)


def test_only_steps_with_enough_packets_are_raised():
    """All three units of layer 2 fire in every step, so its own events come to three from its second step on; layer 1
    never has as many."""
    heard, _, _ = ran(3)
    packets = {(record.slice, record.step): record.packets_received for record in heard.records}
    found = {unit: [point for kind, point, _ in spans if kind == "compute"] for unit, spans in heard.points.items()}
    points = {unit: at for unit, at in found.items() if at}
    for slice_, unit in enumerate(points):
        assert points[unit] == ["high" if packets[slice_, step] >= 3 else "low" for step in range(3)]
    assert {point for at in points.values() for point in at} == {"low", "high"}


def test_a_listener_that_hears_nothing_changes_nothing():
    made = board(2, 1)
    assert run(LAYERS, INPUTS, on=made, probe=Probe()).kernel.now == ran()[2]
