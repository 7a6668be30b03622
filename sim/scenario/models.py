"""What a scenario may say: every key with its type, range, unit and default.

The models are the only list of keys there is: the checker, the JSON schema that editors read and the resolved
copy kept with a result are all made from them. They are strict (a bool is not a number) and frozen.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
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


class Machine(Section):
    """The hardware the scenario runs on."""

    topology: Annotated[
        str,
        Field(
            min_length=1,
            description="a name in topologies/, or the path of a .yaml file relative to the scenario",
        ),
    ] = "spinnaker2_chip"
    chips: Annotated[int, Field(ge=1, le=100_000, description="number of chips; only 1 so far")] = 1
    operating_point: Annotated[
        str, Field(min_length=1, description="voltage and clock of the PEs, by its name in the topology file")
    ] = "low"
    override: Annotated[
        dict[str, Any],
        Field(description="keys of the topology file given other values here, nested as they are there"),
    ] = {}


class ReceiveFifo(Section):
    """The receive FIFO of each PE."""

    policy: Annotated[
        Literal["grow", "drop", "overwrite", "stall"],
        Field(description="what happens when it is full: grow without limit, drop, overwrite the oldest, or stall"),
    ] = "grow"
    packets: Annotated[
        int | None,
        Field(ge=1, le=MOST_UNITS, description="packets it holds, from 1; absent: as sram.fifo_bytes says"),
    ] = None


class Network(Section):
    """How packets travel on the chip."""

    engine: Annotated[
        Literal["process", "ideal"],
        Field(description="network model: SimPy processes, or the same ways without any contention"),
    ] = "process"
    routing: Annotated[
        Literal["xy", "yx", "west_first", "table", "up_down"],
        Field(
            description="ways of packets: x first, y first, west first and then any way nearer, shortest paths, or up "
            "and down a spanning tree (goes round any fault)"
        ),
    ] = "xy"
    multicast: Annotated[
        Literal["event_router", "tree", "unicast"],
        Field(description="where a packet to many places is copied: event router, mesh routers, or the sender"),
    ] = "event_router"
    virtual_channels: Annotated[
        int, Field(ge=1, le=8, description="virtual channels per link, 1 to 8; on a torus 2 or more avoid deadlock")
    ] = 1
    buffer_flits: Annotated[
        int, Field(ge=1, le=1024, description="size of each router input buffer in flits, 1 to 1024")
    ] = 8
    receive_fifo: Annotated[ReceiveFifo, Field(description="the receive FIFO of each PE")] = ReceiveFifo()
    allow_deadlock: Annotated[
        bool, Field(description="whether to run although the routes can wait for one another in a circle")
    ] = False
    congestion: Annotated[
        bool, Field(description="whether to run again without contention and report what congestion cost")
    ] = False


class Compute(Section):
    """How a processing element does its work and its waiting."""

    kernel: Annotated[
        Literal["csr_rows", "event_columns"],
        Field(description="walk every stored non-zero each step, or only the columns of units that fired"),
    ] = "csr_rows"
    idle: Annotated[
        Literal["wfi", "busy_wait"],
        Field(description="a waiting PE sleeps until an interrupt, or keeps polling"),
    ] = "wfi"
    values_per_packet: Annotated[
        Literal[1, 2, 4],
        Whole,
        Field(description="fp32 values in one packet of a dense input vector, 1, 2 or 4"),
    ] = 4


class Mapping(Section):
    """How the network is cut up and where the pieces go."""

    partition: Annotated[
        Literal["equal", "nonzeros"], Field(description="slices of equal units, or of equal stored weights")
    ] = "equal"
    place: Annotated[Literal["row_major", "snake", "traffic"], Field(description="order in which slices take PEs")] = (
        "row_major"
    )
    pes_per_layer: Annotated[
        tuple[Annotated[int, Field(ge=1, le=MOST_UNITS)], ...] | None,
        Field(strict=False, description="PEs for each layer, one whole number from 1 per layer; absent: as fits"),
    ] = None
    sharing: Annotated[
        Literal["exclusive", "shared"], Field(description="whether a PE may hold slices of several layers")
    ] = "exclusive"


class Sync(Section):
    """How processing elements know that a step's inputs are complete."""

    protocol: Annotated[
        Literal["barrier", "markers"],
        Field(description="a scheduler PE releases each step, or each source says how many events it sent"),
    ] = "barrier"
    schedule: Annotated[
        Literal["sequential", "pipelined"],
        Field(description="one layer at a time, or each layer on its own step at once"),
    ] = "sequential"


class Synthetic(Section):
    """Weights drawn from the seed."""

    layers: Annotated[
        tuple[Annotated[int, Field(ge=1, le=MOST_UNITS)], ...],
        Field(
            strict=False,
            min_length=2,
            description="number of inputs, then units of each layer: at least two whole numbers from 1",
        ),
    ]
    sparsity: Annotated[float, Field(ge=0, lt=1, description="share of weights that are zero, from 0 to below 1")] = (
        0.95
    )
    activity: Annotated[
        Annotated[float, Field(gt=0, lt=1), Tag("number")]
        | Annotated[tuple[Annotated[float, Field(gt=0, lt=1)], ...], Field(strict=False, min_length=1), Tag("list")],
        Discriminator(lambda value: "list" if isinstance(value, list | tuple) else "number"),
        Field(
            description="mean share of units that fire in a step, above 0 and below 1; one number, or a list "
            "with one for each layer"
        ),
    ] = 0.15
    vocabulary: Annotated[int, Field(ge=2, le=MOST_STEPS, description="number of different tokens, from 2")] = 33278
    zoneout: Annotated[
        float, Field(ge=0, lt=1, description="share of the old state kept in each step, from 0 to below 1")
    ] = 0.0


class SyntheticBox(Section):
    """The key that tells drawn weights from a file of trained ones."""

    synthetic: Annotated[Synthetic, Field(description="weights drawn from the seed")]


def _form_of_weights(value: object) -> str:
    return "SyntheticBox" if isinstance(value, dict | SyntheticBox) else "file"


Weights = Annotated[
    Annotated[str, Field(min_length=1), Tag("file")] | Annotated[SyntheticBox, Tag("SyntheticBox")],
    Discriminator(_form_of_weights),
    Field(description="path of a .npz file relative to the scenario, or a mapping with the key 'synthetic'"),
]
FilePath = Annotated[str, Field(min_length=1)]


class Generate(Section):
    """How a language model writes its own text."""

    prompt_tokens: Annotated[
        int, Field(ge=1, le=MOST_STEPS, description="tokens of the text fed before the model's own, from 1")
    ] = 8
    sampling: Annotated[
        Literal["greedy", "sample"], Field(description="take the likeliest token, or draw one with the seed")
    ] = "greedy"
    temperature: Annotated[
        float, Field(gt=0, le=1000, description="divides the logits before a draw, above 0 and up to 1000")
    ] = 1.0


class LanguageModel(Section):
    """A recurrent language model that reads or writes text, one token a step."""

    kind: Annotated[Literal["language_model"], Field(description="what the machine does")]
    weights: Weights
    text: Annotated[FilePath, Field(description="path of a UTF-8 text file relative to the scenario")]
    tokens: Annotated[int, Field(ge=1, le=MOST_STEPS, description="number of steps, one token each, from 1")] = 70
    mode: Annotated[
        Literal["score", "generate"],
        Field(description="predict each next token of the text, or write on from it"),
    ] = "score"
    decoder: Annotated[Literal["host", "none"], Field(description="who turns outputs into token probabilities")] = (
        "host"
    )
    embedding: Annotated[Literal["host", "dram"], Field(description="where the rows of the embedding come from")] = (
        "host"
    )
    generate: Annotated[Generate, Field(description="how text is written; only used when mode is generate")] = (
        Generate()
    )


class Vectors(Section):
    """A recurrent network fed with given vectors."""

    kind: Annotated[Literal["vectors"], Field(description="what the machine does")]
    weights: Weights
    inputs: Annotated[
        FilePath,
        Field(description="path of a .npz file relative to the scenario, with float32 array 'x' (steps, inputs)"),
    ]
    steps: Annotated[
        int | None,
        Field(ge=1, le=MOST_STEPS, description="number of steps, from 1; absent: every row of 'x'"),
    ] = None


class Traffic(Section):
    """Packets made by rule, to study the network alone."""

    kind: Annotated[Literal["traffic"], Field(description="what the machine does")]
    pattern: Annotated[
        Literal[
            "uniform",
            "transpose",
            "bit_complement",
            "bit_reverse",
            "shuffle",
            "tornado",
            "neighbor",
            "hotspot",
            "bursty",
            "trace",
        ],
        Field(description="who sends to whom, and when; bursty is uniform with sources that are on and off in turn"),
    ] = "uniform"
    hotspots: Annotated[
        dict[str, Annotated[float, Field(gt=0, le=1e6)]],
        Field(description="for hotspot: PE name or number and its weight; every other PE has weight 1"),
    ] = {}
    burst_cycles: Annotated[
        float, Field(ge=1, le=MOST_CYCLES, description="for bursty: mean length of a burst in cycles, from 1")
    ] = 20.0
    burst_rate: Annotated[
        float, Field(gt=0, le=1, description="for bursty: load within a burst in flits per cycle, from rate to 1")
    ] = 1.0
    trace: Annotated[
        str | None,
        Field(
            min_length=1, description="for trace: path of a .csv file with columns time_cycles, source, destinations"
        ),
    ] = None
    rate: Annotated[
        float, Field(ge=0, le=1, description="offered load in flits per node and cycle, 0 to 1; not used by trace")
    ] = 0.1
    warmup_cycles: Annotated[
        int, Field(ge=0, le=MOST_CYCLES, description="router cycles before measuring starts, from 0")
    ] = 1000
    measure_cycles: Annotated[
        int, Field(ge=1, le=MOST_CYCLES, description="router cycles that are measured, from 1")
    ] = 10000


Workload = Annotated[
    LanguageModel | Vectors | Traffic,
    Field(discriminator="kind", description="what the machine does: language_model, vectors or traffic"),
]


class Scenario(Section):
    """One run: a machine, what it does, and how. Paths are as written; `Document.resolve` finds the files."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
            max_length=100,
            description="names the results: letters, digits, '_', '.' and '-', a letter or digit first",
        ),
    ]
    description: Annotated[str, Field(description="free text for the reader")] = ""
    seed: Annotated[
        int, Field(ge=0, le=2**63 - 1, description="every random stream comes from it; whole number from 0")
    ] = 1
    machine: Annotated[Machine, Field(description="the hardware")] = Machine()
    network: Annotated[Network, Field(description="how packets travel")] = Network()
    workload: Workload
    compute: Annotated[Compute, Field(description="how PEs work")] = Compute()
    mapping: Annotated[Mapping, Field(description="what goes where")] = Mapping()
    sync: Annotated[Sync, Field(description="how steps are kept apart")] = Sync()
