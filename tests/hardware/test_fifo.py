"""The receive FIFO: first in first out, and what each kind does when it is full."""

import pytest

from sim.engine.kernel import EFFECT, Kernel
from sim.engine.probe import Probe
from sim.engine.stuck import Stuck
from sim.hardware.fifo import DroppingFifo, OverwritingFifo, ReceiveFifo
from tests.hardware.toys import packet


class Heard(Probe):
    def __init__(self):
        self.log = []

    def level(self, unit, quantity, value):
        self.log.append((unit, quantity, value))

    def lost(self, unit, packet, receivers, cause):
        self.log.append(("lost", packet.key, receivers))

    def overwritten(self, unit, packet):
        self.log.append(("overwritten", packet.key))


@pytest.fixture
def kernel():
    return Kernel()


@pytest.fixture
def heard():
    return Heard()


def keys(packets):
    return [packet.key for packet in packets]


def test_the_oldest_packets_are_taken_first_and_the_level_is_told_before(kernel, heard):
    fifo = ReceiveFifo(kernel, heard, "pe")
    assert [fifo.receive(packet(number)) for number in range(5)] == [True] * 5
    assert len(fifo) == 5
    assert keys(fifo.take(2)) == [0, 1]
    fifo.receive(packet(5))
    assert keys(fifo.take(16)) == [2, 3, 4, 5]
    assert fifo.take(16) == []
    assert heard.log == [("pe", "fifo", 5), ("pe", "fifo", 4), ("pe", "fifo", 0)]


def test_who_waits_wakes_when_the_first_packet_lands_and_finds_all_of_that_instant(kernel, heard):
    fifo, log = ReceiveFifo(kernel, heard, "pe"), []

    def reads():
        for _ in range(2):
            yield from fifo.filled(lambda: "packets")
            log.append((kernel.now, keys(fifo.take(16))))

    kernel.work("pe", reads())
    for instant, number in ((50, 1), (50, 2), (70, 3)):
        kernel.at(instant, EFFECT, lambda _, number=number: fifo.receive(packet(number)))
    kernel.run()
    kernel.refuse_stuck()
    assert log == [(50, [1, 2]), (70, [3])]


def test_a_packet_that_never_lands_is_told_by_whom_it_was_missed(kernel, heard):
    fifo = ReceiveFifo(kernel, heard, "(1,1).0")
    kernel.work("(1,1).0", fifo.filled(lambda: "events of step 2"))
    kernel.run()
    with pytest.raises(Stuck, match=r"\(1,1\)\.0 waits for events of step 2 since 0\.000 us"):
        kernel.refuse_stuck()


def test_a_fifo_that_drops_loses_what_comes_last_and_says_so(kernel, heard):
    fifo = DroppingFifo(kernel, heard, "pe", 2)
    assert [fifo.receive(packet(number)) for number in range(4)] == [True, True, False, False]
    assert keys(fifo.losses()) == [2, 3]
    assert fifo.losses() == []
    assert keys(fifo.take(1)) == [0]
    assert fifo.receive(packet(4))
    assert keys(fifo.take(16)) == [1, 4]
    assert heard.log == [("lost", 2, 1), ("lost", 3, 1), ("pe", "fifo", 2), ("pe", "fifo", 2)]


def test_a_fifo_that_overwrites_loses_what_came_first_and_says_so(kernel, heard):
    fifo = OverwritingFifo(kernel, heard, "pe", 2)
    assert [fifo.receive(packet(number)) for number in range(4)] == [True] * 4
    assert keys(fifo.losses()) == [0, 1]
    assert keys(fifo.take(16)) == [2, 3]
    assert heard.log == [("overwritten", 0), ("overwritten", 1), ("pe", "fifo", 2)]


@pytest.mark.parametrize(("kind", "lost"), [(DroppingFifo, 3), (OverwritingFifo, 1)])
def test_messages_of_the_sync_protocol_take_no_place_and_are_never_lost(kernel, heard, kind, lost):
    fifo = kind(kernel, heard, "pe", 1)
    for number, what in enumerate(["markers", "events", "release", "events", "done"]):
        fifo.receive(packet(number, kind=what))
    assert keys(fifo.losses()) == [lost]
    assert keys(fifo.take(16)) == [number for number in range(5) if number != lost]
