"""A virtual channel: one of several buffers behind a link, as the link that fills it counts it."""

from __future__ import annotations

from sim.engine.packet import Flit
from sim.hardware.credits import Credits
from sim.hardware.flow import Target
from sim.hardware.link import Output


class VirtualChannel:
    """One of the buffers behind a link, as the link counts it; `last` is the slot of the head that had it last."""

    def __init__(self, link: Output, number: int, room: int) -> None:
        self.link = link
        self.number = number
        self.credits = Credits(room)
        self.held = False
        self.last = -1
        self.target: Target

    def freed(self, flit: Flit, now: int) -> None:
        """A flit has left the buffer."""
        back = now + self.link.timing.credit_delay
        self.credits.give_back(back)
        self.link.credit_due(back)
