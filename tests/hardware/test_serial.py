"""The host's line: whatever waits goes into one frame, frames follow one another, each pays its overhead once."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.kernel import EFFECT, Kernel
from sim.engine.probe import combined
from sim.hardware.serial import SerialLine
from tests.hardware.toys import Log, machine, packet

HOST = replace(machine().host, gbit_per_s=1, latency_ns=1000, frame_overhead_bits=8, frame_bytes=30)
"""A bit takes a nanosecond; a frame holds 240 bits and costs 8 more."""


def sent(packets, shuffle=None, **host):
    """(log, arrivals) of packets (instant in ps, population, bits) sent over the line; arrivals are (ps, number)."""
    kernel, log, arrivals = Kernel(shuffle), Log(), []
    line = SerialLine(kernel, combined([log]), "line", replace(HOST, **host))
    kernel.serve(line.behaviour())
    for number, (instant, population, bits) in enumerate(packets):
        one = packet(number, population=population, bits=bits)
        take = lambda one: arrivals.append((kernel.now, one.key))  # noqa: E731
        kernel.at(instant, EFFECT, lambda _, one=one, take=take: line.send(one, take, 0))
    kernel.run()
    return log, arrivals


def test_the_whole_log_of_three_frames():
    """The first packet goes alone, noticed a tick after it was sent; of the four that wait then, three fill a frame."""
    log, arrivals = sent([(0, 0, 72), (10_000, 0, 80), (20_000, 0, 80), (30_000, 0, 80), (40_000, 0, 80)])
    assert log.spans == [
        ("line", "transfer", 1, 80_001),
        ("line", "transfer", 80_001, 328_001),
        ("line", "transfer", 328_001, 416_001),
    ]
    assert log.levels == [("line", "bits", 80), ("line", "bits", 248), ("line", "bits", 88)]
    assert arrivals == [(1_080_001, 0), (1_328_001, 1), (1_328_001, 2), (1_328_001, 3), (1_416_001, 4)]


def test_a_packet_longer_than_a_frame_goes_alone():
    log, arrivals = sent([(0, 0, 40), (0, 0, 1000), (0, 0, 40)])
    assert [bits for *_, bits in log.levels] == [48, 1008, 48]
    assert [key for _, key in arrivals] == [0, 1, 2]


def test_packets_of_one_instant_go_by_population_whatever_the_order_of_events():
    for shuffle in range(5):
        _, arrivals = sent([(0, 2, 40), (0, 1, 40), (0, 0, 40)], shuffle)
        assert [key for _, key in arrivals] == [2, 1, 0]


@pytest.mark.parametrize("gbit_per_s", [0.1, 0.3, 1, 3, 10])
def test_many_packets_take_the_time_of_their_bits_and_of_one_overhead_a_frame(gbit_per_s):
    log, arrivals = sent([(0, 0, 80)] * 30, gbit_per_s=gbit_per_s)
    frame = -(-248_000 * 10 // round(10 * gbit_per_s))
    ends = [end for *_, end in log.spans]
    assert ends == [1 + frame * (number + 1) for number in range(10)]
    assert len(arrivals) == 30


PACKETS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 3), st.integers(1, 300)), max_size=25)


@given(PACKETS)
@settings(max_examples=40)
def test_everything_arrives_once_a_latency_after_its_frame_and_frames_never_overlap(packets):
    log, arrivals = sent(packets)
    assert sorted(key for _, key in arrivals) == list(range(len(packets)))
    starts, ends = [start for *_, start, _ in log.spans], [end for *_, end in log.spans]
    assert all(start >= end for start, end in zip(starts[1:], ends, strict=False))
    assert sorted({now for now, _ in arrivals}) == [end + 1_000_000 for end in ends]
    bits = [bits for *_, bits in log.levels]
    assert [end - start for start, end in zip(starts, ends, strict=True)] == [1000 * bits for bits in bits]
    assert sum(bits) == sum(bits for *_, bits in packets) + 8 * len(bits)
    assert [key for _, key in arrivals] == sorted(range(len(packets)), key=lambda n: (*packets[n][:2], n))


@given(PACKETS, st.integers(0, 2**32))
@settings(max_examples=20)
def test_the_order_of_events_within_an_instant_changes_nothing(packets, shuffle):
    unlike = [(1000 * number + population, population, bits) for number, (_, population, bits) in enumerate(packets)]
    assert sent(unlike)[1] == sent(unlike, shuffle)[1]
