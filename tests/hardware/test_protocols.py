"""The sync protocols beside each other: the same outputs, and markers never slower where nothing waits for a link, as
long as a PE need not read so many markers that this takes longer than hearing of a release."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hardware.chips_bench import board
from tests.hardware.toy_network import layer, run


def free(machine):
    """The machine on which messages that synchronise are read and sent in no time."""
    costs = replace(machine.costs, sync_message_cycles=0)
    parts = tuple(replace(chip, die=replace(chip.die, costs=costs)) for chip in machine.parts)
    return replace(machine, costs=costs, parts=parts)


CHIPS = {count: board(count) for count in (1, 2, 3)}
FREE = {count: free(made) for count, made in CHIPS.items()}
FEW, MANY = 12, 40


@st.composite
def wishes(draw):
    """A machine, inputs, units of each layer, and sections of a scenario; many PEs where they read for nothing."""
    layers, inputs, chips = draw(st.integers(1, 3)), draw(st.integers(1, 6)), draw(st.sampled_from([1, 2, 3]))
    made, most = draw(st.sampled_from([(CHIPS, FEW), (FREE, MANY)]))
    units = [draw(st.integers(1, most)) for _ in range(layers)]
    ways = ["fill", "spread", "layer_per_chip"][: 3 if layers >= chips else 2]
    chosen = {
        "sync": {"schedule": draw(st.sampled_from(["sequential", "pipelined"]))},
        "mapping": {
            "pes_per_layer": [draw(st.integers(1, count)) for count in units],
            "chips": draw(st.sampled_from(ways)),
            "sharing": draw(st.sampled_from(["exclusive", "shared"])),
            "place": draw(st.sampled_from(["row_major", "snake"])),
        },
        "compute": {"kernel": draw(st.sampled_from(["csr_rows", "event_columns"]))},
        "network": {"multicast": "event_router" if chips > 1 else draw(st.sampled_from(["event_router", "unicast"]))},
    }
    return made[chips], inputs, units, chosen


def ran(machine, layers, vectors, protocol, chosen):
    sync = chosen.get("sync", {}) | {"protocol": protocol}
    return run(
        layers,
        vectors,
        on=machine,
        mapping=chosen["mapping"],
        compute=chosen.get("compute", {}),
        network=chosen["network"] | {"engine": "ideal"},
        sync=sync,
    )


@settings(max_examples=40, deadline=None)
@given(wishes(), st.integers(0, 1000))
def test_without_contention_markers_are_never_slower_than_the_barrier(wish, seed):
    machine, inputs, units, chosen = wish
    rng = np.random.default_rng(seed)
    widths = zip([inputs, *units], units, strict=False)
    layers = [layer(below, rng.uniform(0, 0.6, count).tolist(), seed) for below, count in widths]
    vectors = rng.random((3, inputs), np.float32)
    ends, outputs = {}, {}
    for protocol in ("markers", "barrier", "tree"):
        done = ran(machine, layers, vectors, protocol, chosen)
        ends[protocol], outputs[protocol] = done.kernel.now, done.host.outputs
    assert ends["markers"] <= ends["barrier"]
    assert outputs["markers"] == outputs["barrier"] == outputs["tree"]
    assert len(outputs["markers"]) == 3


def test_markers_of_many_pes_take_longer_to_read_than_a_barrier_takes():
    """Each PE reads a marker of every other, where a scheduler reads one message of each for all."""
    chosen = {
        "sync": {"schedule": "pipelined"},
        "mapping": {"pes_per_layer": [80, 80], "chips": "spread"},
        "network": {"multicast": "event_router"},
    }
    layers, vectors = [layer(3, [0.0] * 80, 1), layer(80, [0.0] * 80, 2)], np.ones((2, 3), np.float32)
    machine = board(4)
    costly, cheap = (
        [ran(made, layers, vectors, protocol, chosen).kernel.now for protocol in ("markers", "barrier")]
        for made in (machine, free(machine))
    )
    assert costly[0] > costly[1] and cheap[0] < cheap[1]
