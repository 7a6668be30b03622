"""Energy heard on small tellings: every price where it belongs, and three ways to add it up that agree."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.packet import Flit, Leg
from sim.engine.probe import TaskRecord
from sim.machine.machine import Energy, PePower
from sim.measure.busy import BusyTime
from sim.measure.energy import Board, EnergyUse, Others
from sim.measure.energy_summary import energy_section, power_table, windows_agree
from sim.measure.joules import Terms, account
from sim.measure.network import Deliveries, LinkUse
from tests.hardware.toys import packet

MS = 10**9
FIGURES = Energy(
    uncore_mw=100,
    pe={"low": PePower(1, 3, 0.5), "high": PePower(2, 10, 0.75)},
    exp_pj=5,
    flit_hop_pj=20,
    lookup_pj=30,
    chip_link_pj_per_bit=2,
    host_link_pj_per_bit=4,
    dram_pj_per_bit=6,
    dram_idle_mw=50,
    host_idle_w=1,
    host_busy_w=3,
)
TERMS = Terms(FIGURES, unused_off=False, busy_waits=False, with_host=False, total=10 * MS)


class Heard(EnergyUse):
    """Has the listener it reads times off told of spans."""

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        self._others.busy.span(unit, activity, start, end)


def listener(*pes: str, width: int = MS) -> EnergyUse:
    links = LinkUse()
    links.watch(3)
    return Heard(Board(pes, "low", (("a", 21),)), Others(BusyTime(width), links, Deliveries()))


def carry(heard: EnergyUse, flits: int) -> None:
    """A link carries so many flits."""
    flit = Flit(packet(), Leg((), {}))
    for _ in range(flits):
        heard._others.links.hop(flit, 1, 0, 0, 1)


def parts(heard: EnergyUse, terms: Terms = TERMS) -> dict[str, float]:
    """Microjoules by part."""
    return {part: pytest.approx(1e6 * joules, rel=1e-12) for part, joules in account(heard, terms).by_part().items()}


def test_a_chip_with_nothing_to_do_sleeps_or_is_off():
    assert parts(listener("a", "b")) == {"uncore": 1000, "pe_static": 20}
    assert parts(listener("a", "b"), replace(TERMS, unused_off=True)) == {"uncore": 1000}


def test_a_processing_element_pays_sleep_power_all_the_time_and_more_while_it_runs_code():
    heard = listener("a", "b")
    heard.span("a", "sleep", 0, 4 * MS)
    heard.span("a", "compute", 4 * MS, 7 * MS)
    assert parts(heard) == {"uncore": 1000, "pe_static": 20, "pe_dynamic": 6}
    assert parts(heard, replace(TERMS, unused_off=True)) == {"uncore": 1000, "pe_static": 10, "pe_dynamic": 6}
    assert parts(heard, replace(TERMS, busy_waits=True)) == {"uncore": 1000, "pe_static": 20, "pe_dynamic": 12}


def test_waiting_busily_costs_what_computing_does():
    heard = listener("a")
    heard.span("a", "wait", 0, 10 * MS)
    assert account(heard, TERMS).by_phase() == pytest.approx({"standby": 1010e-6, "wait": 20e-6})


def test_a_higher_operating_point_costs_its_own_power_from_the_switch_on():
    heard = listener("a")
    heard.span("a", "compute", 0, 2 * MS)
    heard.switched("a", "high", 2 * MS)
    heard.span("a", "compute", 2 * MS, 5 * MS)
    assert parts(heard) == {"uncore": 1000, "pe_static": 2 * 1 + 8 * 2, "pe_dynamic": 2 * 2 + 3 * 8}


def test_counts_cost_so_much_each_and_go_to_their_parts():
    heard = listener("a")
    carry(heard, 1000)
    for _ in range(4):
        heard._others.deliveries.lookup("event router", packet(), 3, 1, 2)
    heard.amount("host link up", "bits", 500)
    heard.amount("chip link 3", "bits", 700)
    heard.burst("dram0", "read", "hit", 100, 0, 10)
    heard.burst("dram1", "write", "miss", 25, 0, 10)
    heard.level("a", "fifo", 9)
    heard.amount("a", "mac_array_macs", 600)
    heard.task("a", TaskRecord(0, 0, 0, 0, 0, 0, 0, 0, 0))
    found = parts(heard)
    microjoule_per_pj = 1e-6
    assert found | {"uncore": 0, "pe_static": 0} == {
        "uncore": 0,
        "pe_static": 0,
        "noc": 20_000 * microjoule_per_pj,
        "event_router": 120 * microjoule_per_pj,
        "host_link": 2000 * microjoule_per_pj,
        "chip_links": 1400 * microjoule_per_pj,
        "dram_dynamic": 6000 * microjoule_per_pj,
        "dram_static": 1000,
        "mac_array": 300 * microjoule_per_pj,
        "exp_unit": 105 * microjoule_per_pj,
    }
    assert account(heard, TERMS).of_unit("a") == pytest.approx((10_000_000 + 300 + 105) * 1e-12)


def test_the_host_computer_counts_only_where_it_is_asked_for():
    heard = listener()
    heard.span("host output", "decode", 0, MS)
    assert parts(heard) == {"uncore": 1000}
    assert parts(heard, replace(TERMS, with_host=True)) == {"uncore": 1000, "host_static": 10_000, "host_dynamic": 2000}


def test_power_is_told_by_window_and_its_peak_found():
    heard = listener("a")
    heard.span("a", "sleep", 0, 4 * MS)
    heard.span("a", "compute", 4 * MS, 6 * MS)
    carry(heard, 10**6)
    for when in (6, 6, 9):  # flits are taken to move when some are delivered
        heard._others.deliveries.delivered(Flit(packet(), Leg((), {})), 1, when * MS)
    made = account(heard, replace(TERMS, total=10 * MS + MS // 2))
    table = power_table(made)
    assert table["time_s"].tolist() == pytest.approx([n * 1e-3 for n in range(11)])
    assert table["pe_dynamic_w"].tolist() == pytest.approx([0, 0, 0, 0, 2e-3, 2e-3, 0, 0, 0, 0, 0])
    assert table["noc_w"].tolist() == pytest.approx([0] * 6 + [0.02 * 2 / 3, 0, 0, 0.02 / 3, 0])
    assert table["uncore_w"].tolist() == pytest.approx([0.1] * 11)
    section = energy_section(made, 5)
    assert (section["peak_power_w"], section["peak_at_s"]) == pytest.approx((0.101 + 0.02 * 2 / 3, 6e-3))
    assert section["per_step_j"] == pytest.approx(section["total_j"] / 5)
    assert section["static_j"] + section["dynamic_j"] == pytest.approx(section["total_j"])


ACTIVITIES = st.sampled_from(["compute", "sleep", "wait", "receive", "sync"])
STORY = st.lists(st.tuples(st.sampled_from("ab"), ACTIVITIES, st.integers(0, 10**7), st.booleans()), max_size=30)


@given(STORY, st.integers(1, 10**7), st.booleans())
def test_parts_phases_and_windows_add_up_to_the_same_whatever_happens(story, width, off):
    heard, now = listener("a", "b", "c", width=width), {"a": 0, "b": 0}
    for unit, activity, time, switch in story:
        heard.span(unit, activity, now[unit], now[unit] + time)
        now[unit] += time
        carry(heard, 3)
        if switch:
            heard.switched(unit, "high" if heard.point(unit) == "low" else "low", now[unit])
    made = account(heard, replace(TERMS, unused_off=off, total=max(now.values()) + 12345))
    assert windows_agree(made)
    own = sum(made.by_part().get(part, 0) for part in ("pe_static", "pe_dynamic"))
    assert sum(map(made.of_unit, "abc")) == pytest.approx(own, rel=1e-12)


def test_windows_that_miss_something_open_the_book():
    heard = listener("a")
    heard.span("a", "compute", 0, MS)
    made = account(heard, TERMS)
    assert windows_agree(made)
    made.windows["noc"] += np.full(10, 1e-12)
    assert not windows_agree(made)
