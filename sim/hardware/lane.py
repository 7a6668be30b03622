"""A first-in first-out buffer in front of a router, whose head asks for the links it must leave by.

Arrivals and departures need no events of their own: whoever puts a flit in says from which cycle it is visible, and the
next head is visible one cycle after the last one left. The flits of a buffer are a chain, each knowing the one behind
it, so a network at rest holds nothing but its links.
"""

from __future__ import annotations

from sim.engine.packet import Flit
from sim.hardware.flow import Feeder, WayOut
from sim.hardware.router import Router


class Lane:
    """One buffer; `slot` is its number among the inputs of its router.

    `head` is the oldest flit, as long as there is one, and `since` the cycle from which links can see it.
    """

    __slots__ = ("_branches", "_feeder", "_last", "_site", "_ways", "head", "since", "slot")

    def __init__(self, router: Router, slot: int, feeder: Feeder) -> None:
        self._site = router.site
        self._ways: list[tuple[WayOut, ...]] = router.ways  # type: ignore[assignment]  # lanes are met with ways out
        self.slot = slot
        self.since = 0
        self.head: Flit
        self._last: Flit | None = None
        self._branches = 0
        self._feeder = feeder

    def push(self, flit: Flit, cycle: int) -> None:
        last, self._last = self._last, flit
        if last is None:
            self._present(flit, cycle)
        else:
            flit.since = cycle
            last.behind = flit

    def taken(self, now: int) -> Flit:
        """A link has granted the head; with the last link it needs, the head leaves."""
        flit = self.head
        if self._branches > 1:
            self._branches -= 1
            return flit.copy()
        behind = flit.behind
        if behind is None:
            self._last = None
        else:
            flit.behind = None
            since = behind.since
            if since <= now:
                behind.queued += now + 1 - since
                since = now + 1
            self._present(behind, since)
        self._feeder.freed(flit, now)
        return flit

    def _present(self, flit: Flit, cycle: int) -> None:
        """Ask for every link of the flit's way."""
        self.head = flit
        self.since = cycle
        ways = self._ways[flit.leg.ways[self._site]]
        self._branches = len(ways)
        for link in ways:
            link.request(self, cycle)
