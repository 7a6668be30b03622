"""What holds for every shipped topology file, and for meshes of any size made from one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.parameters import parameters
from sim.scenario.document import Document, read
from sim.scenario.places import TOPOLOGIES, topology_names

MESH = read(TOPOLOGIES / "mesh.yaml")
shipped = pytest.mark.parametrize("name", topology_names())


def mesh(**grid):
    return load_machine(read_topology(MESH, {"grid": grid}), "low")


@shipped
def test_every_number_has_a_basis_and_a_source(name):
    numbers = parameters(read_topology(read(TOPOLOGIES / f"{name}.yaml")))
    assert len(numbers) > 30
    assert [number.name for number in numbers if number.basis is None or not number.source] == []


@shipped
def test_the_name_is_the_file_and_the_first_line_says_what_it_is(name):
    text = (TOPOLOGIES / f"{name}.yaml").read_text()
    assert re.match(r"# \w.{30,}\.\n", text)
    assert read_topology(read(TOPOLOGIES / f"{name}.yaml")).name == name


def test_a_lone_packet_on_the_mesh_takes_three_cycles_a_hop_and_five():
    """BookSim 2, router R3."""
    noc = mesh().noc
    assert (noc.hop_cycles, noc.injection_cycles + noc.ejection_cycles) == (3, 5)


@given(width=st.integers(1, 9), height=st.integers(1, 9), torus=st.booleans())
def test_a_mesh_of_any_size_has_the_links_of_its_kind(width, height, torus):
    machine = mesh(width=width, height=height, torus=torus)
    assert len(machine.sites) == len(machine.pes) == width * height

    def links(length):  # both ways along one row or column
        return 2 * (length if torus and length > 2 else length - 1)

    assert len(machine.channels) == height * links(width) + width * links(height)
    ends = [(channel.source, channel.target) for channel in machine.channels]
    assert len(set(ends)) == len(ends)
    assert {(target, source) for source, target in ends} == set(ends)


@given(width=st.integers(1, 6), height=st.integers(1, 6), origin=st.integers(0, 1))
def test_sites_are_numbered_row_by_row_from_the_origin(width, height, origin):
    document = Document(MESH.path, {**MESH.data, "host": None}, MESH.marks)
    grid = {"width": width, "height": height, "origin": origin}
    machine = load_machine(read_topology(document, {"grid": grid}), "low")
    assert all(site.index == (site.y - origin) * width + site.x - origin for site in machine.sites)


def test_an_override_replaces_a_number_with_its_basis():
    before = {number.name: number for number in parameters(read_topology(MESH))}["costs.event_cycles"]
    after = {n.name: n for n in parameters(read_topology(MESH, {"costs": {"event_cycles": 7}}))}["costs.event_cycles"]
    assert (before.value, before.low, before.high, before.basis) == (100, 50, 150, "assumed")
    assert (after.value, after.low, after.high, after.basis, after.source) == (7, None, None, None, "")


def test_an_override_of_a_part_of_a_number_keeps_the_rest():
    numbers = parameters(read_topology(MESH, {"costs": {"event_cycles": {"high": 200}}}))
    changed = {number.name: number for number in numbers}["costs.event_cycles"]
    assert (changed.value, changed.high, changed.basis) == (100, 200, "assumed")


def test_an_override_can_take_the_event_router_and_the_memory_away():
    override = {"sites": {"event_router": [], "memory": []}, "event_router": None, "dram": None}
    machine = load_machine(read_topology(read(TOPOLOGIES / "spinnaker2_chip.yaml"), override), "low")
    assert machine.event_router is None
    assert machine.drams == ()
    assert len(machine.pes) == 4 * 42


def test_reading_leaves_the_document_as_it_was():
    before = repr(MESH.data)
    read_topology(MESH, {"noc": {"hop_cycles": {"high": 99}}, "grid": {"width": 3}})
    assert repr(MESH.data) == before
