"""What a machine can be given to do, as a scenario says it: a language model, vectors, or traffic made by rule."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from sim.scenario.activity import Activity, Replay, Statistical
from sim.scenario.gesture import GestureSection
from sim.scenario.memory_stream import MemoryStream
from sim.scenario.section import MOST_CYCLES, MOST_STEPS, MOST_UNITS, Section

__all__ = [
    "Generate",
    "Gesture",
    "LanguageModel",
    "MemoryStream",
    "Replay",
    "Statistical",
    "Synthetic",
    "SyntheticBox",
    "Traffic",
    "Vectors",
    "Weights",
    "Workload",
]


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
    activity: Activity = 0.15
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
    decoder: Annotated[
        Literal["host", "dram", "none"],
        Field(
            description="who turns outputs into token probabilities: the host, PEs with weights streamed from DRAM (a "
            "layer more in mapping.pes_per_layer), or nobody"
        ),
    ] = "host"
    decoder_columns: Annotated[
        Literal["active", "dense"],
        Field(
            description="what a decoder in DRAM reads of its matrix in a step: columns of units that fired, or all; "
            "only used when decoder is dram"
        ),
    ] = "active"
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


class Gesture(GestureSection):
    """Events of a camera, a front end, recurrent layers and a readout: which gesture is it?"""

    weights: Weights


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
    payload_bits: Annotated[
        int,
        Field(
            ge=0,
            le=4096,
            description="payload of a packet in bits, one of the topology's packets.payload_bits; what it costs is "
            "time on links between chips",
        ),
    ] = 32
    hotspots: dict[str, Annotated[float, Field(ge=0, le=1e6)]] = Field(
        default_factory=dict,
        description="for hotspot: PE name or number and its weight, from 0; every other PE has weight 1",
    )
    burst_cycles: Annotated[
        float, Field(ge=1, le=MOST_CYCLES, description="for bursty: mean length of a burst in cycles, from 1")
    ] = 20.0
    burst_rate: Annotated[
        float, Field(gt=0, le=1, description="for bursty: load within a burst in flits per cycle, from rate to 1")
    ] = 1.0
    trace: Annotated[
        str | None,
        Field(
            min_length=1,
            description="for trace: path of a .csv file with columns time_cycles, source, destinations; nodes by name "
            "or number, several destinations parted by spaces",
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
    LanguageModel | Vectors | Gesture | Statistical | Replay | Traffic | MemoryStream,
    Field(
        discriminator="kind",
        description="what the machine does: language_model, vectors, gesture, statistical, replay, traffic or memory",
    ),
]
