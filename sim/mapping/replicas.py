"""Several copies of a network on one machine: each is mapped as if it were alone, on a share of the machine of its own.

A share is whole chips where there are enough of them, else a run of processing elements. Copies have keys, tables and
memory of their own, so that none hears of another; what they have in common is the machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from sim.machine.machine import Machine
from sim.mapping.mapping import Mapping
from sim.mapping.plan import WHOLE, Ends, Room, map_network
from sim.mapping.spill import end_of
from sim.scenario.complaints import Complaint, Refused
from sim.scenario.models import Scenario
from sim.workload.parts import Layer

KEY = "mapping.replicas"


def map_replicas(layers: Sequence[Layer], ends: Ends, machine: Machine, scenario: Scenario) -> tuple[Mapping, ...]:
    """A mapping for each copy that `scenario` asks for; Refused where they cannot be had on `machine`."""
    made: list[Mapping] = []
    count = scenario.mapping.replicas
    for own in shares(machine, count):
        outside = frozenset(range(len(machine.pes))) - own
        filled = tuple(max((end_of(mapping.regions, port) for mapping in made), default=0) for port in ports(machine))
        owner = WHOLE.owner if count == 1 else f"copy {len(made) + 1} of {count} ({KEY})"
        room = Room(outside, sum(len(mapping.groups) for mapping in made), filled, owner)
        made.append(map_network(layers, ends, machine, scenario, room))
    return tuple(made)


def ports(machine: Machine) -> range:
    """The numbers of the memory ports."""
    return range(len(machine.drams))


def shares(machine: Machine, count: int) -> list[frozenset[int]]:
    """The processing elements of each of `count` copies, by number; Refused where there are fewer than copies."""
    chips = [[pe.index for pe in machine.pes if pe.chip == chip.index] for chip in machine.chips]
    chips = [pes for pes in chips if pes]
    if len(chips) >= count:
        runs = [chips[a:b] for a, b in _bounds(len(chips), count)]
        return [frozenset(pe for pes in run for pe in pes) for run in runs]
    if len(machine.pes) < count:
        raise Refused.at(KEY, f"{count} asked, but {machine.name} has {len(machine.pes)} PEs; ask for fewer")
    return [frozenset(range(a, b)) for a, b in _bounds(len(machine.pes), count)]


def _bounds(things: int, parts: int) -> list[tuple[int, int]]:
    return [(things * part // parts, things * (part + 1) // parts) for part in range(parts)]


def joined(mappings: Sequence[Mapping]) -> Mapping:
    """All that copies are on a machine, as one: slices are numbered through. With one copy its own mapping.

    Not a mapping that could be run: several of its groups have the same name.
    """
    if len(mappings) == 1:
        return mappings[0]
    firsts = list(accumulate((len(one.slices) for one in mappings), initial=0))
    pairs = list(zip(mappings, firsts, strict=False))
    return replace(
        mappings[0],
        slices=tuple(replace(piece, index=first + piece.index) for one, first in pairs for piece in one.slices),
        budgets=tuple(budget for one in mappings for budget in one.budgets),
        groups=tuple(group for one in mappings for group in one.groups),
        entries=tuple(entry for one in mappings for entry in one.entries),
        entries_before_merging=sum(one.entries_before_merging for one in mappings),
        defaulted=sum(one.defaulted for one in mappings),
        deputies=tuple(pe for one in mappings for pe in one.deputies),
        regions=tuple(
            replace(region, slice=None if region.slice is None else first + region.slice)
            for one, first in pairs
            for region in one.regions
        ),
    )


def check_apart(mappings: Sequence[Mapping], machine: Machine) -> None:
    """Refuse copies that are in each other's way; each by itself has been checked."""
    problems = [*_pes_shared(mappings), *_keys_shared(mappings), *_tables_full(mappings, machine), *_bytes(mappings)]
    if problems:
        raise Refused([Complaint(KEY, problem) for problem in problems])


def _pes_shared(mappings: Sequence[Mapping]) -> Iterator[str]:
    holders = Counter(pe for mapping in mappings for pe in mapping.used)
    for pe, count in sorted(holders.items()):
        if count > 1:
            yield f"PE {pe} is used by {count} copies"


def _keys_shared(mappings: Sequence[Mapping]) -> Iterator[str]:
    blocks = sorted(
        (group.base, group.base + (1 << group.member_bits + group.unit_bits), number)
        for number, mapping in enumerate(mappings)
        for group in mapping.groups
    )
    for (_, end, one), (start, _, other) in pairwise(blocks):
        if start < end:
            yield f"keys of copies {one + 1} and {other + 1} overlap at {start:#x}"


def _tables_full(mappings: Sequence[Mapping], machine: Machine) -> Iterator[str]:
    limit = machine.event_router.table_entries if machine.event_router else 0
    used = Counter(entry.chip for mapping in mappings for entry in mapping.entries)
    for chip, entries in sorted(used.items()):
        if entries > limit:
            yield f"the event router's table of chip {chip} needs {entries} entries, it has {limit}; use fewer copies"


def _bytes(mappings: Sequence[Mapping]) -> Iterator[str]:
    taken = sorted(
        (region.port, region.start, region.start + region.size) for one in mappings for region in one.regions
    )
    for (port, _, end), (other, start, _) in pairwise(taken):
        if port == other and start < end:
            yield f"byte {start} of memory port {port} is used twice"
