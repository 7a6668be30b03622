"""The only place that converts between units.

Time inside the simulator is a Python int in picoseconds. A clock whose period is not a whole number of picoseconds
(300 MHz) is converted as a total, edge by edge number and never by adding up rounded periods, so that two events of
one clock edge always fall on the same instant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Amount = TypeVar("Amount", "float", "npt.NDArray[np.float64]")

PS_PER_NS = 1_000
PS_PER_US = 1_000_000
PS_PER_S = 1_000_000_000_000
J_PER_PJ = 1e-12
J_PER_MW_PS = 1e-15
"""Joules of a milliwatt for a picosecond."""


def ns_to_ps(nanoseconds: float) -> int:
    """Nanoseconds to whole picoseconds, nearest."""
    return round(Fraction(str(nanoseconds)) * PS_PER_NS)


def us_to_ps(microseconds: float) -> int:
    """Microseconds to whole picoseconds, nearest."""
    return round(Fraction(str(microseconds)) * PS_PER_US)


def ps_to_ns(picoseconds: Amount) -> Amount:
    """Picoseconds, a number or an array of them, to nanoseconds."""
    return picoseconds / PS_PER_NS


def ps_to_us(picoseconds: Amount) -> Amount:
    """Picoseconds, a number or an array of them, to microseconds."""
    return picoseconds / PS_PER_US


def ps_to_s(picoseconds: Amount) -> Amount:
    """Picoseconds, a number or an array of them, to seconds."""
    return picoseconds / PS_PER_S


def transfer_ps(bits: int, gbit_per_s: float) -> int:
    """Time to move `bits` at a rate in Gbit/s, in picoseconds, rounded up: a link is never faster than it is."""
    return math.ceil(Fraction(bits * PS_PER_NS) / Fraction(str(gbit_per_s)))


@dataclass(frozen=True, slots=True)
class Clock:
    """A frequency as the exact fraction of picoseconds a cycle takes."""

    numerator: int
    denominator: int

    @classmethod
    def from_mhz(cls, mhz: float) -> Clock:
        period = Fraction(PS_PER_US) / Fraction(str(mhz))
        return cls(period.numerator, period.denominator)

    @property
    def mhz(self) -> float:
        return PS_PER_US * self.denominator / self.numerator

    def edge(self, cycle: int) -> int:
        """The instant of edge number `cycle`, in ps; edge 0 is at time 0."""
        return cycle * self.numerator // self.denominator

    def duration(self, cycles: float) -> int:
        """How long `cycles` take, in ps, part cycles rounded up to a whole one."""
        return self.edge(math.ceil(cycles))

    def first_edge_after(self, now: int) -> int:
        """The number of the first edge strictly later than `now` (ps)."""
        cycle = now * self.denominator // self.numerator
        while self.edge(cycle) <= now:
            cycle += 1
        return cycle

    def cycles_in(self, duration: int) -> float:
        """`duration` (ps) in cycles."""
        return duration * self.denominator / self.numerator
