"""The controller of a memory port: JEDEC distances one by one, choice of bursts, refresh; ceilings and Little's law."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.engine.kernel import Kernel
from sim.engine.probe import Probe
from sim.hardware.address import placing
from sim.hardware.controller import Burst, Controller
from sim.hardware.memory_study import MemorySource
from sim.machine.memory import Dram, DramTiming
from sim.measure.stream import StreamRecord
from sim.scenario.memory_stream import MemoryStream
from sim.units import Clock

TIMING = DramTiming(
    cl=17, cwl=14, rcd=15, rp=15, ras=32, rrd_s=8, rrd_l=8, faw=32, wr=30, rtp=12, wtr_s=8, wtr_l=16, ccd_s=4, ccd_l=6,
    rtw=1, rfc=392, refi=8660,
)  # fmt: skip
DEVICE = Dram(
    "dram0", 0, Clock(830, 1), 16, 16, 2, 4, 65536, 1024, "rochrababgco", "first_ready", 32, 8, 4, 16, 2, None, TIMING
)
"""LPDDR4-2400 x16 of DRAMsim3, as in sim/anchors/data/dram."""

BURST, CONTROLLER = 8, 2


class Found(Probe):
    def __init__(self):
        self.rows = []
        self.refreshes = []
        self.activates = 0

    def burst(self, unit, direction, row, size, asked, end):
        self.rows.append(row)

    def activated(self, unit):
        self.activates += 1

    def span(self, unit, activity, start, end):
        if activity == "refresh":
            self.refreshes.append((start, end))


def served(bursts, **changed):
    """The clock at which each of `bursts`, (clock asked, bank, row, way), is over, with `changed` device or timing."""
    timing = {key: value for key, value in changed.items() if hasattr(TIMING, key)}
    device = replace(DEVICE, timing=replace(TIMING, **timing), **{k: v for k, v in changed.items() if k not in timing})
    kernel, found = Kernel(), Found()
    controller = Controller(kernel, found, device)
    ends = [0] * len(bursts)
    for number, (clock, bank, row, *way) in enumerate(bursts):
        burst = Burst((bank, row), clock, lambda end, number=number: ends.__setitem__(number, end), write="w" in way)
        controller.edges.effects[clock].append(lambda _, burst=burst: controller.ask(burst))
    kernel.run()
    return ends, found


def test_a_read_alone_takes_what_the_device_takes_and_two_clocks():
    """CL + BL/2 + 2 with its row open; a closed bank adds RCD, another open row RP + RCD."""
    ends, found = served([(1, 0, 5), (100, 0, 5), (200, 0, 6)])
    assert [end - asked for end, asked in zip(ends, (1, 100, 200), strict=True)] == [42, 27, 57]
    assert found.rows == ["miss", "hit", "conflict"]


def test_data_of_several_banks_follow_without_a_gap():
    ends, _ = served([(1, bank, 0) for bank in (0, 1, 4, 5)])
    assert [end - ends[0] for end in ends] == [0, 8, 16, 24]


def test_a_refresh_closes_all_rows_and_holds_everybody_up():
    ends, found = served([(1, 0, 5), (8661, 0, 5)])
    start = 8660 + TIMING.rp  # the one open row is closed first
    assert found.refreshes == [(start * 830, (start + 392) * 830)]
    assert ends[1] == start + 392 + TIMING.rcd + TIMING.cl + BURST
    assert found.rows == ["miss", "miss"]


def test_refreshes_that_nobody_met_are_not_told_and_leave_the_bank_closed():
    ends, found = served([(1, 0, 5), (8660 * 1000 + 4000, 0, 5)])
    assert (found.refreshes, found.rows) == ([], ["miss", "miss"])
    assert ends[1] - (8660 * 1000 + 4000) == 42


ASKED = st.tuples(st.integers(1, 3000), st.integers(0, 7), st.integers(0, 3), st.sampled_from("rw"))
LEAST = 392 + 32 + 8 + 15 + 15 + 20
"""Clocks: a refresh, and what `sim.machine.checks` counts for rows, the longest of whose times here is a write's."""
ORDERS = {"first_ready": {}, "fcfs": {}, "fcfs, rows far apart": {"rrd_s": 10, "rrd_l": 20, "faw": 100}}
OTHER_ROWS = {"first_ready": 0, "fcfs": 32 + 3 * 8, "fcfs, rows far apart": 100 + 3 * 20}
"""By order, clocks that the rows of seven other banks take to open."""
NEVER_DONE = [
    *((1377, 1, 3, "r"), (1608, 6, 1, "w"), (1891, 6, 2, "r"), (1893, 4, 3, "r"), (1914, 0, 2, "r")),
    *((2157, 2, 1, "r"), (2164, 3, 1, "w"), (2282, 0, 2, "r"), (2382, 2, 2, "w"), (2499, 3, 0, "w")),
    *((2675, 4, 2, "r"), (2780, 6, 3, "w"), (2941, 7, 2, "w")),
]
"""With a refresh every 483 clocks, the oldest one left would lose its row each time."""


@given(st.lists(ASKED, min_size=1, max_size=40), st.sampled_from(list(ORDERS)))
@example(NEVER_DONE, "fcfs")
@settings(max_examples=25, deadline=None)
def test_refreshes_as_often_as_a_machine_may_have_them_let_everything_through(asked, order):
    refi = LEAST + OTHER_ROWS[order] + 1
    ends, found = served(sorted(asked), scheduling=order.split(",")[0], refi=refi, **ORDERS[order])
    assert len(found.rows) == len(asked) and min(ends) > 0


ALONE = [(1, 0, 5)]
CONFLICT = [(1, 0, 5), (2, 0, 6)]
TWO_GROUPS = [(1, 0, 5), (1, 4, 5)]
ONE_GROUP = [(1, 0, 5), (1, 1, 5)]
HITS = [(1, 0, 5)] + [(100, 0, 5)] * 2
LONGER = {
    "cl": (ALONE, 20),
    "cwl": ([(1, 0, 5, "w")], 20),
    "rcd": (ALONE, 20),
    "rp": (CONFLICT, 20),
    "ras": (CONFLICT, 40),
    "rrd_s": (TWO_GROUPS, 12),
    "rrd_l": (ONE_GROUP, 12),
    "faw": ([(1, bank, 5) for bank in (0, 1, 2, 3, 4)], 50),
    "wr": ([(1, 0, 5, "w"), (2, 0, 6, "w")], 50),
    "rtp": ([(1, 0, 5), (100, 0, 5), (101, 0, 6)], 20),
    "wtr_s": ([(1, 0, 5, "w"), (1, 4, 5, "w"), (60, 0, 5, "w"), (63, 4, 5)], 20),
    "wtr_l": ([(1, 0, 5, "w"), (2, 0, 5)], 30),
    "ccd_s": ([(1, 0, 5), (1, 4, 5), (100, 0, 5), (100, 4, 5)], 12),
    "ccd_l": (HITS, 12),
    "rtw": ([(1, 0, 5), (100, 0, 5), (100, 0, 5, "w")], 9),
    "rfc": ([(8661, 0, 5)], 500),
    "controller_clocks": (ALONE, 9),
    "burst_length": (ALONE, 32),
}


@pytest.mark.parametrize("name", LONGER)
def test_each_distance_holds_the_last_burst_up_by_what_it_grows(name):
    bursts, more = LONGER[name]
    (plain, _), (held, _) = served(bursts), served(bursts, **{name: more})
    assert held[-1] > plain[-1]


def test_a_shorter_interval_brings_more_refreshes():
    busy = [(clock, 0, 5) for clock in range(1, 8000, 20)]
    assert len(served(busy)[1].refreshes) < len(served(busy, refi=2000)[1].refreshes)


def test_first_ready_lets_hits_pass_and_fcfs_does_not():
    bursts = [(1, 0, 5), (2, 0, 6), (3, 0, 5)]
    ready, _ = served(bursts)
    ordered, _ = served(bursts, scheduling="fcfs")
    assert ready[2] < ready[1]
    assert sorted(ordered) == ordered
    assert max(ready) < max(ordered)


def test_fcfs_prepares_other_banks_meanwhile():
    ends, _ = served([(1, 0, 5), (1, 4, 5)], scheduling="fcfs")
    assert ends[1] - ends[0] == BURST


def test_a_row_serves_so_many_bursts_before_an_older_one_closes_it():
    bursts = [(1, 0, 5), (2, 0, 6)] + [(3, 0, 5)] * 6
    (few, _), (many, _) = served(bursts, row_hits=2), served(bursts, row_hits=8)
    assert few[1] < many[1]


def test_a_longer_queue_finds_more_hits():
    bursts = [(1, 0, row) for row in (5, 6, 7, 8) * 4]
    short, long = (served(bursts, bank_queue_bursts=places, row_hits=16)[1].activates for places in (1, 16))
    assert long == 4 < short


def test_a_wider_window_gets_past_a_full_bank():
    bursts = [(1, 0, row) for row in range(12)] + [(1, 4, 0)]
    narrow, wide = (served(bursts, bank_queue_bursts=2, queue_bursts=places)[0][-1] for places in (1, 32))
    assert wide < narrow


def test_writes_wait_until_there_are_enough_of_them():
    bursts = [(1, 0, 5, "w")] * 4 + [(1, 4, 5)] * 8
    early, late = (served(bursts, write_drain=enough)[0] for enough in (2, 16))
    assert max(early[:4]) < max(late[:4])


def test_neighbouring_bursts_share_a_row_or_not_as_the_address_order_says():
    rows_last, columns_last = placing(DEVICE), placing(replace(DEVICE, address_order="cobgbarachro"))
    assert {rows_last(32 * burst) for burst in range(64)} == {(0, 0)}
    assert [rows_last(2048 * page)[0] for page in range(8)] == [0, 4, 1, 5, 2, 6, 3, 7]
    assert rows_last(2048 * 8) == (0, 1)
    assert [columns_last(32 * burst) for burst in range(3)] == [(0, 0), (0, 1), (0, 2)]


@given(st.permutations(["ro", "ch", "ra", "ba", "bg", "co"]))
@settings(max_examples=20)
def test_every_place_is_the_goal_of_one_burst_for_each_of_its_columns(order):
    small = replace(DEVICE, rows=4, columns=32, address_order="".join(order))
    places = [placing(small)(address) for address in range(0, small.capacity_bytes, small.burst_bytes)]
    assert {place: places.count(place) for place in places} == {(bank, row): 2 for bank in range(8) for row in range(4)}


def moved(device=DEVICE, **asked):
    """The section of a study of one port."""
    stream = MemoryStream(kind="memory", **{"warmup_cycles": 3000, "measure_cycles": 20000} | asked)
    kernel = Kernel()
    record = StreamRecord(device, 1, stream.warmup_cycles, stream.warmup_cycles + stream.measure_cycles)
    MemorySource(kernel, record, device, stream, 1).start()
    kernel.run()
    return record.section()


def test_a_stream_reaches_the_peak_less_refreshes():
    ceiling = DEVICE.peak_bytes_per_s * (1 - 392 / 8660)
    assert moved(outstanding=16, measure_cycles=86600)["bytes_per_s"] == pytest.approx(ceiling, rel=0.01)


@pytest.mark.parametrize("asked", [{"outstanding": 4}, {"outstanding": 16, "pattern": "random"}])
def test_what_is_under_way_is_rate_times_latency(asked):
    """Little's law, which a closed loop must meet by counting alone."""
    assert moved(**asked)["outstanding_mean"] == pytest.approx(asked["outstanding"], rel=0.02)


def test_an_open_stream_moves_what_was_asked_below_saturation():
    said = moved(rate=0.5)
    assert said["bytes_per_s"] == pytest.approx(said["asked_bytes_per_s"], rel=0.02)
    assert said["peak_share"] == pytest.approx(0.5, rel=0.05)


def test_writes_among_reads_cost_turning_the_bus_round():
    reads, mixed, writes = (moved(outstanding=16, read_share=share)["bytes_per_s"] for share in (1.0, 0.5, 0.0))
    assert mixed < reads
    assert writes == pytest.approx(reads, rel=0.02)


@pytest.mark.parametrize(
    "more", [{"data_bits": 32}, {"clock": Clock(415, 1)}, {"banks_per_group": 8}, {"bank_groups": 4}]
)
def test_a_wider_or_faster_device_or_one_of_more_banks_moves_more(more):
    asked = {"outstanding": 8, "pattern": "random"}
    assert moved(replace(DEVICE, **more), **asked)["bytes_per_s"] > moved(**asked)["bytes_per_s"]


def test_more_rows_or_columns_are_more_room_and_longer_rows_are_opened_less_often():
    assert replace(DEVICE, rows=1 << 17).capacity_bytes == 2 * DEVICE.capacity_bytes == 2 << 30
    bursts = [(n + 1, *placing(DEVICE)(32 * n)) for n in range(256)]
    longer = [(n + 1, *placing(replace(DEVICE, columns=4096))(32 * n)) for n in range(256)]
    assert served(longer)[1].activates < served(bursts)[1].activates
