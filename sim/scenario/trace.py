"""What a run records span by span and packet by packet, as a scenario says it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.section import Section

Instant = Annotated[float, Field(ge=0, le=1e12)]


class Trace(Section):
    """Spans of units, packets and their hops, kept for tools/trace.py; nothing is recorded where this is absent."""

    window_us: Annotated[
        tuple[Instant, Instant] | None,
        Field(
            strict=False,
            description="from and to in us of simulated time, two numbers from 0: spans that touch it and packets that "
            "are handed over in it; absent: all",
        ),
    ] = None
    units: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...],
        Field(
            strict=False,
            description="names of units whose spans and packets are recorded, with * and ? as in names of files, such "
            "as '(3,2).*'; empty: all",
        ),
    ] = ()
    trigger: Annotated[
        Literal["slowest_step", "first_loss"] | None,
        Field(description="keep only what is near the slowest step or the first loss of a packet; absent: all"),
    ] = None
    around_us: Annotated[float, Field(gt=0, le=1e12, description="with trigger: us kept before and after, above 0")] = (
        20.0
    )
