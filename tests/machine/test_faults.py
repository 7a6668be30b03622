"""Dead parts: listed or drawn, what is left of the machine, and what is refused."""

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.graph import live
from sim.machine.reach import groups, mutually_reachable
from sim.scenario.complaints import Refused
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES

CHIP = read(TOPOLOGIES / "spinnaker2_chip.yaml")
MESH = read(TOPOLOGIES / "mesh.yaml")
RATES = ("pe_rate", "link_rate", "site_rate")
small = settings(max_examples=40, deadline=None)


def machine(document, faults=None, **override):
    override |= {"faults": faults} if faults is not None else {}
    return load_machine(read_topology(document, override), "low")


def complaints(document, faults, **override):
    with pytest.raises(Refused) as refused:
        machine(document, faults, **override)
    return [
        (complaint.path.removeprefix("machine.override."), complaint.problem) for complaint in refused.value.complaints
    ]


def names(parts):
    return [part.name for part in parts]


def left_of(document, faults, **override):
    """The machine, or None where too much is dead."""
    try:
        return machine(document, faults, **override)
    except Refused:
        return None


WHOLE = machine(CHIP)


def test_a_machine_without_faults_has_none():
    faults = WHOLE.faults
    assert (faults.dead_pes, faults.dead_links, faults.dead_sites, faults.unreachable) == ((), (), (), ())


def test_listed_pes_and_links_are_gone_one_direction_each():
    broken = machine(CHIP, {"pes": ["(3,2).1"], "links": ["(3,2)->(4,2)"]})
    assert broken.faults.dead_pes == ("(3,2).1",)
    assert broken.faults.dead_links == ("(3,2)->(4,2)",)
    assert names(broken.pes) == [name for name in names(WHOLE.pes) if name != "(3,2).1"]
    assert names(broken.channels) == [name for name in names(WHOLE.channels) if name != "(3,2)->(4,2)"]
    assert "(4,2)->(3,2)" in names(broken.channels)


def test_a_dead_site_takes_its_pes_and_links_with_it_and_keeps_its_number():
    broken = machine(CHIP, {"sites": ["(3,3)"]})
    assert broken.sites == WHOLE.sites
    assert broken.faults.dead_pes == tuple(f"(3,3).{core}" for core in range(4))
    assert len(broken.faults.dead_links) == 8
    dead = next(site.index for site in broken.sites if site.name == "(3,3)")
    assert all(dead not in (channel.source, channel.target) for channel in broken.channels)
    assert all(pe.site != dead for pe in broken.pes)


def test_a_site_may_be_listed_as_its_position_too():
    assert machine(CHIP, {"sites": [[3, 3]]}).faults == machine(CHIP, {"sites": ["(3,3)"]}).faults


def test_pes_without_a_way_back_are_not_used():
    broken = machine(CHIP, {"links": ["(7,6)->(6,6)", "(7,6)->(7,5)"]})
    assert broken.faults.unreachable == tuple(f"(7,6).{core}" for core in range(4))
    assert broken.faults.dead_pes == ()
    assert len(broken.pes) == 148
    assert "(6,6)->(7,6)" in names(broken.channels)


def test_without_a_host_the_part_with_most_pes_is_used():
    cut = [f"({a},0)->({b},0)" for a, b in ((1, 2), (2, 1))]
    broken = machine(MESH, {"links": cut}, grid={"width": 7, "height": 1}, host=None)
    assert broken.faults.unreachable == ("(0,0).0", "(1,0).0")


@small
@given(
    seed=st.integers(0, 50),
    low=st.tuples(*[st.floats(0, 0.2)] * 3),
    more=st.tuples(*[st.floats(0, 0.2)] * 3),
)
def test_raising_a_rate_only_adds_dead_parts_and_takes_usable_ones(seed, low, more):
    grid, rates = {"width": 5, "height": 4}, dict(zip(RATES, low, strict=True))
    higher = {key: rate + extra for (key, rate), extra in zip(rates.items(), more, strict=True)}
    few, many = (left_of(MESH, {"seed": seed, **chosen}, grid=grid) for chosen in (rates, higher))
    if few is None:
        assert many is None
    if few is None or many is None:
        return
    assert set(few.faults.dead_pes) <= set(many.faults.dead_pes)
    assert set(few.faults.dead_links) <= set(many.faults.dead_links)
    assert set(few.faults.dead_sites) <= set(many.faults.dead_sites)
    assert set(names(few.pes)) >= set(names(many.pes))


@small
@given(seed=st.integers(0, 50), rates=st.tuples(*[st.floats(0, 0.3)] * 3), torus=st.booleans())
def test_what_is_left_and_what_is_lost_make_the_whole_and_numbers_have_no_gaps(seed, rates, torus):
    grid = {"width": 4, "height": 5, "torus": torus}
    whole = machine(MESH, grid=grid)
    broken = left_of(MESH, {"seed": seed, **dict(zip(RATES, rates, strict=True))}, grid=grid)
    if broken is None:
        return
    faults = broken.faults
    lost = {*faults.dead_pes, *faults.unreachable}
    assert names(broken.pes) == [name for name in names(whole.pes) if name not in lost]
    assert names(broken.channels) == [name for name in names(whole.channels) if name not in faults.dead_links]
    assert len(broken.pes) + len(faults.dead_pes) + len(faults.unreachable) == len(whole.pes)
    assert len(broken.channels) + len(faults.dead_links) == len(whole.channels)
    assert [pe.index for pe in broken.pes] == list(range(len(broken.pes)))
    assert [channel.index for channel in broken.channels] == list(range(len(broken.channels)))
    ends = {channel.name: (channel.source, channel.target) for channel in whole.channels}
    assert all(ends[channel.name] == (channel.source, channel.target) for channel in broken.channels)
    assert broken.sites == whole.sites


@small
@given(seed=st.integers(0, 50), link_rate=st.floats(0.2, 0.6))
def test_usable_pes_are_those_that_networkx_finds_strongly_connected_with_the_host(seed, link_rate):
    broken = left_of(MESH, {"seed": seed, "link_rate": link_rate}, grid={"width": 5, "height": 5})
    if broken is None:
        return
    links = nx.DiGraph((channel.source, channel.target) for channel in broken.channels)
    links.add_nodes_from(range(25))
    group = next(group for group in nx.strongly_connected_components(links) if broken.host.site in group)
    assert {pe.site for pe in broken.pes} == group
    assert len(broken.faults.unreachable) == 25 - len(group)


@given(
    size=st.integers(1, 9),
    data=st.data(),
)
def test_groups_are_the_strongly_connected_components(size, data):
    site = st.integers(0, size - 1)
    links = data.draw(st.lists(st.tuples(site, site), max_size=20))
    graph = nx.DiGraph(links)
    graph.add_nodes_from(range(size))
    components = {frozenset(component) for component in nx.strongly_connected_components(graph)}
    assert set(groups(range(size), links)) == components
    assert all(mutually_reachable(start, links) in components for start in range(size))


def test_drawn_faults_do_not_depend_on_what_else_is_drawn():
    alone = {rate: machine(CHIP, {"seed": 3, rate: 0.05}).faults for rate in RATES}
    together = machine(CHIP, {"seed": 3, **dict.fromkeys(RATES, 0.05)}).faults
    assert together.dead_sites == alone["site_rate"].dead_sites != ()
    assert set(together.dead_links) == {*alone["link_rate"].dead_links, *alone["site_rate"].dead_links}
    assert set(together.dead_pes) == {*alone["pe_rate"].dead_pes, *alone["site_rate"].dead_pes}
    assert alone["link_rate"].dead_links
    assert alone["pe_rate"].dead_pes


def test_the_same_seed_draws_the_same_and_another_seed_others():
    drawn = [machine(CHIP, {"seed": seed, "pe_rate": 0.1}).faults.dead_pes for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_drawn_link_is_dead_both_ways():
    dead = machine(CHIP, {"link_rate": 0.05}).faults.dead_links
    assert dead
    assert all("->".join(reversed(name.split("->"))) in dead for name in dead)


def test_the_share_of_the_dead_is_the_rate():
    grid = {"width": 64, "height": 64}
    faults = machine(MESH, {"pe_rate": 0.1}, grid=grid).faults
    assert len(faults.dead_pes) == pytest.approx(409.6, abs=4 * (4096 * 0.09) ** 0.5)
    cables = len(machine(MESH, {"link_rate": 0.05}, grid=grid).faults.dead_links) / 2
    assert cables == pytest.approx(8064 * 0.05, abs=4 * (8064 * 0.05 * 0.95) ** 0.5)


def test_sites_that_the_machine_needs_are_never_drawn():
    needed = {"(1,1)", "(4,3)", "(4,4)", "(7,3)", "(7,4)"}
    topologies = [
        read_topology(CHIP, {"faults": {"seed": seed, "site_rate": 0.08}}) for seed in range(30) if _fits(seed)
    ]
    dead = [name for topology in topologies for name in load_machine(topology, "low").faults.dead_sites]
    assert len(dead) > 30
    assert not needed & set(dead)


def _fits(seed):
    return left_of(CHIP, {"seed": seed, "site_rate": 0.08}) is not None


def test_an_override_changes_one_rate_of_the_file(tmp_path):
    path = tmp_path / "broken.yaml"
    rate = "{value: 0.02, low: 0, high: 0.1, basis: assumed, source: a guess}"
    path.write_text(CHIP.path.read_text() + f"\nfaults:\n  seed: 4\n  pes: ['(1,1).0']\n  pe_rate: {rate}\n")
    document = read(path)
    assert "faults.pe_rate" in machine(document).assumed
    none_drawn = machine(document, {"pe_rate": 0})
    assert none_drawn.faults.dead_pes == ("(1,1).0",)
    assert set(machine(document).faults.dead_pes) == {
        "(1,1).0",
        *machine(CHIP, {"seed": 4, "pe_rate": 0.02}).faults.dead_pes,
    }


@pytest.mark.parametrize(
    ("faults", "path", "problem"),
    [
        ({"pes": ["(1,1).0", "(3,2).9"]}, "faults.pes[1]", "no PE '(3,2).9', did you mean '(3,2).3'?"),
        ({"pes": ["(4,3).0"]}, "faults.pes[0]", "no PE '(4,3).0', did you mean '("),
        ({"pes": ["#"]}, "faults.pes[0]", "no PE '#', such names are (1,1).0"),
        ({"links": ["(3,2)->(5,2)"]}, "faults.links[0]", "no link '(3,2)->(5,2)', did you mean '(3,2)->("),
        ({"sites": ["(3,9)"]}, "faults.sites[0]", "no site '(3,9)', did you mean '(3,"),
        ({"sites": [[8, 1]]}, "faults.sites[0]", "no site '(8,1)', did you mean '("),
        ({"sites": ["(1,1)"]}, "faults.sites[0]", "site (1,1) carries the host and cannot be dead"),
        ({"sites": [[4, 3]]}, "faults.sites[0]", "site (4,3) carries the event router and cannot be dead"),
        ({"sites": ["(7,4)"]}, "faults.sites[0]", "site (7,4) carries a memory port and cannot be dead"),
        ({"pe_rate": 1.0}, "faults.pe_rate", "1.0 is too large, expected less than 1 (share of processing"),
        ({"pe_rate": -0.1}, "faults.pe_rate", "-0.1 is too small"),
        ({"seed": -1}, "faults.seed", "-1 is too small"),
        ({"link_rat": 0.1}, "faults.link_rat", "unknown key, did you mean 'link_rate'?"),
        (
            {"links": ["(1,1)->(2,1)", "(1,1)->(1,2)"]},
            "faults",
            "cut off from the host at (1,1): (4,3) (the event router), (4,4) (the event router), "
            "(7,3) (a memory port), (7,4) (a memory port); dead links (1,1)->(2,1), (1,1)->(1,2)",
        ),
    ],
)
def test_wrong_faults_are_told_at_their_key(faults, path, problem):
    ((told, said),) = complaints(CHIP, faults)
    assert told == path
    assert problem in said


def test_faults_of_the_file_are_told_at_their_line(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text(CHIP.path.read_text() + "\nfaults:\n  pes:\n    - (3,2).1\n    - (3,2).4\n")
    with pytest.raises(Refused) as refused:
        read_topology(read(path))
    (complaint,) = refused.value.complaints
    assert (complaint.path, complaint.file) == ("faults.pes[1]", str(path))
    assert path.read_text().splitlines()[complaint.line - 1] == "    - (3,2).4"


def test_a_machine_without_any_usable_pe_is_refused_by_name():
    row = {"width": 3, "height": 1}
    ((path, said),) = complaints(MESH, {"pes": ["(0,0).0"], "links": ["(1,0)->(0,0)"]}, grid=row)
    assert path == "faults"
    assert said == "no PE is left of 3: dead PEs (0,0).0; PEs cut off (1,0).0, (2,0).0"


def test_drawn_faults_that_leave_nothing_advise_another_seed():
    ((_, said),) = complaints(MESH, {"pe_rate": 0.999}, grid={"width": 2, "height": 2})
    assert said.endswith("take another seed or lower rates")


def test_the_graph_keeps_dead_parts_and_says_so():
    broken = machine(CHIP, {"sites": ["(3,3)"], "links": ["(7,6)->(6,6)", "(7,6)->(7,5)"]})
    graph = broken.graph
    assert set(graph) == set(WHOLE.graph)
    assert set(graph.edges) == set(WHOLE.graph.edges)
    assert graph.nodes["(3,3)"]["state"] == graph.nodes["(3,3).2"]["state"] == "dead"
    assert graph.nodes["(7,6).0"]["state"] == "unreachable"
    assert graph.edges["(7,6)", "(6,6)"]["state"] == "dead"
    left = live(graph)
    channels = {data["index"]: data["name"] for *_, data in left.edges(data=True) if data["kind"] == "channel"}
    assert channels == {channel.index: channel.name for channel in broken.channels}
    pes = {data["index"]: data["name"] for _, data in left.nodes(data=True) if data["kind"] == "pe"}
    assert pes == {pe.index: pe.name for pe in broken.pes}
