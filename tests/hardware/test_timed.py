"""Steps that a timer drives: what is in time, late and early, what becomes of it, and that nothing counts twice."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.probe import Probe
from sim.hardware.task import add_up
from sim.hardware.timed import Timeliness
from sim.measure.lateness import Lateness
from sim.measure.recorder import Recorder
from sim.workload.egru import run_whole, step
from sim.workload.network import Network, slice_layer
from tests.hardware import chips_bench
from tests.hardware.toy_network import ALWAYS, layer, run
from tests.hardware.toys import packet

BOARD = chips_bench.board(2)
LONG_US = 2000.0


class Untimely(Probe):
    """Everything that was told of packets out of time, and the records of steps."""

    def __init__(self):
        self.told, self.records = [], []

    def untimely(self, unit, slice, meant, begun, packet):
        self.told.append((slice, meant, begun, packet))

    def task(self, unit, record):
        self.records.append(record)


def timed(layers, vectors, period_us, schedule="pipelined", **more):
    """A run by a timer, and what was told of its packets."""
    heard = Untimely()
    sync = {"protocol": "timer", "period_us": period_us, "schedule": schedule}
    return run(layers, vectors, probe=heard, sync=sync, **more), heard


@st.composite
def networks(draw):
    """Layers, inputs for a few steps, and settings of the mapping."""
    seed, inputs = draw(st.integers(0, 1000)), draw(st.integers(1, 5))
    units = draw(st.lists(st.integers(1, 8), min_size=1, max_size=3))
    rng = np.random.default_rng(seed)
    widths = zip([inputs, *units], units, strict=False)
    layers = [layer(below, rng.uniform(0, 0.5, count).tolist(), seed) for below, count in widths]
    pes = [draw(st.integers(1, count)) for count in units]
    return layers, rng.random((draw(st.integers(1, 5)), inputs), np.float32), pes


@settings(max_examples=30, deadline=None)
@given(networks(), st.sampled_from(["sequential", "pipelined"]), st.sampled_from(["exclusive", "shared"]))
def test_with_time_enough_outputs_are_those_of_the_network_in_one_piece(made, schedule, sharing):
    layers, vectors, pes = made
    mapping = {"pes_per_layer": pes, "sharing": sharing, "chips": "spread"}
    ran, heard = timed(layers, vectors, LONG_US, schedule, on=BOARD, mapping=mapping)
    exact = run_whole(Network(tuple(layers)), vectors)[-1]
    assert [ran.host.outputs[step] for step in range(len(vectors))] == exact.tolist()
    assert [one for one in heard.told if one[1] < len(vectors)] == []
    stride = len(layers) if schedule == "sequential" else 1
    assert ran.kernel.now >= (stride * (len(vectors) - 1) + len(layers) + 1) * LONG_US * 1e6


@settings(max_examples=40, deadline=None)
@given(networks(), st.floats(0.5, 40), st.sampled_from(["sequential", "pipelined"]), st.booleans())
def test_every_value_counts_once_in_time_or_late_or_is_missed(made, period, schedule, shared):
    layers, vectors, pes = made
    mapping = {"pes_per_layer": pes, "sharing": "shared" if shared else "exclusive", "chips": "spread"}
    _, heard = timed(layers, vectors, period, schedule, on=BOARD, mapping=mapping)
    sent = Counter({0: sum(np.any(row[at : at + 4]) for row in vectors for at in range(0, len(row), 4))})
    first = np.cumsum([0, *pes])
    of = [number for number, count in enumerate(pes, 1) for _ in range(count)]
    for record in heard.records:
        sent[of[record.slice]] += record.events_sent
    for number in range(1, len(layers) + 1):
        slices = range(first[number - 1], first[number])
        come = pes[number - 1] * (sent[number - 1] + sent[number])
        used = sum(record.packets_received for record in heard.records if record.slice in slices)
        gone = sum(slice in slices and max(meant, begun) >= len(vectors) for slice, meant, begun, _ in heard.told)
        assert used + gone == come


@settings(max_examples=30, deadline=None)
@given(networks(), st.floats(0.5, 30))
def test_outputs_are_those_of_a_network_whose_late_events_are_added_to_the_next_step(made, period):
    """The network once more, slice by slice, given only which packets were out of time and where they then count."""
    layers, vectors, pes = made
    ran, heard = timed(layers, vectors, period, on=BOARD, mapping={"pes_per_layer": pes}, takes_output=False)
    system_slices = ran.mapping.slices
    moved = defaultdict(list)
    for slice, meant, begun, one in heard.told:
        if begun > meant:
            moved[slice].append((meant, begun, one))
    sent = [{at: row for at, row in enumerate(vectors)}] + [{} for _ in layers]
    states = {piece.index: np.zeros(piece.units, np.float32) for piece in system_slices}
    for now in range(len(vectors)):
        for number, whole in enumerate(layers, 1):
            y = np.zeros(whole.units, np.float32)
            for piece in ran.mapping.members(number):
                own = slice_layer(whole, piece.start, piece.stop)
                x = counted(sent[number - 1], number - 1, now, now, whole.inputs, moved[piece.index])
                before = counted(sent[number], number, now - 1, now, whole.units, moved[piece.index])
                y[piece.start : piece.stop], states[piece.index] = step(own, x, before, states[piece.index])
            sent[number][now] = y
    for record in heard.records:
        piece = system_slices[record.slice]
        assert record.events_sent == np.count_nonzero(sent[piece.layer][record.step][piece.start : piece.stop])


def counted(sent, population, source_step, now, size, moved):
    """What counts in step `now` of a slice: what was sent for it and came in time, and what is late for other steps."""
    vector = sent.get(source_step, np.zeros(size, np.float32)).copy()
    for meant, _, one in moved:
        if one.population == population and meant == now:
            places = list(range(one.start, one.start + len(one.values)))
            vector[places] = 0
    parts = []
    for meant, begun, one in moved:
        if one.population == population and begun == now:
            whole = np.zeros(size, np.float32)
            whole[one.start : one.start + len(one.values)] = one.values
            parts.append((meant, whole))
    total = np.zeros(size, np.float32)
    for _, part in sorted([*parts, (now, vector)], key=lambda part: part[0]):
        total = total + part
    return total


def test_the_shorter_the_period_the_more_comes_late():
    """All units fire in every step, so that as many packets are sent whatever comes late."""
    layers = [layer(4, [ALWAYS] * 6, 1), layer(6, [ALWAYS] * 6, 2)]
    vectors = np.ones((6, 4), np.float32)
    shares = []
    for period in (40.0, 8.0, 4.0, 2.0, 1.0, 0.5, 0.25):
        lateness = Lateness(6)
        recorder = Recorder(lateness=lateness)
        sync = {"protocol": "timer", "period_us": period, "schedule": "pipelined"}
        run(layers, vectors, recorder=recorder, sync=sync)
        gone = lateness.late.total() + lateness.missed.total()
        shares.append(gone)
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert len(set(shares)) > 3


@pytest.mark.parametrize("period", [5.0, 0.3])
def test_a_step_begins_at_its_tick_or_when_the_one_before_is_done(period):
    layers, vectors = [layer(2, [ALWAYS] * 3)], np.ones((5, 2), np.float32)
    _, heard = timed(layers, vectors, period, takes_output=False, mapping={"pes_per_layer": [1]})
    done = 0
    for number, record in enumerate(heard.records):
        due = round((number + 1) * period * 1e6)
        assert (record.step, record.start, record.overrun) == (number, done, max(0, done - due))
        assert record.ready >= max(due, done) == record.begun
        done = record.done
    assert (period < 1) == any(record.overrun for record in heard.records)


def test_layers_that_share_a_pe_take_their_steps_at_one_tick_the_oldest_first_and_none_of_them_is_an_overrun():
    layers, vectors = [layer(2, [ALWAYS] * 3), layer(3, [ALWAYS] * 3)], np.ones((4, 2), np.float32)
    _, heard = timed(layers, vectors, 50.0, mapping={"sharing": "shared", "pes_per_layer": [1, 1]})
    assert [(record.slice, record.step) for record in heard.records] == [
        *[(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2), (0, 3), (1, 3)]
    ]
    assert not any(record.overrun for record in heard.records)


@pytest.mark.parametrize(
    ("begun", "meant", "behind", "told"),
    [(2, 2, 0, False), (3, 2, 1, True), (5, 2, 3, True), (1, 2, 0, True), (4, 4, 0, True), (4, 3, 1, True)],
    ids=["in time", "late", "very late", "early", "for no step", "missed"],
)
def test_what_a_packet_is_by_the_steps_begun(begun, meant, behind, told):
    heard = Untimely()
    timeliness = Timeliness(heard, "pe", 7, 4)
    timeliness.begun = begun
    one = packet()
    assert timeliness.behind(one, meant) == behind
    assert heard.told == ([(7, meant, begun, one)] if told else [])


def test_lateness_sorts_what_it_is_told():
    heard = Lateness(4)
    for meant, begun in [(1, 2), (0, 2), (3, 2), (4, 4), (5, 3), (3, 4)]:
        heard.untimely("pe", 0, meant, begun, packet())
    assert (heard.late, heard.early, heard.missed, heard.for_no_step) == ({(0, 2): 2}, {(0, 3): 1}, {0: 1}, 2)


@given(st.permutations([(0, 0.1), (10, 0.7), (20, 1e-8), (30, 0.25)]))
def test_values_of_one_unit_add_up_in_the_order_they_were_sent(parts):
    packets = []
    for sent_at, value in parts:
        one = packet(values=(value,))
        one.start, one.sent_at = 1, sent_at
        packets.append(one)
    vector = np.zeros(3, np.float32)
    add_up(vector, packets)
    expected = np.float32(0)
    for value in (0.1, 0.7, 1e-8, 0.25):
        expected += np.float32(value)
    assert vector.tolist() == [0, expected, 0]
