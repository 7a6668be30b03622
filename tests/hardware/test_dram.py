"""A DRAM port: latency, then bursts, one request at a time in the order they came."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.kernel import EFFECT
from sim.hardware.dram import DramPort, Read
from tests.hardware.toys import Bench, machine, mesh_of, packet

DRAM = replace(machine("spinnaker2_chip").drams[0], name="dram0", latency_ns=100, burst_bytes=64, bytes_per_s=1.6e9)
"""100 ns to the first byte, 40 ns a burst."""


def asked(requests, **what):
    """A bench that has run `requests`, (instant in ns, values in each packet of the answer), to a port at site 0."""
    bench = Bench(mesh_of(2, 1))
    port = DramPort(bench.kernel, bench.probe, replace(DRAM, **what), bench.sender(0))
    bench.kernel.serve(port.behaviour())
    for number, (instant, packets) in enumerate(requests):
        answer = tuple(packet(100 * number + place, values=(1.0,) * values) for place, values in enumerate(packets))
        request = packet(number)
        port.reads[request] = Read(answer, bench.direct(1))
        bench.kernel.at(1000 * instant, EFFECT, lambda _, request=request: port.receive(request))
    return bench.run()


def test_the_whole_log_of_two_reads():
    """48 and 80 bytes, in packets of 16: the first is there at 140 ns, the second waits for it and takes two bursts.

    A lone packet to the next site takes 8 ns from the edge at which it is handed over; packets follow one a cycle.
    """
    bench = asked([(0, [4, 4, 4]), (30, [4, 4, 4, 4, 4])])
    assert bench.log.spans == [("dram0", "read", 0, 140_000), ("dram0", "read", 140_000, 320_000)]
    assert bench.log.levels == [("dram0", "bytes_read", 48), ("dram0", "bytes_read", 80)]
    assert bench.cycles() == [
        (148, 1, 0),
        (149, 1, 1),
        (150, 1, 2),
        (288, 1, 100),
        (289, 1, 101),
        (290, 1, 102),
        (291, 1, 103),
        (328, 1, 104),
    ]


def test_a_packet_leaves_when_the_burst_with_its_last_byte_has_ended():
    bench = asked([(0, [16, 1, 15, 4])])
    assert bench.log.spans == [("dram0", "read", 0, 220_000)]
    assert bench.cycles() == [(148, 1, 0), (188, 1, 1), (189, 1, 2), (228, 1, 3)]


def test_a_packet_longer_than_a_burst_waits_for_all_of_its_bursts():
    assert asked([(0, [40])]).cycles() == [(228, 1, 0)]


def test_a_read_of_nothing_still_costs_a_look():
    bench = asked([(0, [])])
    assert bench.log.spans == [("dram0", "read", 0, 140_000)]
    assert bench.arrivals == []


READS = st.lists(st.tuples(st.integers(0, 2000), st.lists(st.integers(1, 4), max_size=20)), min_size=1, max_size=8)


@given(READS)
@settings(max_examples=40)
def test_reads_are_served_first_come_first_served_each_in_its_latency_and_bursts(reads):
    bench = asked(reads)
    free, expected = 0, []
    for instant, values in sorted(reads, key=lambda read: read[0]):
        bursts = max(1, -(-4 * sum(values) // 64))
        start = max(free, 1000 * instant)
        free = start + 100_000 + 40_000 * bursts
        expected.append(("dram0", "read", start, free))
    assert bench.log.spans == expected
    assert sorted(key for *_, key in bench.arrivals) == sorted(
        100 * number + place for number, (_, values) in enumerate(reads) for place in range(len(values))
    )


@pytest.mark.parametrize(
    ("what", "longer"),
    [
        ({"latency_ns": 150}, True),
        ({"bytes_per_s": 0.8e9}, True),
        ({"bytes_per_s": 3.2e9}, False),
        ({"latency_ns": 0}, False),
    ],
)
def test_each_number_of_the_port_moves_the_end(what, longer):
    plain, other = (asked([(0, [4] * 9)], **changed).kernel.now for changed in ({}, what))
    assert (other > plain) if longer else (other < plain)
