"""The lines of every chip's table: for each group of packets and each chip they come from, the tree they are copied
along.

Members of a group on one chip are taken together in blocks of keys, powers of two, so that the work grows with the
chips and not with the processing elements. A chip that a packet only crosses, leaving straight on, needs no line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.machine.machine import Machine
from sim.mapping.between import ChipRoutes, Links
from sim.mapping.keys import block, merge
from sim.mapping.mapping import Destinations, Entry, Group, Slice


@dataclass(frozen=True, slots=True)
class Tables:
    """The merged lines of all chips; how many there would be with one for each member, and how many going straight on
    saves of these."""

    entries: tuple[Entry, ...]
    before_merging: int
    defaulted: int


def tables(
    machine: Machine,
    groups: Sequence[Group],
    slices: Sequence[Slice],
    scheduler: int | None,
    between: ChipRoutes | None = None,
) -> Tables:
    """The tables for packets of `groups` that go to more than one place, by shortest ways or those given."""
    between = between or ChipRoutes(machine)
    lines: list[Entry] = []
    before = defaulted = 0
    for group in groups:
        if group.destinations.count > 1:
            where = on_chips(machine, group.destinations)
            for chip, members in senders(machine, group, slices, scheduler).items():
                tree = between.tree(chip, where)
                own = list(_own(where, tree, between))
                before += len(members) * len(own)
                defaulted += len(members) * (len(tree) - len(own))
                lines += [
                    Entry(*block(group, first, bits), here, at, links)
                    for first, bits in _blocks(members)
                    for at, here, links in own
                ]
    return Tables(merge(lines), before, defaulted)


def senders(machine: Machine, group: Group, slices: Sequence[Slice], scheduler: int | None) -> dict[int, list[int]]:
    """The members of a group that send its packets, ascending, by the chip they are on."""
    if group.kind == "gather":
        return {group.population: [0]}
    if group.kind == "release" and scheduler is not None:
        return {machine.pes[scheduler].chip: [0]}
    found: dict[int, list[int]] = {}
    for piece in slices:
        if piece.layer == group.population:
            found.setdefault(machine.pes[piece.pe].chip, []).append(piece.member)
    return found or {home_chip(machine): [0]}


def chips_of(machine: Machine, where: Destinations) -> list[int]:
    """The chips that destinations are on, ascending."""
    return sorted({machine.pes[pe].chip for pe in where.pes} | ({home_chip(machine)} if where.host else set()))


def home_chip(machine: Machine) -> int:
    """The chip with the host's link, where inputs come from."""
    return machine.sites[machine.host.site].chip if machine.host else 0


def _own(
    where: Mapping[int, Destinations], tree: Links, between: ChipRoutes
) -> Iterator[tuple[int, Destinations, tuple[int, ...]]]:
    """The chips of a tree that need a line, with the destinations there and the links to leave by."""
    entered = {between.links[link].target: between.links[link] for links in tree.values() for link in links}
    for chip, links in sorted(tree.items()):
        here = where.get(chip, Destinations(()))
        came = entered.get(chip)
        if here.count or came is None or links != (came.straight,):
            yield chip, here, links


def on_chips(machine: Machine, where: Destinations) -> dict[int, Destinations]:
    """Destinations by chip."""
    pes: dict[int, list[int]] = {chip: [] for chip in chips_of(machine, where)}
    for pe in where.pes:
        pes[machine.pes[pe].chip].append(pe)
    home = home_chip(machine)
    return {chip: Destinations(tuple(own), where.host and chip == home) for chip, own in pes.items()}


def _blocks(members: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as aligned blocks: the first number of each, and the bits it spans."""
    place = 0
    while place < len(members):
        first, bits = members[place], 0
        while first % (2 << bits) == 0 and _has(members, place + (2 << bits) - 1, first + (2 << bits) - 1):
            bits += 1
        yield first, bits
        place += 1 << bits


def _has(members: Sequence[int], place: int, member: int) -> bool:
    return place < len(members) and members[place] == member
