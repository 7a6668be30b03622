"""Whole mappings: what they hold for every choice a scenario offers, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mapping.between import route_machine
from sim.mapping.check import check_mapping
from sim.mapping.mapping import Destinations
from sim.mapping.plan import Ends
from sim.workload.network import Network
from tests.mapping.toys import chip, layer_with, mapped, mesh, network, said

NET = network(10, 24, 30, 18, stored=20)


@st.composite
def choices(draw):
    sharing = draw(st.sampled_from(["exclusive", "shared"]))
    pes = st.one_of(st.none(), st.tuples(*(st.integers(1, layer.units) for layer in NET.layers)))
    return {
        "mapping": {
            "partition": draw(st.sampled_from(["equal", "nonzeros"])),
            "place": draw(st.sampled_from(["row_major", "snake", "traffic"])),
            "pes_per_layer": draw(pes),
            "sharing": sharing,
        },
        "network": {"multicast": draw(st.sampled_from(["event_router", "tree", "unicast"]))},
        "compute": {
            "kernel": draw(st.sampled_from(["csr_rows", "event_columns"])),
            "values_per_packet": draw(st.sampled_from([1, 2, 4])),
        },
        "sync": {
            "protocol": draw(st.sampled_from(["barrier", "markers"])),
            "schedule": draw(st.sampled_from(["sequential", "pipelined"])),
        },
    }


ENDS = st.sampled_from([Ends(False, False), Ends(True, False), Ends(True, True)])


@given(choice=choices(), ends=ENDS, routing=st.sampled_from(["xy", "yx", "table"]))
def test_every_choice_gives_a_mapping_that_the_checker_accepts(choice, ends, routing):
    machine = chip()
    mapping = mapped(NET, machine, ends, **choice)
    check_mapping(
        mapping,
        machine,
        route_machine(machine, routing),
        exclusive=choice["mapping"]["sharing"] == "exclusive",
        routed=choice["network"]["multicast"] == "event_router",
        layers=NET.layers,
    )
    assert mapped(NET, machine, ends, **choice) == mapping
    asked = choice["mapping"]["pes_per_layer"]
    if asked:
        assert tuple(len(mapping.members(layer)) for layer in (1, 2, 3)) == asked


@given(schedule=st.sampled_from(["sequential", "pipelined"]))
def test_a_plain_mesh_is_mapped_without_a_table(schedule):
    machine = mesh(4, 4)
    mapping = mapped(NET, machine, network={"multicast": "tree"}, sync={"schedule": schedule})
    assert mapping.entries == ()
    assert mapping.entries_before_merging == 0
    assert sum(len(mapping.members(layer)) for layer in (1, 2, 3)) == 15
    check_mapping(mapping, machine, route_machine(machine, "xy"), exclusive=True, routed=False, layers=NET.layers)


def test_without_a_wish_all_pes_but_the_schedulers_hold_slices(published):
    counts = {
        protocol: [len(mapping.members(layer)) for layer in (1, 2, 3)]
        for protocol in ("barrier", "markers")
        for mapping in [mapped(published, chip(), sync={"protocol": protocol})]
    }
    assert sum(counts["barrier"]) == 151
    assert sum(counts["markers"]) == 152
    # In proportion to 425 250, 546 750 and 236 250 stored weights.
    assert counts["barrier"] == [53, 68, 30]


def test_the_published_table_is_short(published):
    mapping = mapped(published, chip(), mapping={"pes_per_layer": (50, 50, 50)})
    assert mapping.entries_before_merging == 1 + 3 + 150
    assert len(mapping.entries) <= 13


def test_events_go_to_the_next_layer_and_the_own_and_markers_to_all_who_wait():
    mapping = mapped(NET, chip(), mapping={"pes_per_layer": (2, 2, 2)}, sync={"protocol": "markers"})
    goes = {(group.kind, group.population): group.destinations for group in mapping.groups}
    assert goes == {
        ("events", 0): Destinations((0, 1)),
        ("events", 1): Destinations((0, 1, 2, 3)),
        ("events", 2): Destinations((2, 3, 4, 5)),
        ("events", 3): Destinations((4, 5), host=True),
        ("markers", 0): Destinations((0, 1)),
        ("markers", 1): Destinations((0, 1, 2, 3), host=True),
        ("markers", 2): Destinations((2, 3, 4, 5)),
        ("markers", 3): Destinations((0, 1, 4, 5), host=True),
    }


def test_the_host_needs_no_marker_from_itself():
    ends = Ends(host_takes_output=True, feeds_back=True)
    mapping = mapped(NET, chip(), ends, mapping={"pes_per_layer": (2, 2, 2)}, sync={"protocol": "markers"})
    assert {group.population for group in mapping.groups if group.kind == "markers"} == {0, 1, 2, 3}


def test_a_barrier_has_a_scheduler_that_hears_all_and_releases_each_population():
    mapping = mapped(NET, chip(), mapping={"pes_per_layer": (2, 2, 2)})
    assert mapping.scheduler_pe == 6
    assert mapping.group("done", 0).destinations == Destinations((6,))
    assert mapping.group("release", 0).destinations == Destinations((), host=True)
    assert mapping.group("release", 2).destinations == Destinations((2, 3))
    assert mapping.group("release", 4).destinations == Destinations((), host=True)
    with pytest.raises(KeyError):
        mapping.group("markers", 1)


def test_a_barrier_without_a_pe_for_its_scheduler_is_refused():
    machine = mesh(3, 2)
    wish = {"network": {"multicast": "tree"}, "mapping": {"pes_per_layer": (2, 2, 2)}}
    (text,) = said(lambda: mapped(NET, machine, **wish))
    assert text.startswith("sync.protocol: a barrier needs a PE for its scheduler, and all 6 hold slices")
    assert mapped(NET, machine, sync={"protocol": "markers"}, **wish).scheduler_pe is None


def test_layers_that_ask_for_more_pes_than_there_are_are_refused():
    (text,) = said(lambda: mapped(network(4, 90, 90), chip(), mapping={"pes_per_layer": (80, 80)}))
    assert text.startswith("mapping.pes_per_layer: 80 + 80 = 160 PEs asked, the machine has 152")


def test_traffic_counts_what_the_input_brings():
    """Two layers alike but for the input: the one that hears it is nearer the event router."""
    quiet, busy = network(4, 8, 8), network(400, 8, 8)
    asked = {"pes_per_layer": (8, 8), "place": "traffic"}
    first = [mapped(net, chip(), mapping=asked).slices[0].pe for net in (quiet, busy)]
    assert first[0] != first[1]


def test_a_mapping_does_not_depend_on_the_biases():
    layer = NET.layers[0]
    other = replace(NET, layers=(replace(layer, bx=layer.bx + 1), *NET.layers[1:]))
    assert mapped(NET, chip()) == mapped(other, chip())


@pytest.mark.parametrize(
    ("units", "sections", "key"),
    [
        (21_846, {"compute": {"kernel": "event_columns"}, "formats": {"indices": 16}}, "formats.indices: 16 bits tell"),
        (65_537, {"formats": {"events_per_packet": 2}}, "formats.packing: pairs tell"),
    ],
)
def test_a_slice_with_more_rows_or_units_than_16_bits_tell_apart_is_refused(units, sections, key):
    wide = mesh(2, 1, total_bytes=100_000_000)
    one = {"mapping": {"pes_per_layer": (1,)}, "sync": {"protocol": "markers"}, "network": {"multicast": "tree"}}
    net = Network((layer_with(np.ones(units, np.int64), 2),))
    (line,) = said(lambda: mapped(net, wide, **one, **sections))
    assert line.startswith(key)
    two = one | {"mapping": {"pes_per_layer": (2,)}}
    mapped(net, mesh(3, 1, total_bytes=100_000_000), **two, **sections)
