"""The device behind a memory port: which rows are open, and when each command may come at the earliest.

Every command moves the earliest clocks of those that must keep their distance from it; what a command has to wait for
is then a maximum of a few numbers. Nothing here chooses anything.
"""

from __future__ import annotations

from collections import deque

from sim.machine.memory import Dram

LONG_AGO = -(1 << 40)
ACTIVATES_IN_WINDOW = 4


class Bank:
    """One bank: its open row, if any, and from which clock on it takes each command."""

    __slots__ = ("activate", "column", "group", "hits", "precharge", "row")

    def __init__(self, group: int) -> None:
        self.group = group
        self.row: int | None = None
        self.hits = 0
        self.activate = self.precharge = self.column = LONG_AGO


class Banks:
    """All banks of one rank with what they share: command slots, activates, the data bus, refreshes."""

    def __init__(self, what: Dram) -> None:
        self.timing = what.timing
        self.burst = what.burst_clocks
        self.banks = [Bank(number // what.banks_per_group) for number in range(what.banks)]
        self.bus_free = LONG_AGO
        self._activates: deque[int] = deque([LONG_AGO] * ACTIVATES_IN_WINDOW, ACTIVATES_IN_WINDOW)
        self._activated = [LONG_AGO] * what.bank_groups
        self._read, self._read_in = LONG_AGO, [LONG_AGO] * what.bank_groups
        self._wrote, self._wrote_in = LONG_AGO, [LONG_AGO] * what.bank_groups

    def earliest_activate(self, bank: Bank) -> int:
        t = self.timing
        shared = max(self._activates[-1] + t.rrd_s, self._activates[0] + t.faw)
        return max(bank.activate, self._activated[bank.group] + t.rrd_l, shared)

    def earliest_read(self, bank: Bank) -> int:
        t = self.timing
        after_read = max(self._read + max(t.ccd_s, self.burst), self._read_in[bank.group] + max(t.ccd_l, self.burst))
        written = t.cwl + self.burst
        after_write = max(self._wrote + written + t.wtr_s, self._wrote_in[bank.group] + written + t.wtr_l)
        return max(bank.column, after_read, after_write)

    def earliest_write(self, bank: Bank) -> int:
        t = self.timing
        after_read = self._read + t.cl + self.burst + t.rtw - t.cwl
        across, within = max(t.ccd_s, self.burst), max(t.ccd_l, self.burst)
        return max(bank.column, after_read, self._wrote + across, self._wrote_in[bank.group] + within)

    def activate(self, bank: Bank, row: int, clock: int) -> None:
        bank.row, bank.hits = row, 0
        bank.column = clock + self.timing.rcd
        bank.precharge = clock + self.timing.ras
        self._activated[bank.group] = clock
        self._activates.append(clock)

    def precharge(self, bank: Bank, clock: int) -> None:
        bank.row = None
        bank.activate = clock + self.timing.rp

    def read(self, bank: Bank, clock: int) -> int:
        """Give the command; the clock at which its data has come."""
        self._read = self._read_in[bank.group] = clock
        bank.precharge = max(bank.precharge, clock + self.timing.rtp)
        return self._moved(bank, clock + self.timing.cl)

    def write(self, bank: Bank, clock: int) -> int:
        """Give the command; the clock at which its data has gone."""
        self._wrote = self._wrote_in[bank.group] = clock
        bank.precharge = max(bank.precharge, clock + self.timing.cwl + self.burst + self.timing.wr)
        return self._moved(bank, clock + self.timing.cwl)

    def refresh(self, clock: int) -> tuple[int, int]:
        """Close rows from `clock` on, one a clock, and refresh; from when and until when the refresh lasts."""
        slot = clock
        for bank in self.banks:
            if bank.row is not None:
                slot = max(slot, bank.precharge) + 1
                self.precharge(bank, slot - 1)
        start = max(clock, self.bus_free, *(bank.activate for bank in self.banks))
        for bank in self.banks:
            bank.activate = start + self.timing.rfc
        return start, start + self.timing.rfc

    def _moved(self, bank: Bank, first: int) -> int:
        bank.hits += 1
        self.bus_free = first + self.burst
        return self.bus_free
