"""The sync protocols beside each other: the same outputs, and markers never slower where nothing waits for a link."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hardware.chips_bench import board
from tests.hardware.toy_network import layer, run

CHIPS = {count: board(count) for count in (1, 2, 3)}


@st.composite
def wishes(draw):
    layers, inputs = draw(st.integers(1, 3)), draw(st.integers(1, 6))
    units = [draw(st.integers(1, 12)) for _ in range(layers)]
    pes = [draw(st.integers(1, count)) for count in units]
    return inputs, units, pes, draw(st.sampled_from([1, 2, 3])), draw(st.sampled_from(["sequential", "pipelined"]))


@settings(max_examples=25, deadline=None)
@given(wishes(), st.integers(0, 1000))
def test_without_contention_markers_are_never_slower_than_the_barrier(wish, seed):
    inputs, units, pes, chips, schedule = wish
    rng = np.random.default_rng(seed)
    widths = zip([inputs, *units], units, strict=False)
    layers = [layer(below, rng.uniform(0, 0.6, count).tolist(), seed) for below, count in widths]
    vectors = rng.random((3, inputs), np.float32)
    ends, outputs = {}, {}
    for protocol in ("markers", "barrier", "tree"):
        done = run(
            layers,
            vectors,
            on=CHIPS[chips],
            network={"engine": "ideal", "multicast": "event_router"},
            mapping={"pes_per_layer": pes, "chips": "spread"},
            sync={"protocol": protocol, "schedule": schedule},
        )
        ends[protocol], outputs[protocol] = done.kernel.now, done.host.outputs
    assert ends["markers"] <= ends["barrier"]
    assert outputs["markers"] == outputs["barrier"] == outputs["tree"]
    assert len(outputs["markers"]) == 3
