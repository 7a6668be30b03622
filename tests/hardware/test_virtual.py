"""Virtual channels: the rule by which they are allotted, cycle by cycle, and what it costs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hardware.stepped_router import Network
from tests.hardware.toys import Bench, mesh_of

WIDTH, HEIGHT = 4, 3
SITES = st.integers(0, WIDTH * HEIGHT - 1)


def arrivals(made, sends, channels, room):
    """What the simulator makes of flits that all wait to be sent at time 0."""
    bench = Bench(made, channels=channels, buffer_flits=room)
    for site in range(len(made.sites)):
        bench.port(site)
    for key, (source, goal) in enumerate(sends):
        bench.send(source, bench.direct(goal), key)
    return sorted(bench.run().cycles())


@given(
    sends=st.lists(st.tuples(SITES, SITES), min_size=1, max_size=120),
    channels=st.integers(2, 4),
    room=st.integers(1, 8),
    hop=st.integers(1, 4),
)
@settings(max_examples=40, deadline=None)
def test_links_decide_what_routers_stepped_cycle_by_cycle_decide(sends, channels, room, hop):
    made = mesh_of(WIDTH, HEIGHT, hop_cycles=hop)
    assert arrivals(made, sends, channels, room) == Network(made, channels, room).run(sends)


@pytest.mark.parametrize("channels", [2, 3])
def test_so_they_do_in_a_crowd(channels):
    """Every node with forty flits to send: buffers are full, and heads with and without a channel compete."""
    made = mesh_of(WIDTH, HEIGHT)
    goals = np.random.default_rng(channels).integers(WIDTH * HEIGHT, size=(WIDTH * HEIGHT, 40))
    sends = [(source, int(goal)) for source, row in enumerate(goals) for goal in row]
    assert arrivals(made, sends, channels, 4) == Network(made, channels, 4).run(sends)
