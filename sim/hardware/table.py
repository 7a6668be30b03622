"""One chip's routing table as hardware asks it: which copies of a flit go where.

A key is looked up among the lines by mask; what matches no line goes straight on over the chip, and a core-to-core
packet needs no line at all. Bits that no line looks at tell nothing apart, so what was found is kept by the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.engine.packet import Copies, Flit, Leg
from sim.hardware.ways import Ways
from sim.machine.links import ChipLink
from sim.mapping.between import ChipRoutes
from sim.mapping.mapping import Entry

ONWARD = Leg((), {})
"""The leg of a flit over a link: the next event router looks where it goes."""


class Table:
    """The table of the chip of `ways`; `ways_out` numbers the router's ways out by the links they lead over."""

    def __init__(self, entries: Sequence[Entry], ways: Ways, between: ChipRoutes, ways_out: Mapping[int, int]) -> None:
        self._chip = ways.chip
        self._between = between
        self._ways_out = ways_out
        self._by_mask: dict[int, dict[int, Copies]] = {}
        for entry in entries:
            copies = ways.copies(entry.destinations) + tuple((ways_out[link], ONWARD) for link in entry.links)
            self._by_mask.setdefault(entry.mask, {})[entry.key] = copies
        self._unseen = min((_low_zeros(mask) for mask in self._by_mask), default=0)
        self._known: dict[int, Copies | None] = {}

    def find(self, flit: Flit, came: int) -> Copies:
        """The copies to make of `flit`, which came over the link with number `came`, or from this chip (-1)."""
        address = flit.leg.address
        if address is None:
            return self._look_up(flit.packet.key) or self._straight_on(flit, came)
        if address.chip == self._chip:
            return address.copies
        return ((self._ways_out[self._between.next_link(self._chip, address.chip)], flit.leg),)

    def _look_up(self, key: int) -> Copies | None:
        told = key >> self._unseen
        if told not in self._known:
            found = (lines.get(key & mask) for mask, lines in self._by_mask.items())
            self._known[told] = next((copies for copies in found if copies is not None), None)
        return self._known[told]

    def _straight_on(self, flit: Flit, came: int) -> Copies:
        link: ChipLink | None = self._between.links[came] if came >= 0 else None
        if link is None or link.straight is None:
            raise LookupError(f"chip {self._chip}: no line for key {flit.packet.key:#x}, and no way straight on")
        return ((self._ways_out[link.straight], ONWARD),)


def _low_zeros(mask: int) -> int:
    """How many of the lowest bits of a mask are not looked at."""
    return (mask & -mask).bit_length() - 1 if mask else 32
