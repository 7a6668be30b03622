"""Where packets enter a processing element that has values put into its memory by DMA.

Such values go past the receive FIFO to the place they belong in, without the core; all other packets go into the FIFO.
"""

from __future__ import annotations

from collections.abc import Callable

from sim.engine.packet import Packet
from sim.hardware.fifo import ReceiveFifo


class DmaDoor:
    """In front of a FIFO; `place` takes a packet of values, or says that it is not one for DMA."""

    def __init__(self, fifo: ReceiveFifo) -> None:
        self.fifo = fifo
        self.place: Callable[[Packet], bool] = _none_is

    def receive(self, packet: Packet) -> bool:
        """A packet arrives."""
        return (packet.kind == "events" and self.place(packet)) or self.fifo.receive(packet)


def _none_is(packet: Packet) -> bool:
    return False
