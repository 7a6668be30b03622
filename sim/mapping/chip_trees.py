"""Trees that start at event routers: where meshes of chips copy what these pass on, for who checks the ways.

An event router has ports at a few sites, and each site of the chip is served from the nearest. So a packet for several
sites leaves by a flit for each side, which is copied along the ways that single packets take from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.machine.machine import Machine
from sim.mapping.between import MachineRoutes
from sim.mapping.mapping import Entry
from sim.mapping.ports import port_for
from sim.mapping.route import Routes, Ways

Tree = tuple[Routes, Ways]
"""The routes of a chip, and the ways of a packet that its mesh copies."""


def router_trees(machine: Machine, routes: MachineRoutes, entries: Iterable[Entry]) -> Iterator[Tree]:
    """The trees by which chips copy packets that match `entries`, each once."""
    known: set[tuple[Routes, int, tuple[int, ...]]] = set()
    for entry in entries:
        own = routes.on[entry.chip]
        router = own.machine.event_router
        assert router is not None
        sides: dict[int, list[int]] = {}
        for site in _sites(machine, entry):
            sides.setdefault(router.port_sites[port_for(own, site)], []).append(site)
        for start, goals in sides.items():
            tree = own, start, tuple(goals)
            if tree not in known:
                known.add(tree)
                yield own, own.tree(start, goals)


def _sites(machine: Machine, entry: Entry) -> list[int]:
    """Where on its chip a line's packets end, ascending."""
    chip = machine.chips[entry.chip]
    pes = (machine.pes[pe] for pe in entry.destinations.pes)
    sites = {pe.site - chip.first_site for pe in pes if pe.chip == entry.chip}
    host = chip.die.host
    return sorted(sites | ({host.site} if entry.destinations.host and host else set()))
