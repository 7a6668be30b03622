"""Events of one slice and step in packets: who is in which, how long it is, and what packing costs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.hardware.packing import Blocks, Content, Packing
from sim.scenario.formats import Formats
from tests.hardware.toy_network import COSTS

Y = np.array([0, 0.5, 0, 0.25, 0, 0, 0, 0, 0.75, 1, 0], np.float32)


def contents(y=Y, **formats):
    return list(Packing(Formats(**formats)).contents(y))


@pytest.mark.parametrize(("events", "bits"), [("fp32", 32), ("fp16", 16), ("int8", 8)])
def test_alone_an_event_is_its_value(events, bits):
    assert contents(events=events) == [
        Content(unit, (value,), bits) for unit, value in [(1, 0.5), (3, 0.25), (8, 0.75), (9, 1.0)]
    ]


@pytest.mark.parametrize(("events", "pair"), [("fp32", 48), ("fp16", 32), ("int8", 24)])
def test_pairs_fill_a_packet_before_the_next_and_carry_16_bits_of_unit_each(events, pair):
    assert contents(events=events, events_per_packet=2) == [
        Content(1, (0.5, 0.25), 2 * pair, (1, 3)),
        Content(8, (0.75, 1.0), 2 * pair, (8, 9)),
    ]
    assert [one.bits for one in contents(events=events, events_per_packet=8)] == [4 * pair]


@pytest.mark.parametrize(("events", "bits"), [("fp32", 32), ("fp16", 16), ("int8", 8)])
def test_a_block_carries_its_silent_units_too_and_is_not_sent_when_all_are(events, bits):
    assert contents(events=events, packing="block", events_per_packet=4) == [
        Content(0, (0, 0.5, 0, 0.25), 4 * bits),
        Content(8, (0.75, 1.0, 0), 3 * bits),
    ]


def test_of_nothing_no_packet_is_made():
    silent = np.zeros(9, np.float32)
    assert not any(contents(silent, packing=packing, events_per_packet=4) for packing in ("pairs", "block"))


@given(
    st.lists(st.sampled_from([0.0, 0.0, 0.5, 1.0]), min_size=1, max_size=40),
    st.sampled_from(["pairs", "block"]),
    st.sampled_from([1, 2, 4, 8, 16]),
)
def test_every_event_is_in_one_packet_whatever_the_packing(values, packing, together):
    y = np.array(values, np.float32)
    back = np.zeros(len(y), np.float32)
    packets = contents(y, packing=packing, events_per_packet=together)
    for one in packets:
        assert len(one.values) <= together and any(one.values)
        places = list(one.units or range(one.unit, one.unit + len(one.values)))
        assert not back[places].any() and one.unit == places[0]
        back[places] = one.values
    assert np.array_equal(back, y)
    fired = np.count_nonzero(y)
    if packing == "pairs":
        assert len(packets) == -(-fired // together)


def test_packing_costs_by_the_value_and_so_does_converting():
    alone = COSTS.emit_event_cycles
    assert Packing(Formats()).cycles(1, 1, COSTS) == alone
    assert Packing(Formats()).cycles(1, 3, COSTS) == 3 * alone
    assert Packing(Formats(events_per_packet=4)).cycles(3, 1, COSTS) == alone + 2 * COSTS.pack_value_cycles
    assert Packing(Formats(events="fp16")).cycles(1, 1, COSTS) == alone + COSTS.convert_value_cycles


def test_blocks_are_sent_whole_zeros_and_all():
    y = np.array([0, 0, 0, 0, 1, 0, 2], np.float32)
    packets = list(Blocks(4, 8).contents(y))
    assert [(one.unit, one.values, one.bits) for one in packets] == [(0, (0, 0, 0, 0), 32), (4, (1, 0, 2), 24)]
    assert Blocks(4, 8).cycles(4, 3, COSTS) == 3 * COSTS.dma_packet_cycles
