"""What the network carried: flits and waits of each link, packets sent and received, how long they took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.engine.packet import Flit, Packet
from sim.engine.probe import Probe
from sim.measure.arrivals import Arrivals
from sim.measure.messages import SYNC_KINDS, Messages
from sim.measure.tally import Whole

MOST_NAMED = 4


CARRIED = 256
"""Flits counted in a list before they are put with those of before: up to here Python keeps each number once. Counters
of thousands of links that are numbers of their own, looked up at random, would not stay in the computer's caches."""


class LinkUse(Probe):
    """Flits granted and cycles waited at each link, by the number of the link."""

    def __init__(self) -> None:
        self.watch(0)
        self.marks: list[Whole] = []

    def watch(self, links: int) -> None:
        """Count at links 0 to `links` - 1."""
        self._carried: Whole = np.zeros(links, np.int64)
        # Lists: to count in an `array` takes half as long again, for a number has to be made of its bytes and back.
        self._recent, self.waited, self.peak, self._peak_before = ([0] * links for _ in range(4))

    @property
    def flits(self) -> Whole:
        """Flits that each link has carried so far, (links,)."""
        return self._carried + np.array(self._recent, np.int64)

    def mark(self) -> None:
        """Remember how many flits each link has carried so far."""
        self.marks.append(self.flits)

    def between_marks(self) -> Whole:
        """Flits carried between the first mark and the second, up to now where one is missing."""
        first, second = [*self.marks, self.flits, self.flits][:2]
        return second - first

    def close_interval(self) -> list[int]:
        """The fullest each buffer was since this was last asked."""
        closed, self.peak = self.peak, [0] * len(self.peak)
        self._peak_before = list(map(max, self._peak_before, closed))
        return closed

    def highest(self) -> list[int]:
        """The fullest each buffer ever was."""
        return list(map(max, self._peak_before, self.peak))

    def hop(self, flit: Flit, link: int, cycle: int, waited: int, filled: int) -> None:
        recent = self._recent[link] + 1
        self._recent[link] = recent
        if recent == CARRIED:
            self._carried[link] += CARRIED
            self._recent[link] = 0
        if waited:
            self.waited[link] += waited
        if filled > self.peak[link]:
            self.peak[link] = filled


class Deliveries(Arrivals):
    """Packets sent, received and lost, counted once for each receiver."""

    def __init__(self) -> None:
        super().__init__()
        self.sent_to_receivers = 0
        self.injected = 0
        self.bits = 0
        self.losses: Counter[str] = Counter()
        self.lost_at: Counter[str] = Counter()
        self.held_back_at: Counter[str] = Counter()
        self.by_kind: Counter[str] = Counter()
        self.messages = Messages()
        self.lookups = 0
        self.copies = 0

    def sent(self, packet: Packet, receivers: int) -> None:
        self.sent_to_receivers += receivers
        self.injected += 1
        self.bits += packet.bits
        self.by_kind[packet.kind] += 1
        if packet.kind in SYNC_KINDS:
            self.messages.note(packet)

    def lost(self, unit: str, packet: Packet, receivers: int, cause: str) -> None:
        self.losses[cause] += receivers
        self.lost_at[unit] += receivers

    def held_back(self, unit: str, packet: Packet) -> None:
        self.held_back_at[unit] += 1

    def overwritten(self, unit: str, packet: Packet) -> None:
        self._received -= 1
        self.lost(unit, packet, 1, "overwritten in a full receive FIFO")

    def lookup(self, unit: str, packet: Packet, copies: int, start: int, found: int) -> None:
        self.lookups += 1
        self.copies += copies

    def lost_in_words(self) -> str:
        """How many packets were lost, by what cause and where most; nothing where none were."""
        if not self.losses:
            return ""
        causes = ", ".join(f"{count} {cause}" for cause, count in sorted(self.losses.items()))
        units = sorted(self.lost_at, key=lambda unit: (-self.lost_at[unit], unit))
        most = ", ".join(f"{unit} {self.lost_at[unit]}" for unit in units[:MOST_NAMED])
        more = f" and {len(units) - MOST_NAMED} more, see pe.packets_lost" if units[MOST_NAMED:] else ""
        return f"{self.losses.total()} packets were lost ({causes}; at {most}{more})"


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and percentiles of what was counted by value."""

    mean: float
    p50: int
    p95: int
    p99: int
    max: int


def spread(counts: Counter[int]) -> Spread | None:
    """The spread of values counted in `counts`, None when there are none. Percentiles are the smallest value that at
    least this share of all do not exceed."""
    total = counts.total()
    if not total:
        return None
    values = sorted(counts)
    mean = sum(value * counts[value] for value in values) / total
    p50, p95, p99 = (_percentile(values, counts, total * percent) for percent in (50, 95, 99))
    return Spread(mean, p50, p95, p99, values[-1])


def _percentile(values: list[int], counts: Counter[int], needed: int) -> int:
    seen = 0
    for value in values:
        seen += 100 * counts[value]
        if seen >= needed:
            return value
    return values[-1]


def scaled(section: dict[str, float], convert: Callable[[float], float]) -> dict[str, float]:
    """The section with every number converted."""
    return {name: convert(value) for name, value in section.items()}
