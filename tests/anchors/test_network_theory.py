"""The network against theory: what no routing can exceed, and the waiting time of a single queue."""

import pytest

from sim.anchors.bench import Bench, mesh_of
from sim.anchors.booksim import bound, window
from sim.anchors.theory import (
    BANDS,
    CREDIT_LOOPS,
    LOADS,
    LONG,
    PATTERNS,
    SHORT,
    band,
    bounded,
    capacity,
    credit_loop,
    lone_packets,
    traffic,
    waiting,
    waits,
)


def test_a_lone_packet_takes_3_h_and_5_cycles(agrees):
    agrees(lone_packets())


@pytest.mark.parametrize("case", CREDIT_LOOPS)
def test_the_credit_loop_gives_what_booksim_2_measured(agrees, case):
    agrees(credit_loop(*case))


@pytest.mark.parametrize("length", [1, 4, 8, 20])
def test_a_long_link_takes_l_and_7_cycles_and_is_full_with_2_l_and_3_places_and_not_with_one_fewer(agrees, length):
    bench = Bench(mesh_of(2, 1, hop_cycles=length + 2, credit_cycles=length + 1))
    bench.send(0, bench.direct(1))
    assert [cycle for cycle, *_ in bench.run().cycles()] == [length + 7]
    loop = 2 * length + 3
    agrees(credit_loop(length + 2, loop, 1.0))
    agrees(credit_loop(length + 2, loop - 1, (loop - 1) / loop))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_busiest_link_of_each_pattern_is_asked_for_what_theory_says(runs, agrees, pattern):
    agrees(capacity(runs, pattern))


@pytest.mark.parametrize("channels", [1, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("pattern", "size"), [("uniform", (8, 8)), ("bit_complement", (8, 8)), ("uniform", (8, 5))])
def test_no_more_is_accepted_than_the_busiest_channel_can_carry(runs, agrees, pattern, size, channels):
    rate = min(1.0, 2 * bound(f"{size[0]}x{size[1]}", pattern))
    agrees(bounded(runs, pattern, rate, SHORT, size, channels))
    said = traffic(runs, pattern, rate, SHORT, size, virtual_channels=channels)
    assert said["accepted_rate_worst_node"] <= said["accepted_rate"]
    assert said["saturated"]


def test_past_saturation_transpose_starves_its_worst_node_behind_a_good_mean(runs):
    """Round robin halves the share of a flow wherever it meets another: from BookSim, mean 22/64, worst 1/64."""
    said = traffic(runs, "transpose", 1.0, window(1500, 2000))
    assert said["accepted_rate"] == pytest.approx(22 / 64, rel=0.01)
    assert said["accepted_rate_worst_node"] == pytest.approx(1 / 64, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0])
@pytest.mark.parametrize("pattern", ["uniform", "bit_complement"])
def test_at_no_rate_is_more_accepted_than_the_bound(runs, agrees, pattern, rate):
    agrees(bounded(runs, pattern, rate, LONG))


@pytest.mark.slow
@pytest.mark.parametrize("size", BANDS)
def test_the_peak_accepted_is_in_the_band_of_three_independent_programs(runs, agrees, size):
    agrees(band(runs, size))


@pytest.mark.parametrize(("load", "cycles"), LOADS)
def test_packets_wait_for_one_link_as_long_as_queueing_theory_says(agrees, load, cycles):
    row = waiting(load, cycles)
    assert row.tolerance < 0.15
    agrees(row)


def test_the_order_of_events_within_an_instant_changes_nothing_in_any_of_these():
    assert lone_packets(shuffle=5) == lone_packets()
    for case in CREDIT_LOOPS[:2]:
        assert credit_loop(*case, shuffle=5) == credit_loop(*case)
    for load, _ in LOADS:
        assert waits(load, 2000, 3, shuffle=5).tolist() == waits(load, 2000, 3).tolist()
