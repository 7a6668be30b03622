"""What a traffic study would ask of each link if nothing ever waited: demand, which may exceed what a link can do.

Creation times depend on nothing that happens, so the packets are made once more and sent along their ways on paper. For
the link that is asked most, a queue of its own (Lindley's recursion) tells since when demand has run ahead of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import numpy.typing as npt

from sim.hardware.mesh import LinkFact
from sim.hardware.study import Study, Timetable
from sim.machine.machine import Machine
from sim.mapping.route import Routes
from sim.measure.batches import BATCHES, first_cycles
from sim.measure.queues import Counts

Ends = tuple[int, tuple[int, ...]]
"""Source and destinations of a packet, by node."""


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Flits asked of each link in the measured cycles, by number, as a share of what it can carry; and packets created
    in these cycles, one for each receiver, by node and batch."""

    created: Counts
    shares: npt.NDArray[np.float64]
    worst: int
    since_cycle: int

    def words(self, links: tuple[LinkFact, ...]) -> str:
        """What saturates, as a user would say it."""
        link = links[self.worst]
        kind = "" if link.kind == "mesh" else f" ({link.kind})"
        return (
            f"link {link.name}{kind} is offered {self.shares[self.worst]:.2f} x its capacity, "
            f"without a break from cycle {self.since_cycle}"
        )


def demand(
    machine: Machine,
    routes: Routes,
    study: Study,
    links: tuple[LinkFact, ...],
    timetable: Timetable,
    cycles: range,
    *,
    tree: bool,
) -> Demand:
    """The demand on every link; for adaptive routes as if the first choice were always taken."""
    ways = _Ways(machine, routes, study, tree=tree)
    created: dict[Ends, list[int]] = defaultdict(list)
    for node in range(len(machine.pes)):
        for cycle, goals in takewhile(lambda packet: packet[0] < cycles.stop, timetable(node)):
            created[node, goals].append(cycle)
    asked: Counter[int] = Counter()
    packets = np.zeros((len(machine.pes), BATCHES), dtype=np.int64)
    for ends, times in created.items():
        batches = np.histogram(times, first_cycles(cycles))[0]
        packets[ends[0]] += batches * len(ends[1])
        measured = int(batches.sum())
        for link, copies in ways[ends].items():
            asked[link] += measured * copies
    flits = np.array([asked[link] for link in range(len(links))], dtype=np.float64)
    occupied = flits * machine.noc.flit_cycles / (cycles.stop - cycles.start)
    worst = int(np.argmax(occupied))
    times = sorted(cycle for ends, when in created.items() if worst in ways[ends] for cycle in when)
    return Demand(packets, occupied, worst, _busy_since(times, machine.noc.flit_cycles))


def _busy_since(times: list[int], occupancy: int) -> int:
    """When the last unbroken spell of work began for a server given a flit at each of `times`."""
    if not times:
        return 0
    arrivals = np.array(times)
    slack = arrivals - occupancy * np.arange(len(times))
    latest = np.maximum.accumulate(slack)
    begins = np.flatnonzero(np.concatenate([[True], slack[1:] >= latest[:-1] + occupancy - 1]))
    return int(arrivals[begins[-1]])


class _Ways(dict[Ends, Mapping[int, int]]):
    """Source and destinations -> link -> flits on it for one packet."""

    def __init__(self, machine: Machine, routes: Routes, study: Study, *, tree: bool) -> None:
        super().__init__()
        self._machine = machine
        self._routes = routes
        self._study = study
        self._tree = tree

    def __missing__(self, ends: Ends) -> Mapping[int, int]:
        pes = self._machine.pes
        start, goals = pes[ends[0]].site, [pes[goal].site for goal in ends[1]]
        port = self._study.ports
        used: Counter[int] = Counter()
        if self._tree and len(goals) > 1:
            used.update(channel for channels in self._routes.tree(start, goals).values() for channel in channels)
            used[port[ends[0]].injection.index] += 1
            used.update({port[goal].ejection.index for goal in ends[1]})
        else:
            for node, goal in zip(ends[1], goals, strict=True):
                used.update(self._routes.path(start, goal))
                used.update([port[ends[0]].injection.index, port[node].ejection.index])
        self[ends] = used
        return used
