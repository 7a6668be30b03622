"""Routes arrive, are as short as their method promises, and trees reach each goal once."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
