"""The checker finds routes and trees that lead astray."""

import pytest

from sim.mapping.route import Routes
from tests.mapping.spoilt import GOOD, NET, complaints, look, mentions
from tests.mapping.toys import chip, mapped, mesh


class Bent(Routes):
    """XY routes, but for packets that are at `site` and go to `goal`."""

    def __init__(self, machine, site, goal, *channels):
        super().__init__(machine, "xy")
        self.bend = site, goal, channels

    def choices(self, site, goal):
        return self.bend[2] if (site, goal) == self.bend[:2] else super().choices(site, goal)


def test_a_route_that_loops_is_found():
    machine = chip()
    door = machine.event_router.port_sites[0]
    start = machine.pes[0].site
    back = next(c for c in machine.channels if c.target == start and c.source == start + 1)
    texts = complaints(GOOD, machine, Bent(machine, start + 1, door, back.index))
    assert mentions(texts, "a packet from (1,1) can fail to reach (4,3)")


def test_a_route_from_the_event_router_that_loops_is_found():
    machine = chip()
    door, goal = machine.event_router.port_sites[0], machine.pes[0].site
    back = next(c for c in machine.channels if (c.source, c.target) == (door - 1, door))
    texts = complaints(GOOD, machine, Bent(machine, door - 1, goal, back.index))
    assert mentions(texts, "a packet from (4,3) can fail to reach (1,1)")


def test_a_route_that_loops_by_one_of_its_choices_is_found():
    machine = chip()
    door = machine.event_router.port_sites[0]
    start = machine.pes[0].site
    back = next(c for c in machine.channels if c.target == start and c.source == start + 1)
    good = Routes(machine, "xy").channel(start + 1, door)
    look(GOOD, machine, Bent(machine, start + 1, door, good))
    texts = complaints(GOOD, machine, Bent(machine, start + 1, door, good, back.index))
    assert mentions(texts, "a packet from (1,1) can fail to reach (4,3)")


def test_a_channel_that_starts_elsewhere_is_found():
    machine = chip()
    door = machine.event_router.port_sites[0]
    far = next(c for c in machine.channels if c.source == 40)
    assert mentions(complaints(GOOD, machine, Bent(machine, 0, door, far.index)), "can fail to reach (4,3)")


class Sprouting(Routes):
    """Trees from site 5 that have channels to `more` sites besides, each by itself a way for a packet."""

    def __init__(self, machine, *more):
        super().__init__(machine, "xy")
        self.more = {c.source: c.index for c in machine.channels if (c.source, c.target) in more}

    def tree(self, start, goals):
        ways = super().tree(start, goals)
        more = self.more if start == 5 else {}
        return ways | {site: tuple(sorted({*ways.get(site, ()), channel})) for site, channel in more.items()}


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ([(5, 9)], "the tree from (1,1) ends at (1,2), where nobody waits"),
        ([(7, 6)], "the tree from (1,1) reaches (2,1) 2 times"),
        ([(6, 5)], "the tree from (1,1) reaches (1,1) 2 times"),
    ],
)
def test_a_tree_with_a_branch_too_many_is_found(more, text):
    """Layer 1 is on (0,0) to (2,0), layer 2 on (3,0) to (1,1), layer 3 on (2,1) and (3,1)."""
    machine = mesh(4, 4)
    mapping = mapped(NET, machine, network={"multicast": "tree"}, mapping={"pes_per_layer": (3, 3, 2)})
    look(mapping, machine, routed=False)
    assert f"mapping: {text}" in complaints(mapping, machine, Sprouting(machine, *more), routed=False)


def test_a_tree_that_misses_a_site_is_found():
    class Short(Routes):
        def tree(self, start, goals):
            return super().tree(start, goals[1:])

    machine = mesh(4, 4)
    mapping = mapped(NET, machine, network={"multicast": "tree"}, mapping={"pes_per_layer": (3, 3, 2)})
    assert mentions(complaints(mapping, machine, Short(machine, "xy"), routed=False), "reaches (0,0) 0 times")
