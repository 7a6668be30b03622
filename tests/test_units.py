"""Conversions: exact on any clock, however far from the start."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.units import Clock, ns_to_ps, ps_to_ns, ps_to_s, ps_to_us, transfer_ps

CLOCKS = st.sampled_from([0.1, 1, 12.5, 33.3, 150, 166.67, 200, 299.9, 300, 333.333, 400, 1000, 2000])
CYCLES = st.integers(0, 10**12)


def test_three_edges_at_300_mhz_are_ten_nanoseconds():
    clock = Clock.from_mhz(300)
    assert [clock.edge(cycle) for cycle in range(7)] == [0, 3333, 6666, 10_000, 13_333, 16_666, 20_000]


def test_a_clock_does_not_drift_over_a_billion_cycles():
    clock = Clock.from_mhz(300)
    assert clock.edge(3 * 10**9) == 10**13
    assert clock.edge(10**9) == 10**13 // 3
    assert clock.edge(10**9 + 3) - clock.edge(10**9) == 10_000


@given(CLOCKS, CYCLES)
def test_every_edge_is_the_exact_instant_rounded_down(mhz, cycle):
    exact = Fraction(cycle * 1_000_000) / Fraction(str(mhz))
    assert 0 <= exact - Clock.from_mhz(mhz).edge(cycle) < 1


@given(CLOCKS, CYCLES)
def test_edges_come_one_after_another(mhz, cycle):
    clock = Clock.from_mhz(mhz)
    assert clock.edge(cycle) < clock.edge(cycle + 1)


@given(CLOCKS, st.integers(0, 10**15))
def test_the_first_edge_after_an_instant_is_strictly_later_and_the_one_before_is_not(mhz, now):
    clock = Clock.from_mhz(mhz)
    cycle = clock.first_edge_after(now)
    assert clock.edge(cycle) > now >= clock.edge(cycle - 1)


@given(CLOCKS, CYCLES)
def test_at_an_edge_the_first_edge_after_is_the_next_one(mhz, cycle):
    clock = Clock.from_mhz(mhz)
    assert clock.first_edge_after(clock.edge(cycle)) == cycle + 1
    assert clock.first_edge_after(clock.edge(cycle) - 1) == cycle


@pytest.mark.parametrize(
    ("cycles", "expected"),
    [(0, 0), (1, 6666), (2, 13_333), (3, 20_000), (2.5, 20_000), (0.001, 6666), (151.0, 1_006_666)],
)
def test_part_cycles_take_a_whole_one_and_totals_are_converted_at_once(cycles, expected):
    assert Clock.from_mhz(150).duration(cycles) == expected


@given(CLOCKS)
def test_a_clock_knows_its_frequency(mhz):
    assert Clock.from_mhz(mhz).mhz == pytest.approx(mhz, rel=1e-12)


@given(CLOCKS, st.integers(0, 10**9))
def test_cycles_in_a_duration_are_within_a_picosecond_of_those_that_made_it(mhz, cycles):
    clock = Clock.from_mhz(mhz)
    assert cycles - mhz / 1e6 <= clock.cycles_in(clock.duration(cycles)) * (1 + 1e-12)
    assert clock.cycles_in(clock.duration(cycles)) <= cycles * (1 + 1e-12)


@pytest.mark.parametrize(
    ("bits", "gbit_per_s", "expected"),
    [
        (1, 1, 1000),
        (8 * 1538, 1, 12_304_000),
        (1, 3, 334),
        (3, 3, 1000),
        (96, 6, 16_000),
        (0, 1, 0),
        (10, 0.1, 100_000),
    ],
)
def test_a_transfer_is_never_faster_than_the_line(bits, gbit_per_s, expected):
    assert transfer_ps(bits, gbit_per_s) == expected


@given(st.integers(0, 10**7), st.sampled_from([0.1, 0.3, 1, 1.2, 3, 7, 10]))
def test_a_transfer_takes_the_exact_time_rounded_up(bits, gbit_per_s):
    exact = Fraction(bits * 1000) / Fraction(str(gbit_per_s))
    assert 0 <= transfer_ps(bits, gbit_per_s) - exact < 1


def test_nanoseconds_become_the_nearest_whole_picosecond():
    assert [ns_to_ps(ns) for ns in (0, 0.1, 1, 2.5, 150, 0.0004, 0.0006)] == [0, 100, 1000, 2500, 150_000, 0, 1]
    assert all(type(ns_to_ps(ns)) is int for ns in (1, 1.5))


def test_picoseconds_become_larger_units_alone_and_in_arrays():
    assert (ps_to_ns(1500), ps_to_us(1500), ps_to_s(1500)) == (1.5, 0.0015, 1.5e-9)
    assert ps_to_s(np.array([0.0, 1e12])).tolist() == [0.0, 1.0]


@given(CLOCKS, CYCLES)
def test_instants_are_ints_whatever_the_frequency_was_written_as(mhz, cycle):
    clock = Clock.from_mhz(mhz)
    assert type(clock.edge(cycle)) is int
    assert type(clock.duration(cycle / 2)) is int
    assert type(clock.first_edge_after(clock.edge(cycle))) is int
