"""An ejection link that holds flits back while a receiver's FIFO is full: back-pressure from software into the mesh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.engine.packet import Flit
from sim.hardware.channel import VirtualChannel
from sim.hardware.fifo import StallingFifo
from sim.hardware.flow import Buffer
from sim.hardware.virtual import VirtualLink


class GatedLink(VirtualLink):
    """A link to receivers that may be full; a flit goes when every receiver it is for has a place."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._fifos: list[StallingFifo] = []
        self._found_full: dict[Flit, set[StallingFifo]] = {}

    def guard(self, fifo: StallingFifo) -> None:
        """Wait for places in `fifo`, which tells this link when one comes free."""
        self._fifos.append(fifo)
        fifo.opens(self)

    def _usable(self, flit: Flit, now: int) -> Sequence[VirtualChannel]:
        """None while a receiver is full, so that nobody holds the channel who cannot go."""
        full = [fifo for fifo in self._goals(flit) if not fifo.has_room(flit.packet, now)]
        if not full:
            return super()._usable(flit, now)
        self._found_full.setdefault(flit, set()).update(full)
        return ()

    def _returns(self) -> list[int]:
        due = [fifo.places.next_return() for fifo in self._fifos]
        return super()._returns() + [cycle for cycle in due if cycle is not None]

    def _grant(self, lane: Buffer, now: int) -> None:
        flit = lane.head
        super()._grant(lane, now)
        for fifo in self._goals(flit):
            fifo.reserve(flit.packet)
        for fifo in self._found_full.pop(flit, ()):
            fifo.probe.held_back(fifo.unit, flit.packet)

    def _goals(self, flit: Flit) -> list[StallingFifo]:
        return [one for one in flit.leg.receivers[self.index] if isinstance(one, StallingFifo)]
