"""A DRAM port: requests cut into bursts, bursts at the pace of the DMA unit, packets as their data comes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.kernel import EFFECT
from sim.hardware.dram import DramPort, Read
from sim.units import Clock
from tests.hardware.test_controller import DEVICE, TIMING
from tests.hardware.toys import Bench, mesh_of, packet

PORT = replace(DEVICE, clock=Clock.from_mhz(1000), timing=replace(TIMING, cl=16, rcd=14))
"""A clock of 1 ns; bursts of 32 bytes, the first there 40 ns after it was asked for, with an open row 26 ns."""


def asked(requests, **what):
    """A bench that has run `requests`, (instant in ns, address, values in each packet), to a port at site 0."""
    bench = Bench(mesh_of(2, 1))
    port = DramPort(bench.kernel, bench.probe, replace(PORT, **what), bench.sender(0))
    for number, (instant, address, sizes) in enumerate(requests):
        answer = [packet(100 * number + place, values=(1.0,) * values) for place, values in enumerate(sizes)]
        ends = [4 * sum(sizes[: place + 1]) for place in range(len(sizes))]
        request = packet(number)
        port.reads[request] = Read(address, 4 * sum(sizes), answer, ends, bench.direct(1))
        bench.kernel.at(1000 * instant, EFFECT, lambda _, request=request: port.receive(request))
    return bench.run()


def test_the_whole_log_of_two_reads():
    """48 and 80 bytes, in packets of 16: two bursts, and three of which the second request's first finds the row open.

    A request is noticed a clock after it came. A lone packet to the next site takes 8 ns from the edge at which it is
    handed over; packets follow one a cycle.
    """
    bench = asked([(0, 0, [4, 4, 4]), (30, 64, [4, 4, 4, 4, 4])])
    ends = [41, 49, 57, 65, 73]
    assert bench.log.spans == [("dram0", "read", 1000 * (end - 8), 1000 * end) for end in ends]
    assert bench.cycles() == [
        (49, 1, 0),
        (50, 1, 1),
        (57, 1, 2),
        (65, 1, 100),
        (66, 1, 101),
        (73, 1, 102),
        (74, 1, 103),
        (81, 1, 104),
    ]


def test_a_read_that_begins_within_a_burst_has_all_of_it_read():
    assert len(asked([(0, 16, [4, 4])]).log.spans) == 2
    assert len(asked([(0, 16, [4])]).log.spans) == 1


def test_a_read_of_nothing_still_costs_a_look():
    bench = asked([(0, 0, [])])
    assert len(bench.log.spans) == 1
    assert bench.arrivals == []


def test_the_dma_unit_sets_the_pace_where_its_path_is_slower():
    bench = asked([(0, 0, [4] * 8)], dma_bytes_per_s=1e9)
    ends = [end // 1000 for *_, end in bench.log.spans]
    assert ends == [41, 33 + 26, 65 + 26, 97 + 26]
    assert asked([(0, 0, [4] * 8)]).kernel.now < bench.kernel.now


READS = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 1 << 20), st.lists(st.just(4), max_size=20)), min_size=1, max_size=8
)


@given(READS)
@settings(max_examples=30)
def test_every_packet_leaves_once_and_after_its_request(reads):
    reads = [(instant, 16 * place, sizes) for instant, place, sizes in reads]
    bench = asked(reads)
    sent = {key: cycle for cycle, _, key in bench.cycles()}
    assert len(bench.arrivals) == len(sent) == sum(len(sizes) for _, _, sizes in reads)
    assert all(cycle > reads[key // 100][0] + 26 for key, cycle in sent.items())


@pytest.mark.parametrize("shuffle", [1, 2])
def test_requests_of_one_instant_are_taken_by_what_they_are(shuffle):
    """On an ideal network several may come at once; who was told first must not matter."""

    def order(shuffle):
        bench = Bench(mesh_of(2, 1), shuffle=shuffle)
        port = DramPort(bench.kernel, bench.probe, PORT, bench.sender(0))
        for number in range(6):
            request = packet(number)
            port.reads[request] = Read(4096 * number, 16, [packet(100 + number, values=(1.0,))], [4], bench.direct(1))
            bench.kernel.at(1000, EFFECT, lambda _, request=request: port.receive(request))
        return bench.run().arrivals

    assert order(shuffle) == order(None)
