"""What a study file may say: every key with its type, range and default, strict and frozen like a scenario's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, create_model

from sim.scenario.section import Name, Section

Number = int | float
"""Kept as written: whole numbers stay whole, since a scenario may ask for one."""

MOST_VALUES = 10_000
MOST_REPLICAS = 1_000

Key = Annotated[str, Field(pattern=r"^[\w-]+(\.[\w-]+|\[\d+\])*$", max_length=200)]


class _To(Section):
    """Evenly spaced values, both ends included."""

    to: Annotated[Number, Field(description="last value")]
    points: Annotated[int, Field(ge=2, le=MOST_VALUES, description="number of values, both ends included, from 2")]
    scale: Annotated[
        Literal["linear", "log"], Field(description="equal differences, or equal ratios between neighbours")
    ] = "linear"


if TYPE_CHECKING:
    Range = _To
else:  # `from` is no name that a class body can give to a field
    Range = create_model(
        "Range", __base__=_To, __doc__=_To.__doc__, **{"from": (Number, Field(description="first value"))}
    )


def _form_of_axis(value: object) -> str:
    return "values" if isinstance(value, list | tuple) else "Range"


Values = Annotated[tuple[Any, ...], Field(strict=False, min_length=1, max_length=MOST_VALUES)]
Axis = Annotated[
    Annotated[Values, Tag("values")] | Annotated[Range, Tag("Range")],
    Discriminator(_form_of_axis),
    Field(description="a list of values, or a range with the keys from, to, points and scale"),
]


class Bisect(Section):
    """A threshold to find: where along one key a yes-or-no number of the summary turns from no to yes."""

    key: Annotated[Key, Field(description="dotted scenario key that is searched along")]
    low: Annotated[Number, Field(description="where the answer is no")]
    high: Annotated[Number, Field(description="where the answer is yes")]
    until: Annotated[Key, Field(description="dotted name of a yes-or-no number of the summary: traffic.saturated")]
    tolerance: Annotated[
        Number, Field(gt=0, description="the search ends when no and yes are this close, in the unit of the key")
    ]


class Scale(Section):
    """How a number, or a list of one for each layer, grows along an axis, from the value that `set` or the base gives.

    At a value of the axis that is f times its first one, each number is f ** width as large, and a list f ** depth as
    long: every entry is repeated, but in a list of `layers` the first, which counts inputs and is no layer.
    """

    along: Annotated[Key, Field(description="the axis, or the key of bisect, that it grows with")]
    width: Annotated[
        float, Field(ge=-4, le=4, description="power of the axis that numbers grow by, -4 to 4; 0.5: as its root")
    ] = 0.0
    depth: Annotated[
        float, Field(ge=0, le=4, description="power of the axis that the length of a list grows by, 0 to 4")
    ] = 0.0


class Scaling(Section):
    """The report of a scaling study: speed-up, efficiency, knee, and what limits each point."""

    axis: Annotated[Key, Field(description="the axis that stands for the size of the machine: machine.chips")]
    kind: Annotated[
        Literal["strong", "weak"], Field(description="the work is the same at every point, or grows with the axis")
    ] = "strong"
    of: Annotated[Key, Field(description="dotted name of a time of the summary, for the same number of steps")] = (
        "time.step_mean_s"
    )
    least_gain: Annotated[
        float, Field(gt=0, lt=1, description="the knee is where the next doubling gains less than this share")
    ] = 0.2


class Figure(Section):
    """The picture of the study: one panel for each y, one line for each group."""

    x: Annotated[Key, Field(description="an axis, or the dotted name of a number of the summary")]
    y: Annotated[
        tuple[Key, ...],
        Field(strict=False, min_length=1, max_length=6, description="dotted names of numbers of the summary, a list"),
    ]
    group_by: Annotated[
        tuple[Key, ...] | None,
        Field(strict=False, description="axes that get a line for each value; absent: every axis but x"),
    ] = None


class Reference(Section):
    """What somebody else found, to be shown beside the points and never among them."""

    name: Annotated[str, Field(min_length=1, max_length=60, description="what it is called: NVIDIA A100, batch 1")]
    source: Annotated[str, Field(min_length=1, description="where it was published")]
    values: Annotated[
        dict[Key, float],
        Field(min_length=1, description="dotted names of numbers of the summary with their values, in the same units"),
    ]


class Sensitivity(Section):
    """Machine parameters moved within their ranges: one at a time, and all assumed ones together."""

    of: Annotated[
        tuple[Key, ...],
        Field(strict=False, min_length=1, max_length=6, description="dotted names of numbers of the summary, a list"),
    ]
    parameters: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...],
        Field(
            strict=False,
            min_length=1,
            description="dotted names of numbers of the topology, or patterns such as costs.*, that are moved if they "
            "have a range",
        ),
    ] = ("*",)
    leave_out: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...],
        Field(strict=False, description="names or patterns of those that are not moved all the same"),
    ] = ()
    draws: Annotated[int, Field(ge=0, le=MOST_VALUES, description="runs with parameters drawn together, from 0")] = 32
    together: Annotated[
        Literal["assumed", "all"], Field(description="which are drawn: those that are assumed, or all that are moved")
    ] = "assumed"
    scale: Annotated[
        Literal["linear", "log"],
        Field(description="draws are uniform in the number or in its logarithm; in the number where low is 0"),
    ] = "log"


class Study(Section):
    """Many runs of one scenario: what stays, what varies, how often, what is looked for, what is drawn."""

    name: Name
    description: Annotated[str, Field(description="free text for the reader")] = ""
    base: Annotated[str, Field(min_length=1, description="path of the scenario, relative to the study file")]
    set: Annotated[
        dict[Key, Any],
        Field(default_factory=dict, description="dotted scenario keys with the value they have in every run"),
    ]
    axes: Annotated[
        dict[Key, Axis],
        Field(default_factory=dict, description="dotted scenario keys with the values they run through"),
    ]
    zip: Annotated[
        Annotated[bool, Tag("bool")] | Annotated[tuple[Key, ...], Field(strict=False, min_length=2), Tag("list")],
        Discriminator(lambda value: "list" if isinstance(value, list | tuple) else "bool"),
        Field(
            description="true: the axes move together, first values first; false: every combination is run; a list of "
            "axes: these move together, in every combination with the others"
        ),
    ] = False
    scale: Annotated[
        dict[Key, Scale],
        Field(default_factory=dict, description="dotted scenario keys whose values grow with an axis, and how"),
    ]
    replicas: Annotated[
        int, Field(ge=1, le=MOST_REPLICAS, description="runs of each combination, each with its own seed, from 1")
    ] = 1
    bisect: Annotated[Bisect | None, Field(description="a threshold to find at each combination of the axes")] = None
    figure: Annotated[Figure | None, Field(description="the picture to draw")] = None
    references: Annotated[
        tuple[Reference, ...],
        Field(strict=False, max_length=20, description="rows from elsewhere to show beside the points, each named"),
    ] = ()
    scaling: Annotated[Scaling | None, Field(description="the report of a scaling study, a table and a picture")] = None
    sensitivity: Annotated[
        Sensitivity | None, Field(description="parameters of the machine to move, in place of axes")
    ] = None
