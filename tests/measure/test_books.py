"""The books of a run close, and each of them notices what it is there for."""

from dataclasses import replace

import numpy as np
import pytest

from sim.measure.books import network_books, open_books, run_books
from sim.measure.outputs import Outputs, Together
from sim.measure.ran import Ran
from sim.measure.recorder import Recorder
from sim.measure.summary import sections, tables, warnings
from tests.hardware.toy_network import ALWAYS, board, layer, run
from tests.hardware.toys import packet

LAYERS = [layer(2, [0.1] * 4, 1), layer(4, [ALWAYS] * 3, 2)]
INPUTS = [[0.5, -0.5], [0.0, 1.0], [1.0, 1.0]]


@pytest.fixture
def ran():
    """A run of two layers on four PEs of six, as its tables are made from."""
    recorder, outputs = Recorder(), Outputs(3)
    done = run(LAYERS, INPUTS, on=board(3, 2), recorder=recorder, mapping={"pes_per_layer": [2, 2]})
    for step, values in done.host.outputs.items():
        outputs.take(step, 0, np.array(values, np.float32))
    return Ran(
        machine=done.system.machine,
        mappings=(done.mapping,),
        layers=tuple(LAYERS),
        steps=3,
        links=done.system.facts(),
        recorder=recorder,
        outputs=Together([outputs]),
        busy_waits=False,
        total_ps=done.kernel.now,
    )


def test_the_books_of_a_whole_run_close(ran):
    books = run_books(ran)
    assert books == {
        "critical_path_sums_to_elapsed": True,
        "sent_equals_delivered_plus_lost": True,
        "use_at_most_one": True,
        "time_never_runs_back": True,
        "busy_plus_idle_equals_elapsed": True,
    }
    assert open_books(books) == []


def test_a_packet_that_went_nowhere_opens_a_book_and_one_whose_loss_is_told_does_not(ran):
    ran.recorder.deliveries.sent(packet(), 1)
    assert open_books(run_books(ran)) == ["sent_equals_delivered_plus_lost"]
    ran.recorder.deliveries.lost("(0,0).0", packet(), 1, "dropped")
    assert open_books(run_books(ran)) == []
    assert any(
        "1 packets were lost (1 dropped; at (0,0).0 1): outputs are affected" in warning for warning in warnings(ran)
    )


def test_a_link_used_more_than_there_is_time_opens_a_book(ran):
    assert open_books(network_books(ran.recorder.deliveries, [0.2, 1.0])) == []
    assert open_books(network_books(ran.recorder.deliveries, [0.2, 1.0000001])) == ["use_at_most_one"]
    assert open_books(run_books(replace(ran, total_ps=1))) == [
        "use_at_most_one",
        "critical_path_sums_to_elapsed",
        "busy_plus_idle_equals_elapsed",
    ]


def test_a_pe_with_a_hole_in_its_time_opens_a_book(ran):
    name = ran.machine.pes[0].name
    end = ran.recorder.busy.busy(name)
    ran.recorder.busy.span(name, "compute", end + 1, end + 2)
    assert open_books(run_books(ran)) == ["busy_plus_idle_equals_elapsed"]
    ran.recorder.busy.span(name, "compute", end, end + 1)
    assert "time_never_runs_back" in open_books(run_books(ran))


def test_tables_and_summary_tell_the_same_run(ran):
    made = tables(ran)
    said = sections(ran, made)
    step, layer_step, pe, link = (made[name] for name in ("step", "layer_step", "pe", "link"))
    assert len(step["pe"]) == 4 * 3 and len(layer_step["step"]) == 2 * 3 and len(pe["pe"]) == 6
    assert (
        said["workload"]["events"] == step["events_sent"].sum() == layer_step["events"].sum() == pe["events_sent"].sum()
    )
    assert said["workload"]["events_by_layer"]["layer2"] == 3 * 3
    assert said["workload"]["activity_by_layer"]["layer2"] == 1.0
    assert said["network"]["flit_hops"] == link["flits"].sum()
    assert said["network"]["packets_sent"] == said["network"]["packets_delivered"] > 0
    assert said["pe"]["used"] == 4 and said["pe"]["available"] == 6
    assert step["packets_received"].sum() == pe["packets_received"].sum()
    shares = [said["pe"][name] for name in said["pe"] if name.endswith("_share")]
    assert sum(shares) == pytest.approx(1, abs=1e-12)
    whole = sum(pe[f"{activity}_s"] for activity in ("compute", "receive", "send", "sync", "wait", "sleep"))
    assert whole == pytest.approx([ran.total_ps / 1e12] * 6, rel=1e-12)


def test_macs_of_walked_rows_are_all_weights_each_step_and_those_needed_are_fewer(ran):
    step = tables(ran)["step"]
    weights = sum(one.W.nnz + one.R.nnz for one in LAYERS)
    assert step["macs"].sum() == 3 * weights
    assert 0 < step["macs_needed"].sum() < 3 * weights
    first = step["step"] == 0
    no_events_yet = sum(one.R.nnz for one in LAYERS)
    assert step["macs_needed"][first].sum() <= weights - no_events_yet


def test_slack_and_straggler_are_those_of_the_times(ran):
    made = tables(ran)
    step, by_layer = made["step"], made["layer_step"]
    for number, moment, straggler in zip(by_layer["layer"], by_layer["step"], by_layer["straggler_pe"], strict=True):
        mine = (step["layer"] == number) & (step["step"] == moment)
        last = step["time_done_s"][mine].max()
        assert step["slack_s"][mine] == pytest.approx(last - step["time_done_s"][mine])
        assert step["slack_s"][mine][step["pe"][mine] == straggler] == 0
    assert (by_layer["wait_share"] >= 0).all() and (by_layer["wait_share"] < 1).all()
