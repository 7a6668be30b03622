"""What a measurement of speed or memory comes to, and what it should."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach: at least `bound`, or at most."""

    bound: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:,g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of one case; without a target it is for information."""

    case: str
    name: str
    value: float
    unit: str
    target: Target | None = None
