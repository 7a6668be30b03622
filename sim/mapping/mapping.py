"""The nouns of a mapping: which units live where, under which keys their packets travel, and what fills each memory.

A mapping is frozen and plain: it can be checked, saved and compared without a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal

from sim.mapping.schedule import Schedule

GroupKind = Literal["events", "markers", "release", "done", "gather"]


@dataclass(frozen=True, slots=True)
class Slice:
    """Units `start` to `stop` (not included) of `layer` (from 1), the `member`-th slice of it, on PE number `pe`."""

    index: int
    layer: int
    member: int
    start: int
    stop: int
    pe: int
    nonzeros: int

    @property
    def units(self) -> int:
        return self.stop - self.start

    @property
    def name(self) -> str:
        return f"layer {self.layer} units {self.start}-{self.stop - 1}"


@dataclass(frozen=True, slots=True)
class Budget:
    """Bytes of one slice in the memory of its PE, by what they are for; `blocks` are buffers for streamed weights."""

    weights: int
    parameters: int
    state: int
    accumulators: int
    inputs: int
    blocks: int = 0

    @property
    def total(self) -> int:
        return sum(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True, slots=True)
class Region:
    """Bytes in the memory behind port number `port`: what lies there, and of which slice, None where of all."""

    name: str
    port: int
    start: int
    size: int
    slice: int | None


@dataclass(frozen=True, slots=True)
class Destinations:
    """Everybody a packet goes to: PEs by number, ascending, and perhaps the host."""

    pes: tuple[int, ...]
    host: bool = False

    @property
    def count(self) -> int:
        return len(self.pes) + self.host


@dataclass(frozen=True, slots=True)
class Group:
    """Packets of one kind and population: they all go to the same places, and their keys share one block.

    A key is `base` + member (slice of the population) << `unit_bits` + unit in the slice.
    """

    kind: GroupKind
    population: int
    destinations: Destinations
    base: int
    member_bits: int
    unit_bits: int

    def key(self, member: int = 0, unit: int = 0) -> int:
        return self.base + (member << self.unit_bits) + unit


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table of a chip's router: keys with `key` in the bits of `mask` go to `destinations`, which are
    on that chip, and leave it by each of `links`, numbers of links between chips."""

    key: int
    mask: int
    destinations: Destinations
    chip: int = 0
    links: tuple[int, ...] = ()

    def matches(self, key: int) -> bool:
        return key & self.mask == self.key


@dataclass(frozen=True)
class Mapping:
    """Everything decided before time starts; `defaulted` counts the lines that going straight on over a chip saves."""

    schedule: Schedule
    slices: tuple[Slice, ...]
    budgets: tuple[Budget, ...]
    scheduler_pe: int | None
    groups: tuple[Group, ...]
    entries: tuple[Entry, ...]
    entries_before_merging: int
    defaulted: int = 0
    deputies: tuple[int, ...] = ()
    regions: tuple[Region, ...] = ()

    @property
    def used(self) -> frozenset[int]:
        """The PEs that do anything."""
        scheduler = () if self.scheduler_pe is None else (self.scheduler_pe,)
        return frozenset((*(piece.pe for piece in self.slices), *scheduler, *self.deputies))

    def group(self, kind: GroupKind, population: int) -> Group:
        """The group of that kind and population; KeyError where there is none."""
        return self._by_name[kind, population]

    def members(self, population: int) -> tuple[Slice, ...]:
        """The slices of a population, none for the input and the output."""
        return tuple(piece for piece in self.slices if piece.layer == population)

    @cached_property
    def _by_name(self) -> dict[tuple[GroupKind, int], Group]:
        return {(group.kind, group.population): group for group in self.groups}
