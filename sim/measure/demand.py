"""What a traffic study would ask of each link if nothing ever waited: demand, which may exceed what a link can do.

A link carries a flit in each flit time, and no more than its credits let it: as many as fit behind it in the time from
one grant to the return of its credit.

Creation times depend on nothing that happens, so the packets are made once more and sent along their ways on paper,
over links between chips as well. For the link that is asked most, a queue of its own (Lindley's recursion) tells since
when demand has run ahead of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
import numpy.typing as npt

from sim.hardware.mesh import LinkFact
from sim.hardware.study import Study
from sim.hardware.tracks import Crossed, Tracks
from sim.machine.links import ChipLink
from sim.machine.machine import Machine, Noc
from sim.measure.batches import BATCHES, first_cycles
from sim.measure.queues import Counts

Doubles = npt.NDArray[np.float64]
Ends = tuple[int, tuple[int, ...]]
"""Source and destinations of a packet, by node."""
Times = list[int]
"""Cycles in which packets are made, in no order."""


@dataclass(frozen=True, slots=True)
class Most:
    """The link that is asked most, and from which cycle on it had no break in the end."""

    link: str
    share: float
    since_cycle: int

    def __str__(self) -> str:
        """What saturates, as a user would say it."""
        share = f"{self.share:.2f} x its capacity"
        if self.share < 1:
            return (
                f"no link is offered more than it can carry, link {self.link} most, {share}: heads of buffers that "
                "wait hold up what is behind them"
            )
        return f"link {self.link} is offered {share}, without a break from cycle {self.since_cycle}"


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """What is asked of each link in the measured cycles, by number, as a share of what it can carry: `shares` of those
    on chips, `between` of those between chips; and packets created in these cycles, one for each receiver, by node and
    batch."""

    created: Counts
    shares: Doubles
    between: Doubles
    most: Most


def demand(machine: Machine, study: Study, cycles: range) -> Demand:
    """The demand on every link in the measured `cycles`; for adaptive routes as if the first choice were always
    taken."""
    created, tracks = _created(len(machine.pes), study, cycles), Tracks(machine, study)
    ways = [(tracks.crossed(*ends), times) for ends, times in created.items()]
    edge, links = machine.noc.clock.edge, study.facts()
    taken = np.array([_least_cycles(link, machine.noc) for link in links])
    shares = _asked(ways, 0, cycles, len(links)) * taken / max(1, len(cycles))
    lines = np.array([link.timing.expected_ps(study.load.bits) for link in machine.chip_links])
    between = _asked(ways, 1, cycles, len(lines)) * lines / max(1, edge(cycles.stop) - edge(cycles.start))
    worst, worse = int(np.argmax(shares)), int(np.argmax(between)) if len(between) else -1
    if worse >= 0 and between[worse] > shares[worst]:
        since = _busy_since(_times(ways, 1, worse, edge), float(lines[worse]))
        name, share = _name(machine.chip_links[worse]), float(between[worse])
        most = Most(name, share, int(machine.noc.clock.cycles_in(since)))
    else:
        since = _busy_since(_times(ways, 0, worst, int), taken[worst])
        most = Most(_name(links[worst]), float(shares[worst]), since)
    return Demand(_by_batch(created, len(machine.pes), cycles), shares, between, most)


def _created(nodes: int, study: Study, cycles: range) -> dict[Ends, Times]:
    """When packets are made before the end of the measured cycles, by their ends."""
    created: dict[Ends, Times] = defaultdict(list)
    for node in range(nodes):
        for cycle, goals in takewhile(lambda made: made[0] < cycles.stop, study.load.timetable(node)):
            created[node, goals].append(cycle)
    return created


def _by_batch(created: dict[Ends, Times], nodes: int, cycles: range) -> Counts:
    packets = np.zeros((nodes, BATCHES), dtype=np.int64)
    for (node, goals), times in created.items():
        packets[node] += np.histogram(times, first_cycles(cycles))[0] * len(goals)
    return packets


def _asked(ways: Sequence[tuple[Crossed, Times]], kind: int, cycles: range, links: int) -> Doubles:
    """Packets asked of each link of a kind, numbered as in `Crossed`, in the measured cycles."""
    asked: Counter[int] = Counter()
    for crossed, times in ways:
        measured = sum(cycle >= cycles.start for cycle in times)
        for link, copies in crossed[kind].items():
            asked[link] += measured * copies
    return np.array([asked[link] for link in range(links)], dtype=np.float64)


def _times(ways: Sequence[tuple[Crossed, Times]], kind: int, link: int, edge: Callable[[int], int]) -> Times:
    """When the packets that cross a link are made, as `edge` tells time, ascending."""
    return sorted(edge(cycle) for crossed, times in ways if link in crossed[kind] for cycle in times)


def _name(link: LinkFact | ChipLink) -> str:
    kind = "between chips" if isinstance(link, ChipLink) else link.kind
    return link.name if kind == "mesh" else f"{link.name} ({kind})"


def _least_cycles(link: LinkFact, noc: Noc) -> float:
    """How often a link can be granted in the long run: once in so many cycles."""
    return max(noc.flit_cycles, (link.latency + noc.credit_cycles) / link.room if link.room else 0)


def _busy_since(times: Times, occupancy: float) -> int:
    """When the last unbroken spell of work began for a server given a flit at each of `times`."""
    if not times:
        return 0
    arrivals = np.array(times)
    slack = arrivals - occupancy * np.arange(len(times))
    latest = np.maximum.accumulate(slack)
    begins = np.flatnonzero(np.concatenate([[True], slack[1:] >= latest[:-1] + occupancy - 1]))
    return int(arrivals[begins[-1]])
