"""How the events of one slice and step share packets.

One event to a packet: the key names the unit, the payload is its value. `pairs`: the key names the first of several
units, the payload has the number within the slice and the value of each, lowest first, and only the last packet of a
step is not full. `block`: the key names the first of a block of neighbouring units, the payload has the values of all
of them, zeros included; a block of which none fired is not sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sim.machine.machine import Costs
from sim.scenario.formats import VALUE_BITS, Formats
from sim.workload.sparse import Floats


@dataclass(frozen=True, slots=True)
class Content:
    """What a packet says: values of units from `unit` on, or of `units` where those are not neighbours, in bits."""

    unit: int
    values: tuple[float, ...]
    bits: int
    units: tuple[int, ...] = ()


class Sending(Protocol):
    """How the outputs of a slice become packets."""

    def contents(self, y: Floats) -> Iterator[Content]:
        """The packets of the outputs `y` (units,) of a slice, lowest unit first."""
        ...

    def cycles(self, values: int, copies: int, costs: Costs) -> float:
        """Cycles to send a packet of so many values, of which the sender itself makes so many copies."""
        ...


@dataclass(frozen=True, slots=True)
class Blocks:
    """Outputs that are sent whole, zeros and all, by DMA: `together` neighbouring values of `bits` in each packet."""

    together: int
    bits: int

    def contents(self, y: Floats) -> Iterator[Content]:
        for first in range(0, len(y), self.together):
            values = tuple(y[first : first + self.together].tolist())
            yield Content(first, values, len(values) * self.bits)

    def cycles(self, values: int, copies: int, costs: Costs) -> float:
        return copies * costs.dma_packet_cycles


@dataclass(frozen=True, slots=True)
class Answers(Blocks):
    """The same for a few numbers that the core writes itself."""

    def cycles(self, values: int, copies: int, costs: Costs) -> float:
        return copies * costs.emit_event_cycles


@dataclass(frozen=True, slots=True)
class Packing:
    """The rule for packets of events, and what it costs to follow it."""

    formats: Formats

    def contents(self, y: Floats) -> Iterator[Content]:
        """The packets of the outputs `y` (units,) of a slice, lowest unit first; none where nothing fired."""
        fired = np.flatnonzero(y).tolist()
        if self.formats.events_per_packet == 1:
            return self._alone(y, fired)
        return self._pairs(y, fired) if self.formats.packing == "pairs" else self._blocks(y, fired)

    def cycles(self, values: int, copies: int, costs: Costs) -> float:
        convert = 0.0 if self.formats.events == "fp32" else costs.convert_value_cycles
        return copies * costs.emit_event_cycles + (values - 1) * costs.pack_value_cycles + values * convert

    def _alone(self, y: Floats, fired: list[int]) -> Iterator[Content]:
        bits = VALUE_BITS[self.formats.events]
        for unit in fired:
            yield Content(unit, (float(y[unit]),), bits)

    def _pairs(self, y: Floats, fired: list[int]) -> Iterator[Content]:
        together, bits = self.formats.events_per_packet, self.formats.event_bits
        for first in range(0, len(fired), together):
            units = tuple(fired[first : first + together])
            yield Content(units[0], tuple(y[list(units)].tolist()), len(units) * bits, units)

    def _blocks(self, y: Floats, fired: list[int]) -> Iterator[Content]:
        together, bits = self.formats.events_per_packet, self.formats.event_bits
        for first in sorted({unit - unit % together for unit in fired}):
            values = tuple(y[first : first + together].tolist())
            yield Content(first, values, len(values) * bits)
