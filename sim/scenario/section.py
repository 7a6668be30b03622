"""What every part of a scenario is: a mapping of known keys, strictly typed, fixed once read."""

from __future__ import annotations

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticKnownError

MOST_UNITS = 1_000_000
MOST_STEPS = 100_000_000
MOST_CYCLES = 1_000_000_000_000


def _whole(value: object) -> object:
    if type(value) is not int:
        raise PydanticKnownError("int_type")
    return value


Whole = BeforeValidator(_whole)
"""Put beside a Literal of numbers, which would let `true` and `1.0` pass for 1."""


class Section(BaseModel):
    """A mapping of known keys, fixed once read."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)
