"""The machine as a networkx graph: attributes, files, pictures."""

import struct
from dataclasses import replace

import networkx as nx
import pytest

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.graph import draw, save_graphml
from sim.scenario.complaints import Refused
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES


def machine(name, override=None):
    return load_machine(read_topology(read(TOPOLOGIES / f"{name}.yaml"), override), "low")


CHIP = machine("spinnaker2_chip")


def test_every_node_and_every_edge_says_what_it_is():
    assert all({"kind", "x", "y", "name", "index"} <= set(data) for _, data in CHIP.graph.nodes(data=True))
    assert all({"kind", "latency_cycles"} <= set(data) for *_, data in CHIP.graph.edges(data=True))


def test_the_graph_has_every_part_once():
    kinds = [kind for _, kind in CHIP.graph.nodes(data="kind")]
    counted = {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    # The two router sites and the router itself, two memory sites and two DRAM ports.
    assert counted == {"dram": 2, "event_router": 3, "host": 1, "memory": 2, "pe": 152, "quad": 38}


def test_channel_edges_are_the_channels():
    edges = {data["index"]: (a, b) for a, b, data in CHIP.graph.edges(data=True) if data["kind"] == "channel"}
    names = [site.name for site in CHIP.sites]
    assert edges == {c.index: (names[c.source], names[c.target]) for c in CHIP.channels}


def test_attachments_lead_into_the_mesh_and_out_of_it():
    into, out = CHIP.graph.edges["(3,2).1", "(3,2)"], CHIP.graph.edges["(3,2)", "(3,2).1"]
    assert (into["kind"], into["latency_cycles"]) == ("injection", CHIP.noc.injection_cycles)
    assert (out["kind"], out["latency_cycles"]) == ("ejection", CHIP.noc.ejection_cycles)
    assert CHIP.graph.edges["(4,4)", "event_router"]["ports"] == 3
    assert set(CHIP.graph.successors("event_router")) == {"(4,3)", "(4,4)"}
    assert list(CHIP.graph.successors("host")) == ["(1,1)"]


def test_shortest_ways_in_the_graph_of_sites_are_the_hops_of_the_mesh():
    sites = CHIP.graph.subgraph(site.name for site in CHIP.sites)
    lengths = dict(nx.all_pairs_shortest_path_length(sites))
    assert all(lengths[a.name][b.name] == abs(a.x - b.x) + abs(a.y - b.y) for a in CHIP.sites for b in CHIP.sites)


def test_graphml_holds_the_same_graph(tmp_path):
    save_graphml(CHIP, tmp_path / "chip.graphml")
    back = nx.read_graphml(tmp_path / "chip.graphml")
    assert dict(back.nodes(data=True)) == dict(CHIP.graph.nodes(data=True))
    assert {(a, b): d for a, b, d in back.edges(data=True)} == {(a, b): d for a, b, d in CHIP.graph.edges(data=True)}


BROKEN = {"pes": ["(3,2).1"], "links": ["(1,1)->(2,1)"], "sites": ["(2,5)"], "link_rate": 0.03, "seed": 5}


@pytest.mark.parametrize("faults", [{}, BROKEN], ids=["whole", "broken"])
@pytest.mark.parametrize("local_ports", [1, 2, 4])
def test_a_machine_written_as_graphml_is_read_back_as_the_same_machine(tmp_path, local_ports, faults):
    document = read(TOPOLOGIES / "spinnaker2_chip.yaml")
    written = load_machine(read_topology(document, {"noc": {"local_ports": local_ports}, "faults": faults}), "low")
    save_graphml(written, tmp_path / "chip.graphml")
    text = (TOPOLOGIES / "spinnaker2_chip.yaml").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("  local_ports:")]
    (tmp_path / "again.yaml").write_text("\n".join(lines))
    graph = {"grid": None, "graph": {"file": str(tmp_path / "chip.graphml")}}
    back = load_machine(read_topology(read(tmp_path / "again.yaml"), graph), "low")
    for part in ("sites", "pes", "channels", "noc", "event_router", "drams", "host", "faults"):
        assert getattr(back, part) == getattr(written, part), part
    assert dict(back.graph.nodes(data=True)) == dict(written.graph.nodes(data=True))
    assert {(a, b): d for a, b, d in back.graph.edges(data=True)} == {
        (a, b): d for a, b, d in written.graph.edges(data=True)
    }
    assert back.graph.graph["local_ports"] == local_ports


def test_local_ports_that_a_file_and_the_topology_say_differently_are_refused(tmp_path):
    save_graphml(replace(CHIP, graph=CHIP.graph.__class__(CHIP.graph, local_ports=4)), tmp_path / "chip.graphml")
    graph = {"grid": None, "graph": {"file": str(tmp_path / "chip.graphml")}}
    with pytest.raises(Refused, match=r"noc\.local_ports.*: 1, and the graph's file has 4; make them equal"):
        read_topology(read(TOPOLOGIES / "spinnaker2_chip.yaml"), graph)


def test_pes_of_a_site_are_written_with_the_local_port_they_use():
    chip = load_machine(read_topology(read(TOPOLOGIES / "spinnaker2_chip.yaml"), {"noc": {"local_ports": 2}}), "low")
    used = [chip.graph.edges[f"(1,1).{core}", "(1,1)"]["local_port"] for core in range(4)]
    assert used == [0, 1, 0, 1] == [chip.graph.edges["(1,1)", f"(1,1).{core}"]["local_port"] for core in range(4)]


def test_an_svg_picture_names_every_site_and_is_the_same_twice(tmp_path):
    draw(CHIP, tmp_path / "one.svg")
    draw(CHIP, tmp_path / "two.svg")
    text = (tmp_path / "one.svg").read_text()
    assert all(f"<!-- {site.x},{site.y} -->" in text for site in CHIP.sites)
    assert text == (tmp_path / "two.svg").read_text()


@pytest.mark.parametrize("grid", [{"width": 1, "height": 1}, {"width": 4, "height": 3, "torus": True}])
def test_a_png_picture_of_any_mesh_has_a_size_to_look_at(tmp_path, grid):
    draw(machine("mesh", {"grid": grid}), tmp_path / "mesh.png")
    head = (tmp_path / "mesh.png").read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", head[16:])
    assert 300 < width < 5000
    assert 200 < height < 5000


def test_a_picture_of_unknown_format_is_refused(tmp_path):
    with pytest.raises(Refused, match=r"--draw: cannot draw to 'chip\.bmp', expected .*\.svg, \.png, \.pdf"):
        draw(CHIP, tmp_path / "chip.bmp")
