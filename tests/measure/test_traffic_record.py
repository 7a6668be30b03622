"""What a traffic study says of rates, latencies and saturation, on small tellings and on queues known by theory."""

import numpy as np
import pytest
from scipy import stats

from sim.engine.packet import Flit, Leg
from sim.engine.probe import combined
from sim.measure.batches import BATCHES, first_cycles
from sim.measure.queues import judge
from sim.measure.traffic import TrafficRecord
from sim.units import Clock
from tests.hardware.toys import GHZ, packet

NOWHERE = Leg((), {})

CYCLES = range(10, 20)


def told(received, latencies=(), clock=GHZ):
    """The record of a study of cycles 10 to 19, told of packets received (node, cycle) and latencies (made, cycles)."""
    record = TrafficRecord(("a", "b"), clock, CYCLES)
    probe = combined(record.listeners)
    for node, cycle in received:
        probe.arrived(node, packet(), clock.edge(cycle))
    for made, cycles in latencies:
        one = packet(step=made, sent_at=clock.edge(made))
        one.entered_at = clock.edge(made + 1)
        probe.delivered(Flit(one, NOWHERE), 1, clock.edge(made + cycles))
    return record


def test_throughput_counts_what_arrived_in_the_measured_cycles():
    assert told([(0, 9), (0, 10), (1, 19), (1, 20)]).through.received == {0: 1, 1: 1}


def created(*by_node):
    """So many packets created by each node, spread over the batches as evenly as can be."""
    return np.array([[count * (b + 1) // BATCHES - count * b // BATCHES for b in range(BATCHES)] for count in by_node])


def test_rates_are_told_by_node_and_the_worst_by_name():
    """Node 0 gets 12 packets and creates 10, node 1 gets 8 and creates 10; only node 0's enter."""
    record = told([(0, 15)] * 12 + [(1, 15)] * 8, [(made, 5) for made in range(9, 19)])
    assert {name: rates.tolist() for name, rates in record.rates(created(10, 10), 10).items()} == {
        "offered_rate": [1.0, 1.0],
        "entered_rate": [1.0, 0.0],
        "accepted_rate": [1.2, 0.8],
    }
    said = record.section(created(10, 10), 10, left=0)
    assert (said["offered_rate"], said["accepted_rate"], said["accepted_rate_worst_node"]) == (1.0, 1.0, 0.8)
    assert (said["queue_growth_rate"], said["queue_growth_rate_worst_source"]) == (0.5, 1.0)
    assert said["worst_source"] == "b"
    assert said["saturated"]


def test_a_study_is_saturated_too_when_measured_packets_never_arrive():
    assert [told([]).section(created(0, 0), 10, left)["saturated"] for left in (0, 1)] == [False, True]


def test_latencies_of_a_study_are_told_in_cycles_of_packets_made_in_its_window():
    made = [(9, 100), (12, 5), (12, 8), (15, 8), (19, 11), (20, 100)]
    said = told([], made, Clock.from_mhz(300)).section(created(4, 0), 10, left=0)
    assert said["latency_cycles"] == {"mean": 8.0, "p50": 8.0, "p95": 11.0, "p99": 11.0, "max": 11.0}
    assert said["network_latency_cycles"] == {"mean": 7.0, "p50": 7.0, "p95": 10.0, "p99": 10.0, "max": 10.0}


def test_the_interval_of_a_mean_latency_is_student_s_of_twenty_batches():
    """Twenty cycles, one batch each, two packets to a batch."""
    latencies = np.random.default_rng(5).integers(5, 30, size=(20, 2))
    record = TrafficRecord(("a",), GHZ, range(100, 120))
    probe = combined(record.listeners)
    for batch, pair in enumerate(latencies.tolist()):
        for cycles in pair:
            one = packet(step=100 + batch, sent_at=0)
            probe.delivered(Flit(one, NOWHERE), 1, 1000 * cycles)
    means = latencies.mean(axis=1)
    half = stats.t.ppf(0.975, 19) * means.std(ddof=1) / 20**0.5
    said = record.section(created(40), 20, left=0)["latency_cycles"]
    assert said["confidence95"] == pytest.approx(half, rel=1e-3)
    assert said["mean"] == pytest.approx(latencies.mean(), abs=1e-3)


def test_a_batch_without_packets_leaves_no_interval_to_speak_of():
    assert "confidence95" not in told([], [(12, 5)]).section(created(1, 0), 10, left=0)["latency_cycles"]


@pytest.mark.parametrize("length", [7, 20, 33, 4000])
def test_batches_cover_the_window_and_take_the_cycles_that_the_means_give_them(length):
    firsts = first_cycles(range(5, 5 + length))
    assert (firsts[0], firsts[-1]) == (5, 5 + length)
    numbers = [cycle * BATCHES // length for cycle in range(length)]
    assert [np.searchsorted(firsts, 5 + cycle, side="right") - 1 for cycle in range(length)] == numbers


def queues(loads, cycles, seed):
    """By source and batch, how much longer a queue got that sends a packet a cycle and is given them at these loads."""
    rng = np.random.default_rng(seed)
    made = rng.random((len(loads), cycles, 4)) < np.array(loads)[:, None, None] / 4
    lengths = np.zeros((len(loads), cycles + 1), int)
    for cycle in range(cycles):
        lengths[:, cycle + 1] = np.maximum(0, lengths[:, cycle] - 1) + made[:, cycle].sum(axis=1)
    settled = lengths[:, cycles // 2 :]
    return np.diff(settled[:, :: (cycles // 2) // BATCHES], axis=1)


def test_queues_that_only_come_and_go_are_called_growing_no_more_often_than_stated():
    """At loads up to 0.95, 200 studies of 16 sources: 5 % of them would be 10."""
    loads = [0.2, 0.5, 0.8, 0.95] * 4
    assert sum(judge(queues(loads, 2000, seed), 1000).real for seed in range(200)) <= 10


def test_one_source_that_starves_among_many_is_found_though_the_mean_hardly_moves():
    found = [judge(queues([0.1] * 63 + [1.15], 4000, seed), 2000) for seed in range(20)]
    assert all(growth.real and growth.worst_node == 63 for growth in found)
    assert max(growth.rate for growth in found) < 0.005
    assert np.mean([growth.worst_rate for growth in found]) == pytest.approx(0.15, rel=0.15)


def test_a_little_too_much_for_all_sources_is_found_in_their_sum():
    assert sum(judge(queues([1.01] * 64, 8000, seed), 4000).real for seed in range(10)) >= 9
