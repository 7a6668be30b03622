"""Tables for packets to many places that no schedule foresees, as those of a traffic trace: who sends what to whom.

All that go to the same places share a block of keys, and each sender has one key of it, so that their lines merge as
those of a network's layers do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sim.machine.machine import Machine
from sim.mapping.between import ChipRoutes
from sim.mapping.mapping import Destinations, Entry, Group, Slice
from sim.mapping.tables import tables
from sim.scenario.complaints import Refused

KEY = "network.multicast"
KEY_BITS = 32
Goals = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Multicast:
    """The lines of all chips' tables, how many going straight on saves, and by sender its key for each set of goals,
    ascending."""

    entries: tuple[Entry, ...] = ()
    defaulted: int = 0
    keys: Mapping[int, Mapping[Goals, int]] = field(default_factory=dict)

    def key(self, node: int, goals: Goals) -> int:
        """What routers look up in a packet of a node to such goals; where they look up nothing, the node's number."""
        own = self.keys.get(node)
        return own.get(tuple(sorted(goals)), node) if own else node


UNCOPIED = Multicast()
"""Where nobody copies by tables."""


def multicast(machine: Machine, between: ChipRoutes, wanted: Iterable[tuple[int, Goals]]) -> Multicast:
    """Tables by which each PE of `wanted` reaches its goals, PEs too. Refused where they do not fit the routers."""
    senders: dict[Goals, set[int]] = {}
    for node, goals in wanted:
        senders.setdefault(tuple(sorted(goals)), set()).add(node)
    groups, slices = _groups(senders)
    made = tables(machine, groups, slices, None, between)
    _refuse_too_many(machine, made.entries)
    keys: dict[int, dict[Goals, int]] = {}
    for piece in slices:
        group = groups[piece.layer - 1]
        keys.setdefault(piece.pe, {})[group.destinations.pes] = group.key(piece.member)
    return Multicast(made.entries, made.defaulted, keys)


def _groups(senders: Mapping[Goals, set[int]]) -> tuple[list[Group], list[Slice]]:
    """A group for each set of goals, and its senders as the slices of a layer of their own."""
    bits = max((len(nodes) - 1 for nodes in senders.values()), default=0).bit_length()
    if len(senders) > 1 << KEY_BITS - bits:
        raise Refused.at(
            KEY, f"{len(senders)} sets of destinations need keys of over {KEY_BITS} bits; expected unicast"
        )
    groups, slices = list[Group](), list[Slice]()
    for layer, (goals, nodes) in enumerate(sorted(senders.items()), 1):
        groups.append(Group("events", layer, Destinations(goals), layer - 1 << bits, bits, 0))
        for member, node in enumerate(sorted(nodes)):
            slices.append(Slice(len(slices), layer, member, member, member + 1, node, 0))
    return groups, slices


def _refuse_too_many(machine: Machine, entries: Iterable[Entry]) -> None:
    used = Counter(entry.chip for entry in entries)
    for chip in machine.chips:
        limit = chip.die.event_router.table_entries if chip.die.event_router else 0
        if used[chip.index] > limit:
            raise Refused.at(
                KEY,
                f"the event router's table of {chip.name} needs {used[chip.index]} entries, it has {limit}; "
                "use fewer different sets of destinations, or unicast",
            )
