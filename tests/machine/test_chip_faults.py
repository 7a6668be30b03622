"""Dead chips, dead links between chips and dead parts of single chips: what is left, and what is refused."""

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.machine.build import load_machine
from sim.machine.chip_faults import parted
from sim.machine.description import read_topology
from sim.machine.text import counts, fault_list, site_map
from sim.scenario.complaints import Refused
from tests.hardware.chips_bench import BOARD

SMALL = {
    "grid": {"width": 3, "height": 2, "origin": 0},
    "sites": {"event_router": [[1, 0]], "memory": [], "pes_per_site": 1},
    "host": {"site": [0, 0]},
    "dram": None,
}
"""A chip of six sites, so that many of them are quickly made."""
few = settings(max_examples=15, deadline=None)


def machine(chips, faults, **override):
    asked = override | ({"faults": faults} if faults else {})
    return load_machine(read_topology(BOARD, asked, chips), "low", chips)


def left_of(chips, faults, **override):
    """The machine, or None where too much is dead."""
    try:
        return machine(chips, faults, **override)
    except Refused:
        return None


def names(parts):
    return [part.name for part in parts]


WHOLE = machine(6, None)


def test_a_part_of_one_chip_is_dead_there_only_and_without_a_chip_on_all():
    one = machine(6, {"pes": ["chip3.(3,2).1"], "links": ["chip2.(3,2)->(4,2)"]})
    assert one.faults.dead_pes == ("chip3.(3,2).1",) and one.faults.dead_links == ("chip2.(3,2)->(4,2)",)
    assert set(names(WHOLE.pes)) - set(names(one.pes)) == {"chip3.(3,2).1"}
    assert set(names(WHOLE.channels)) - set(names(one.channels)) == {"chip2.(3,2)->(4,2)"}
    everywhere = machine(6, {"pes": ["(3,2).1"]})
    assert everywhere.faults.dead_pes == tuple(f"chip{number}.(3,2).1" for number in range(6))


def test_numbers_have_no_gaps_and_whole_chips_still_share_one_description():
    broken = machine(6, {"pes": ["chip3.(3,2).1"], "sites": ["chip4.(2,2)"]})
    assert [pe.index for pe in broken.pes] == list(range(len(WHOLE.pes) - 5))
    assert [channel.index for channel in broken.channels] == list(range(len(WHOLE.channels) - 8))
    for chip in broken.chips:
        assert names(broken.pes[chip.first_pe :][: len(chip.die.pes)]) == [*map(chip.called, names(chip.die.pes))]
    assert len({id(chip.die) for chip in broken.chips}) == 3


def test_a_dead_chip_is_gone_with_its_links_and_the_others_keep_their_names():
    broken = machine(6, {"chips": ["chip2"]})
    assert names(broken.chips) == ["chip0", "chip1", "chip3", "chip4", "chip5"]
    assert [chip.index for chip in broken.chips] == list(range(5))
    assert {pe.chip for pe in broken.pes} == set(range(5)) and len(broken.pes) == 5 * 152
    assert set(names(WHOLE.chip_links)) - set(names(broken.chip_links)) == {
        name for name in names(WHOLE.chip_links) if "chip2" in name.split("->")
    }
    for link in broken.chip_links:
        assert f"{broken.chips[link.source].name}->{broken.chips[link.target].name}" == link.name
    assert broken.chips[broken.sites[broken.host.site].chip].name == "chip4"
    assert broken.energy.uncore_mw == WHOLE.energy.uncore_mw * 5 / 6
    assert broken.graph.nodes["chip2"]["state"] == "dead" and broken.graph.edges["chip2", "chip1"]["state"] == "dead"


def test_a_link_between_chips_is_dead_one_way_and_nothing_goes_straight_over_it():
    link = next(one for one in WHOLE.chip_links if one.straight is not None)
    onward = WHOLE.chip_links[link.straight]
    broken = machine(6, {"chip_links": [onward.name]})
    assert broken.faults.dead_chip_links == (onward.name,)
    assert len(broken.chip_links) == len(WHOLE.chip_links) - 1
    assert next(one for one in broken.chip_links if one.name == link.name).straight is None


def test_chips_cut_off_from_the_host_are_not_used_and_named():
    leaving = [link.name for link in WHOLE.chip_links if "chip0" in link.name.split("->")]
    broken = machine(6, {"chip_links": leaving})
    assert broken.faults.cut_off_chips == ("chip0",) and broken.faults.dead_chips == ()
    assert names(broken.chips) == [f"chip{number}" for number in range(1, 6)]
    assert "chips cut off (1): chip0" in fault_list(broken)
    assert "5 chips" in counts(broken) and "chip0" not in site_map(broken)


def test_each_chip_draws_its_own_dead_parts():
    broken = machine(6, {"pe_rate": 0.1, "seed": 2})
    by_chip = [frozenset(names(chip.die.pes)) for chip in broken.chips]
    assert len(set(by_chip)) == 6
    share = len(broken.faults.dead_pes) / len(WHOLE.pes)
    assert abs(share - 0.1) < 4 * (0.1 * 0.9 / len(WHOLE.pes)) ** 0.5


@few
@given(seed=st.integers(0, 30), low=st.tuples(*[st.floats(0, 0.2)] * 4), more=st.tuples(*[st.floats(0, 0.2)] * 4))
def test_raising_a_rate_only_adds_to_the_dead(seed, low, more):
    rates = ("pe_rate", "link_rate", "chip_rate", "chip_link_rate")
    few_dead, many = (
        left_of(12, {"seed": seed, **dict(zip(rates, chosen, strict=True))}, **SMALL)
        for chosen in (low, [a + b for a, b in zip(low, more, strict=True)])
    )
    if few_dead is None or many is None:
        return
    assert set(few_dead.faults.dead_chips) <= set(many.faults.dead_chips)
    assert set(few_dead.faults.dead_chip_links) <= set(many.faults.dead_chip_links)
    assert set(names(many.pes)) <= set(names(few_dead.pes))


@few
@given(seed=st.integers(0, 60), chip_rate=st.floats(0, 0.4), chip_link_rate=st.floats(0, 0.5))
def test_chips_in_use_are_those_that_networkx_finds_joined_to_the_host(seed, chip_rate, chip_link_rate):
    broken = left_of(20, {"seed": seed, "chip_rate": chip_rate, "chip_link_rate": chip_link_rate}, **SMALL)
    whole = machine(20, None, **SMALL)
    if broken is None:
        return
    faults = broken.faults
    links = nx.DiGraph(
        tuple(link.name.split("->")) for link in whole.chip_links if link.name not in faults.dead_chip_links
    )
    links.add_nodes_from(names(whole.chips))
    links.remove_nodes_from(faults.dead_chips)
    home = broken.chips[broken.sites[broken.host.site].chip].name
    joined = next(group for group in nx.strongly_connected_components(links) if home in group)
    assert set(names(broken.chips)) == joined
    assert len(joined) + len(faults.dead_chips) + len(faults.cut_off_chips) == 20
    drawn = [name for name in faults.dead_chip_links if "->".join(reversed(name.split("->"))) in faults.dead_chip_links]
    assert len(drawn) == len(faults.dead_chip_links), "a drawn link is a cable, dead both ways"


@pytest.mark.parametrize(
    ("faults", "path", "words"),
    [
        ({"chips": ["chip9"]}, "faults.chips[0]", "no chip 'chip9' among 6, did you mean 'chip"),
        ({"chips": ["chip4"]}, "faults.chips[0]", "chip4 carries the host and cannot be dead"),
        ({"chip_links": ["chip0->chip5"]}, "faults.chip_links[0]", "no link 'chip0->chip5' among 16, did you mean"),
        ({"pes": ["(1,1).0", "chip7.(1,1).0"]}, "faults.pes[1]", "no chip 'chip7', there are 6 from chip0"),
        ({"pes": ["chip3.(1,1).7"]}, "faults.pes[0]", "no PE '(1,1).7', did you mean '(1,1)."),
        ({"links": ["chip3.(1,1)->(3,1)"]}, "faults.links[0]", "no link '(1,1)->(3,1)'"),
        ({"sites": ["chip3.(4,3)"]}, "faults.sites[0]", "site (4,3) carries the event router and cannot be dead"),
        ({"sites": ["chip4.(1,1)"]}, "faults.sites[0]", "site chip4.(1,1) carries the host and cannot be dead"),
        (
            {"links": [f"chip3.(4,3)->{to}" for to in ("(3,3)", "(5,3)", "(4,2)", "(4,4)")]},
            "faults",
            "what chip3 needs is cut off from the event router at (4,3): (4,4) (the event router)",
        ),
        ({"chip_rate": 1.0}, "faults.chip_rate", "1.0 is too large"),
    ],
)
def test_wrong_faults_are_told_at_their_key(faults, path, words):
    with pytest.raises(Refused) as refused:
        machine(6, faults)
    (complaint,) = refused.value.complaints
    assert complaint.path == f"machine.override.{path}" and words in complaint.problem


def test_the_host_site_of_a_chip_without_host_may_be_dead():
    broken = machine(6, {"sites": ["chip3.(1,1)"]})
    assert broken.faults.dead_sites == ("chip3.(1,1)",) and broken.host is not None


def test_a_single_chip_has_no_chips_to_be_dead():
    with pytest.raises(Refused, match="no 'chip0', the machine is a single chip"):
        machine(1, {"chips": ["chip0"]})


def test_nothing_left_is_refused_with_names():
    sites = SMALL["sites"] | {"plain": [[0, 1], [1, 1], [2, 1], [2, 0]]}
    with pytest.raises(Refused, match=r"no PE is left of 2: dead chips chip0; dead PEs chip1\.\(0,0\)\.0"):
        machine(2, {"chips": ["chip0"], "pes": ["chip1.(0,0).0"]}, **SMALL | {"sites": sites})


def test_names_of_parts_are_parted_from_their_chip():
    assert parted("chip12.(3,2).1") == (12, "(3,2).1")
    assert parted("(3,2).1") == (None, "(3,2).1") and parted((3, 2)) == (None, (3, 2)) and parted("chip07.a")[0] is None
