"""A listener that writes down what happened: spans of units, packets, each of their hops, who was woken, levels.

Rows are whole numbers, collected in blocks and put on disk when a block is full, so that memory does not grow with the
run; names are numbered and put back in when the tables are made. Nothing here depends on the order of events within an
instant: a packet's number is that of its sender and of the packets it had handed over before.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from sim.engine.kernel import Kernel
from sim.engine.packet import Flit, Packet
from sim.engine.probe import Crossing, Probe, TaskRecord
from sim.measure.tally import taken_off
from sim.measure.trace_keep import Given, Keep
from sim.measure.trace_store import COLUMNS, Spool

PER_SENDER = 1_000_000_000
"""A packet's number is that of its sender times this, and the number of packets the sender had handed over before."""
UNWANTED = -1

ROWS_TO_A_BLOCK = 1 << 16


class Tracer(Probe):
    """Everything that happens to units whose names match one of `patterns` (all, when there are none)."""

    def __init__(
        self, kernel: Kernel, keep: Keep, patterns: Sequence[str], senders: Sequence[str], chip_links: Sequence[str]
    ) -> None:
        self.spool = Spool(keep)
        self._kernel = kernel
        self._keep = keep
        self._ends = keep.window() if type(keep) is Given else None
        self._patterns = patterns
        self._chip_links = chip_links
        self._numbers = {name: number for number, name in enumerate(senders)}
        self._next: dict[str, int] = {}
        self._wanted: dict[str, bool] = {}
        self._blocks: dict[str, list[int]] = {table: [] for table in COLUMNS}
        # What is noted of packets is noted most often by far, so whether it is enough is looked at once for a packet.
        self._hops = self._blocks["hop"]
        self._note_hop = self._hops.extend
        self._note_packet = self._blocks["packet"].extend
        self._note_arrival = self._blocks["arrival"].extend

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        outside = self._ends and (end < self._ends[0] or start > self._ends[1])
        if self._wants(unit) and not outside:
            self._add("span", self._number(unit), self.spool.word(activity), start, end)

    def handed_over(self, unit: str, packet: Packet, when: int) -> None:
        if packet.number >= 0:
            return
        number = self._next.get(unit)
        if number is None:
            number = self._number(unit) * PER_SENDER if self._wants(unit) else UNWANTED
        if number >= 0:
            self._next[unit] = number + 1
            if not self._ends or self._ends[0] <= when <= self._ends[1]:
                packet.number = number

    def sent(self, packet: Packet, receivers: int) -> None:
        number = packet.number
        if number >= 0:
            kind, values = self.spool.word(packet.kind), len(packet.values)
            about = (packet.population, packet.step, packet.start, values, packet.bits, packet.sent_at)
            self._note_packet((number, kind, *about, receivers))
            if len(self._hops) >= 5 * ROWS_TO_A_BLOCK:
                for table in ("hop", "packet", "arrival"):  # a packet has hops, so there are no more of the others
                    self._put_away(table)

    def hop(self, flit: Flit, link: int, cycle: int, waited: int, filled: int) -> None:
        number = flit.packet.number
        if number >= 0:
            self._note_hop((number, flit.copy_number, link, cycle, waited))

    def lookup(self, unit: str, packet: Packet, copies: int, start: int, found: int) -> None:
        if packet.number >= 0:
            self._add("passage", packet.number, self._number(unit), start, found)

    def crossed(self, flit: Flit, packet: Packet, crossing: Crossing) -> None:
        if packet.number >= 0:
            link = self._number(self._chip_links[crossing.link])
            self._add("passage", packet.number, link, crossing.start, crossing.end)

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        number = flit.packet.number
        if number >= 0 and receivers:
            self._note_arrival((number, receivers, 0, now))

    def lost(self, unit: str, packet: Packet, receivers: int, cause: str) -> None:
        self._keep.loss(self._kernel.now)
        if packet.number >= 0:
            self._note_arrival((packet.number, 0, receivers, self._kernel.now))

    def overwritten(self, unit: str, packet: Packet) -> None:
        self._keep.loss(self._kernel.now)

    def woken(self, unit: str, packet: Packet, now: int) -> None:
        if packet.number >= 0:
            self._add("wake", self._number(unit), packet.number, now)

    def level(self, unit: str, quantity: str, value: int) -> None:
        if self._wants(unit):
            self._add("level", self._number(unit), self.spool.word(quantity), self._kernel.now, value)

    def amount(self, unit: str, quantity: str, value: int) -> None:
        self.level(unit, quantity, value)

    def task(self, unit: str, record: TaskRecord) -> None:
        self._keep.task(record)

    def finish(self) -> None:
        """Put away what is still held."""
        for table in COLUMNS:
            self._put_away(table)
        self.spool.names = dict(enumerate(self._numbers))

    def _add(self, table: str, *row: int) -> None:
        block = self._blocks[table]
        block.extend(row)
        if len(block) >= ROWS_TO_A_BLOCK * len(row):
            self._put_away(table)

    def _put_away(self, table: str) -> None:
        self.spool.put(table, taken_off(self._blocks[table], len(COLUMNS[table])), self._kernel.now)

    def _wants(self, unit: str) -> bool:
        wanted = self._wanted.get(unit)
        if wanted is None:
            matching = (fnmatchcase(unit, pattern) for pattern in self._patterns)
            wanted = self._wanted[unit] = not self._patterns or any(matching)
        return wanted

    def _number(self, unit: str) -> int:
        number = self._numbers.get(unit)
        if number is None:
            number = self._numbers[unit] = len(self._numbers)
        return number
