"""What every part of a scenario is: a mapping of known keys, strictly typed, fixed once read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
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


Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        max_length=100,
        description="names the results: letters, digits, '_', '.' and '-', a letter or digit first",
    ),
]


class Section(BaseModel):
    """A mapping of known keys, fixed once read."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)
