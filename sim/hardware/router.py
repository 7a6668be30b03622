"""A router as the buffers in front of it see it: the ways out, told apart by small numbers.

What a flit needs to know at each router is one of a handful of ways, so a leg keeps a byte for a router and not a
reference: with thousands of links the table of all legs is looked into at random for every hop, and an eighth of it
stays in the computer's caches.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.engine.packet import Leg
from sim.hardware.flow import AnyLink

ONE_BYTE = 256


class Router(dict[tuple[AnyLink, ...], int]):
    """The links that flits leave the router at `site` by together -> the number of this way out, given when it is first
    asked for; `ways` are the links by that number. `inputs` counts the buffers in front of the router."""

    __slots__ = ("inputs", "site", "ways")

    def __init__(self, site: int) -> None:
        super().__init__()
        self.site = site
        self.ways: list[tuple[AnyLink, ...]] = []
        self.inputs = 0

    def __missing__(self, links: tuple[AnyLink, ...]) -> int:
        self[links] = len(self.ways)
        self.ways.append(links)
        return self[links]

    def out(self, leg: Leg) -> tuple[AnyLink, ...]:
        """The links that flits on `leg` leave by."""
        return self.ways[leg.ways[self.site]]

    def input(self) -> int:
        """The number of a new input."""
        self.inputs += 1
        return self.inputs - 1


class Outputs(dict[tuple[int, ...], tuple[AnyLink, ...]]):
    """The links of channels; few combinations are ever asked for, so that all routers share them."""

    def __init__(self, links: Sequence[AnyLink]) -> None:
        super().__init__()
        self._links = links

    def __missing__(self, channels: tuple[int, ...]) -> tuple[AnyLink, ...]:
        self[channels] = tuple(self._links[channel] for channel in channels)
        return self[channels]


def numbered(routers: Sequence[Router], ways: Sequence[tuple[AnyLink, ...]]) -> Sequence[int]:
    """For each of `routers` the number of the way out that `ways` names."""
    return compact([router[links] for router, links in zip(routers, ways, strict=True)])


def compact(numbers: Sequence[int]) -> Sequence[int]:
    """The same numbers, a byte each where all of them fit."""
    return bytes(numbers) if max(numbers) < ONE_BYTE else numbers
