"""What links, buffers and routers know of one another: flits go forward, news of free places comes back.

A link puts flits into a target and, as its feeder, hears when they have left it again. A buffer asks the ways out that
its head must take, and each of them, when its turn has come, takes the head.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sim.engine.packet import Flit


class Target(Protocol):
    """Where a link puts its flits."""

    def push(self, flit: Flit, cycle: int) -> None:
        """Take `flit`, visible from `cycle` on."""


class Feeder(Protocol):
    """Who wants to know that a place in a buffer is free again."""

    def freed(self, flit: Flit, ahead: Sequence[int]) -> None:
        """`flit` has left the buffer in the first of the cycles `ahead`."""


class AnyLink(Protocol):
    """What the mesh needs of a link, of whatever kind."""

    index: int

    def drain_into(self, target: Target, room: int) -> Feeder:
        """Fill `target`, which has room for that many flits; whom it tells when a flit has left."""


class Buffer(Protocol):
    """What a link sees of a buffer: its `slot` among the inputs of the router, its oldest flit, since when links can
    see that (cycle), and how many of them it still leaves by."""

    slot: int
    head: Flit
    since: int
    branches: int

    def taken(self, ahead: Sequence[int]) -> Flit:
        """A link has granted the head in the first of the cycles `ahead`; with the last link it needs, it leaves."""


class WayOut(Protocol):
    """A link as a buffer asks for it."""

    def request(self, lane: Buffer, cycle: int) -> None:
        """The head of `lane` wants this link from `cycle` on."""

    def withdraw(self, lane: Buffer) -> None:
        """The head of `lane` has left, by this link or another."""
