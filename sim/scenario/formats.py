"""How numbers are stored and sent: what a scenario says of it, and which packets can carry how many of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import Field

from sim.scenario.complaints import Complaint
from sim.scenario.section import Section, Whole

ValueForm = Literal["fp32", "fp16", "int8"]

VALUE_BITS: Final[dict[ValueForm, int]] = {"fp32": 32, "fp16": 16, "int8": 8}
PAIR_INDEX_BITS: Final = 16
"""Of a unit's number within its slice, beside its value in a packet of pairs."""

MOST_OF_16_BITS: Final = 65_536


class Formats(Section):
    """The number formats of weights, inputs and events, and how events share packets."""

    weights: Annotated[
        Literal["fp32", "int8"],
        Field(description="stored weights: fp32, or int8 with an fp32 scale for each row of a matrix"),
    ] = "fp32"
    indices: Annotated[
        Literal[16, 32], Whole, Field(description="bits of the index stored with each weight, 16 or 32")
    ] = 32
    inputs: Annotated[
        ValueForm,
        Field(description="values of input vectors: fp32, fp16, or int8 with one scale for all of them"),
    ] = "fp32"
    events: Annotated[
        ValueForm,
        Field(description="values of events: fp32, fp16, or 8 bits in steps of 1/256, which are never negative"),
    ] = "fp32"
    packing: Annotated[
        Literal["pairs", "block"],
        Field(
            description="several events in a packet: as pairs of unit and value, or as the values of a block of "
            "neighbouring units of which any fired"
        ),
    ] = "pairs"
    events_per_packet: Annotated[
        Literal[1, 2, 4, 8, 16],
        Whole,
        Field(description="events (packing pairs) or units (packing block) in one packet, 1, 2, 4, 8 or 16"),
    ] = 1

    @property
    def event_bits(self) -> int:
        """Bits of payload that one of several events in a packet takes."""
        return VALUE_BITS[self.events] + (PAIR_INDEX_BITS if self.packing == "pairs" else 0)


def too_long(formats: Formats, values_per_packet: int, payload_bits: int) -> Iterator[Complaint]:
    """What does not fit a packet with at most `payload_bits` of payload."""
    vector = values_per_packet * VALUE_BITS[formats.inputs]
    if vector > payload_bits:
        problem = _problem(f"{values_per_packet} {formats.inputs} values", vector, payload_bits)
        most = payload_bits // VALUE_BITS[formats.inputs]
        yield Complaint("compute.values_per_packet", f"{problem}; set {_power(most)} or less")
    together, own = formats.events_per_packet, formats.event_bits
    if together > 1 and together * own > payload_bits:
        what = "pairs of unit and" if formats.packing == "pairs" else "neighbouring"
        problem = _problem(f"{together} {what} {formats.events} values", together * own, payload_bits)
        yield Complaint("formats.events_per_packet", f"{problem}; set {_power(payload_bits // own)} or less")


def too_many_columns(columns: int, indices: int, kernel: str) -> str | None:
    """What is wrong with `indices` bits for a matrix of so many columns; columns are not stored by column."""
    if indices == 16 and kernel == "csr_rows" and columns > MOST_OF_16_BITS:
        most = MOST_OF_16_BITS
        return f"16 bits tell {most} columns apart, and a matrix has {columns}; set formats.indices to 32"
    return None


def _problem(what: str, needed: int, there: int) -> str:
    return f"{what} take {needed} bits, the largest payload of a packet has {there}"


def _power(most: int) -> int:
    """The largest power of two that is no more than `most`, at least 1."""
    return 1 << max(most.bit_length() - 1, 0)
