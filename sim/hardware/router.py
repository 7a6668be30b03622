"""A router as the buffers in front of it see it: the ways out, told apart by small numbers.

What a flit needs to know at each router is one of a handful of ways, so a leg keeps a byte for a router and not a
reference; and as flits to many places go on alike at most routers, legs share the pages of their courses. With
thousands of links all courses are looked into at random for every hop, and what is small stays in the computer's
caches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sim.engine.packet import Course, Leg
from sim.hardware.flow import AnyLink, Buffer
from sim.machine.machine import Channel

ONE_BYTE = 256
"""How many numbers fit in a byte."""
ON_A_PAGE = 128
"""Routers on a page of a course: few enough that pages are alike, enough that a course is short."""
NOWHERE = 0
"""The first way out of each router, where no flit ever comes to."""


class Fork:
    """Several links that a flit leaves by together, or may choose from."""

    __slots__ = ("links",)

    def __init__(self, links: tuple[AnyLink, ...]) -> None:
        self.links = links

    def request(self, lane: Buffer, cycle: int) -> None:
        """The head of `lane` wants all of them from `cycle` on."""
        lane.branches = len(self.links)
        for link in self.links:
            link.request(lane, cycle)  # type: ignore[attr-defined]  # where there are buffers, links can be asked for


Way = AnyLink | Fork
"""A way out of a router."""


def together(way: Way) -> tuple[AnyLink, ...]:
    """The links of a way out."""
    return way.links if isinstance(way, Fork) else (way,)


class Input(Protocol):
    """A buffer as its router sees it."""

    ways: tuple[Way, ...]


class Router(dict[tuple[AnyLink, ...], int]):
    """The links that flits leave the router at `site` by together -> the number of this way out, given when it is first
    asked for. Every buffer in front of the router, its `inputs`, has all `ways` by number at hand."""

    __slots__ = ("inputs", "page", "place", "ways")

    def __init__(self, site: int) -> None:
        super().__init__()
        self.page, self.place = divmod(site, ON_A_PAGE)
        self.ways: tuple[Way, ...] = (Fork(()),)
        self.inputs: list[Input] = []

    def __missing__(self, links: tuple[AnyLink, ...]) -> int:
        self[links] = len(self.ways)
        self.ways += (links[0] if len(links) == 1 else Fork(links),)
        for buffer in self.inputs:
            buffer.ways = self.ways
        return self[links]

    def out(self, leg: Leg) -> tuple[AnyLink, ...]:
        """The links that flits on `leg` leave by."""
        return together(self.ways[leg.ways[self.page][self.place]])

    def join(self, buffer: Input) -> int:
        """Have `buffer` for a new input; its number."""
        buffer.ways = self.ways
        self.inputs.append(buffer)
        return len(self.inputs) - 1


class Directions(dict[tuple[int, ...], int]):
    """Channels by which flits may leave the site they begin at -> the number of that way out there; none at all is
    `NOWHERE` at every router."""

    def __init__(self, routers: Sequence[Router], channels: Sequence[Channel], links: Sequence[AnyLink]) -> None:
        super().__init__({(): NOWHERE})
        self._routers = routers
        self._channels = channels
        self._links = links

    def __missing__(self, channels: tuple[int, ...]) -> int:
        router = self._routers[self._channels[channels[0]].source]
        self[channels] = router[tuple([self._links[channel] for channel in channels])]
        return self[channels]


Page = bytes | tuple[int, ...]
"""The numbers of the ways out of so many routers, a byte each where all of them fit."""


class Pages(dict[Page, Page]):
    """Pages of courses, alike ones kept once."""

    def course(self, ways: Sequence[int]) -> Course:
        """The course that takes these `ways`, router by router."""
        pages = [_compact(ways[first : first + ON_A_PAGE]) for first in range(0, len(ways), ON_A_PAGE)]
        return tuple([self.setdefault(page, page) for page in pages])


def _compact(numbers: Sequence[int]) -> Page:
    return bytes(numbers) if max(numbers) < ONE_BYTE else tuple(numbers)
