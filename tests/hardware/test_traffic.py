"""Traffic by rule: destinations against the formulas of the literature, creation at the asked rate, windows."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.kernel import Kernel
from sim.engine.probe import Probe, combined
from sim.hardware.study import Load, Study, nodes_of, timetable
from sim.hardware.traffic import LEAST_DRAIN
from sim.measure.network import Deliveries
from sim.scenario.complaints import Refused
from sim.scenario.models import Traffic
from sim.scenario.streams import stream
from sim.workload.arrivals import bernoulli, bursty
from sim.workload.patterns import Nodes, goals
from tests.hardware.toys import machine, mesh_of, setup_of

FIXED = ["transpose", "bit_complement", "bit_reverse", "shuffle", "tornado", "neighbor"]


def destinations(pattern, node, width, height, seed=0, **weights):
    nodes = Nodes(width, height, tuple(f"n{number}" for number in range(width * height)))
    return goals(pattern, node, nodes, weights, np.random.default_rng(seed))


def goal(pattern, node, width, height):
    drawn = destinations(pattern, node, width, height)(5).tolist()
    assert len(set(drawn)) == 1
    return drawn[0]


def every(pattern, width, height):
    return [goal(pattern, node, width, height) for node in range(width * height)]


def bits(number, count):
    """The bits of a number, highest first."""
    return [number >> place & 1 for place in reversed(range(count))]


def number(digits):
    return sum(bit << place for place, bit in enumerate(reversed(digits)))


@pytest.mark.parametrize("side", [1, 2, 3, 8])
def test_transpose_mirrors_columns_and_rows(side):
    assert every("transpose", side, side) == [x * side + y for y in range(side) for x in range(side)]


BIT_PATTERNS = {
    "bit_complement": lambda digits: [1 - digit for digit in digits],
    "bit_reverse": lambda digits: digits[::-1],
    "shuffle": lambda digits: [*digits[1:], *digits[:1]],
}


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (4, 2), (8, 8), (16, 4)])
@pytest.mark.parametrize("pattern", BIT_PATTERNS)
def test_patterns_on_bits_move_the_bits_of_the_nodes_number(pattern, size):
    nodes = size[0] * size[1]
    count = nodes.bit_length() - 1
    expected = [number(BIT_PATTERNS[pattern](bits(node, count))) for node in range(nodes)]
    assert every(pattern, *size) == expected


@pytest.mark.parametrize("size", [(8, 8), (7, 6), (5, 3), (2, 2), (4, 1)])
def test_tornado_goes_nearly_half_way_round_in_each_dimension_and_neighbor_one_step(size):
    """Dally and Towles: ceil(k / 2) - 1 places on, modulo k."""
    width, height = size
    on_x, on_y = -(-width // 2) - 1, -(-height // 2) - 1
    places = [(x, y) for y in range(height) for x in range(width)]
    assert every("tornado", *size) == [(x + on_x) % width + width * ((y + on_y) % height) for x, y in places]
    assert every("neighbor", *size) == [(x + 1) % width + width * ((y + 1) % height) for x, y in places]


@pytest.mark.parametrize("pattern", FIXED)
def test_every_fixed_pattern_sends_to_each_node_once(pattern):
    assert sorted(every(pattern, 8, 8)) == list(range(64))


def test_uniform_sends_everywhere_alike_itself_included():
    drawn = Counter(destinations("uniform", 3, 4, 4, seed=1)(32_000).tolist())
    assert sorted(drawn) == list(range(16))
    assert sum((count - 2000) ** 2 / 2000 for count in drawn.values()) < 40  # chi-squared, 15 degrees: p = 5e-4


@pytest.mark.parametrize(
    ("pattern", "width", "height", "words"),
    [
        ("transpose", 8, 4, "8 x 4"),
        ("bit_complement", 3, 2, "6"),
        ("bit_reverse", 7, 6, "42"),
        ("shuffle", 5, 5, "25"),
    ],
)
def test_a_pattern_that_does_not_fit_the_nodes_is_refused_with_the_numbers(pattern, width, height, words):
    with pytest.raises(Refused, match=words) as refused:
        destinations(pattern, 0, width, height)
    assert [complaint.path for complaint in refused.value.complaints] == ["workload.pattern"]


def test_at_rate_one_a_packet_is_made_in_every_cycle():
    draws = bernoulli(np.random.default_rng(0), 1.0, lambda count: np.arange(count))
    assert [next(draws) for _ in range(600)] == [(cycle, (cycle % 256,)) for cycle in range(600)]


@given(st.sampled_from([0.02, 0.1, 0.5, 0.9]), st.integers(0, 1000))
@settings(max_examples=20)
def test_packets_are_made_at_the_asked_rate_at_most_one_a_cycle(rate, seed):
    draws = bernoulli(np.random.default_rng(seed), rate, lambda count: np.zeros(count, int))
    cycles = [next(draws)[0] for _ in range(4000)]
    assert cycles == sorted(set(cycles)) and cycles[0] >= 0
    error = (rate * (1 - rate) / (cycles[-1] + 1)) ** 0.5
    assert abs(4000 / (cycles[-1] + 1) - rate) < 5 * error


class Created(Probe):
    """Cycle of creation of every packet; with node and latency (ps) of each that arrived."""

    def __init__(self):
        self.created, self.arrived_at = [], []

    def sent(self, packet, receivers):
        self.created.append(packet.step)

    def arrived(self, node, packet, now):
        self.arrived_at.append((packet.step, node, now - packet.sent_at))


def study(pattern="uniform", rate=0.1, *, made=None, warmup=50, measure=200, seed=3, shuffle=None, room=8):
    """(study, listener, deliveries) of a study that has run to its end."""
    kernel, heard, deliveries = Kernel(shuffle), Created(), Deliveries()
    chip = made or mesh_of(4, 4)
    asked = Traffic(kind="traffic", pattern=pattern, rate=rate, warmup_cycles=warmup, measure_cycles=measure)
    setup = setup_of(kernel, combined([heard, deliveries]), chip, buffer_flits=room)
    made_by = timetable(asked, nodes_of(chip, pattern), seed, [])
    ran = Study(setup, Load(made_by, range(warmup, warmup + measure)))
    kernel.run()
    kernel.refuse_stuck(ran.held_up())
    return ran, heard, deliveries


@given(st.sampled_from(["uniform", *FIXED]), st.sampled_from([0.01, 0.2, 0.6, 1.0]), st.integers(1, 4))
@settings(max_examples=20)
def test_what_was_sent_has_arrived_when_a_study_ends_even_past_saturation(pattern, rate, room):
    ran, heard, deliveries = study(pattern, rate, measure=60, warmup=10, room=room)
    assert deliveries.sent_to_receivers == deliveries.received == len(heard.created)
    assert Counter(heard.created) == Counter(cycle for cycle, *_ in heard.arrived_at)
    assert ran.window.open == 0


@pytest.mark.parametrize("pattern", FIXED)
def test_in_a_study_packets_go_where_the_pattern_says_and_take_the_lone_time_when_alone(pattern):
    """At this rate packets hardly ever meet: all but a few take 3 H + 5 cycles, H by the independent formula."""
    made = mesh_of(8, 8)
    _, heard, _ = study(pattern, 0.001, made=made, measure=3000)
    hops = Counter()
    for node in range(64):
        there = goal(pattern, node, 8, 8)
        hops[there] = abs(node % 8 - there % 8) + abs(node // 8 - there // 8)
    lone = [latency == 1000 * (3 * hops[there] + 5) for _, there, latency in heard.arrived_at]
    assert len(lone) > 100
    assert sum(lone) >= 0.97 * len(lone)


def test_each_source_creates_what_its_own_streams_say_whatever_the_network_does():
    """Destinations and times are those of the node's streams, slow network or fast."""
    slow = mesh_of(4, 4, flit_cycles=5)
    arrived = [study(rate=0.3, made=made, measure=100)[1].arrived_at for made in (mesh_of(4, 4), slow)]
    expected = []
    for node in range(16):
        name = f"traffic of {slow.pes[node].name}"
        nodes = nodes_of(slow, "uniform")
        where = goals("uniform", node, nodes, {}, stream(3, name, "goals"))
        draws = bernoulli(stream(3, name, "times"), 0.3, where)
        expected += [(cycle, there) for cycle, (there,) in (next(draws) for _ in range(100)) if cycle < 80]
    for some in arrived:
        assert sorted((cycle, there) for cycle, there, _ in some if cycle < 80) == sorted(expected)


@given(st.integers(0, 2**32), st.sampled_from([0.1, 0.5, 1.0]))
@settings(max_examples=10)
def test_the_order_of_events_within_an_instant_changes_no_arrival(shuffle, rate):
    plain, shuffled = (study(rate=rate, measure=60, shuffle=seed, room=2)[1] for seed in (None, shuffle))
    assert sorted(plain.arrived_at) == sorted(shuffled.arrived_at)
    assert sorted(plain.created) == sorted(shuffled.created)


def test_a_study_without_load_ends_with_its_window():
    ran, heard, _ = study(rate=0.0)
    assert heard.created == []
    assert ran.window.kernel.now == 250_000


@pytest.mark.parametrize(("measure", "drain"), [(100, LEAST_DRAIN + 3 * 16), (1200, 1200)])
def test_past_saturation_a_study_ends_after_as_long_again_at_the_latest(measure, drain):
    """A short measurement waits for its packets for longer: the way across takes some time when nobody waits."""
    ran, heard, _ = study("transpose", 1.0, made=mesh_of(8, 8), measure=measure)
    assert ran.window.latest == 50 + measure + drain
    assert max(heard.created) < ran.window.latest
    assert ran.window.over
    assert ran.window.left > 0


def test_a_packet_measured_in_a_single_cycle_has_the_time_to_cross():
    ran, heard, _ = study("bit_complement", 1.0, made=mesh_of(8, 8), warmup=0, measure=1)
    assert ran.window.left == 0
    assert Counter(heard.created)[0] == 64


def test_no_packet_is_made_that_would_be_made_after_the_end_however_low_the_rate():
    ran, heard, _ = study(rate=1e-300, measure=60)
    assert heard.created == []
    assert ran.window.kernel.now == 110_000


def test_several_pes_at_a_router_are_nodes_of_their_own():
    _, heard, deliveries = study(rate=0.05, made=mesh_of(2, 2, pes_per_site=4))
    assert {there for _, there, _ in heard.arrived_at} == set(range(16))
    assert deliveries.received == len(heard.created)


@pytest.mark.parametrize("pattern", ["transpose", "tornado", "neighbor"])
def test_patterns_on_a_grid_are_refused_where_nodes_make_none(pattern):
    with pytest.raises(Refused, match="one live PE at every site"):
        study(pattern, made=machine("spinnaker2_chip"))


@pytest.mark.parametrize(
    ("changed", "later"), [({"hop_cycles": 4}, True), ({"flit_cycles": 3}, True), ({"hop_cycles": 2}, False)]
)
def test_the_network_s_numbers_move_the_mean_latency(changed, later):
    def mean(made):
        taken = [latency for *_, latency in study(rate=0.2, made=made)[1].arrived_at]
        return sum(taken) / len(taken)

    plain, other = mean(mesh_of(4, 4)), mean(replace(mesh_of(4, 4), noc=replace(mesh_of(4, 4).noc, **changed)))
    assert (other > plain) if later else (other < plain)


def test_hotspots_get_their_weights_and_all_others_one():
    """Nodes by name or number; 7 nodes of weight 1 share with one of 4 and one of 5."""
    drawn = Counter(destinations("hotspot", 0, 3, 3, seed=2, n4=4.0, **{"8": 5.0})(32_000).tolist())
    weights = [4 if node == 4 else 5 if node == 8 else 1 for node in range(9)]
    assert sum((drawn[node] - 2000 * weights[node]) ** 2 / (2000 * weights[node]) for node in range(9)) < 28


def test_a_node_of_weight_zero_gets_nothing_and_not_all_can_have_that():
    drawn = Counter(destinations("hotspot", 0, 3, 1, seed=2, n0=0.0, **{"2": 3.0})(4000).tolist())
    assert sorted(drawn) == [1, 2]
    assert drawn[2] == pytest.approx(3000, rel=0.05)
    with pytest.raises(Refused, match="every node has weight 0"):
        destinations("hotspot", 0, 2, 1, n0=0.0, n1=0.0)
    with pytest.raises(Refused, match="'1' and 'n1' are the same node"):
        destinations("hotspot", 0, 2, 1, **{"n1": 2.0, "1": 3.0})


def test_a_burst_costs_no_more_than_the_packets_that_are_asked_of_it():
    """One of a thousand thousand million cycles, of which the first flits are taken."""
    draws = bursty(np.random.default_rng(1), 0.4, 0.5, 1e12, lambda count: np.zeros(count, int))
    first = next(draws)[0]
    assert first <= next(draws)[0] <= first + 100


@pytest.mark.parametrize(("rate", "in_burst", "length"), [(0.1, 1.0, 20), (0.2, 0.5, 8), (0.4, 0.4, 5)])
def test_bursts_keep_the_mean_rate_the_rate_within_and_the_mean_length(rate, in_burst, length):
    draws = bursty(np.random.default_rng(3), rate, in_burst, length, lambda count: np.zeros(count, int))
    cycles = np.array([next(draws)[0] for _ in range(60_000)])
    assert (np.diff(cycles) > 0).all()
    assert len(cycles) / (cycles[-1] + 1) == pytest.approx(rate, rel=0.06)
    if in_burst == 1:
        spells = np.split(cycles, np.flatnonzero(np.diff(cycles) > 1) + 1)
        assert np.mean([len(spell) for spell in spells]) == pytest.approx(length, rel=0.06)


@pytest.mark.parametrize("tree", [False, True])
def test_a_packet_to_many_is_created_once_and_arrives_at_each_whether_copied_or_not(tree):
    kernel, heard, deliveries = Kernel(), Created(), Deliveries()
    chip = mesh_of(3, 3)
    setup = setup_of(kernel, combined([heard, deliveries]), chip, multicast="tree" if tree else "unicast")
    packets = {4: [(0, (0, 2, 4, 8)), (3, (1,)), (3, (1, 7))], 0: [(5, (8, 0))]}
    Study(setup, Load(lambda node: iter(packets.get(node, [])), range(0, 10)))
    kernel.run()
    expected = [(cycle, there) for own in packets.values() for cycle, goals in own for there in goals]
    assert sorted((cycle, there) for cycle, there, _ in heard.arrived_at) == sorted(expected)
    assert deliveries.received == deliveries.sent_to_receivers == len(expected)
    assert len(heard.created) == 4
