"""Links between chips: times in closed form, places counted, failures sent again, what waits too long dropped."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.hardware.chips_bench import ChipsBench, board
from tests.hardware.toys import first_edge_from, hops_between

NS = 1000
TWO = board(2)
LINK = next(link for link in TWO.chip_links if link.source == 0)
FIRST = TWO.chips[1].first_pe


def bench(goals, senders=(0,), machine=TWO, **wishes):
    return ChipsBench(machine, senders, goals, **wishes)


def starts(done, link=LINK.index):
    return [crossing.start for crossing in done.heard.crossings if crossing.link == link]


def test_a_lone_packet_takes_mesh_lookup_line_way_lookup_and_mesh():
    goals = (FIRST, FIRST + 60)
    done = bench(goals)
    done.send(0)
    done.run()
    noc, router, timing, die = TWO.noc, TWO.event_router, LINK.timing, TWO.chips[0].die
    door = done.chips[0].ways.dispatch(done.group, 0).legs[0]
    (port,) = [one for one in done.chips[0].ways.doors if one.ejection.index in door.receivers]
    cycles = 1 + noc.injection_cycles - 1 + noc.hop_cycles * hops_between(die, 0, port.site) + noc.ejection_cycles
    at_router = noc.clock.edge(cycles)
    found = router.clock.edge(first_edge_from(400, at_router) + router.stages)
    (crossing,) = done.heard.crossings
    assert (crossing.seen, crossing.start) == (found, found)
    assert crossing.end == found + 16 * NS + timing.latency_ps == found + 216 * NS
    again = router.clock.edge(first_edge_from(400, crossing.end) + router.stages)
    cycle = first_edge_from(300, again)
    for now, pe, _ in done.arrivals:
        copy = next(port for port, leg in done.chips[1].ways.address(pe).copies)
        away = hops_between(die, done.chips[1].ways.doors[copy].site, die.pes[pe - FIRST].site)
        least = noc.clock.edge(cycle + noc.injection_cycles - 1 + noc.hop_cycles * away + noc.ejection_cycles)
        assert least <= now <= least + noc.clock.edge(2)
    assert sorted(pe for _, pe, _ in done.arrivals) == list(goals)


@pytest.mark.parametrize(("bits", "ns"), [(40, 16), (72, 16), (84, 16), (85, 32), (104, 32), (168, 32)])
def test_a_packet_takes_as_many_link_packets_of_84_bits_as_it_needs(bits, ns):
    done = bench((FIRST, FIRST + 1))
    for unit in range(200):
        done.send(0, bits, unit=unit)
    times = starts(done.run())
    assert len(times) == 200
    assert {after - before for before, after in pairwise(times[20:])} == {ns * NS}


def test_a_saturated_link_carries_62_5_million_packets_a_second():
    done = bench((FIRST + 4, FIRST + 5), senders=range(8))
    for pe in range(8):
        for unit in range(250):
            done.send(pe, unit=unit)
    times = starts(done.run())
    assert len(times) == 2000
    assert (len(times) - 1) / ((times[-1] - times[0]) / 1e12) == pytest.approx(62.5e6)
    assert done.deliveries.received == done.deliveries.sent_to_receivers == 4000


@pytest.mark.parametrize(("bits", "packets"), [(72, 1), (168, 2)])
def test_a_saturated_link_between_boards_carries_what_2_gbit_a_second_are_after_line_coding(bits, packets):
    whole = board(48)
    link = next(link for link in whole.chip_links if link.kind == "between_boards")
    here, there = (whole.chips[chip].first_pe for chip in (link.source, link.target))
    done = ChipsBench(whole, range(here, here + 4), (there, there + 1))
    for pe in range(here, here + 4):
        for unit in range(50):
            done.send(pe, bits, unit=unit)
    times = starts(done.run(), link.index)
    line = packets * 96 * 10 / 8 / 2 * NS  # ps for the line's bits at 2 Gbit/s
    assert len(times) == 200 and {after - before for before, after in pairwise(times)} == {line}
    assert {crossing.end - crossing.start for crossing in done.heard.crossings} == {line + link.timing.latency_ps}
    assert link.timing.latency_ps == 300 * NS and len(done.arrivals) == 400


@pytest.mark.parametrize("places", [1, 2, 8, 16])
def test_few_places_behind_a_link_let_it_wait_for_a_round_trip(places):
    machine = board(2, links={"buffer_packets": places})
    done = ChipsBench(machine, (0,), (FIRST, FIRST + 1))
    for unit in range(120):
        done.send(0, unit=unit)
    times = starts(done.run())
    loops = [after - before for before, after in zip(times[20:], times[20 + places :], strict=False)]
    least = 16 * NS + 2 * LINK.timing.latency_ps + 10 * NS
    assert all(least <= loop <= least + 10 * NS for loop in loops)
    assert max(crossing.filled for crossing in done.heard.crossings) == places


def test_places_for_a_round_trip_are_enough_for_the_full_rate():
    loop = 16 + 400 + 10 + 10
    machine = board(2, links={"buffer_packets": -(-loop // 16)})
    done = ChipsBench(machine, (0,), (FIRST, FIRST + 1))
    for unit in range(120):
        done.send(0, unit=unit)
    times = starts(done.run())
    assert times[-1] - times[20] == 99 * 16 * NS


@pytest.mark.parametrize("rate", [0.02, 0.2])
def test_broken_link_packets_cost_a_round_trip_each(rate):
    machine = board(2, links={"error_rate": rate, "buffer_packets": 64})
    done = ChipsBench(machine, range(4), (FIRST, FIRST + 1))
    for pe in range(4):
        for unit in range(250):
            done.send(pe, unit=unit)
    times = starts(done.run())
    resent = sum(crossing.resent for crossing in done.heard.crossings)
    latency = LINK.timing.latency_ps
    mean = 16 * NS + rate / (1 - rate) * (16 * NS + 2 * latency)
    spread = (16 * NS + 2 * latency) * (rate / (1 - rate) ** 2 / 1000) ** 0.5
    assert abs((times[-1] - times[0]) / 999 - mean) < 4 * spread
    assert abs(resent / 1000 - rate / (1 - rate)) < 4 * (rate / (1 - rate) ** 2 / 1000) ** 0.5
    assert len(done.arrivals) == 2000


def test_errors_come_from_the_seed():
    def times(seed):
        done = ChipsBench(board(2, links={"error_rate": 0.3}), (0,), (FIRST, FIRST + 1), seed=seed)
        for unit in range(40):
            done.send(0, unit=unit)
        return starts(done.run())

    assert times(1) == times(1) != times(2)


def crowded(**chip_links):
    """Packets of 8 PEs for a chip whose link has one place and a patience of less than a round trip."""
    machine = board(2, links={"buffer_packets": 1, "timeout_ns": 300, "reinject_ns": 2000})
    done = ChipsBench(machine, range(8), (1, FIRST, FIRST + 1), **chip_links)
    for pe in range(8):
        for unit in range(5):
            done.send(pe, unit=unit)
    return done.run()


def test_a_packet_that_waits_too_long_is_dropped_and_counted_for_each_receiver():
    done = crowded(full="drop")
    lost, got = done.deliveries.losses.total(), Counter(pe for _, pe, _ in done.arrivals)
    assert lost > 0 and lost % 2 == 0
    assert got[1] == 40 and got[FIRST] == got[FIRST + 1] == 40 - lost // 2
    assert done.deliveries.received + lost == done.deliveries.sent_to_receivers == 120


def test_what_is_dropped_and_put_back_arrives_later():
    done, patient = crowded(full="drop", reinject=True), crowded()
    assert done.heard.reinjections > 0 and patient.heard.reinjections == 0
    assert done.deliveries.losses.total() == 0 and len(done.arrivals) == len(patient.arrivals) == 120


def test_the_order_within_an_instant_changes_nothing():
    def log(shuffle):
        machine = board(8, links={"buffer_packets": 3, "error_rate": 0.05})
        pes = [chip.first_pe + 5 * chip.index for chip in machine.chips]
        done = ChipsBench(machine, pes, [pe + 1 for pe in pes], shuffle=shuffle)
        for pe in pes:
            for unit in range(12):
                done.send(pe, unit=unit, when=unit * 50 * NS)
        return sorted(done.run().arrivals), sorted(map(str, done.heard.crossings))

    assert log(None) == log(1) == log(2)
