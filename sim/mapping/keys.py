"""Keys for packets and the router's table of them.

Packets of one kind and population have one block of keys, aligned to a power of two, so that the lines of the table
for its members differ in single bits and can be merged: two lines with the same destinations and the same mask whose
keys differ in one bit become one line that does not look at this bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sim.mapping.mapping import Destinations, Entry, Group, GroupKind
from sim.scenario.complaints import Refused

KEY_BITS = 32
FULL = (1 << KEY_BITS) - 1

Wanted = tuple[GroupKind, int, Destinations, int]
"""Kind, population, destinations, number of members."""


def allocate(wanted: Sequence[Wanted], units: int, first: int = 0) -> tuple[Group, ...]:
    """A block of keys for each wanted group, when no member has more than `units` units; the first so many blocks are
    others'.

    Groups with equal destinations get neighbouring blocks, which lets their lines merge with each other too.
    """
    most = max(members for *_, members in wanted)
    unit_bits, member_bits = _bits(units), _bits(most)
    _refuse_too_many(first + len(wanted), most, units)
    groups = []
    ordered = sorted(wanted, key=lambda group: (group[2].pes, group[2].host, group[1], group[0]))
    for number, (kind, population, destinations, _) in enumerate(ordered, first):
        base = number << (member_bits + unit_bits)
        groups.append(Group(kind, population, destinations, base, member_bits, unit_bits))
    return tuple(groups)


def _refuse_too_many(groups: int, members: int, units: int) -> None:
    parts = _bits(groups), _bits(members), _bits(units)
    if sum(parts) > KEY_BITS:
        raise Refused.at(
            "mapping.pes_per_layer",
            f"keys for {groups} groups of packets, {members} slices in a layer and {units} units in a slice (or "
            f"packets of an input) need {' + '.join(map(str, parts))} = {sum(parts)} bits, a key has {KEY_BITS}; "
            "use fewer slices for a layer, or fewer units or inputs",
        )


def block(group: Group, first: int, bits: int) -> tuple[int, int]:
    """Key and mask of the 2 ** `bits` members of a group from `first`, a multiple of that."""
    return group.key(first), FULL ^ ((1 << group.unit_bits + bits) - 1)


def merge(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The same tables with fewer lines; every key that matched still does, and no other. By chip."""
    tables: dict[int, list[Entry]] = {}
    for entry in entries:
        tables.setdefault(entry.chip, []).append(entry)
    return tuple(line for _, table in sorted(tables.items()) for line in _merged(table))


def _merged(table: list[Entry]) -> list[Entry]:
    lines = sorted(table, key=lambda entry: (entry.mask, entry.key))
    while True:
        shorter = _merge_once(lines)
        if len(shorter) == len(lines):
            return shorter
        lines = shorter


def _merge_once(lines: list[Entry]) -> list[Entry]:
    left = {(line.key, line.mask): line for line in lines}
    merged = []
    for line in lines:
        if left.pop((line.key, line.mask), None) is None:
            continue
        partner = _partner(line, left)
        if partner is None:
            merged.append(line)
        else:
            del left[partner.key, partner.mask]
            mask = line.mask & ~(line.key ^ partner.key)
            merged.append(replace(line, key=line.key & mask, mask=mask))
    return merged


def _partner(line: Entry, left: dict[tuple[int, int], Entry]) -> Entry | None:
    """The line that differs from `line` in the lowest possible single bit, with the same destinations."""
    for bit in range(KEY_BITS):
        if line.mask >> bit & 1:
            other = left.get((line.key ^ (1 << bit), line.mask))
            if other is not None and (other.links, other.destinations) == (line.links, line.destinations):
                return other
    return None


def _bits(count: int) -> int:
    """Bits that tell `count` things apart."""
    return max(0, (count - 1).bit_length())
