"""Messages that keep steps apart, by the step they are about: counted by hand for each protocol, and complete."""

from pathlib import Path

import numpy as np
import pytest

from sim.report.path_views import step_view
from sim.report.result import Result
from sim.simulate import run

SMOKE = Path(__file__).resolve().parents[2] / "scenarios" / "smoke.yaml"
TWO_CHIPS = {"machine": {"topology": "spinnaker2_board", "chips": 2}, "mapping.chips": "spread", "workload.tokens": 2}
PES, LAYERS, STEPS = 2, 3, 2
OF_A_LAYER = {"barrier": PES + 1, "tree": PES + 2 + 1, "markers": PES, "timer": 0}
"""Who is done, what the deputies of two chips say of them, and the release; or one marker of each PE."""
OF_THE_HOST = {"barrier": 4, "tree": 4, "markers": 1, "timer": 0}
"""In each step: its inputs and its taking of outputs are released and said to be done; or one marker of the inputs."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    def of(protocol, **more) -> Result:
        settings = {**TWO_CHIPS, "sync.protocol": protocol} | more
        return Result(run(SMOKE, settings, out=tmp_path_factory.mktemp(protocol)))

    return of


@pytest.mark.parametrize("protocol", OF_A_LAYER)
def test_each_step_of_a_layer_has_the_messages_of_its_protocol(ran, protocol):
    result = ran(protocol)
    layers, sent = result.table("layer_step")["sync_messages"], result.summary["sync"]["messages"]
    assert layers.tolist() == [OF_A_LAYER[protocol]] * (LAYERS * STEPS)
    assert sent == layers.sum() + STEPS * OF_THE_HOST[protocol]


def test_copies_have_messages_of_their_own(ran):
    layers = ran("barrier", **{"mapping.replicas": 2}).table("layer_step")
    assert (
        np.bincount(layers["replica"], layers["sync_messages"]).tolist() == [LAYERS * STEPS * OF_A_LAYER["barrier"]] * 2
    )


def test_a_step_is_told_with_who_was_last_who_waited_how_long_and_how_many_messages(ran):
    result = ran("tree")
    told = step_view(result, 1)
    head = next(line.split() for line in told if line.startswith("layer"))
    assert head[-4:] == ["last", "waiting", "%", "messages"]
    rows = [
        line.split() for line in told[told.index(next(one for one in told if one.startswith("layer"))) + 1 :][:LAYERS]
    ]
    step, names = result.table("step"), result.table("pe")["name"]
    for layer, row in enumerate(rows, 1):
        mine = (step["step"] == 1) & (step["layer"] == layer)
        start, ready, done, pes = (step[name][mine] for name in ("time_start_s", "time_ready_s", "time_done_s", "pe"))
        assert row[-3] == names[pes[np.argmax(done)]] and row[-1] == str(OF_A_LAYER["tree"])
        assert float(row[-2]) == pytest.approx(100 * (ready - start).sum() / (done - start).sum(), rel=1e-4)
    slack = told.index(next(one for one in told if one.startswith("PE ")))
    found = [line.split()[2] for line in told[slack + 1 : slack + 1 + PES * LAYERS]]
    assert sorted(map(float, found)) == list(map(float, found)) and found.count("0.000") == LAYERS
