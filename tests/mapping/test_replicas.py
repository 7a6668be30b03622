"""Copies of a network on shares of a machine: nobody's PE, key, line or byte is another's."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.mapping.between import route_machine
from sim.mapping.check import check_mapping
from sim.mapping.plan import Ends
from sim.mapping.replicas import check_apart, joined, map_replicas, shares
from tests.hardware.chips_bench import board
from tests.mapping.toys import chip, network, said, scenario

NET = network(6, 12, 9, stored=10)
ENDS = Ends(host_takes_output=True, feeds_back=False)
MACHINES = {1: chip(), 3: board(3), 4: board(4)}


def mapped(copies, machine, **sections):
    mapping = {"replicas": copies} | sections.pop("mapping", {})
    return map_replicas(NET.layers, ENDS, machine, scenario(mapping=mapping, **sections))


@given(st.sampled_from(sorted(MACHINES)), st.integers(1, 60))
def test_shares_take_the_machine_apart(chips, count):
    machine = MACHINES[chips]
    found = shares(machine, count)
    assert len(found) == count and all(found)
    assert sorted(pe for own in found for pe in own) == list(range(len(machine.pes)))
    if count <= chips:
        homes = [{machine.pes[pe].chip for pe in own} for own in found]
        assert sum(map(len, homes)) == chips


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(sorted(MACHINES)),
    st.integers(1, 6),
    st.sampled_from(["barrier", "tree", "markers", "timer"]),
    st.sampled_from(["fill", "spread", "layer_per_chip", "cut"]),
    st.sampled_from(["sram", "dram"]),
)
def test_each_copy_is_a_good_mapping_and_none_is_in_anothers_way(chips, count, protocol, how, weights):
    machine = MACHINES[chips]
    mapping = {"pes_per_layer": (3, 2), "chips": how, "weights": weights}
    made = mapped(count, machine, mapping=mapping, sync={"protocol": protocol})
    routes = route_machine(machine, "xy")
    for one, own in zip(made, shares(machine, count), strict=True):
        check_mapping(one, machine, routes, exclusive=True, routed=True, layers=NET.layers)
        assert one.used <= own
        assert [(piece.start, piece.stop) for piece in one.slices] == [(p.start, p.stop) for p in made[0].slices]
    check_apart(made, machine)
    together = joined(made)
    assert [piece.index for piece in together.slices] == list(range(count * len(made[0].slices)))
    assert len(together.entries) == sum(len(one.entries) for one in made)
    assert {region.slice for region in together.regions} <= {piece.index for piece in together.slices}


def test_copies_in_each_others_way_are_refused():
    one, other = mapped(2, chip(), mapping={"pes_per_layer": (3, 2), "weights": "dram"})
    problems = said(lambda: check_apart((one, replace(other, slices=one.slices)), chip()))
    assert [line for line in problems if "is used by 2 copies" in line]
    assert said(lambda: check_apart((one, replace(other, groups=one.groups)), chip()))[0].startswith(
        "mapping.replicas: keys of copies 1 and 2 overlap at 0x0"
    )
    assert "used twice" in said(lambda: check_apart((one, replace(other, regions=one.regions)), chip()))[0]
    many = replace(other, entries=other.entries * 20_000)
    assert "use fewer copies" in said(lambda: check_apart((one, many), chip()))[0]


@pytest.mark.parametrize(
    ("count", "problem"),
    [
        (200, "mapping.replicas: 200 asked, but spinnaker2_chip has 152 PEs"),
        (40, "mapping.pes_per_layer: 3 + 2 = 5 PEs asked, copy 1 of 40 (mapping.replicas) has 3; ask for fewer"),
    ],
)
def test_more_copies_than_there_is_room_for_are_refused(count, problem):
    assert said(lambda: mapped(count, chip(), mapping={"pes_per_layer": (3, 2)}))[0].startswith(problem)
