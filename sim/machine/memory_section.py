"""What a topology file may say about its memory ports; all ports of a machine are alike."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.machine.memory import Scheduling
from sim.machine.quantity import Amount, Count, Cycles
from sim.scenario.section import Section


class TimingSection(Section):
    """Meaning of the names: see `sim.machine.memory.DramTiming`."""

    cl: Count = Field(description="read to first data, clocks")
    cwl: Count = Field(description="write to first data, clocks")
    rcd: Count = Field(description="activate to read or write, clocks")
    rp: Count = Field(description="precharge to activate, clocks")
    ras: Count = Field(description="activate to precharge, clocks")
    rrd_s: Count = Field(description="activate to activate, other bank group, clocks")
    rrd_l: Count = Field(description="activate to activate, same bank group, clocks")
    faw: Cycles = Field(description="window of at most four activates, clocks")
    wr: Cycles = Field(description="last data written to precharge, clocks")
    rtp: Cycles = Field(description="read to precharge, clocks")
    wtr_s: Cycles = Field(description="last data written to read, other bank group, clocks")
    wtr_l: Cycles = Field(description="last data written to read, same bank group, clocks")
    ccd_s: Count = Field(description="read to read or write to write, other bank group, clocks")
    ccd_l: Count = Field(description="read to read or write to write, same bank group, clocks")
    rtw: Cycles = Field(description="idle bus between data read and data written, clocks")
    rfc: Count = Field(description="a refresh of all banks, clocks")
    refi: Count = Field(description="from one refresh owed to the next, clocks")


class DramSection(Section):
    """One memory port; there is one at each memory site."""

    clock_mhz: Amount = Field(description="clock of the device in MHz; two transfers in each")
    data_bits: Count = Field(description="width of the data bus in bits, a multiple of 8")
    burst_length: Count = Field(description="transfers of a burst, an even number")
    bank_groups: Count = Field(description="bank groups, a power of two")
    banks_per_group: Count = Field(description="banks of a group, a power of two")
    rows: Count = Field(description="rows of a bank, a power of two")
    columns: Count = Field(description="columns of a row, each data_bits wide, a multiple of burst_length")
    address_order: Annotated[str, Field(min_length=1)] = Field(
        default="rochrababgco",
        description="fields of an address, most significant first: ro, ch, ra, ba, bg, co (row, channel, rank, bank, "
        "bank group, column)",
    )
    scheduling: Scheduling = Field(
        default="first_ready",
        description="first_ready: row hits pass older bursts of their bank; fcfs: data moves in the order asked",
    )
    queue_bursts: Count = Field(description="bursts looked at for a place in the queue of their bank")
    bank_queue_bursts: Count = Field(description="bursts that wait for one bank")
    row_hits: Count = Field(description="first_ready: bursts a row serves before an older one may close it")
    write_drain: Count = Field(description="first_ready: writes waiting that turn the bus round while reads wait")
    controller_clocks: Cycles = Field(description="what a burst takes on top of the device's own times, clocks")
    dma_bytes_per_s: Amount | None = Field(
        default=None, description="what the path of the DMA unit moves at most in bytes/s; absent: no limit"
    )
    timing: TimingSection
