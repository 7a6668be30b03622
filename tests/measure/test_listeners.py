"""Listeners on small tellings: what they add up, and against NumPy where it knows the answer."""

import hashlib
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.packet import Flit, Leg
from sim.engine.probe import TaskRecord
from sim.measure.busy import BusyTime
from sim.measure.network import CARRIED, Deliveries, LinkUse, Spread, scaled, spread
from sim.measure.outputs import Outputs
from sim.measure.steps import FIELDS, SPENT, Peaks, Steps
from sim.measure.tables import use_shares
from sim.units import Clock
from tests.hardware.toys import Bench, mesh_of, packet

NOWHERE = Leg((), {})
NUMBERS = st.lists(st.integers(0, 10**12), min_size=1, max_size=300)


@given(NUMBERS)
def test_a_spread_is_what_numpy_says_of_the_same_numbers(numbers):
    found = spread(Counter(numbers))
    percentiles = [int(np.percentile(numbers, percent, method="inverted_cdf")) for percent in (50, 95, 99)]
    assert [found.p50, found.p95, found.p99, found.max] == [*percentiles, max(numbers)]
    assert found.mean == pytest.approx(np.mean(numbers), rel=1e-12)


@given(st.integers(1, 2000), st.integers(0, 5))
def test_a_spread_of_a_run_of_numbers_takes_the_exact_rank(count, first):
    """Of `count` neighbours the p-th percentile is number ceil(p x count / 100), counted from 1."""
    found = spread(Counter(range(first, first + count)))
    ranks = [first - 1 - (-percent * count // 100) for percent in (50, 95, 99)]
    assert [found.p50, found.p95, found.p99] == ranks


def test_a_spread_of_one_and_of_nothing():
    assert spread(Counter({7: 3})) == Spread(7, 7, 7, 7, 7)
    assert spread(Counter()) is None
    assert spread(Counter({7: 0})) is None


def test_a_scaled_section_has_every_number_converted():
    assert scaled({"a": 1, "b": 3}, lambda x: 2 * x) == {"a": 2, "b": 6}


SPANS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 100), st.sampled_from(["compute", "sleep"])), max_size=20)


@given(SPANS)
def test_busy_time_is_gapless_when_and_only_when_spans_fill_the_time_from_the_start(spans):
    """Spans as (gap before, length, activity)."""
    heard, now, gaps, by_activity = BusyTime(), 0, 0, Counter()
    for gap, length, activity in spans:
        heard.span("pe", activity, now + gap, now + gap + length)
        now, gaps = now + gap + length, gaps + gap
        by_activity[activity] += length
    assert heard.gapless("pe") == (gaps == 0)
    assert heard.overlaps == 0
    assert heard.busy("pe") == now - gaps == by_activity.total()
    assert all(heard.of("pe", activity) == by_activity[activity] for activity in ("compute", "sleep", "dma"))


def test_units_do_not_mix_and_one_never_heard_of_is_idle():
    heard = BusyTime()
    heard.span("a", "compute", 0, 10)
    heard.span("b", "compute", 5, 10)
    assert (heard.busy("a"), heard.busy("b"), heard.busy("c"), heard.of("c", "compute")) == (10, 5, 0, 0)
    assert (heard.gapless("a"), heard.gapless("b"), heard.gapless("c")) == (True, False, True)


def test_time_that_runs_back_is_noticed():
    heard = BusyTime()
    for start, end in [(0, 10), (9, 12), (12, 12), (20, 15)]:
        heard.span("pe", "compute", start, end)
    assert heard.overlaps == 2


def test_an_overlap_and_a_gap_that_make_up_for_each_other_are_not_missed():
    heard = BusyTime()
    for start, end in [(0, 10), (5, 10), (15, 20)]:
        heard.span("pe", "compute", start, end)
    assert heard.gapless("pe")
    assert heard.overlaps == 1


@given(st.data())
def test_the_hash_of_outputs_does_not_depend_on_the_order_in_which_parts_arrive(data):
    steps, units = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 9))
    values = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(steps, units)).astype(np.float32)
    hashes = set()
    for _ in range(2):
        cuts = sorted({0, units, *data.draw(st.lists(st.integers(0, units), max_size=4))})
        parts = [(step, a, b) for step in range(steps) for a, b in pairwise(cuts)]
        outputs = Outputs(units)
        for step, start, stop in data.draw(st.permutations(parts)):
            outputs.take(step, start, values[step, start:stop])
        assert outputs.steps == steps
        hashes.add(outputs.sha256())
    whole = Outputs(units)
    for step in range(steps):
        whole.take(step, 0, values[step])
    assert hashes == {whole.sha256()}


def test_the_hash_of_outputs_is_that_of_their_bytes_in_order():
    outputs = Outputs(3)
    assert outputs.sha256() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of nothing
    outputs.take(1, 0, np.array([4, 5, 6], np.float32))
    outputs.take(0, 2, np.array([3], np.float32))
    assert outputs.steps == 0
    outputs.take(0, 0, np.array([1, 2], np.float32))
    assert outputs.steps == 2
    expected = b"".join(number.to_bytes(4, "little") for number in (0x3F800000, 0x40000000, 0x40400000))
    expected += b"".join(number.to_bytes(4, "little") for number in (0x40800000, 0x40A00000, 0x40C00000))
    assert outputs.sha256() == hashlib.sha256(expected).hexdigest()


def test_the_hash_of_outputs_hears_any_change():
    hashes = set()
    for changed in [(1.0, 2.0), (2.0, 1.0), (1.0, np.nextafter(np.float32(2), np.float32(3))), (1.0, -2.0)]:
        outputs = Outputs(2)
        outputs.take(0, 0, np.array(changed, np.float32))
        hashes.add(outputs.sha256())
    assert len(hashes) == 4


def test_link_use_counts_flits_waits_and_the_fullest_the_buffer_was():
    use = LinkUse()
    use.watch(3)
    for hop in [(0, 0, 1), (0, 4, 3), (2, 1, 2), (0, 0, 2)]:
        use.hop(None, hop[0], 0, *hop[1:])
    assert [list(counts) for counts in (use.flits, use.waited, use.peak)] == [[3, 0, 1], [4, 0, 1], [3, 0, 2]]


@pytest.mark.parametrize("flits", [CARRIED - 1, CARRIED, CARRIED + 1, 3 * CARRIED])
def test_link_use_counts_however_many_flits_and_marks_stay_as_they_were(flits):
    use = LinkUse()
    use.watch(2)
    use.mark()
    for _ in range(flits):
        use.hop(None, 1, 0, 0, 1)
    use.mark()
    use.hop(None, 1, 0, 0, 1)
    assert use.flits.tolist() == [0, flits + 1] and use.between_marks().tolist() == [0, flits]


def test_link_use_of_a_mesh_is_what_its_ways_and_buffers_say():
    """Twelve flits into a buffer of four, drained every cycle: 3 cycles over, 2 back, so a fifth place is missing."""
    use = LinkUse()
    bench = Bench(mesh_of(2, 1), buffer_flits=4, listeners=[use])
    for number in range(12):
        bench.send(0, bench.direct(1), number)
    use.watch(len(bench.mesh.facts()))
    bench.run()
    names = [fact.name for fact in bench.mesh.facts()]
    counted = dict(zip(names, use.flits, strict=True))
    assert counted == {
        "(0,0)->(1,0)": 12,
        "(1,0)->(0,0)": 0,
        "(0,0) in": 12,
        "(0,0) out": 0,
        "(1,0) in": 0,
        "(1,0) out": 12,
    }
    assert use.peak[names.index("(0,0)->(1,0)")] == 4
    # Each of the two later rounds of four waits one cycle for its first credit.
    assert use.waited[names.index("(0,0)->(1,0)")] == 2


@pytest.mark.parametrize("mhz", [300, 1000])
def test_shares_of_use_are_flit_times_over_the_time_that_passed(mhz):
    clock = Clock.from_mhz(mhz)
    shares = use_shares(np.array([0, 3, 30]), clock, 2, clock.edge(60))
    assert shares.tolist() == [0, clock.edge(6) / clock.edge(60), 1]


def test_deliveries_count_receivers_and_add_up():
    heard = Deliveries()
    one, two = packet(1, bits=72), packet(2, bits=40, kind="markers")
    heard.sent(one, 3)
    heard.sent(two, 1)
    heard.delivered(Flit(one, NOWHERE), 2, 5)
    heard.lost("(0,0).0", one, 1, "dropped")
    heard.delivered(Flit(two, NOWHERE), 1, 5)
    heard.overwritten("(0,0).0", two)
    heard.lookup("event router", one, 4, 3, 5)
    heard.lookup("event router", two, 1, 4, 6)
    assert (heard.sent_to_receivers, heard.injected, heard.bits) == (4, 2, 112)
    assert heard.received + heard.losses.total() == heard.sent_to_receivers
    assert heard.losses["dropped"] == 1 and heard.losses.total() == 2
    assert heard.by_kind == {"events": 1, "markers": 1}
    assert (heard.lookups, heard.copies) == (2, 5)


def test_peaks_keep_the_highest_level_and_the_sum_of_amounts_by_unit_and_quantity():
    heard = Peaks()
    for level in [("a", "fifo", 3), ("a", "fifo", 1), ("b", "fifo", 0)]:
        heard.level(*level)
    for amount in [("a", "bits", 9), ("b", "bits", 2), ("a", "bits", 4)]:
        heard.amount(*amount)
    assert heard.highest == {"fifo": {"a": 3, "b": 0}}
    assert heard.total == {("a", "bits"): 13, ("b", "bits"): 2}


@given(st.permutations([(slice_, step) for slice_ in range(3) for step in range(3)]))
def test_rows_of_steps_come_in_order_of_step_and_slice_however_they_were_told(order):
    heard = Steps(BusyTime())
    for slice_, step in order:
        heard.task("pe", TaskRecord(slice_, step, 1, 2, 3, 4, 5, 10 * slice_ + step, 7))
    columns = heard.columns()
    assert list(zip(columns["step"], columns["slice"], strict=True)) == [(a, b) for a in range(3) for b in range(3)]
    assert columns["macs"].tolist() == [10 * slice_ + step for step in range(3) for slice_ in range(3)]


def test_no_steps_are_an_empty_table():
    columns = Steps(BusyTime()).columns()
    assert {name: len(column) for name, column in columns.items()} == dict.fromkeys((*FIELDS, *SPENT), 0)
