"""What a scenario may say: every key with its type, range, unit and default.

The models are the only list of keys there is: the checker, the JSON schema that editors read and the resolved
copy kept with a result are all made from them. They are strict (a bool is not a number) and frozen.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from sim.scenario.compute import Compute
from sim.scenario.formats import Formats
from sim.scenario.memory_stream import MemoryStream
from sim.scenario.section import MOST_UNITS, Name, Section
from sim.scenario.trace import Trace
from sim.scenario.workloads import (
    Generate,
    Gesture,
    LanguageModel,
    Replay,
    Statistical,
    Synthetic,
    SyntheticBox,
    Traffic,
    Vectors,
    Workload,
)

__all__ = [
    "Compute",
    "Formats",
    "Generate",
    "Gesture",
    "LanguageModel",
    "Machine",
    "Mapping",
    "Measure",
    "MemoryStream",
    "Network",
    "Replay",
    "Scenario",
    "Section",
    "Statistical",
    "Sync",
    "Synthetic",
    "SyntheticBox",
    "Trace",
    "Traffic",
    "Vectors",
]


class Machine(Section):
    """The hardware the scenario runs on."""

    topology: Annotated[
        str,
        Field(
            min_length=1,
            description="a name in topologies/, or the path of a .yaml file relative to the scenario",
        ),
    ] = "spinnaker2_chip"
    chips: Annotated[
        int | None,
        Field(ge=1, le=100_000, description="number of chips, from 1; absent: as many as the topology has"),
    ] = None
    clock_drift_ppm: Annotated[
        float,
        Field(
            ge=0, le=10_000, description="most by which a chip's clocks are fast or slow where there are several, ppm"
        ),
    ] = 0.0
    clock_skew_us: Annotated[
        Annotated[float, Field(ge=0, le=1e6), Tag("number")]
        | Annotated[tuple[Annotated[float, Field(ge=0, le=1e6)], ...], Field(strict=False, min_length=1), Tag("list")],
        Discriminator(lambda value: "list" if isinstance(value, list | tuple) else "number"),
        Field(
            description="how much later than the host chips and their timers begin, 0 to 1e6 us: a list with one "
            "number for each chip, or the most there is, of which each chip's share is drawn"
        ),
    ] = 0.0
    operating_point: Annotated[
        str, Field(min_length=1, description="voltage and clock of the PEs, by its name in the topology file")
    ] = "low"
    unused_pes: Annotated[
        Literal["sleep", "off"], Field(description="PEs that hold nothing sleep, or their power is off")
    ] = "sleep"
    override: dict[str, Any] = Field(
        default_factory=dict, description="keys of the topology file given other values here, nested as they are there"
    )


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


class ChipLinks(Section):
    """Ways between chips, and how packets wait for the links."""

    routing: Annotated[
        Literal["shortest", "up_down"],
        Field(description="ways between chips: shortest, or up and down a spanning tree (goes round any fault)"),
    ] = "shortest"
    virtual_channels: Annotated[
        int, Field(ge=1, le=2, description="virtual channels per link, 1 or 2; with 2 no ring of chips can deadlock")
    ] = 2
    full: Annotated[
        Literal["wait", "drop"],
        Field(description="a packet waits for a place behind the link, or is dropped after links.timeout_ns"),
    ] = "wait"
    reinject: Annotated[
        bool, Field(description="whether software puts a dropped packet back, links.reinject_ns later")
    ] = False


class Network(Section):
    """How packets travel on the chip and between chips."""

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
        Field(
            description="where a packet to many places is copied: event router, mesh routers (of several chips by "
            "event routers from chip to chip, and by the mesh on each), or the sender"
        ),
    ] = "event_router"
    virtual_channels: Annotated[
        int, Field(ge=1, le=8, description="virtual channels per link, 1 to 8; on a torus 2 or more avoid deadlock")
    ] = 1
    buffer_flits: Annotated[
        int, Field(ge=1, le=1024, description="size of each router input buffer in flits, 1 to 1024")
    ] = 8
    receive_fifo: Annotated[
        ReceiveFifo,
        Field(description="the receive FIFO of each PE; in a traffic study they read at once and it is never full"),
    ] = ReceiveFifo()
    chip_links: Annotated[ChipLinks, Field(description="how packets wait for the links between chips")] = ChipLinks()
    allow_deadlock: Annotated[
        bool, Field(description="whether to run although the routes can wait for one another in a circle")
    ] = False
    congestion: Annotated[
        bool, Field(description="whether to run again without contention and report what congestion cost")
    ] = False


class Mapping(Section):
    """How the network is cut up and where the pieces go."""

    partition: Annotated[
        Literal["equal", "nonzeros"], Field(description="slices of equal units, or of equal stored weights")
    ] = "equal"
    split: Annotated[
        Literal["channels", "rows"], Field(description="how the stages of a front end are cut: by channels or by rows")
    ] = "channels"
    place: Annotated[Literal["row_major", "snake", "traffic"], Field(description="order in which slices take PEs")] = (
        "row_major"
    )
    chips: Annotated[
        Literal["fill", "spread", "layer_per_chip", "cut"],
        Field(
            description="which chips slices go to: one chip filled after another, each layer over all chips, each "
            "layer on chips of its own, or so that little is said between chips"
        ),
    ] = "fill"
    cut: Annotated[
        Literal["greedy", "metis"],
        Field(
            description="who cuts where mapping.chips is cut: parts grown by what they hear most, or METIS (extra "
            "partition), whose cut may change with its version"
        ),
    ] = "greedy"
    replicas: Annotated[
        int,
        Field(
            ge=1, le=MOST_UNITS, description="copies of the network, each on PEs of its own with its own sample, from 1"
        ),
    ] = 1
    pes_per_layer: Annotated[
        tuple[Annotated[int, Field(ge=1, le=MOST_UNITS)], ...] | None,
        Field(
            strict=False,
            description="PEs for each layer, one whole number from 1 per layer, a decoder in DRAM included; absent: as "
            "fits",
        ),
    ] = None
    weights: Annotated[
        Literal["sram", "auto", "dram"],
        Field(
            description="where weights are kept: in SRAM (sram); streamed from DRAM in each step where they do not fit "
            "(auto); or all streamed (dram)"
        ),
    ] = "sram"
    block_bytes: Annotated[
        int,
        Field(
            ge=64,
            le=65536,
            multiple_of=16,
            description="bytes of each of two buffers for streamed weights, 64 to 65536",
        ),
    ] = 2048
    sharing: Annotated[
        Literal["exclusive", "shared"], Field(description="whether a PE may hold slices of several layers")
    ] = "exclusive"


class Sync(Section):
    """How processing elements know that a step's inputs are complete."""

    protocol: Annotated[
        Literal["barrier", "tree", "markers", "timer"],
        Field(
            description="a scheduler PE hears who is done and releases each step; the same with a deputy on each chip "
            "that hears for it; each source says how many events it sent; or a timer on each PE starts each step with "
            "what has arrived, and what comes later counts in the next one"
        ),
    ] = "barrier"
    schedule: Annotated[
        Literal["sequential", "pipelined"],
        Field(description="one layer at a time, or each layer on its own step at once"),
    ] = "sequential"
    period_us: Annotated[
        float,
        Field(ge=0.01, le=1e9, description="time from tick to tick in us, from 0.01; only used when protocol is timer"),
    ] = 1000.0

    @property
    def scheduled(self) -> bool:
        """Whether a scheduler releases steps, which needs a processing element of its own."""
        return self.protocol in ("barrier", "tree")


class Measure(Section):
    """What is measured, where there is a choice; none of it changes the run."""

    power_window_us: Annotated[
        float,
        Field(
            ge=1e-6,
            le=1e9,
            description="length of a window of power in us, from 1e-6; doubled where a run has too many",
        ),
    ] = 100.0
    energy_of_host: Annotated[
        bool, Field(description="whether the energy is that of chip, DRAM and host computer, not of chip and DRAM only")
    ] = False


class Scenario(Section):
    """One run: a machine, what it does, and how. Paths are as written; `Document.resolve` finds the files."""

    name: Name
    description: Annotated[str, Field(description="free text for the reader")] = ""
    seed: Annotated[
        int, Field(ge=0, le=2**63 - 1, description="every random stream comes from it; whole number from 0")
    ] = 1
    machine: Annotated[Machine, Field(description="the hardware")] = Machine()
    network: Annotated[Network, Field(description="how packets travel")] = Network()
    workload: Workload
    compute: Annotated[Compute, Field(description="how PEs work")] = Compute()
    formats: Annotated[Formats, Field(description="how numbers are stored and sent")] = Formats()
    mapping: Annotated[Mapping, Field(description="what goes where")] = Mapping()
    sync: Annotated[Sync, Field(description="how steps are kept apart")] = Sync()
    measure: Annotated[Measure, Field(description="what is measured, where there is a choice")] = Measure()
    trace: Annotated[
        Trace | None, Field(description="what to record span by span and packet by packet; absent: nothing")
    ] = None
