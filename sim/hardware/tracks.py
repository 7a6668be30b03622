"""Which links a packet of a traffic study crosses, told from the legs that its flits follow: its tracks on paper.

Nothing waits on paper, so of a packet that may choose its way the first choice is taken.
"""

from __future__ import annotations

from collections import Counter

from sim.engine.packet import Flit, Leg
from sim.hardware.chip import Chip
from sim.hardware.study import Study
from sim.machine.machine import Machine

Crossed = tuple[Counter[int], Counter[int]]
"""For one packet, flits on each link of the chips by its number, and packets on each link between them."""


class Tracks:
    """The packets of `study` on its machine."""

    def __init__(self, machine: Machine, study: Study) -> None:
        self._study = study
        self._links = machine.chip_links
        self._facts = study.facts()
        leaving: list[list[int]] = [[] for _ in machine.chips]
        for link in machine.chip_links:
            leaving[link.source].append(link.index)
        self._leaving = leaving

    def crossed(self, node: int, goals: tuple[int, ...]) -> Crossed:
        """What one packet from `node` crosses."""
        source = self._study.sources[node]
        packet, used = source.packet(0, goals), (Counter[int](), Counter[int]())
        for leg in source.ways[goals].legs:
            used[0][source.port.injection.index] += 1
            self._follow(source.chip, Flit(packet, leg), source.port.site, used)
        return used

    def _follow(self, chip: Chip, flit: Flit, start: int, used: Crossed) -> None:
        """Cross what a flit in the router at `start` crosses."""
        ahead, leg = [start], flit.leg
        while ahead:
            ways = chip.mesh.routers[ahead.pop()].out(leg)
            for link in ways[:1] if leg.adaptive else ways:
                used[0][link.index] += 1
                fact = self._facts[link.index]
                if fact.target is not None:
                    ahead.append(fact.target - chip.what.first_site)
                elif self._is_door(chip, link.index):
                    self._route(chip, flit, -1, used)

    def _is_door(self, chip: Chip, ejection: int) -> bool:
        return any(door.ejection.index == ejection for door in chip.ways.doors)

    def _route(self, chip: Chip, flit: Flit, came: int, used: Crossed) -> None:
        """Cross what the copies cross that a chip's event router makes of a flit."""
        assert chip.router is not None
        doors = chip.ways.doors
        for way, leg in chip.router.find(flit, came):
            copy = Flit(flit.packet, leg)
            if way < len(doors):
                used[0][doors[way].injection.index] += 1
                self._follow(chip, copy, doors[way].site, used)
            else:
                self._cross(self._leaving[chip.what.index][way - len(doors)], flit, leg, used)

    def _cross(self, link: int, flit: Flit, leg: Leg, used: Crossed) -> None:
        used[1][link] += 1
        self._route(self._study.chips[self._links[link].target], Flit(flit.packet, leg), link, used)
