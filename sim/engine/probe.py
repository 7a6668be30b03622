"""What the hardware tells whoever is listening.

Each method is named after what happened; the base class listens to nothing. Behaviours call these and keep no
statistics; which listeners there are changes no instant of a run.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.engine.packet import Flit, Packet


class Probe:
    """The vocabulary. Times are in ps, waits on a link in cycles of its clock."""

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        """`unit` was in the state `activity` from `start` to `end`."""

    def sent(self, packet: Packet, receivers: int) -> None:
        """A source has handed `packet` to the network, for so many receivers."""

    def handed_over(self, unit: str, packet: Packet, when: int) -> None:
        """`unit` gives `packet` to whatever carries it, at the instant `when`."""

    def caused(self, unit: str, cause: Packet, came: int, packet: Packet, when: int) -> None:
        """`unit` gives `packet` to the network at the instant `when` because `cause` has come to it at `came`."""

    def woken(self, unit: str, packet: Packet, now: int) -> None:
        """`unit`, which had nothing to do, goes on because `packet` has come."""

    def ticked(self, unit: str, now: int) -> None:
        """`unit`, which had nothing to do, goes on because its timer has fired."""

    def untimely(self, unit: str, slice: int, meant: int, begun: int, packet: Packet) -> None:
        """`packet` has come to slice number `slice` on `unit` (-1: the host) for step `meant`, when so many steps had
        `begun` by its timer: it is late and counts in step `begun`, or early and is kept, or there is no such step."""

    def hop(self, flit: Flit, link: int, cycle: int, waited: int, filled: int) -> None:
        """`flit` was granted `link` at `cycle` of the mesh's clock after `waited` cycles at the head of its buffer; the
        buffer it goes to then has `filled` places taken, flits and credits under way included."""

    def lookup(self, unit: str, packet: Packet, copies: int, start: int, found: int) -> None:
        """The event router `unit` looks for `packet`'s entry from `start` to `found`, then makes so many copies."""

    def crossed(self, flit: Flit, packet: Packet, crossing: Crossing) -> None:
        """`flit` goes over a link between chips; on the other side its packet is `packet`."""

    def reinjected(self, packet: Packet, link: int) -> None:
        """A packet that was dropped after waiting for a link between chips will be put back into its queue."""

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        """A flit's packet has reached so many of its receivers."""

    def arrived(self, node: int, packet: Packet, now: int) -> None:
        """A node of a traffic study has got `packet`."""

    def lost(self, unit: str, packet: Packet, receivers: int, cause: str) -> None:
        """At `unit`, so many receivers will never get `packet`."""

    def held_back(self, unit: str, packet: Packet) -> None:
        """`packet` had to wait in the network, for it found the receive FIFO of `unit` full."""

    def overwritten(self, unit: str, packet: Packet) -> None:
        """`unit` has lost a packet that was delivered to it before it was read."""

    def switched(self, unit: str, point: str, now: int) -> None:
        """`unit` runs at the operating point `point` from `now` on; before the first such news it is the machine's.
        No span of the unit goes across the change."""

    def level(self, unit: str, quantity: str, value: int) -> None:
        """`quantity` of `unit` is now `value`."""

    def amount(self, unit: str, quantity: str, value: int) -> None:
        """`unit` has done so much of `quantity` in the span it told of last."""

    def burst(self, unit: str, direction: str, row: str, size: int, asked: int, end: int) -> None:
        """DRAM port `unit` moves a burst of `size` bytes, `direction` "read" or "write", that was asked for at `asked`
        and is over at `end` (ps); `row` is "hit", "miss" (its bank was closed) or "conflict" (another row was open).
        Told when the burst's command is given, so `end`, and its `span` on the data bus, lie ahead."""

    def activated(self, unit: str) -> None:
        """DRAM port `unit` has opened a row. Refreshes are owed every `refi` clocks whether anybody looks or not:
        only those that held somebody up are told, as `span` "refresh"."""

    def task(self, unit: str, record: TaskRecord) -> None:
        """A slice on `unit` has finished one step."""


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """One step of one slice: when the PE turned to it, had its inputs, and had sent the last event (ps).

    Where a timer drives the steps `begun` is when the PE turned to what there was to do at the step's tick, and
    `overrun` how long after the tick that was, for it was still at what came before (ps).
    """

    slice: int
    step: int
    start: int
    ready: int
    done: int
    packets_received: int
    events_sent: int
    macs: int
    macs_needed: int
    overrun: int = 0
    begun: int = 0


@dataclass(frozen=True, slots=True)
class Crossing:
    """A packet on link number `link` between chips: seen there, begun to be sent, and in the far buffer (ps).

    The line moves `bits` in all. It takes so many `link_packets`, of which `resent` had to be sent again in all; then
    `filled` places of the far buffer are taken.
    """

    link: int
    seen: int
    start: int
    end: int
    busy: int
    link_packets: int
    resent: int
    bits: int
    filled: int


HOOKS = tuple(name for name, value in vars(Probe).items() if callable(value) and not name.startswith("_"))


def combined(listeners: Sequence[Probe]) -> Probe:
    """One probe that tells all of `listeners`, each only what it has ears for."""
    probe = Probe()
    for hook in HOOKS:
        ears = [getattr(one, hook) for one in listeners if getattr(type(one), hook) is not getattr(Probe, hook)]
        if len(ears) == 1:
            setattr(probe, hook, ears[0])
        elif ears:
            setattr(probe, hook, _fan_out(hook, ears))
    return probe


def _fan_out(hook: str, ears: Sequence[Callable[..., None]]) -> Callable[..., None]:
    """A function with the hook's own parameters that calls each ear, written out: a loop over `*what` takes twice as
    long, and hooks are called for each packet."""
    names = list(inspect.signature(getattr(Probe, hook)).parameters)[1:]
    calls = [f"    ear{number}({', '.join(names)})" for number in range(len(ears))]
    scope: dict[str, Any] = {f"ear{number}": ear for number, ear in enumerate(ears)}
    exec("\n".join([f"def tell({', '.join(names)}):", *calls]), scope)
    told: Callable[..., None] = scope["tell"]
    return told
