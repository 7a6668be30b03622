"""A first-in first-out buffer in front of a router, whose head asks for the links it must leave by.

Arrivals and departures need no events of their own: whoever puts a flit in says from which cycle it is visible, and the
next head is visible one cycle after the last one left.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from sim.engine.packet import Flit

if TYPE_CHECKING:
    from sim.hardware.link import Output
    from sim.hardware.virtual import Crossing


class Target(Protocol):
    """Where a link puts its flits."""

    def push(self, flit: Flit, cycle: int) -> None:
        """Take `flit`, visible from `cycle` on."""


class Feeder(Protocol):
    """Who wants to know that a place in a buffer is free again."""

    def freed(self, flit: Flit, now: int) -> None:
        """`flit` has left the buffer at cycle `now`."""


class Lane:
    """One buffer; `slot` is its number among the inputs of its router, `crossing` the input it shares, if it does."""

    __slots__ = ("_freed", "_next", "_pending", "crossing", "flits", "router", "slot")

    def __init__(self, router: int, slot: int, feeder: Feeder, crossing: Crossing | None = None) -> None:
        self.router = router
        self.slot = slot
        self._freed = feeder.freed
        self.crossing = crossing
        self.flits: deque[tuple[int, Flit]] = deque()
        self._next = 0
        self._pending = 0

    @property
    def head(self) -> Flit:
        return self.flits[0][1]

    def push(self, flit: Flit, cycle: int) -> None:
        flits = self.flits
        flits.append((cycle, flit))
        if len(flits) == 1:
            self._present(flit, cycle if cycle > self._next else self._next)

    def taken(self, by: Output, now: int) -> Flit:
        """A link has granted the head; with the last link it needs, the head leaves."""
        flit = self.flits[0][1]
        self._pending -= 1
        if self._pending:
            return flit.copy()
        if flit.leg.adaptive:
            self._withdraw(flit, by)
        self._leave(flit, now)
        return flit

    def _leave(self, flit: Flit, now: int) -> None:
        flits = self.flits
        flits.popleft()
        self._next = now + 1
        if flits:
            cycle, head = flits[0]
            self._present(head, cycle if cycle > now else now + 1)
        self._freed(flit, now)

    def _present(self, flit: Flit, cycle: int) -> None:
        """Ask for every link of the flit's way, or for any one of them where it may choose."""
        leg = flit.leg
        ways: tuple[Output, ...] = leg.ways[self.router]  # type: ignore[assignment]  # lanes are met with outputs
        self._pending = 1 if leg.adaptive else len(ways)
        for link in ways:
            link.request(self, cycle)

    def _withdraw(self, flit: Flit, by: Output) -> None:
        """Take back the requests to the links that were not needed."""
        others: tuple[Output, ...] = flit.leg.ways[self.router]  # type: ignore[assignment]
        for link in others:
            if link is not by:
                link.withdraw(self)
