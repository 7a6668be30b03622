"""A virtual channel: one of several buffers behind a link, as the link that fills it counts it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sim.engine.packet import Flit
from sim.hardware.credits import Credits
from sim.hardware.flow import Target
from sim.hardware.link import Common


class CreditedLink(Protocol):
    """A link that waits for credits."""

    common: Common

    def credit_due(self, cycle: int) -> None: ...


class VirtualChannel:
    """One of the buffers behind a link, as the link counts it; `last` is the slot of the head that had it last."""

    def __init__(self, link: CreditedLink, number: int, room: int) -> None:
        self.link = link
        self.number = number
        self.credits = Credits(room)
        self.held = False
        self.last = -1
        self.target: Target

    def freed(self, flit: Flit, ahead: Sequence[int]) -> None:
        """A flit has left the buffer."""
        back = ahead[self.link.common.credit_delay]
        self.credits.give_back(back)
        self.link.credit_due(back)
