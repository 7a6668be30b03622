"""What a topology file may say about several chips: how they stand on a board, and what joins one to the next.

A machine of many chips names the file of the chip it is made of (`chip:`) and adds these sections; everything else it
says is put over that chip's numbers.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeInt

from sim.machine.quantity import Amount, Cost, Count, Quantity
from sim.scenario.section import Section

Pair = Annotated[tuple[int, int], Field(strict=False)]
Rows = Annotated[
    tuple[Annotated[tuple[NonNegativeInt, NonNegativeInt], Field(strict=False)], ...],
    Field(strict=False, min_length=1, max_length=256),
]
Tiling = Annotated[tuple[Pair, Pair], Field(strict=False)]
ErrorRate = Annotated[float, Field(ge=0, lt=1)]


class BoardSection(Section):
    """A board of chips in a hexagonal mesh; a chip has neighbours to the east, north-east, north and opposite.

    Chips are numbered row by row. Fewer chips than a board has are those nearest to the one with the host; more are
    whole boards, each moved by the two steps of `tiling`.
    """

    rows: Quantity[Rows] = Field(description="first and last x of each row of chips, from y = 0")
    tiling: Quantity[Tiling] = Field(description="two steps [x, y] from a board to its neighbours")
    host_chip: Quantity[NonNegativeInt] = Field(description="number of the chip with the host's link, from 0")
    torus: bool = Field(default=True, description="whether whole boards close round to a torus")


class LongLinkSection(Section):
    """A link between boards."""

    gbit_per_s: Amount = Field(description="rate on the line in Gbit/s")
    line_bits_per_byte: Count = Field(description="bits on the line for 8 bits of data, such as 10 of 8b10b")
    latency_ns: Amount = Field(description="last bit sent to packet in the far event router's buffer, ns")


class LinksSection(Section):
    """Links between chips; a packet is cut into link packets, each with a checksum of its own."""

    per_chip: Count = Field(description="links of a chip")
    packet_bits: Count = Field(description="bits of a link packet")
    payload_bits: Count = Field(description="bits of a packet that one link packet carries")
    packet_ns: Amount = Field(description="time a link packet takes on the line, ns")
    latency_ns: Amount = Field(description="last bit sent to packet in the far event router's buffer, ns")
    buffer_packets: Count = Field(description="packets that the far end of a link holds, for each virtual channel")
    error_rate: Quantity[ErrorRate] = Field(description="share of link packets whose checksum fails, 0 to below 1")
    timeout_ns: Amount = Field(
        description="a packet that waits so long for a link is dropped, where the scenario says so"
    )
    reinject_ns: Cost = Field(description="dropped packet to its return into the queue for the link, ns")
    between_boards: LongLinkSection | None = Field(default=None, description="links that lead to another board")
