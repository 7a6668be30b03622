"""Bursts made by rule, to study the memory ports alone: what a scenario of kind `memory` says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.section import MOST_CYCLES, MOST_UNITS, Section


class MemoryStream(Section):
    """A stream of bursts at every memory port of the machine, nothing else moving."""

    kind: Annotated[Literal["memory"], Field(description="what the machine does")]
    pattern: Annotated[
        Literal["sequential", "random"],
        Field(description="one burst after the other from address 0, or anywhere with equal chance"),
    ] = "sequential"
    outstanding: Annotated[
        int | None,
        Field(
            ge=1,
            le=MOST_UNITS,
            description="bursts always under way at a port, one asked for as one is done; absent: as rate says",
        ),
    ] = None
    rate: Annotated[
        float,
        Field(gt=0, le=1, description="bursts asked for at random, as a share of what the data bus can move, up to 1"),
    ] = 0.1
    read_share: Annotated[float, Field(ge=0, le=1, description="share of bursts that are reads, 0 to 1")] = 1.0
    warmup_cycles: Annotated[
        int, Field(ge=0, le=MOST_CYCLES, description="clocks of the memory before measuring starts, from 0")
    ] = 30000
    measure_cycles: Annotated[
        int, Field(ge=1, le=MOST_CYCLES, description="clocks of the memory that are measured, from 1")
    ] = 300000
