"""What a workload without arithmetic may say: layers whose units fire as recorded, or as drawn."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from sim.scenario.section import MOST_STEPS, MOST_UNITS, Section

Share = Annotated[float, Field(ge=0, le=1)]


class Correlation(Section):
    """How units fire together and stay on; the five shares of the variance are scaled to sum to 1."""

    common: Annotated[Share, Field(description="share of the variance common to all units of a layer, 0 to 1")] = 0.05
    token: Annotated[Share, Field(description="share of the variance fixed by the current token, 0 to 1")] = 0.60
    slow: Annotated[Share, Field(description="share of the variance that wanders slowly, 0 to 1")] = 0.05
    fast: Annotated[Share, Field(description="share of the variance that wanders fast, 0 to 1")] = 0.25
    white: Annotated[Share, Field(description="share of the variance without memory, 0 to 1")] = 0.05
    slow_steps: Annotated[float, Field(gt=0, le=1e6, description="memory of the slow part in steps, above 0")] = 25.0
    fast_steps: Annotated[float, Field(gt=0, le=1e6, description="memory of the fast part in steps, above 0")] = 0.8
    directions: Annotated[
        int, Field(ge=1, le=1000, description="independent ways in which a token moves a layer, 1 to 1000")
    ] = 4
    token_types: Annotated[int, Field(ge=1, le=1_000_000, description="number of different tokens, from 1")] = 2000
    zipf: Annotated[float, Field(ge=0, le=5, description="exponent of the tokens' frequencies by rank, 0 to 5")] = 1.05
    concentration: Annotated[
        float,
        Field(gt=0, le=1e4, description="a + b of the beta distribution of rates, above 0; small: some fire much"),
    ] = 2.67


Sizes = Annotated[
    tuple[Annotated[int, Field(ge=1, le=MOST_UNITS)], ...],
    Field(
        strict=False,
        min_length=2,
        description="number of inputs, then units of each layer: at least two whole numbers from 1",
    ),
]
Activity = Annotated[
    Annotated[float, Field(gt=0, lt=1), Tag("number")]
    | Annotated[tuple[Annotated[float, Field(gt=0, lt=1)], ...], Field(strict=False, min_length=1), Tag("list")],
    Discriminator(lambda value: "list" if isinstance(value, list | tuple) else "number"),
    Field(
        description="mean share of units that fire in a step, above 0 and below 1; one number, or a list with one for "
        "each layer"
    ),
]
Sparsity = Annotated[float, Field(ge=0, lt=1, description="share of weights that are zero, from 0 to below 1")]
InputShare = Annotated[
    float, Field(ge=0, le=1, description="share of the values of an input vector that are not zero, 0 to 1")
]


class Statistical(Section):
    """Layers whose units fire by a statistical model of trained networks; weights cost what they cost, unused."""

    kind: Annotated[Literal["statistical"], Field(description="what the machine does")]
    layers: Sizes
    sparsity: Sparsity = 0.95
    activity: Activity = 0.15
    input_activity: InputShare = 1.0
    steps: Annotated[int, Field(ge=1, le=MOST_STEPS, description="number of steps, from 1")] = 70
    correlation: Annotated[Correlation, Field(description="how units fire together")] = Correlation()


class Replay(Section):
    """Layers whose units fire as recorded; weights cost what they cost, unused."""

    kind: Annotated[Literal["replay"], Field(description="what the machine does")]
    events: Annotated[
        str,
        Field(
            min_length=1,
            description="path of a .npz file relative to the scenario, with an array L0, L1, ... (steps, units) for "
            "each layer, 0 where a unit did not fire",
        ),
    ]
    inputs: Annotated[int, Field(ge=1, le=MOST_UNITS, description="values of an input vector, from 1")]
    sparsity: Sparsity = 0.95
    input_activity: InputShare = 1.0
    steps: Annotated[
        int | None, Field(ge=1, le=MOST_STEPS, description="number of steps, from 1; absent: as many as recorded")
    ] = None
