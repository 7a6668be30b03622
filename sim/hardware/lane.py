"""A first-in first-out buffer in front of a router, whose head asks for the links it must leave by.

Arrivals and departures need no events of their own: whoever puts a flit in says from which cycle it is visible, and the
next head is visible one cycle after the last one left. The flits of a buffer are a chain, each knowing the one behind
it, so a network at rest holds nothing but its links.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.engine.packet import Flit
from sim.hardware.flow import Feeder, WayOut
from sim.hardware.router import Router, Way, together

STATE = ("_newest", "_page", "_place", "branches", "head", "since", "slot", "ways")
NOTHING = ()
"""No fields: of several classes with fields no class can be made."""


class Buffered:
    """What a buffer does; whoever is one keeps its `STATE`, and is told by `freed` of its own free places.

    `slot` is its number among the inputs of its router, `head` the oldest flit, as long as there is one, `since` the
    cycle from which links can see it, `branches` how many of them it still leaves by; `ways` are all those out of its
    router.
    """

    __slots__ = NOTHING

    slot: int
    head: Flit
    since: int
    branches: int
    ways: tuple[Way, ...]
    _newest: Flit | None
    _page: int
    _place: int

    def stand(self, slot: int) -> None:
        """Begin as input number `slot`, with nothing in it."""
        self.slot = slot
        self.since = 0
        self.branches = 0
        self._newest = None

    def stand_before(self, router: Router) -> None:
        """Begin as a new input of `router`."""
        self._page, self._place = router.page, router.place
        self.stand(router.join(self))

    def push(self, flit: Flit, cycle: int) -> None:
        """Take `flit`, visible from `cycle` on."""
        newest, self._newest = self._newest, flit
        if newest is None:
            self._present(flit, cycle)
        else:
            flit.since = cycle
            newest.behind = flit

    def taken(self, ahead: Sequence[int]) -> Flit:
        """A link has granted the head in the first of the cycles `ahead`; with the last link it needs, it leaves."""
        flit = self.head
        if self.branches > 1:
            self.branches -= 1
            return flit.copy()
        behind = flit.behind
        if behind is None:
            self._newest = None
        else:
            flit.behind = None
            since, next_cycle = behind.since, ahead[1]
            if since < next_cycle:
                behind.queued += next_cycle - since
                since = next_cycle
            self._present(behind, since)
        self.freed(flit, ahead)
        return flit

    def asked(self) -> Sequence[WayOut]:
        """The links that the head wants, or may choose from."""
        return together(self.ways[self.head.course[self._page][self._place]])  # type: ignore[return-value]  # as in `_present`

    def _present(self, flit: Flit, cycle: int) -> None:
        """Ask for every link of the flit's way."""
        self.head = flit
        self.since = cycle
        self.branches = 1
        way: WayOut = self.ways[flit.course[self._page][self._place]]  # type: ignore[assignment]  # where there are buffers, links wait
        way.request(self, cycle)

    def freed(self, flit: Flit, ahead: Sequence[int]) -> None:
        """`flit` has left in the first of the cycles `ahead`."""
        raise NotImplementedError


class Lane(Buffered):
    """A buffer that tells its `feeder` of free places."""

    __slots__ = (*STATE, "_feeder")

    def __init__(self, feeder: Feeder) -> None:
        self._feeder = feeder

    def freed(self, flit: Flit, ahead: Sequence[int]) -> None:
        self._feeder.freed(flit, ahead)
