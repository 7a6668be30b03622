"""The nouns of a memory port: what device hangs on it, with which timing, and how its controller orders bursts.

All times are clocks of the device, which moves two transfers in each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.units import Clock

Scheduling = Literal["fcfs", "first_ready"]
FIELDS = ("ro", "ch", "ra", "ba", "bg", "co")
"""What an address is cut into: row, channel, rank, bank, bank group, column."""


@dataclass(frozen=True, slots=True)
class DramTiming:
    """The least number of clocks between two commands, by the names of the JEDEC standards.

    `cl`, `cwl`: read or write to its first data; `rcd`: activate to read or write; `rp`: precharge to activate; `ras`:
    activate to precharge; `rrd`: activate to activate of another bank (`_l` within a bank group, `_s` across); `faw`:
    window that holds at most four activates; `wr`: last data written to precharge; `rtp`: read to precharge; `wtr`:
    last data written to read; `ccd`: read to read or write to write; `rtw`: idle clocks of the bus between data read
    and data written; `rfc`: length of a refresh; `refi`: a refresh is owed every so many clocks.
    """

    cl: int
    cwl: int
    rcd: int
    rp: int
    ras: int
    rrd_s: int
    rrd_l: int
    faw: int
    wr: int
    rtp: int
    wtr_s: int
    wtr_l: int
    ccd_s: int
    ccd_l: int
    rtw: int
    rfc: int
    refi: int


@dataclass(frozen=True, slots=True)
class Dram:
    """One memory port: a DMA unit and a controller in front of one rank of one channel.

    `controller_clocks` is what a burst takes on top of the device's own times; `dma_bytes_per_s` what the path of the
    DMA unit moves at most, None where the device alone sets the pace. `queue_bursts` are looked at for a place in the
    queue of their bank, which holds `bank_queue_bursts`; `row_hits` pass an older burst of their bank in a row, and
    `write_drain` writes waiting are enough to turn the bus round.
    """

    name: str
    site: int
    clock: Clock
    data_bits: int
    burst_length: int
    bank_groups: int
    banks_per_group: int
    rows: int
    columns: int
    address_order: str
    scheduling: Scheduling
    queue_bursts: int
    bank_queue_bursts: int
    row_hits: int
    write_drain: int
    controller_clocks: int
    dma_bytes_per_s: float | None
    timing: DramTiming

    @property
    def banks(self) -> int:
        return self.bank_groups * self.banks_per_group

    @property
    def burst_clocks(self) -> int:
        """Clocks a burst holds the data bus: two transfers in each."""
        return self.burst_length // 2

    @property
    def burst_bytes(self) -> int:
        return self.data_bits * self.burst_length // 8

    @property
    def capacity_bytes(self) -> int:
        return self.banks * self.rows * self.columns * self.data_bits // 8

    @property
    def peak_bytes_per_s(self) -> float:
        """Rate of the data bus."""
        return self.data_bits * self.clock.mhz * 1e6 * 2 / 8
