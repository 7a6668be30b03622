"""What a mapping will ask of the links between chips, told before the run."""

from __future__ import annotations

from sim.machine.machine import Machine
from sim.mapping.between import ChipRoutes
from sim.mapping.mapping import Mapping
from sim.mapping.tables import chips_of


def crossings_if_all_fire(machine: Machine, mapping: Mapping, between: ChipRoutes, layers: int) -> int:
    """Crossings of links between chips in one step by events of the first so many layers, one to a packet, if every
    unit fired and every event were copied along its tree; times the activity this is what to expect."""
    links: dict[tuple[int, int], int] = {}
    goals = {
        group.population: chips_of(machine, group.destinations)
        for group in mapping.groups
        if group.kind == "events" and group.population <= layers
    }
    crossed = 0
    for piece in mapping.slices:
        start = machine.pes[piece.pe].chip
        if piece.layer in goals and (piece.layer, start) not in links:
            tree = between.tree(start, goals[piece.layer])
            links[piece.layer, start] = sum(len(ways) for ways in tree.values())
        crossed += piece.units * links.get((piece.layer, start), 0)
    return crossed
