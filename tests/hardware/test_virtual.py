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


def test_a_cycle_is_lost_where_channel_and_switch_go_to_different_heads():
    """Three flits from the west (W) and three from the east (E) meet at the way out, behind which is one channel.

    On the way there the first two of each took channel 0, as the first of two free ones, the third channel 1: buffers
    W0, W1, E0, E1. Cycle 0: channel and switch to W0. 1: both to E0. 2: the channel's turn is E1's, the switch's W1's:
    lost. 3: E1 alone can hope, as it holds the channel. 4: both to W0. 5: the channel to W1, the switch to E0: lost.
    6: W1. 7: E0.
    """
    made, west, east = mesh_of(3, 1), 0, 2
    sends = [(west, 1)] * 3 + [(east, 1)] * 3
    divided, plain = (arrivals(made, sends, channels, 8) for channels in (2, 1))
    first = plain[0][0]
    assert [(cycle - first, key) for cycle, _, key in divided] == [(0, 0), (1, 3), (3, 5), (4, 1), (6, 2), (7, 4)]
    assert [cycle - first for cycle, *_ in plain] == [0, 1, 2, 3, 4, 5]
