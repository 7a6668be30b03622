"""A traffic study put together: chips with a source and a sink at each processing element, and what joins them.

On its own chip a packet goes through the mesh; to another chip it goes by the event routers, to a single place as a
core-to-core packet, to many along a tree looked up by key on every chip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import isqrt

from sim.engine.packet import Dispatch
from sim.engine.stuck import Waiting
from sim.hardware.chip import Chip, Setup
from sim.hardware.mesh import LinkFact
from sim.hardware.traffic import STUDY, Sink, Source, Window
from sim.hardware.ways import Ways
from sim.hardware.wiring import join
from sim.machine.machine import Machine
from sim.mapping.mapping import Destinations
from sim.mapping.multicast import UNCOPIED, Multicast
from sim.scenario.complaints import Refused
from sim.scenario.models import Traffic
from sim.scenario.streams import stream
from sim.workload.arrivals import Creation, bernoulli, bursty
from sim.workload.patterns import KEY, NEEDS_GRID, Nodes, goals

Timetable = Callable[[int], Iterator[Creation]]
"""The packets of a node, from the first, each time it is asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """What is sent: the packets of each node, those made in `cycles` measured, of so many `bits`, and the tables by
    which those to many places are copied on their way; `seed` is that of the links' checksums."""

    timetable: Timetable
    cycles: range
    bits: int = 72
    copied: Multicast = UNCOPIED
    seed: int = 1


class Study:
    """Units started and waiting for time to begin."""

    def __init__(self, setup: Setup, load: Load) -> None:
        self.load = load
        self.chips = [Chip(setup, chip, ()) for chip in setup.machine.chips]
        self.window = Window(setup.kernel, self.chips[0].mesh, load.cycles)
        self._connect(setup)
        self._reached: dict[tuple[int, int], Reached] = {}
        setup.kernel.work(STUDY, self.window.behaviour())
        self.sources = [self._source(self.chips[pe.chip], pe.index) for pe in setup.machine.pes]
        for source in self.sources:
            source.start()

    def facts(self) -> tuple[LinkFact, ...]:
        """All links on the chips, for those who report on them by number."""
        return self.chips[0].mesh.facts()

    def held_up(self) -> list[tuple[str, Waiting]]:
        """The links that packets still wait for, when nothing more can happen."""
        within = [held for chip in self.chips for held in chip.mesh.held_up()]
        return within + [held for link in self._links for held in link.held_up()]

    def _connect(self, setup: Setup) -> None:
        ways: list[Ways] = []
        for chip in self.chips:
            first = chip.what.first_pe
            sinks = {pe.index: Sink(self.window, setup.probe, first + pe.index) for pe in chip.die.pes}
            ways.append(chip.connect(None, ways, sinks))
        for chip in self.chips:
            chip.start_router(self.load.copied.entries)
        self._links = join(setup, self.chips, self.load.seed)

    def _source(self, chip: Chip, node: int) -> Source:
        pe = chip.die.pes[node - chip.what.first_pe]
        return Source(chip, self.window, pe, self._reach(chip, pe.site), self.load.timetable(node), self.load.bits)

    def _reach(self, chip: Chip, site: int) -> Reached | Apart:
        """How those at `site` reach others: alike for all who use the same port of the event router, but for trees."""
        place = chip.what.index, chip.ways.door(site)
        if place not in self._reached:
            self._reached[place] = Reached(chip.ways, site, self.load.copied)
        alike = self._reached[place]
        return Apart(alike, Reached(chip.ways, site, self.load.copied)) if chip.ways.by_mesh else alike


class Reached(dict[tuple[int, ...], Dispatch]):
    """Destinations -> how to reach them from a site of a chip."""

    def __init__(self, ways: Ways, site: int, copied: Multicast) -> None:
        super().__init__()
        self.copied = copied
        self._ways = ways
        self._site = site

    def __missing__(self, goals: tuple[int, ...]) -> Dispatch:
        if len(goals) > 1 and self._ways.multicast == "unicast":
            legs = (leg for goal in goals for leg in self[goal,].legs)
            self[goals] = Dispatch(tuple(legs), len(goals))
        else:
            self[goals] = self._ways.reach(Destinations(tuple(sorted(goals))), self._site)
        return self[goals]


class Apart:
    """How a site reaches others where the mesh copies: a single one `alike`, as all sites do, many by trees of its own.

    A thousand sites with a table each of a thousand single places would outgrow the computer's caches, and in a long
    run its memory.
    """

    def __init__(self, alike: Reached, own: Reached) -> None:
        self.copied = alike.copied
        self._alike = alike
        self._own = own

    def __getitem__(self, goals: tuple[int, ...]) -> Dispatch:
        return (self._alike if len(goals) == 1 else self._own)[goals]


def nodes_of(machine: Machine, pattern: str) -> Nodes:
    """Columns and rows of nodes; a machine with several PEs to a router, or with holes, is one row of them all. So is
    one of several chips, whatever its layout, but for transpose, which takes the bare numbers for a square."""
    names, count = tuple(pe.name for pe in machine.pes), len(machine.pes)
    row = Nodes(count, 1, names, (*machine.faults.dead_pes, *machine.faults.unreachable))
    if machine.parts:
        side = isqrt(count)
        return replace(row, width=side, height=side) if pattern == "transpose" and side**2 == count else row
    if machine.grid and count == len(machine.sites):
        return replace(row, width=machine.grid.width, height=machine.grid.height)
    if pattern in NEEDS_GRID:
        raise Refused.at(
            KEY, f"{pattern} needs a grid with one live PE at every site, {machine.name} has another layout"
        )
    return row


def timetable(asked: Traffic, nodes: Nodes, seed: int, trace: Sequence[Sequence[Creation]]) -> Timetable:
    """The packets that `asked` wants of each node, `trace` where it is read from a file."""

    def of(node: int) -> Iterator[Creation]:
        if asked.pattern == "trace":
            return iter(trace[node])
        name = f"traffic of {nodes.names[node]}"
        where = goals(asked.pattern, node, nodes, asked.hotspots, stream(seed, name, "goals"))
        times = stream(seed, name, "times")
        if asked.pattern == "bursty":
            return bursty(times, asked.rate, asked.burst_rate, asked.burst_cycles, where)
        return bernoulli(times, asked.rate, where)

    return of
