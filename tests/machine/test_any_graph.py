"""Machines that are graphs: written in the topology file or read from GraphML."""

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.machine import Grid
from sim.scenario.complaints import Refused
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES

RING = read(TOPOLOGIES / "ring.yaml")
MESH = read(TOPOLOGIES / "mesh.yaml")
NOT_NEEDED = {"sites": {"pes_per_site": 1}, "host": None}


def graph_machine(graph, document=RING, **override):
    """The ring's machine with another graph in place of its own."""
    whole = {"links": [], "sites": None} | graph
    return load_machine(read_topology(document, {"graph": whole, "host": {"site": 0}, **override}), "low")


def said(graph, **override):
    with pytest.raises(Refused) as refused:
        graph_machine(graph, **override)
    (complaint,) = refused.value.complaints
    return complaint.path.removeprefix("machine.override."), complaint.problem


@pytest.fixture
def from_file(tmp_path):
    """A function from a networkx graph, or the text of a file, to the machine of a topology beside that file."""

    def load(graph, **override):
        path = tmp_path / "mine.graphml"
        path.write_text(graph) if isinstance(graph, str) else nx.write_graphml_xml(graph, path)
        text = RING.path.read_text()
        start, end = text.index("graph:\n"), text.index("sites:\n  pes_per_site")
        (tmp_path / "mine.yaml").write_text(text[:start] + "graph: {file: mine.graphml}\n" + text[end:])
        return load_machine(read_topology(read(tmp_path / "mine.yaml"), override), "low")

    return load


def ends(machine):
    return [(machine.sites[c.source].name, machine.sites[c.target].name) for c in machine.channels]


def test_the_ring_has_its_links_both_ways_and_two_chords():
    ring = load_machine(read_topology(RING), "low")
    expected = nx.cycle_graph(12)
    expected.add_edges_from([(0, 6), (3, 9)])
    assert {(channel.source, channel.target) for channel in ring.channels} == set(expected.to_directed().edges)
    assert len(ring.channels) == 28
    assert [site.name for site in ring.sites] == [str(number) for number in range(12)]
    assert [(site.x, site.y) for site in ring.sites] == [(number, 0) for number in range(12)]
    assert ring.pes[3].name == "3.0"
    assert [channel.name for channel in ring.channels][:4] == ["0->1", "0->11", "0->6", "1->0"]
    assert [channel.index for channel in ring.channels] == list(range(28))
    assert [c.source for c in ring.channels] == sorted(c.source for c in ring.channels)


def test_only_a_grid_has_coordinates_that_mean_something():
    assert load_machine(read_topology(RING), "low").grid is None
    mesh = read_topology(MESH, {"grid": {"width": 4, "height": 3, "torus": True}})
    assert load_machine(mesh, "low").grid == Grid(width=4, height=3, origin=0, torus=True)
    assert load_machine(read_topology(read(TOPOLOGIES / "spinnaker2_chip.yaml")), "low").grid == Grid(7, 6, 1, False)


def test_a_directed_link_is_one_way():
    machine = graph_machine({"sites": 3, "links": [[0, 1], [1, 2], [2, 0]], "directed": True})
    assert ends(machine) == [("0", "1"), ("1", "2"), ("2", "0")]


def test_sites_with_names_and_places_are_called_by_name_or_number():
    graph = {"sites": [{"name": "hub", "x": 2, "y": 5}, {"name": "a", "x": 0, "y": 1}], "links": [["hub", 1]]}
    machine = graph_machine(graph, sites={"plain": ["a"]}, host={"site": "a"})
    assert [(site.name, site.x, site.y, site.kind) for site in machine.sites] == [
        ("hub", 2, 5, "quad"),
        ("a", 0, 1, "plain"),
    ]
    assert machine.sites[machine.host.site].name == "a"
    assert [pe.name for pe in machine.pes] == ["hub.0"]


def test_a_number_is_a_name_where_all_names_are_numbers(from_file):
    machine = from_file(nx.relabel_nodes(nx.path_graph(3), {0: 2, 1: 1, 2: 0}), host={"site": 2})
    assert machine.sites[machine.host.site].name == "2"
    assert machine.host.site == 0


def test_special_sites_of_a_graph_may_be_numbers():
    chip = read(TOPOLOGIES / "spinnaker2_chip.yaml")
    override = {
        "grid": None,
        "graph": {"sites": 6, "links": [[0, n] for n in range(1, 6)]},
        "sites": {"event_router": [0], "memory": [1, 2]},
        "host": {"site": 5},
    }
    machine = load_machine(read_topology(chip, override), "low")
    assert machine.event_router.port_sites == (0, 0, 0)
    assert [dram.site for dram in machine.drams] == [1, 2]
    assert [site.kind for site in machine.sites] == ["event_router", "memory", "memory", "quad", "quad", "quad"]
    assert machine.grid is None


@settings(max_examples=30, deadline=None)
@given(size=st.integers(2, 12), chance=st.floats(0, 1), directed=st.booleans(), seed=st.integers(0, 10**6))
def test_graphml_gives_the_graph_that_networkx_wrote(size, chance, directed, seed, tmp_path_factory):
    graph = nx.gnp_random_graph(size, chance, seed, directed=directed)
    nx.add_cycle(graph, range(size))
    graph = nx.relabel_nodes(graph, {number: f"n{number}" for number in graph})
    path = tmp_path_factory.mktemp("graph") / "any.graphml"
    nx.write_graphml_xml(graph, path)
    machine = graph_machine({"file": str(path)})
    assert [site.name for site in machine.sites] == list(graph)
    assert sorted(ends(machine)) == sorted(graph.to_directed().edges)


def test_whole_coordinates_of_a_file_are_kept_and_others_become_ranks(from_file):
    graph = nx.path_graph(3)
    nx.set_node_attributes(graph, {0: -5, 1: 10, 2: 7}, "x")
    nx.set_node_attributes(graph, {0: 0.5, 1: 0.25, 2: 0.5}, "y")
    assert [(site.x, site.y) for site in from_file(graph).sites] == [(-5, 1), (10, 0), (7, 1)]


def test_a_file_with_few_coordinates_is_laid_out_along_x(from_file):
    graph = nx.path_graph(3)
    graph.nodes[1].update(x=7, y=7)
    assert [(site.x, site.y) for site in from_file(graph).sites] == [(0, 0), (1, 0), (2, 0)]


def test_faults_of_a_graph_have_its_names():
    machine = load_machine(read_topology(RING, {"faults": {"links": ["0->1", "1->0", "1->2"], "sites": [7]}}), "low")
    assert machine.faults.unreachable == ("1.0",)
    assert machine.faults.dead_sites == ("7",)
    assert machine.faults.dead_pes == ("7.0",)


@pytest.mark.parametrize(
    ("graph", "path", "problem"),
    [
        ({"sites": 3, "links": [[0, 1], [1, 1], [1, 2]]}, "graph.links[1]", "leads from site '1' to itself"),
        ({"sites": 2, "links": [[0, 1], [1, 0]]}, "graph.links[1]", "'1' to '0' is a link already, number 0"),
        ({"sites": 2, "links": [[0, 2]]}, "graph.links[0]", "no site 2, there are 2, counted from 0"),
        ({"sites": ["left", "right"], "links": [["left", "rihgt"]]}, "graph.links[0]", "did you mean 'right'?"),
        ({"sites": 5, "links": [[0, 1], [2, 3]]}, "graph.links", "no way between '0' and 3 of 5 sites: 2, 3, 4"),
        (
            {"sites": 3, "links": [[0, 1], [1, 2]], "directed": True},
            "graph.links",
            "no way there and back between '0' and 2 of 3 sites: 1, 2",
        ),
        ({"sites": ["a", "b", "a"], "links": [[0, 1], [1, 2]]}, "graph.sites[2]", "two sites are called 'a'"),
        ({"sites": ["host", "b"], "links": [[0, 1]]}, "graph.sites[0]", "'host' is the name of another part"),
        ({"sites": ["a", "a.0"], "links": [[0, 1]]}, "graph.sites[1]", "'a.0' is the name of another part"),
        ({"sites": ["a->", "b"], "links": [[0, 1]]}, "graph.sites[0]", "'a->' cannot be a name"),
        ({"sites": 0}, "graph.sites", "0 is too small, expected 1 or more"),
        ({}, "graph.sites", "is missing; a graph has a file, or sites and links"),
        ({"file": "x.graphml", "sites": 3}, "graph.sites", "sites and file"),
        ({"sites": 2, "links": [[0]]}, "graph.links[0][1]", "is missing"),
    ],
)
def test_a_wrong_graph_is_told_at_its_key(graph, path, problem):
    told = said(graph)
    assert told[0] == path
    assert problem in told[1]


@pytest.mark.parametrize(
    ("override", "path", "problem"),
    [
        ({"grid": {"width": 2, "height": 2}}, "graph", "there is a grid too; a machine has one of the two"),
        ({"graph": None}, "grid", "is missing; a machine has a grid or a graph"),
        ({"host": {"site": 12}}, "host.site", "no site 12"),
        ({"host": {"site": [0, 0]}}, "host.site", "no site (0,0), there are 12, called 0 to 11"),
        ({"sites": {"plain": [3, "3"]}}, "sites.plain[1]", "site 3 is taken by sites.plain[0]"),
        ({"sites": {"plain": list(range(12))}}, "sites", "all 12 sites are special"),
    ],
)
def test_a_machine_needs_one_shape_and_sites_that_are_in_it(override, path, problem):
    with pytest.raises(Refused) as refused:
        read_topology(RING, override)
    told = {
        complaint.path.removeprefix("machine.override."): complaint.problem for complaint in refused.value.complaints
    }
    assert problem in told[path]


def test_a_number_is_no_site_of_a_grid():
    with pytest.raises(Refused, match=r"host\.site: expected a list \[x, y\], got 3"):
        read_topology(MESH, {"host": {"site": 3}})


START = '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="undirected">'
END = "</graph></graphml>"
A, B = '<node id="a"/>', '<node id="b"/>'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("no graph", "not XML: syntax error: line 1, column 0"),
        ("", "not XML"),
        ("<svg/>", "expected GraphML, got XML of the kind <svg>"),
        (START + END, "a graph of 0 nodes, expected 1 to 65536"),
        (START + A + A + END, "2 nodes have the id 'a'"),
        (START + A + B + END, "no way between 'a' and 1 of 2 sites: b"),
        (START + A + '<edge source="a" target="b"/>' + END, "an edge leads to 'b', which is no node of the graph"),
        (START + A + B + '<edge source="a"/>' + END, "an edge leads to"),
        (START + A + '<edge source="a" target="a"/>' + END, "leads from site 'a' to itself"),
        (START + A + B + 2 * '<edge source="a" target="b"/>' + END, "'a' to 'b' is a link already"),
        (START + A + B + '<edge directed="true" source="a" target="b"/>' + END, "GraphML that cannot be used"),
        (START + A + '<hyperedge/><node id="b"/>' + END, "GraphML that cannot be used"),
        (START + f'<node id="{"a" * 61}"/>' + END, "a node's id has 61 characters"),
        (START + '<node id="event_router"/>' + END, "is the name of another part"),
        (START + A + END[:8] + START[START.index("<graph ") :] + B + END, "holds 2 graphs, expected one"),
        (
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="d" for="node" attr.name="x" '
            'attr.type="string"/><graph edgedefault="directed"><node id="a"><data key="d">left</data></node>' + END,
            "x of a node is 'left', expected a number",
        ),
    ],
)
def test_a_file_that_is_no_usable_graph_is_told_at_its_key_and_line(from_file, text, problem):
    with pytest.raises(Refused) as refused:
        from_file(text)
    (complaint,) = refused.value.complaints
    assert complaint.path == "graph.file"
    assert complaint.file.endswith("mine.yaml")
    assert complaint.line > 1
    assert problem in complaint.problem
    assert "mine.graphml" in complaint.problem


def test_a_missing_file_is_told_with_the_nearest_name(tmp_path, from_file):
    from_file(nx.cycle_graph(3))
    with pytest.raises(Refused, match=r"graph\.file: .*mein\.graphml: no such file, did you mean 'mine\.graphml'\?"):
        read_topology(read(tmp_path / "mine.yaml"), {"graph": {"file": "mein.graphml"}})
