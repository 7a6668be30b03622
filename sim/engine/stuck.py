"""What a run says when nothing more can happen though somebody still waits.

SimPy simply returns when its queue is empty. The kernel knows which processes had to come to an end; this module turns
those that did not into a report: who, for what, since when.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.units import ps_to_us

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a unit waits for since `since` (ps); the words are only asked for when somebody reads them."""

    since: int
    what: Callable[[], str]


class Stuck(Exception):  # noqa: N818 - a state of the machine, not an error of the program
    """The run stopped with units still waiting; `lost` are packets lost before, in words. It is `over` when nothing is
    left to happen, else the network stands still."""

    def __init__(self, now: int, waiting: Sequence[tuple[str, Waiting]], lost: str = "", *, over: bool = True) -> None:
        self.now = now
        self.waiting = tuple(waiting)
        self.lost = lost
        self.over = over
        super().__init__("\n".join(self._lines()))

    @property
    def head(self) -> str:
        """The first line."""
        how = "nothing can happen any more" if self.over else "no packet has moved for long"
        return f"stuck at {ps_to_us(self.now):.3f} us: {how} and {len(self.waiting)} units wait"

    def _lines(self) -> list[str]:
        shown = [
            f"  {unit} waits for {state.what()} since {ps_to_us(state.since):.3f} us"
            for unit, state in self.waiting[:SHOWN]
        ]
        more = len(self.waiting) - len(shown)
        why = [f"{self.lost}: what is waited for may be among them"] if self.lost else []
        return [self.head, *shown, *([f"  and {more} more"] if more else []), *why]
