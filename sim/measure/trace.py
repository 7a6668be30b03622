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
        self._handed = [0] * len(senders)
        self._wanted: dict[str, bool] = {}
        self._open: dict[int, list[int]] = {}
        # Lists take numbers in half the time that arrays need. Hops are noted most often by far, so their block is
        # looked at once for a packet.
        self._blocks: dict[str, list[int]] = {table: [] for table in COLUMNS}
        self._hops = self._blocks["hop"]
        self._note = self._hops.extend

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        outside = self._ends and (end < self._ends[0] or start > self._ends[1])
        if self._wants(unit) and not outside:
            self._add("span", self._number(unit), self.spool.word(activity), start, end)

    def handed_over(self, unit: str, packet: Packet, when: int) -> None:
        if packet.number >= 0:
            return
        sender = self._number(unit)
        before = self._handed[sender]
        self._handed[sender] += 1
        outside = self._ends and not self._ends[0] <= when <= self._ends[1]
        if self._wants(unit) and not outside:
            packet.number = sender * PER_SENDER + before

    def sent(self, packet: Packet, receivers: int) -> None:
        number = packet.number
        if number >= 0:
            kind, values = self.spool.word(packet.kind), len(packet.values)
            facts = [number, kind, packet.population, packet.step, packet.start, values, packet.bits, packet.sent_at]
            facts += (receivers, 0, 0, -1)
            self._open[number] = facts
            if len(self._hops) >= 5 * ROWS_TO_A_BLOCK:
                self._put_away("hop")

    def hop(self, flit: Flit, link: int, cycle: int, waited: int, filled: int) -> None:
        number = flit.packet.number
        if number >= 0:
            self._note((number, flit.copy_number, link, cycle, waited))

    def lookup(self, unit: str, packet: Packet, copies: int, start: int, found: int) -> None:
        if packet.number >= 0:
            self._add("passage", packet.number, self._number(unit), start, found)

    def crossed(self, flit: Flit, packet: Packet, crossing: Crossing) -> None:
        if packet.number >= 0:
            link = self._number(self._chip_links[crossing.link])
            self._add("passage", packet.number, link, crossing.start, crossing.end)

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        row = self._open.get(flit.packet.number)
        if row:
            row[-3] += receivers
            row[-1] = now
            self._close_if_whole(row)

    def lost(self, unit: str, packet: Packet, receivers: int, cause: str) -> None:
        self._keep.loss(self._kernel.now)
        row = self._open.get(packet.number)
        if row:
            row[-2] += receivers
            self._close_if_whole(row)

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
        """Put away what is still held; packets under way have not arrived."""
        for row in self._open.values():
            self._add("packet", *row)
        self._open.clear()
        for table in COLUMNS:
            self._put_away(table)
        self.spool.names = dict(enumerate(self._numbers))

    def _close_if_whole(self, row: list[int]) -> None:
        if row[-3] + row[-2] >= row[-4]:
            self._add("packet", *self._open.pop(row[0]))

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
            self._handed.append(0)
        return number
