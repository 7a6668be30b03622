"""Following keys from chip to chip through the tables, independently of what made them.

The keys that one chip sends of one group are followed together, parting where they find different lines. A key that
finds no line goes straight on over a chip that it came to by a link; anywhere else it is lost. In the end each key must
have been on every chip where it is wanted, once.
"""

from __future__ import annotations

from collections.abc import Mapping as Plain
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.machine.links import ChipLink
from sim.machine.machine import Machine
from sim.mapping.mapping import Destinations, Entry, Mapping

Keys = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
NOBODY = Destinations(())


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """The table of one chip: its lines, and by mask their keys, ascending, with the lines' numbers."""

    lines: tuple[Entry, ...]
    by_mask: tuple[tuple[int, Keys, Numbers], ...]

    @classmethod
    def of(cls, lines: list[Entry]) -> Lines:
        masks: dict[int, list[int]] = {}
        for number, line in enumerate(lines):
            masks.setdefault(line.mask, []).append(number)
        found = []
        for mask, numbers in sorted(masks.items()):
            keys = np.array([lines[number].key for number in numbers], np.uint64)
            order = np.argsort(keys, kind="stable")
            found.append((mask, keys[order], np.array(numbers)[order]))
        return cls(tuple(lines), tuple(found))

    def match(self, keys: Keys) -> tuple[Numbers, Numbers]:
        """For each key the number of a line that matches it, -1 for none, and how many do."""
        line, count = np.full(len(keys), -1), np.zeros(len(keys), np.int64)
        for mask, held, numbers in self.by_mask:
            masked = keys & np.uint64(mask)
            first, last = np.searchsorted(held, masked, "left"), np.searchsorted(held, masked, "right")
            hit = last > first
            line[hit] = numbers[first[hit]]
            count += last - first
        return line, count


def tables_of(mapping: Mapping, machine: Machine) -> tuple[Lines, ...]:
    """The tables by chip."""
    lines: list[list[Entry]] = [[] for _ in machine.chips]
    for entry in mapping.entries:
        lines[entry.chip].append(entry)
    return tuple(Lines.of(own) for own in lines)


class Followed:
    """Where `keys` get to from a chip when `where` says who wants them on each chip.

    By key: the lines it `matches` where that is not as it should be, else 1; whether everything was `right`. `strayed`
    says what else went wrong, in words.
    """

    def __init__(
        self, machine: Machine, tables: tuple[Lines, ...], start: int, keys: Keys, where: Plain[int, Destinations]
    ) -> None:
        self.keys = keys
        self.matches = np.ones(len(keys), np.int64)
        self.right = np.ones(len(keys), np.bool_)
        self.strayed: list[str] = []
        self._links = machine.chip_links
        self._tables = tables
        self._where = where
        self._times = np.zeros((len(machine.chips), len(keys)), np.int64)
        self._front: list[tuple[int, ChipLink | None, Numbers]] = [(start, None, np.arange(len(keys)))]
        while self._front:
            self._arrive(*self._front.pop())
        for chip, wanted in where.items():
            if wanted.count:
                self._blame(np.flatnonzero(self._times[chip] != 1), f"does not come to chip {chip} once")

    def _arrive(self, chip: int, came: ChipLink | None, which: Numbers) -> None:
        """The keys numbered `which` are on `chip`."""
        self._times[chip, which] += 1
        again = self._times[chip, which] > 1
        self._blame(which[again], f"comes to chip {chip} again")
        which = which[~again]
        line, count = self._tables[chip].match(self.keys[which])
        lost = (count > 1) | ((count == 0) & (came is None))
        self.matches[which[lost]], self.right[which[lost]] = count[lost], False
        if came and (count == 0).any():
            self._straight_on(chip, came, which[count == 0])
        for number in np.unique(line[count == 1]).tolist():
            self._by_line(chip, self._tables[chip].lines[number], which[(count == 1) & (line == number)])

    def _by_line(self, chip: int, line: Entry, which: Numbers) -> None:
        if line.destinations != self._where.get(chip, NOBODY):
            self.right[which] = False
        for number in line.links:
            self._leave(chip, number, which)

    def _straight_on(self, chip: int, came: ChipLink, which: Numbers) -> None:
        """These keys match no line: they go on, which is right where nobody here wants them."""
        if came.straight is None or self._where.get(chip, NOBODY).count:
            self.matches[which], self.right[which] = 0, False
        else:
            self._leave(chip, came.straight, which)

    def _leave(self, chip: int, number: int, which: Numbers) -> None:
        link = self._links[number] if 0 <= number < len(self._links) else None
        if link is None or link.source != chip:
            self._blame(which, f"is to leave chip {chip} by link {number}, which is not one of its")
        else:
            self._front.append((link.target, link, which))

    def _blame(self, which: Numbers, what: str) -> None:
        if len(which):
            self.strayed.append(what)
            self.right[which] = False
