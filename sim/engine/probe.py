"""What the hardware tells whoever is listening.

Each method is named after what happened; the base class listens to nothing. Behaviours call these and keep no
statistics; which listeners there are changes no instant of a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.engine.packet import Packet


class Probe:
    """The vocabulary. Times are in ps, waits on a link in cycles of its clock."""

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        """`unit` was in the state `activity` from `start` to `end`."""

    def sent(self, packet: Packet, receivers: int) -> None:
        """A source has handed `packet` to the network, for so many receivers."""

    def entered(self, packet: Packet, now: int) -> None:
        """`packet` has left its source's queue for the network."""

    def hop(self, link: int, waited: int) -> None:
        """A flit was granted `link` after `waited` cycles at the head of its buffer."""

    def lookup(self, packet: Packet, copies: int) -> None:
        """The event router has found `packet`'s entry and makes that many copies."""

    def delivered(self, packet: Packet, receivers: int, now: int) -> None:
        """`packet` has reached so many of its receivers."""

    def lost(self, packet: Packet, receivers: int, cause: str) -> None:
        """So many receivers will never get `packet`."""

    def level(self, unit: str, quantity: str, value: int) -> None:
        """`quantity` of `unit` is now `value`."""

    def task(self, slice_index: int, step: int, record: TaskRecord) -> None:
        """A slice has finished one step."""


class TaskRecord:
    """When a slice's step began, had its inputs, ended, and what went in and out."""

    __slots__ = ("done", "events_sent", "macs", "packets_received", "ready", "start")

    def __init__(self, start: int, ready: int, done: int, counts: tuple[int, int, int]) -> None:
        self.start, self.ready, self.done = start, ready, done
        self.packets_received, self.events_sent, self.macs = counts


HOOKS = tuple(name for name, value in vars(Probe).items() if callable(value) and not name.startswith("_"))


def combined(listeners: Sequence[Probe]) -> Probe:
    """One probe that tells all of `listeners`, each only what it has ears for."""
    probe = Probe()
    for hook in HOOKS:
        ears = [getattr(one, hook) for one in listeners if getattr(type(one), hook) is not getattr(Probe, hook)]
        if len(ears) == 1:
            setattr(probe, hook, ears[0])
        elif ears:
            setattr(probe, hook, _fan_out(ears))
    return probe


def _fan_out(ears: list):  # type: ignore[no-untyped-def,type-arg]
    def tell(*what: object) -> None:
        for ear in ears:
            ear(*what)

    return tell
