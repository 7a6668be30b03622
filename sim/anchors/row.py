"""One figure known from elsewhere beside ours.

`basis` says how ours came about: predicted by a run; fitted (a constant was chosen to meet it); derived (arithmetic on
numbers of the topology, nothing was run); input (the figure is itself a number of the topology or one was derived from
it, so that the row only checks the way there and back).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Basis = Literal["predicted", "fitted", "derived", "input"]


@dataclass(frozen=True, slots=True)
class Row:
    """A published (or exact) value and ours, in `unit`; `tolerance` is a share. Where one is None, `note` says why.

    With `is_bound` the value is one that ours must not exceed, however far below it is.
    """

    figure: str
    unit: str
    published: float | None
    source: str
    basis: Basis
    tolerance: float
    ours: float | None = None
    note: str = ""
    is_bound: bool = False

    @property
    def error(self) -> float | None:
        """How far ours is from the published value, as a share of that."""
        return None if self.ours is None or self.published is None else self.ours / self.published - 1

    @property
    def verdict(self) -> Literal["ok", "MISS", "not checked"]:
        if self.error is None:
            return "not checked"
        off = self.error if self.is_bound else abs(self.error)
        return "ok" if off <= self.tolerance else "MISS"
