"""Dead parts and graphs in pictures, in text and in the machine tool."""

import subprocess
import sys

import pytest

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.graph import draw, save_graphml
from sim.machine.lines import link_lines, places
from sim.machine.text import counts, fault_list, site_map
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES

TOOL = TOPOLOGIES.parent / "tools" / "machine.py"


def machine(name, override=None):
    return load_machine(read_topology(read(TOPOLOGIES / f"{name}.yaml"), override), "low")


SMALL = {"grid": {"width": 3, "height": 2}}
# (1,0) is dead, and the links that still work do not lead to the last column or out of it.
BROKEN = machine(
    "mesh", {**SMALL, "faults": {"sites": ["(1,0)"], "links": ["(1,1)->(2,1)", "(2,0)->(2,1)", "(2,1)->(1,1)"]}}
)


def test_the_site_map_marks_dead_and_cut_off_sites():
    assert site_map(BROKEN) == (
        "   1    1   1   -\n   0   h1   x   -\n   y    0   1   2  x\n\na number: PEs, x dead site, - cut off, h host"
    )


def test_a_site_shows_how_many_of_its_pes_can_be_used():
    chip = machine("spinnaker2_chip", {"faults": {"pes": ["(2,1).0", "(2,1).3"]}})
    assert "   1   h4   2   4   4   4   4   4\n" in site_map(chip)


def test_dead_parts_are_counted_and_named():
    assert counts(BROKEN) == "6 sites, 3 sites with PEs, 3 PEs, 5 links"
    assert fault_list(BROKEN) == (
        "dead sites (1): (1,0)\n"
        "dead links (9): (0,0)->(1,0), (1,0)->(2,0), (1,0)->(0,0), (1,0)->(1,1), (2,0)->(1,0), (2,0)->(2,1), "
        "(1,1)->(2,1), (1,1)->(1,0), (2,1)->(1,1)\n"
        "dead PEs (1): (1,0).0\n"
        "PEs cut off (2): (2,0).0, (2,1).0"
    )


def test_a_long_list_of_dead_parts_is_cut_short():
    mesh = machine("mesh", {"faults": {"pes": [f"({x},{y}).0" for x in range(1, 8) for y in range(5)]}})
    assert fault_list(mesh).endswith(" and 15 more")


def test_without_faults_there_is_nothing_to_list():
    assert fault_list(machine("mesh")) == ""


def test_a_graph_is_shown_as_its_sites_and_where_they_lead():
    lines = site_map(machine("ring", {"faults": {"sites": ["1"], "links": ["0->6"]}})).splitlines()
    assert lines[:2] == [" 0   h1  to 11", " 1    x  to nothing"]
    assert lines[6] == " 6    1  to 5, 7, 0"


def test_lines_are_one_for_both_ways_or_two_side_by_side_where_one_is_dead():
    row = machine("mesh", {"grid": {"width": 4, "height": 1}, "faults": {"links": ["(1,0)->(2,0)"]}})
    lines = [(line.points, line.state) for line in link_lines(row, places(row))]
    (_, live), (right, dead), (_, also), (left, alive) = lines
    assert (live, dead, alive, also) == ("live", "dead", "live", "live")
    assert right[0][1] == right[1][1] == -left[0][1] == -left[1][1] != 0


def test_links_round_the_edge_are_stubs_of_their_own_state():
    torus = machine("mesh", {"grid": {"width": 4, "height": 1, "torus": True}, "faults": {"links": ["(0,0)->(3,0)"]}})
    stubs = {line.points: line.state for line in link_lines(torus, places(torus)) if abs(line.points[1][0] % 1) > 0.1}
    assert stubs == {((0, 0), (-0.6, 0)): "dead", ((3, 0), (3.6, 0)): "live"}


def test_a_graph_without_places_is_drawn_as_a_circle_in_which_no_tiles_overlap():
    ring = machine("ring")
    points = places(ring)
    gaps = [max(abs(x - u), abs(y - v)) for n, (x, y) in enumerate(points) for u, v in points[:n]]
    assert min(gaps) > 0.8
    assert {round(x * x + y * y, 9) for x, y in points} == {round(points[0][1] ** 2, 9)}


def test_a_picture_hatches_dead_sites_and_dashes_dead_links(tmp_path):
    for name, shown in (("whole", machine("mesh", SMALL)), ("broken", BROKEN)):
        draw(shown, tmp_path / f"{name}.svg")
    whole, broken = ((tmp_path / f"{name}.svg").read_text() for name in ("whole", "broken"))
    for mark in ("<pattern", "stroke-dasharray", "<!-- dead site -->", "<!-- dead link -->", "<!-- cut off -->"):
        assert mark in broken
        assert mark not in whole


@pytest.mark.parametrize(
    "graph",
    [
        {"sites": 1, "links": []},
        {"sites": 2, "links": [[0, 1]]},
        {"sites": 3, "links": [[0, 1], [1, 2], [2, 0]], "directed": True},
        {"sites": [{"name": "$a$", "x": 0, "y": 0}, {"name": "b", "x": 0, "y": 0}], "links": [[0, 1]]},
        {"sites": [{"name": n, "x": 10**9 * i, "y": -i} for i, n in enumerate("abc")], "links": [[0, 1], [1, 2]]},
    ],
)
def test_any_graph_can_be_drawn_and_saved(tmp_path, graph):
    shown = machine("ring", {"graph": graph})
    draw(shown, tmp_path / "any.svg")
    draw(shown, tmp_path / "any.png")
    save_graphml(shown, tmp_path / "any.graphml")
    assert f"<!-- {shown.sites[0].name} -->" in (tmp_path / "any.svg").read_text()


def test_the_tool_shows_and_refuses_faults():
    arguments = [sys.executable, str(TOOL), "mesh", "--set", "grid.width=3", "--set", "grid.height=2", "--set"]
    done = subprocess.run([*arguments, 'faults.sites=["(1,0)"]'], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "   0   h1   x   1\n" in done.stdout
    assert "\ndead sites (1): (1,0)\n" in done.stdout
    done = subprocess.run([*arguments, 'faults.sites=["(1,2)"]'], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "--set: faults.sites[0]: no site '(1,2)', did you mean '(1,1)'?\n"
