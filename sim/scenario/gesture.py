"""What a gesture workload may say: where camera events come from, how they become frames, and the network's shapes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from sim.scenario.section import MOST_STEPS, MOST_UNITS, Section

MOST_PIXELS = 4096

Pixels = Annotated[int, Field(ge=1, le=MOST_PIXELS)]


class Sensor(Section):
    """The event camera."""

    width: Annotated[Pixels, Field(description="pixels in a row, 1 to 4096")] = 128
    height: Annotated[Pixels, Field(description="pixels in a column, 1 to 4096")] = 128


class MadeUp(Section):
    """Events of a gesture made up from the seed."""

    gesture: Annotated[
        Literal[
            "hand_clapping",
            "right_hand_wave",
            "left_hand_wave",
            "right_arm_clockwise",
            "right_arm_counter_clockwise",
            "left_arm_clockwise",
            "left_arm_counter_clockwise",
            "arm_roll",
            "air_drums",
            "air_guitar",
            "other",
        ],
        Field(description="what is shown to the camera: a class of the DVS128 Gesture set"),
    ] = "right_hand_wave"
    noise_hz: Annotated[
        float, Field(ge=0, le=1000, description="events a second that each pixel sends by chance, 0 to 1000")
    ] = 0.1
    events_per_edge_pixel: Annotated[
        float, Field(gt=0, le=100, description="events for each pixel of edge and pixel moved, above 0 and up to 100")
    ] = 5.0


class MadeUpBox(Section):
    """The key that tells made-up events from a file."""

    synthetic: Annotated[MadeUp, Field(description="events made up from the seed")]


Events = Annotated[
    Annotated[str, Field(min_length=1), Tag("file")] | Annotated[MadeUpBox, Tag("MadeUpBox")],
    Discriminator(lambda value: "MadeUpBox" if isinstance(value, dict | MadeUpBox) else "file"),
    Field(
        description="path of a .npy, .npz or .aedat (3.1) file relative to the scenario, or a mapping with the key "
        "'synthetic'"
    ),
]


class Pooling(Section):
    """Windows of a map to one value each."""

    size: Annotated[int, Field(ge=1, le=64, description="rows and columns of a window, 1 to 64")]
    stride: Annotated[int, Field(ge=1, le=64, description="rows and columns from one window to the next, 1 to 64")]
    by: Annotated[Literal["max", "mean"], Field(description="the window's largest value, or its mean")] = "max"


class Conv(Section):
    """A convolution, ReLU and pooling."""

    layer: Annotated[Literal["conv"], Field(description="what the layer is")]
    channels: Annotated[int, Field(ge=1, le=MOST_UNITS, description="output channels, from 1")]
    kernel: Annotated[int, Field(ge=1, le=64, description="rows and columns of the kernel, 1 to 64")]
    stride: Annotated[int, Field(ge=1, le=64, description="rows and columns from one place to the next, 1 to 64")] = 1
    padding: Annotated[int, Field(ge=0, le=63, description="rows and columns of zeros round the input, 0 to 63")] = 0
    relu: Annotated[bool, Field(description="whether negative values become zero")] = True
    pool: Annotated[Pooling | None, Field(description="pooling after it; absent: none")] = None


class PoolOnly(Section):
    """Pooling alone."""

    layer: Annotated[Literal["pool"], Field(description="what the layer is")]
    pool: Annotated[Pooling, Field(description="the windows")]


class Linear(Section):
    """A layer that reads its whole input."""

    layer: Annotated[Literal["linear"], Field(description="what the layer is")]
    units: Annotated[int, Field(ge=1, le=MOST_UNITS, description="outputs, from 1")]
    relu: Annotated[bool, Field(description="whether negative values become zero")] = False


FrontLayer = Annotated[Conv | PoolOnly | Linear, Field(discriminator="layer")]


class Readout(Section):
    """From events to classes: a trace of each unit's events, and one linear layer."""

    classes: Annotated[int, Field(ge=2, le=MOST_UNITS, description="number of classes, from 2")] = 11
    trace: Annotated[
        float, Field(ge=0, lt=1, description="share of the trace kept from frame to frame, from 0 to below 1")
    ] = 0.9


class GestureSection(Section):
    """Fields of a gesture workload but for its weights."""

    kind: Annotated[Literal["gesture"], Field(description="what the machine does")]
    events: Events = MadeUpBox(synthetic=MadeUp())
    labels: Annotated[
        str | None,
        Field(min_length=1, description="path of the .csv of labels of a recording; absent: it is one gesture"),
    ] = None
    trial: Annotated[
        int, Field(ge=1, le=MOST_STEPS, description="which row of the labels is run, from 1; only used with labels")
    ] = 1
    sensor: Annotated[Sensor, Field(description="the event camera")] = Sensor()
    frames: Annotated[int, Field(ge=1, le=MOST_STEPS, description="number of frames, one step each, from 1")] = 68
    frame_ms: Annotated[float, Field(ge=0.001, le=1e6, description="length of a frame in ms, 0.001 to 1e6")] = 25.0
    polarity: Annotated[
        Literal["mean", "sum", "difference", "split"],
        Field(description="how ON and OFF counts become values: merged as said, or two channels"),
    ] = "mean"
    full_scale: Annotated[
        float, Field(gt=0, le=1e6, description="what counts are divided by, above 0 and up to 1e6")
    ] = 16.0
    pool: Annotated[
        int, Field(ge=1, le=MOST_PIXELS, description="side of the squares whose largest count is kept, from 1: all")
    ] = 1
    front_end: Annotated[
        tuple[FrontLayer, ...],
        Field(strict=False, description="layers before the recurrent ones; empty: frames go straight to those"),
    ] = ()
    arithmetic: Annotated[
        Literal["int8", "fp32"], Field(description="of the front end: the MAC array's integers, or the core's floats")
    ] = "int8"
    readout: Annotated[Readout, Field(description="from events to classes")] = Readout()
    real_time: Annotated[
        bool, Field(description="whether frames come as the camera makes them, or each as soon as it can be taken")
    ] = True
