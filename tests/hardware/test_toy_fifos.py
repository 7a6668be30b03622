"""A small network on every way of multicast: full receive FIFOs, and the same packets without contention."""

import numpy as np
import pytest

from sim.measure.recorder import Recorder
from tests.hardware.toy_network import board, layer, run

THREE = [layer(3, [0.1] * 5, 1), layer(5, [0.1] * 4, 2), layer(4, [0.05] * 3, 3)]
INPUTS = np.random.default_rng(4).normal(size=(5, 3)).astype(np.float32)


def on_the_chip_or_not(multicast):
    return board(topology="spinnaker2_chip") if multicast == "event_router" else board(4, 3)


FIFOS = [
    (multicast, protocol) for multicast in ("unicast", "tree", "event_router") for protocol in ("markers", "barrier")
]


def with_fifo(multicast, protocol, fifo, **how):
    network = {"multicast": multicast, "receive_fifo": fifo}
    asked = {"network": network, "sync": {"protocol": protocol}, "mapping": {"pes_per_layer": [3, 2, 2]}}
    return run(THREE, INPUTS, on=on_the_chip_or_not(multicast), **how, **asked)


@pytest.mark.parametrize("policy", ["drop", "overwrite", "stall"])
@pytest.mark.parametrize(("multicast", "protocol"), FIFOS)
def test_a_fifo_with_room_for_all_is_the_same_whatever_it_would_do_when_full(multicast, protocol, policy):
    plain = with_fifo(multicast, protocol, {"policy": "grow"})
    other = with_fifo(multicast, protocol, {"policy": policy, "packets": 500})
    assert other.heard.by_unit == plain.heard.by_unit


@pytest.mark.parametrize("policy", ["drop", "overwrite"])
@pytest.mark.parametrize(("multicast", "protocol"), FIFOS)
def test_losses_are_counted_end_in_no_wait_and_do_not_depend_on_the_order_of_events(multicast, protocol, policy):
    ends = []
    for shuffle in (None, 3):
        recorder = Recorder()
        ran = with_fifo(multicast, protocol, {"policy": policy, "packets": 1}, recorder=recorder, shuffle=shuffle)
        heard = recorder.deliveries
        assert heard.losses.total() > 0
        assert heard.received + heard.losses.total() == heard.sent_to_receivers
        ends.append((ran.kernel.now, ran.host.outputs, dict(heard.losses)))
    assert ends[0] == ends[1]


@pytest.mark.parametrize(("multicast", "protocol"), FIFOS)
def test_a_fifo_that_stalls_loses_nothing_and_computes_the_same(multicast, protocol):
    plain = with_fifo(multicast, protocol, {"policy": "grow"})
    stalled = with_fifo(multicast, protocol, {"policy": "stall", "packets": 1})
    assert stalled.host.outputs == plain.host.outputs
    assert stalled.kernel.now >= plain.kernel.now


@pytest.mark.parametrize(("multicast", "protocol"), FIFOS)
def test_without_contention_the_same_flits_go_the_same_ways_without_waiting_and_end_no_later(multicast, protocol):
    ends, numbers, used = [], [], []
    for engine in ("process", "ideal"):
        recorder = Recorder()
        network = {"multicast": multicast, "engine": engine}
        asked = {"network": network, "sync": {"protocol": protocol}, "mapping": {"pes_per_layer": [3, 2, 2]}}
        ran = run(THREE, INPUTS, on=on_the_chip_or_not(multicast), recorder=recorder, **asked)
        ends.append(ran.kernel.now)
        numbers.append(ran.host.outputs)
        used.append(recorder.links)
    assert ends[1] <= ends[0]
    assert numbers[0] == numbers[1]
    assert used[0].flits.tolist() == used[1].flits.tolist()
    assert sum(used[1].waited) == 0
