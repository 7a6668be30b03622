"""Routes arrive, are as short as their method promises, and trees reach each goal once."""

from collections import Counter
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.anchors.bench import machine
from sim.mapping.route import Routes
from tests.mapping.toys import chip, mesh

METHODS = pytest.mark.parametrize("method", ["xy", "yx", "table"])
SITES = st.integers(0, 41)
CHIP = chip()
ROUTES = {method: Routes(CHIP, method) for method in ("xy", "yx", "table")}


def distance(machine, start, goal):
    here, there = machine.sites[start], machine.sites[goal]
    return abs(here.x - there.x) + abs(here.y - there.y)


def walked(machine, start, channels):
    """The sites passed; every channel starts where the last one ended."""
    sites = [start]
    for number in channels:
        channel = machine.channels[number]
        assert channel.source == sites[-1]
        sites.append(channel.target)
    return sites


@METHODS
@given(start=SITES, goal=SITES)
def test_a_path_arrives_by_the_fewest_channels(method, start, goal):
    channels = ROUTES[method].path(start, goal)
    assert walked(CHIP, start, channels)[-1] == goal
    assert len(channels) == distance(CHIP, start, goal)


@given(start=SITES, goal=SITES)
def test_xy_turns_once_from_x_to_y_and_yx_the_other_way(start, goal):
    for method in ("xy", "yx"):
        sites = [CHIP.sites[site] for site in walked(CHIP, start, ROUTES[method].path(start, goal))]
        turns = [one.x != other.x for one, other in pairwise(sites)]
        assert turns == sorted(turns, reverse=method == "xy")


@METHODS
@given(start=SITES, goal=SITES)
def test_the_rest_of_a_path_is_the_path_from_there(method, start, goal):
    routes = ROUTES[method]
    channels = routes.path(start, goal)
    for place, site in enumerate(walked(CHIP, start, channels)[:-1]):
        assert routes.path(site, goal) == channels[place:]
        assert routes.channel(site, goal) == channels[place]


@METHODS
@given(start=SITES, goals=st.sets(SITES, min_size=1, max_size=15))
def test_a_tree_reaches_each_goal_once_and_no_site_twice(method, start, goals):
    ways = ROUTES[method].tree(start, sorted(goals))
    reached = Counter([start])
    front = [start]
    while front:
        site = front.pop()
        for number in ways.get(site, ()):
            assert CHIP.channels[number].source == site
            reached[CHIP.channels[number].target] += 1
            front.append(CHIP.channels[number].target)
    assert goals <= set(reached)
    assert set(reached.values()) == {1}
    assert all(list(channels) == sorted(set(channels)) for channels in ways.values())


@METHODS
def test_a_tree_has_no_branch_that_serves_nobody(method):
    machine = mesh(5, 5)
    goals = {4, 20, 24}
    ways = Routes(machine, method).tree(0, sorted(goals))
    ends = {machine.channels[number].target for channels in ways.values() for number in channels} - set(ways)
    assert ends <= goals


@METHODS
def test_a_tree_uses_no_more_channels_than_single_paths(method):
    routes = ROUTES[method]
    goals = [3, 17, 30, 41]
    ways = routes.tree(0, goals)
    assert sum(map(len, ways.values())) <= sum(len(routes.path(0, goal)) for goal in goals)


@METHODS
def test_routes_are_the_same_each_time_they_are_made(method):
    again = Routes(CHIP, method)
    assert all(again.path(start, 40) == ROUTES[method].path(start, 40) for start in range(42))


def test_a_tree_to_its_own_site_is_empty():
    assert ROUTES["xy"].tree(7, [7]) == {}


def all_paths(routes):
    """By start and goal, the channels of every path between two sites."""
    sites = range(len(routes.machine.sites))
    return {(start, goal): routes.path(start, goal) for start in sites for goal in sites}


def irregular(sites, more, seed):
    """A connected graph of that many sites, drawn, as networkx has it and as a machine."""
    drawn = nx.random_labeled_tree(sites, seed=seed)
    drawn.add_edges_from(nx.gnm_random_graph(sites, more, seed=seed).edges)
    return drawn, machine("ring", graph={"sites": sites, "links": sorted(map(list, drawn.edges))})


@given(st.integers(2, 9), st.integers(0, 12), st.integers(0, 999))
@settings(max_examples=40)
def test_tables_hold_shortest_paths_of_any_graph_whatever_the_seed_of_ties(sites, more, seed):
    drawn, made = irregular(sites, more, seed)
    for rng in (None, np.random.default_rng(seed)):
        paths = all_paths(Routes(made, "table", rng))
        for (start, goal), channels in paths.items():
            assert walked(made, start, channels)[-1] == goal
            assert len(channels) == nx.shortest_path_length(drawn, start, goal)


def test_equal_paths_are_chosen_among_by_the_seed_alone():
    made = mesh(4, 4)
    first, again, other = (all_paths(Routes(made, "table", np.random.default_rng(seed))) for seed in (1, 1, 2))
    assert first == again != other
    assert {pair: len(path) for pair, path in first.items()} == {pair: len(path) for pair, path in other.items()}


@pytest.mark.parametrize(("width", "height"), [(4, 4), (5, 3), (2, 6), (1, 5)])
@pytest.mark.parametrize("method", ["xy", "yx"])
def test_on_a_torus_each_dimension_is_gone_round_the_shorter_way_and_forwards_where_both_are_equal(
    width, height, method
):
    made = machine(grid={"width": width, "height": height, "torus": True})
    for (start, goal), channels in all_paths(Routes(made, method)).items():
        here, there = made.sites[start], made.sites[goal]
        ahead = ((there.x - here.x) % width, (there.y - here.y) % height)
        steps = [min(one, size - one) for one, size in zip(ahead, (width, height), strict=True)]
        assert walked(made, start, channels)[-1] == goal
        assert len(channels) == sum(steps)
        if width > 2 and ahead[0] and 2 * ahead[0] <= width and method == "xy":
            assert made.sites[made.channels[channels[0]].target].x == (here.x + 1) % width


def test_west_first_offers_only_ways_that_lead_nearer_and_never_turns_west():
    """Glass and Ni: of the turns only those into west are forbidden, so west is gone before anything else."""
    made = mesh(5, 4)
    routes = Routes(made, "west_first")
    chosen = 0
    for goal in range(20):
        for site in set(range(20)) - {goal}:
            choices = [made.channels[number] for number in routes.choices(site, goal)]
            assert all(distance(made, one.target, goal) == distance(made, site, goal) - 1 for one in choices)
            west = [one for one in choices if made.sites[one.target].x < made.sites[site].x]
            assert not west or choices == west
            chosen += len(choices) > 1
    assert chosen == 10 * 12  # pairs of columns with the goal in the east, times pairs of different rows
