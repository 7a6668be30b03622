"""A machine of many processing elements: what they have in common is kept once, and not by each of them."""

import numpy as np

from sim.hardware.program import FiringProgram, Read
from sim.mapping.mapping import Destinations, Group, Slice
from sim.mapping.ports import port_for
from sim.mapping.schedule import plan
from sim.workload.network import EgruLayer, slice_layer
from tests.hardware.chips_bench import ChipsBench, board
from tests.hardware.toy_network import layer


def test_senders_behind_one_port_of_the_event_router_share_their_ways():
    bench = ChipsBench(board(2), [0], [0, 200])
    ways, die = bench.chips[1].ways, bench.machine.chips[1].die
    everybody = Destinations((0, 200))
    groups = [Group("events", 1, everybody, 0, 16, 8), *(Group("gather", n, everybody, 1 << n, 0, 8) for n in (0, 1))]
    tables = {site.index: ways.dispatches(groups, site.index) for site in die.sites}

    for site, table in tables.items():
        assert list(table) == [("events", 1), ("gather", 1)]  # what its own deputy gathers, and no other's
        assert table["events", 1] is ways.dispatch(groups[0], site)
    doors = {site: port_for(bench.chips[1].mesh.routes, site) for site in tables}
    assert {(one, id(tables[site])) for site, one in doors.items()} == {
        (one, id(tables[next(s for s in doors if doors[s] == one)])) for one in set(doors.values())
    }


def test_needs_are_sorted_once_for_all_who_ask():
    schedule = plan(3, output=True, feeds_back=False, pipelined=True)
    for target in schedule.populations:
        assert schedule.of(target) == tuple(need for need in schedule.needs if need.target == target)
        assert schedule.of(target) is schedule.of(target)
        assert schedule.carrying(target) == tuple(need for need in schedule.of(target) if need.carries)


def test_a_slice_that_fires_as_told_counts_weights_and_keeps_none():
    whole = layer(5, [0.0] * 6)
    piece, own = Slice(0, 1, 0, 2, 4, 0, 0), slice_layer(whole, 2, 4)
    x, before = np.array([0, 1, 0, 2, 0], np.float32), np.array([0, 0, 0, 1, 1, 1], np.float32)

    *_, products = Read(piece, own)(3, lambda population, step, size: x if (population, step) == (0, 3) else before)

    assert products == 2 * 6 + 3 * 6  # each value meets two units of three gates
    program = FiringProgram(piece, own, firing=None)
    assert not any(isinstance(kept, EgruLayer) for kept in vars(program).values())


def test_counts_of_long_columns_do_not_overflow_where_they_are_summed():
    whole = layer(300, [0.0] * 84)  # 252 weights in a column, and 300 columns of them
    x, before = np.ones(300, np.float32), np.zeros(84, np.float32)

    *_, products = Read(Slice(0, 1, 0, 0, 84, 0, 0), whole)(0, lambda population, *_: before if population else x)

    assert products == 252 * 300
