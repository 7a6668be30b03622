"""A number of a topology file: written plain, or as `{value, low, high, basis, source}`.

Once read it always has all of these, and the schema says which kind of number it is.
"""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from sim.scenario.section import Section

T = TypeVar("T")
Basis = Literal["measured", "derived", "fitted", "assumed"]


class Quantity(Section, Generic[T]):
    """A value, the range it may lie in, and where it comes from.

    `basis` is measured (published, or read from the maker's software), derived (computed from such figures),
    fitted (chosen so that a whole run agrees with a measurement) or assumed; None when it was given by hand.
    """

    value: T
    low: T | None = Field(default=None, description="smallest plausible value")
    high: T | None = Field(default=None, description="largest plausible value")
    basis: Basis | None = Field(default=None, description="measured, derived, fitted or assumed")
    source: str = Field(default="", description="short citation")

    @model_validator(mode="before")
    @classmethod
    def _plain_number(cls, data: Any) -> Any:
        return data if isinstance(data, dict | Quantity) else {"value": data}


Count = Quantity[PositiveInt]
Cycles = Quantity[NonNegativeInt]
Amount = Quantity[PositiveFloat]
Cost = Quantity[NonNegativeFloat]
