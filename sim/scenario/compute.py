"""How processing elements work and wait, as a scenario says it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.scenario.section import MOST_UNITS, Section, Whole


class Dvfs(Section):
    """Which operating point a PE works at."""

    policy: Annotated[
        Literal["fixed", "auto"],
        Field(
            description="machine.operating_point always, or a higher one while at least threshold_packets of the step "
            "a PE is at have come; it rests at machine.operating_point"
        ),
    ] = "fixed"
    raised_to: Annotated[
        str, Field(min_length=1, description="the higher operating point, by its name in the topology file")
    ] = "high"
    threshold_packets: Annotated[
        int,
        Field(
            ge=1, le=MOST_UNITS, description="packets of a step from which on a PE works at the higher point, from 1"
        ),
    ] = 100


class Compute(Section):
    """How a processing element does its work and its waiting."""

    kernel: Annotated[
        Literal["csr_rows", "event_columns", "mac_array"],
        Field(
            description="walk every stored non-zero each step, or only the columns of units that fired, or multiply "
            "the dense int8 matrix on the MAC array"
        ),
    ] = "csr_rows"
    idle: Annotated[
        Literal["wfi", "busy_wait"],
        Field(description="a waiting PE sleeps until an interrupt, or keeps polling"),
    ] = "wfi"
    balance: Annotated[
        Literal["as_mapped", "perfect"],
        Field(
            description="computing takes the cycles of a slice's own work, or those of the mean slice of its layer, "
            "as a mapping without imbalance would have it"
        ),
    ] = "as_mapped"
    dvfs: Annotated[Dvfs, Field(description="which operating point a PE works at")] = Dvfs()
    values_per_packet: Annotated[
        Literal[1, 2, 4, 8, 16],
        Whole,
        Field(description="values in one packet of a dense input vector: 1, 2, 4, fp16 also 8, int8 also 16"),
    ] = 4
