"""Where slices go, and what it saves."""

from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mapping.place import place, spare
from tests.mapping.toys import chip, flit_hops_if_all_fire, mapped, mesh, network, said

METHODS = pytest.mark.parametrize("method", ["row_major", "snake", "traffic"])
PIECES = st.lists(st.integers(1, 10), min_size=1, max_size=4)


def site(machine, pe):
    return machine.sites[machine.pes[pe].site]


def far(one, other):
    return abs(one.x - other.x) + abs(one.y - other.y)


def to_router(machine, pe):
    """Channels from a PE's site to the nearest site of the event router."""
    ports = {machine.sites[port] for port in machine.event_router.port_sites}
    return min(far(site(machine, pe), port) for port in ports)


@METHODS
@given(pieces=PIECES, talk=st.lists(st.floats(0, 1e6), min_size=4, max_size=4), routed=st.booleans())
def test_an_exclusive_pe_has_one_slice(method, pieces, talk, routed):
    places = place(chip(), pieces, talk[: len(pieces)], method, "exclusive", routed=routed)
    assert [len(layer) for layer in places] == pieces
    used = [pe for layer in places for pe in layer]
    assert len(set(used)) == len(used)
    assert set(used) <= set(range(152))


@METHODS
def test_a_shared_pe_has_a_slice_of_each_layer(method):
    places = place(mesh(4, 3), [12, 5, 12], [1.0, 2.0, 3.0], method, "shared", routed=False)
    assert places[0] == places[2]
    assert places[1] == places[0][:5]
    assert sorted(places[0]) == list(range(12))


def test_row_major_takes_pes_in_their_order():
    assert place(chip(), [3, 2], [0, 0], "row_major", "exclusive", routed=True) == [[0, 1, 2], [3, 4]]


@pytest.mark.parametrize("pes", [1, 4])
def test_snake_only_steps_to_neighbours_on_a_mesh(pes):
    machine = mesh(5, 4, pes)
    (order,) = place(machine, [20 * pes], [0], "snake", "exclusive", routed=False)
    steps = [far(site(machine, one), site(machine, other)) for one, other in pairwise(order)]
    assert max(steps) == 1
    assert steps.count(1) == 19
    assert sorted(order) == list(range(20 * pes))


def test_snake_on_the_chip_leaps_over_the_event_router_only():
    machine = chip()
    (order,) = place(machine, [152], [0], "snake", "exclusive", routed=True)
    leaps = [
        (site(machine, one).name, site(machine, other).name)
        for one, other in pairwise(order)
        if far(site(machine, one), site(machine, other)) > 1
    ]
    assert leaps == [("(3,3)", "(5,3)"), ("(5,4)", "(3,4)")]


def test_the_layer_that_talks_most_is_nearest_the_event_router():
    machine = chip()
    places = place(machine, [20, 30, 10], [5.0, 9.0, 7.0], "traffic", "exclusive", routed=True)
    distances = [[to_router(machine, pe) for pe in layer] for layer in places]
    assert max(distances[1]) <= min(distances[2]) <= max(distances[2]) <= min(distances[0])
    assert mean(distances[1]) < mean(distances[0])


def test_layers_that_talk_alike_are_placed_in_their_order():
    machine = chip()
    places = place(machine, [8, 8], [1.0, 1.0], "traffic", "exclusive", routed=True)
    assert max(to_router(machine, pe) for pe in places[0]) <= min(to_router(machine, pe) for pe in places[1])


def test_without_an_event_router_traffic_starts_at_the_middle():
    machine = mesh(5, 5)
    ((first, *others), (corner,)) = place(machine, [24, 1], [2.0, 1.0], "traffic", "exclusive", routed=False)
    assert site(machine, first).name == "(2,2)"
    assert all(far(site(machine, pe), site(machine, first)) <= 4 for pe in others)
    assert site(machine, corner).name == "(4,4)"


@pytest.mark.parametrize("seed", range(3))
def test_traffic_needs_fewer_flit_hops_than_row_major(seed):
    net = network(10, 24, 60, 18, stored=20, seed=seed)
    wish = {"pes_per_layer": (6, 12, 6)}
    by_place = {
        name: flit_hops_if_all_fire(mapped(net, chip(), mapping=wish | {"place": name}), chip())
        for name in ("row_major", "traffic")
    }
    assert by_place["traffic"] < 0.7 * by_place["row_major"]


def test_the_published_network_needs_fewer_flit_hops_by_traffic(published):
    hops = {
        name: flit_hops_if_all_fire(
            mapped(published, chip(), mapping={"pes_per_layer": (50, 50, 50), "place": name}), chip()
        )
        for name in ("row_major", "snake", "traffic")
    }
    assert hops["traffic"] < hops["row_major"]


@METHODS
def test_the_spare_pe_holds_no_slice(method):
    machine = mesh(3, 3)
    used = [pe for pe in range(9) if pe != 5]
    assert spare(machine, used, method, routed=False) == 5


def test_the_spare_pe_is_the_first_in_the_order_of_placement():
    assert spare(chip(), [], "row_major", routed=True) == 0
    machine = chip()
    assert to_router(machine, spare(machine, [], "traffic", routed=True)) == 1


def test_no_pe_for_the_scheduler_is_refused():
    (text,) = said(lambda: spare(mesh(2, 2), range(4), "row_major", routed=False))
    assert text.startswith("sync.protocol: a barrier needs a PE for its scheduler, and all 4 hold slices")
    assert "mapping.pes_per_layer" in text
    assert "markers" in text


def test_more_pes_than_the_machine_has_are_refused():
    (text,) = said(lambda: place(chip(), [50, 50, 60], [1, 2, 3], "traffic", "exclusive", routed=True))
    assert text.startswith("mapping.pes_per_layer: 50 + 50 + 60 = 160 PEs asked, the machine has 152")
    assert "mapping.sharing: shared" in text


def test_more_shared_pes_than_the_machine_has_are_refused_for_the_layer():
    (text,) = said(lambda: place(mesh(2, 2), [4, 5], [1, 2], "row_major", "shared", routed=False))
    assert text.startswith("mapping.pes_per_layer[1]: layer 2 asks for 5 PEs, the machine has 4")
