"""An ejection link that holds flits back while a receiver's FIFO is full: back-pressure from software into the mesh."""

from __future__ import annotations

from sim.engine.edges import Edges
from sim.engine.packet import Flit
from sim.engine.probe import Probe
from sim.hardware.fifo import StallingFifo
from sim.hardware.link import Timing
from sim.hardware.virtual import VirtualLink


class GatedLink(VirtualLink):
    """A link to receivers that may be full; a flit goes when every receiver it is for has a place."""

    def __init__(self, edges: Edges, probe: Probe, index: int, name: str, timing: Timing) -> None:
        super().__init__(edges, probe, index, name, timing)
        self._fifos: list[StallingFifo] = []

    def guard(self, fifo: StallingFifo) -> None:
        """Wait for places in `fifo`, which tells this link when one comes free."""
        self._fifos.append(fifo)
        fifo.opens(self)

    def _admits(self, flit: Flit, now: int) -> bool:
        return all(fifo.has_room(flit.packet, now) for fifo in self._goals(flit))

    def _returns(self) -> list[int]:
        due = [fifo.places.next_return() for fifo in self._fifos]
        return super()._returns() + [cycle for cycle in due if cycle is not None]

    def _grant(self, slot: int, now: int) -> None:
        flit = self.head(slot)
        super()._grant(slot, now)
        for fifo in self._goals(flit):
            fifo.reserve(flit.packet)

    def _goals(self, flit: Flit) -> list[StallingFifo]:
        return [one for one in flit.leg.receivers[self.index] if isinstance(one, StallingFifo)]
