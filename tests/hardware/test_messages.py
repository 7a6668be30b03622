"""Packets a sender makes: their keys, their sizes, and which values of a vector travel."""

import numpy as np
import pytest

from sim.engine.packet import Dispatch
from sim.hardware.messages import Courier
from sim.hardware.packing import Packing
from sim.machine.machine import PacketFormat
from sim.mapping.mapping import Destinations, Group, Mapping, Slice
from sim.mapping.schedule import plan
from sim.scenario.formats import VALUE_BITS, Formats

WHERE = Destinations((0, 1))
FP32 = Formats()
GROUPS = tuple(
    Group(kind, population, WHERE, base, 4, 8)
    for kind, population, base in [
        ("events", 0, 0x1000),
        ("events", 1, 0x2000),
        ("markers", 1, 0x3000),
        ("release", 1, 0x4000),
    ]
)
PIECE = Slice(index=3, layer=1, member=2, start=20, stop=30, pe=5, nonzeros=0)


def courier(end="markers", groups=GROUPS, formats=FP32):
    """A courier and what it posts: (kind, key, bits, population, step, start, values, when)."""
    posted = []
    mapping = Mapping(plan(1, output=False, feeds_back=False, pipelined=False), (), (), None, groups, (), 0)
    ways = {(group.kind, group.population): Dispatch((None, None), 2) for group in groups}

    def post(p, dispatch, when):
        posted.append((p.kind, p.key, p.bits, p.population, p.step, p.start, p.values, when))

    return Courier(PacketFormat(), mapping, ways, post, end, VALUE_BITS[formats.inputs]), posted


def test_an_event_carries_its_unit_in_key_and_start():
    (packet,) = courier()[0].events(PIECE, 6, np.array([0] * 7 + [0.5, 0, 0], np.float32), Packing(FP32))
    assert (packet.key, packet.start, packet.values, packet.bits) == (0x2000 + (2 << 8) + 7, 27, (0.5,), 40 + 32)
    assert (packet.kind, packet.population, packet.step) == ("events", 1, 6)


@pytest.mark.parametrize(("together", "bits"), [(1, 72), (2, 104), (4, 168)])
def test_a_vector_is_cut_into_packets_and_what_is_zero_throughout_stays_at_home(together, bits):
    values = (1.0, 0.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 4.0)
    packets = courier()[0].vector(0, 5, values, together)
    back = [0.0] * len(values)
    for packet in packets:
        assert any(packet.values)
        assert packet.key == 0x1000 + packet.start // together
        assert len(packet.values) <= together
        back[packet.start : packet.start + len(packet.values)] = packet.values
    assert tuple(back) == values
    assert packets[0].bits == bits
    assert [packet.start for packet in packets] == {1: [0, 2, 3, 8], 2: [0, 2, 8], 4: [0, 8]}[together]
    assert packets[-1].bits == 72


def test_a_vector_of_zeros_is_no_packet_at_all():
    assert courier()[0].vector(0, 0, (0.0,) * 7, 4) == []


def test_a_marker_says_how_many_packets_were_sent():
    one, posted = courier()
    one.post_end(1, 2, 8, 13, 5000)
    assert posted == [("markers", 0x3000 + (2 << 8), 72, 1, 8, 0, (13,), 5000)]


def test_an_end_nobody_waits_for_is_not_sent():
    one, posted = courier()
    one.post_end(0, 0, 8, 13, 5000)
    assert posted == []


def test_all_reports_to_the_scheduler_share_one_key():
    one, posted = courier("done", (Group("done", 0, Destinations((9,)), 0x700, 4, 8),))
    one.post_end(1, 2, 8, 13, 1)
    one.post_end(0, 0, 8, 4, 2)
    assert posted == [("done", 0x700, 72, 1, 8, 0, (13,), 1), ("done", 0x700, 72, 0, 8, 0, (4,), 2)]


@pytest.mark.parametrize(
    ("numbers", "bits"), [((), 40), ((3,), 72), ((3, 4), 104), ((1, 2, 3), 168), ((1, 2, 3, 4), 168)]
)
def test_a_release_is_as_long_as_its_numbers(numbers, bits):
    one, posted = courier()
    one.post_release(1, 4, numbers, 77)
    assert posted == [("release", 0x4000, bits, 1, 4, 0, numbers, 77)]


def test_copies_are_the_flits_the_sender_makes_itself():
    assert courier()[0].copies(1) == 2
    assert courier()[0].copies(5) == 0
