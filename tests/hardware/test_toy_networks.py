"""Whole logs of networks of two units: when each processing element slept, received, computed, sent and reported."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.probe import Probe
from sim.engine.stuck import Stuck
from sim.hardware.costs import costs_paid
from sim.machine.machine import Costs
from sim.measure.recorder import Recorder
from sim.scenario.formats import Formats
from sim.workload.egru import run_whole
from sim.workload.network import Network
from tests.hardware.toy_network import ALWAYS, COSTS, NEVER, board, layer, run


def in_ns(spans):
    """Spans with instants in whole ns where they are."""
    return [(activity, start / 1000, end / 1000) for activity, start, end in spans]


def test_the_whole_log_of_two_units_on_two_pes_with_markers():
    """Unit 0 on PE (0,0).0 fires in both steps, unit 1 on PE (1,0).0 never; the host is at (0,0).

    A step of one unit: 6 rows and 9 weights and its update are 6 x 1 + 9 x 2 + 100 = 124 cycles; its input 10 + 5.
    An event goes to both PEs and the host, which costs 3 x 20 cycles. Input and marker fill a frame of 2 x 72 + 8 bits.
    """
    ran = run([layer(1, [ALWAYS, NEVER])], [[1.0], [1.0]], mapping={"pes_per_layer": [2]})
    logs = {unit: in_ns(spans) for unit, spans in ran.heard.by_unit.items()}
    assert logs["host link down"] == [("transfer", 0.001, 152.001), ("transfer", 2556.002, 2708.002)]
    assert logs["(0,0).0"] == [
        ("sleep", 0, 1157),
        ("receive", 1157, 1172),
        ("sync", 1172, 1179),
        ("compute", 1179, 1303),
        ("send", 1303, 1363),
        ("sync", 1363, 1370),
        ("receive", 1370, 1385),  # its own event, and the other's marker
        ("sync", 1385, 1399),  # that marker and its own: taken on end, told as one
        ("sleep", 1399, 3713),
        ("receive", 3713, 3728),
        ("sync", 3728, 3735),
        ("compute", 3735, 3859),
        ("send", 3859, 3919),
        ("sync", 3919, 3926),
    ]
    assert logs["(1,0).0"] == [
        ("sleep", 0, 1161),
        ("receive", 1161, 1176),
        ("sync", 1176, 1183),
        ("compute", 1183, 1307),
        ("sync", 1307, 1314),
        ("sleep", 1314, 1320),
        ("sync", 1320, 1327),  # its own marker
        ("sleep", 1327, 1372),
        ("receive", 1372, 1387),  # the event of the other
        ("sync", 1387, 1394),
        ("sleep", 1394, 3717),
        ("receive", 3717, 3732),
        ("sync", 3732, 3739),
        ("compute", 3739, 3863),
        ("sync", 3863, 3870),
    ]
    assert logs["host link up"] == [
        ("transfer", 1324.001, 1404.001),  # the marker of (1,0).0
        ("transfer", 1404.001, 1556.001),  # the event and the marker of (0,0).0
        ("transfer", 3880.001, 3960.001),
        ("transfer", 3960.001, 4112.001),
    ]
    assert logs["host output"] == [("decode", 2556.001, 2556.001), ("decode", 5112.001, 5112.001)]


def test_the_whole_log_of_one_unit_with_a_barrier():
    """(0,0).0 holds the unit, (1,0).0 schedules; 118 cycles a step: 6 x 1 + 6 x 2 + 100."""
    ran = run([layer(1, [ALWAYS])], [[1.0]], mapping={"pes_per_layer": [1]}, sync={"protocol": "barrier"})
    logs = {unit: in_ns(spans) for unit, spans in ran.heard.by_unit.items()}
    assert logs["(1,0).0"] == [
        ("sync", 0, 7),  # release the input
        ("sleep", 7, 2224),
        ("sync", 2224, 2231),  # the input is done
        ("sync", 2231, 2238),  # release the layer
        ("sleep", 2238, 2426),
        ("sync", 2426, 2433),  # the layer is done
        ("sync", 2433, 2440),  # release the output
        ("sleep", 2440, 4665),
        ("sync", 4665, 4672),  # the output is done
    ]
    assert logs["(0,0).0"] == [
        ("sleep", 0, 2220),
        ("receive", 2220, 2235),
        ("sleep", 2235, 2246),
        ("sync", 2246, 2253),
        ("compute", 2253, 2371),
        ("send", 2371, 2411),
        ("sync", 2411, 2418),
    ]
    assert logs["host link up"] == [
        ("transfer", 15.001, 63.001),
        ("transfer", 2417.001, 2497.001),
        ("transfer", 2497.001, 2577.001),
    ]
    assert logs["host link down"] == [("transfer", 1063.002, 1215.002), ("transfer", 3577.002, 3657.002)]


def test_records_say_when_a_step_was_turned_to_ready_and_done_and_what_it_had():
    ran = run([layer(1, [ALWAYS, NEVER])], [[1.0], [1.0]], mapping={"pes_per_layer": [2]})
    told = [
        (r.slice, r.step, r.start // 1000, r.ready // 1000, r.done // 1000, r.packets_received, r.events_sent)
        for r in ran.heard.records
    ]
    assert told == [
        (1, 0, 0, 1183, 1307, 1, 0),
        (0, 0, 0, 1179, 1363, 1, 1),
        (1, 1, 1314, 3739, 3863, 2, 0),
        (0, 1, 1370, 3735, 3919, 2, 1),
    ]
    assert [r.macs for r in ran.heard.records] == [9] * 4
    # Of the weights walked, those whose source is not zero: 3 of W, and from the second step 3 of R.
    assert [r.macs_needed for r in ran.heard.records] == [3, 3, 6, 6]


def test_busy_waiting_names_the_same_time_otherwise():
    asked = {"mapping": {"pes_per_layer": [2]}}
    sleeps = run([layer(1, [ALWAYS, NEVER])], [[1.0]], **asked).heard.by_unit["(0,0).0"]
    waits = run([layer(1, [ALWAYS, NEVER])], [[1.0]], compute={"idle": "busy_wait"}, **asked).heard.by_unit["(0,0).0"]
    assert waits == [("wait" if activity == "sleep" else activity, *when) for activity, *when in sleeps]
    assert sleeps[0][0] == "sleep"


CONFIGURATIONS = [
    {
        "network": {"multicast": multicast},
        "sync": {"protocol": protocol, "schedule": schedule},
        "compute": {"kernel": k},
    }
    for multicast in ("unicast", "tree")
    for protocol in ("markers", "barrier")
    for schedule in ("sequential", "pipelined")
    for k in ("csr_rows", "event_columns")
]
THREE = [layer(3, [0.1] * 5, 1), layer(5, [0.1] * 4, 2), layer(4, [0.05] * 3, 3)]
INPUTS = np.random.default_rng(4).normal(size=(5, 3)).astype(np.float32)


@pytest.mark.parametrize(
    "asked", CONFIGURATIONS, ids=lambda asked: "-".join(v for s in asked.values() for v in s.values())
)
def test_the_numbers_are_those_of_the_network_in_one_piece_whatever_the_way(asked):
    whole = run_whole(Network(tuple(THREE)), INPUTS)[-1]
    ran = run(THREE, INPUTS, on=board(4, 3), mapping={"pes_per_layer": [3, 2, 2]}, **asked)
    assert [ran.host.outputs[step] for step in range(5)] == whole.tolist()


@pytest.mark.parametrize("multicast", ["event_router", "tree", "unicast"])
def test_the_numbers_are_the_same_on_the_chip(multicast):
    whole = run_whole(Network(tuple(THREE)), INPUTS)[-1]
    asked = {"network": {"multicast": multicast}, "mapping": {"pes_per_layer": [5, 4, 3], "place": "traffic"}}
    ran = run(THREE, INPUTS, on=board(topology="spinnaker2_chip"), **asked)
    assert [ran.host.outputs[step] for step in range(5)] == whole.tolist()


@given(st.integers(0, 2**32), st.sampled_from(CONFIGURATIONS))
@settings(max_examples=16)
def test_the_order_of_events_within_an_instant_changes_no_span(shuffle, asked):
    asked = {"on": board(4, 3), "mapping": {"pes_per_layer": [3, 2, 2]}} | asked
    plain, shuffled = (run(THREE, INPUTS, shuffle=seed, **asked) for seed in (None, shuffle))
    assert plain.heard.by_unit == shuffled.heard.by_unit
    assert plain.kernel.now == shuffled.kernel.now


@pytest.mark.parametrize("asked", CONFIGURATIONS[:4], ids=lambda asked: asked["sync"]["protocol"])
def test_spans_of_a_pe_follow_one_another_without_a_gap_from_the_start(asked):
    ran = run(THREE, INPUTS, on=board(4, 3), mapping={"pes_per_layer": [3, 2, 2]}, **asked)
    pes = {unit: spans for unit, spans in ran.heard.by_unit.items() if unit.startswith("(")}
    assert len(pes) == 7 + (asked["sync"]["protocol"] == "barrier")
    for spans in pes.values():
        ends = [0, *(end for *_, end in spans)]
        assert [start for _, start, _ in spans] == ends[:-1]


@pytest.mark.parametrize("protocol", ["markers", "barrier"])
def test_a_run_ends_at_the_same_instant_whoever_listens(protocol):
    asked = {"on": board(4, 3), "mapping": {"pes_per_layer": [3, 2, 2]}, "sync": {"protocol": protocol}}
    recorder = Recorder()
    runs = [run(THREE, INPUTS, **who, **asked) for who in ({"probe": Probe()}, {}, {"recorder": recorder})]
    assert len({one.kernel.now for one in runs}) == 1
    assert runs[0].host.outputs == runs[2].host.outputs
    assert recorder.deliveries.received == recorder.deliveries.sent_to_receivers > 0


FASTER = {"mac_array_macs_per_cycle", "mac_array_use"}
"""Numbers that make a PE faster the larger they are; all others are cycles."""
BYTES = {"weights": "int8", "inputs": "int8", "events": "int8"}
FORMATS = {
    "fp32": {},
    "int8 weights": {"weights": "int8"},
    "fp16 events": {"events": "fp16"},
    "int8 inputs": {"inputs": "int8"},
    "packed events": {"events_per_packet": 2},
    "blocks of events": {"events_per_packet": 2, "packing": "block"},
    "bytes": BYTES,
}
KERNELS = [(kernel, formats) for kernel in ("csr_rows", "event_columns") for formats in FORMATS]


def busy_time(costs, kernel, protocol, formats):
    """What all PEs spent working, in ps."""
    asked = {"compute": {"kernel": kernel}, "sync": {"protocol": protocol}, "mapping": {"pes_per_layer": [3, 2, 2]}}
    ran = run(THREE, INPUTS, on=replace(board(4, 3), costs=costs), formats=formats, **asked)
    spans = [span for unit, spans in ran.heard.by_unit.items() if unit.startswith("(") for span in spans]
    return sum(end - start for activity, start, end in spans if activity != "sleep"), ran.kernel.now


def test_every_cost_is_paid_by_some_run():
    paid = [costs_paid(kernel, Formats(**FORMATS[formats])) for kernel, formats in KERNELS]
    paid += [costs_paid("csr_rows", Formats(), arithmetic) for arithmetic in ("int8", "fp32")]
    paid.append(costs_paid("csr_rows", Formats(), streamed=True))
    paid.append(costs_paid("csr_rows", Formats(), decodes=True))
    assert {field.name for field in fields(Costs)} == set().union(*paid, costs_paid("mac_array", Formats(**BYTES)))


@pytest.mark.parametrize(("kernel", "formats"), [*KERNELS, ("mac_array", "bytes")])
@pytest.mark.parametrize("protocol", ["markers", "barrier"])
def test_each_cost_makes_the_runs_that_pay_it_slower_and_no_other(kernel, formats, protocol):
    asked = FORMATS[formats]
    paid = costs_paid(kernel, Formats(**asked))
    if kernel == "event_columns":
        paid -= {"receive_value_cycles"}  # paid for zeros only: of these inputs none is, of blocks a few
    plain = busy_time(COSTS, kernel, protocol, asked)
    for field in fields(Costs):
        dearer = getattr(COSTS, field.name) * (0.5 if field.name in FASTER else 2)
        busy, end = busy_time(replace(COSTS, **{field.name: dearer}), kernel, protocol, asked)
        if field.name in paid:
            assert busy > plain[0] and end > plain[1], field.name
        elif kernel == "event_columns" and field.name == "receive_value_cycles":
            assert (busy > plain[0]) == ("packing" in asked)
        else:
            assert (busy, end) == plain, field.name


def test_a_network_whose_host_never_hears_the_end_is_reported_stuck(monkeypatch):
    """The gateway swallows what is for the host: the report names its two jobs and what they lack."""
    monkeypatch.setattr("sim.hardware.host.Gateway.receive", lambda self, packet: True)
    with pytest.raises(Stuck) as stuck:
        run([layer(1, [ALWAYS])], [[1.0], [1.0]], mapping={"pes_per_layer": [1]})
    assert str(stuck.value).splitlines()[1:] == [
        "  (0,0).0 waits for events of step 1 of population 0 (0 of 1 markers, 0 of 0 packets) since 1.366 us",
        "  host input waits for the end of step 0 of population 1 (0 of 1 markers, 0 of 0 packets) since 0.000 us",
        "  host output waits for events of step 0 of population 1 (0 of 1 markers, 0 of 0 packets) since 0.000 us",
    ]


def test_a_scheduler_that_waits_for_ever_is_reported_with_what_it_lacks(monkeypatch):
    monkeypatch.setattr("sim.hardware.host.Gateway.receive", lambda self, packet: True)
    with pytest.raises(Stuck) as stuck:
        run([layer(1, [ALWAYS])], [[1.0]], mapping={"pes_per_layer": [1]}, sync={"protocol": "barrier"})
    (line,) = [line for line in str(stuck.value).splitlines() if "(1,0).0" in line]
    assert line.endswith("waits for population 0 to end step 0 (0 of 1 done) since 0.007 us")
