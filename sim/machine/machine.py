"""The nouns of a machine: sites of a mesh, what stands on them, and what each part can do in how many cycles.

All of it is frozen and holds numbers only; nothing here moves. Sites are numbered chip by chip, on a chip row by row
(smallest y first, then smallest x) or as their graph lists them, processing elements and channels by site, and every
other part refers to them by these numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sim.machine.memory import Dram, DramTiming
from sim.units import Clock

if TYPE_CHECKING:
    import networkx as nx

    from sim.machine.links import ChipLink

__all__ = [
    "Channel",
    "Chip",
    "Costs",
    "Dram",
    "DramTiming",
    "EventRouter",
    "Faults",
    "Grid",
    "Host",
    "Kind",
    "Machine",
    "Noc",
    "OperatingPoint",
    "PacketFormat",
    "PeSite",
    "Site",
    "Sram",
]

Kind = Literal["quad", "event_router", "memory", "plain"]


@dataclass(frozen=True, slots=True)
class Site:
    """One router of the mesh and its tile; `kind` "quad" means that processing elements stand there."""

    index: int
    x: int
    y: int
    kind: Kind
    name: str
    chip: int = 0


@dataclass(frozen=True, slots=True)
class PeSite:
    """Where one processing element stands: core number `core` of the site with index `site`."""

    index: int
    site: int
    core: int
    name: str
    chip: int = 0


@dataclass(frozen=True, slots=True)
class Channel:
    """One directed mesh link between the sites with indices `source` and `target`."""

    index: int
    source: int
    target: int
    name: str
    chip: int = 0


@dataclass(frozen=True, slots=True)
class Noc:
    """Timing of the mesh, in cycles of its own clock.

    A flit is visible at the next router `hop_cycles` after its grant and holds the link for `flit_cycles`. It
    takes `injection_cycles` to the first router's buffer and `ejection_cycles` from the last router's grant,
    and the sender knows of a free buffer slot `credit_cycles` after the flit has left it. The PEs of a site are dealt
    to `local_ports` pairs of links in and out of its router, by their numbers.
    """

    clock: Clock
    hop_cycles: int
    flit_cycles: int
    injection_cycles: int
    ejection_cycles: int
    credit_cycles: int
    flit_bits: int
    local_ports: int = 1


@dataclass(frozen=True, slots=True)
class EventRouter:
    """The chip's multicast router; `port_sites` gives the index of the site of each of its mesh ports."""

    clock: Clock
    stages: int
    engines: int
    table_entries: int
    issue_slots: int
    port_sites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sram:
    """How the memory of one processing element is split; what the three parts leave is for data."""

    total_bytes: int
    code_bytes: int
    stack_bytes: int
    fifo_bytes: int


@dataclass(frozen=True, slots=True)
class Host:
    """The computer outside: its link, the one-way delay of a message, its speed (for a decoder), and what a frame on
    the link holds and costs on top.
    """

    site: int
    gbit_per_s: float
    latency_ns: float
    macs_per_s: float
    frame_overhead_bits: int
    frame_bytes: int


@dataclass(frozen=True, slots=True)
class PacketFormat:
    """Bits of a packet: the header with its key, and the payload sizes that exist (ascending)."""

    header_bits: int = 40
    payload_bits: tuple[int, ...] = (0, 32, 64, 128)


@dataclass(frozen=True, slots=True)
class Costs:
    """What software on a processing element pays, in cycles of that element's clock."""

    receive_packet_cycles: float
    receive_value_cycles: float
    update_neuron_cycles: float
    emit_event_cycles: float
    sync_message_cycles: float
    dma_setup_cycles: float
    csr_nonzero_cycles: float
    csr_row_cycles: float
    event_cycles: float
    event_nonzero_cycles: float
    pack_value_cycles: float
    convert_value_cycles: float
    int8_nonzero_cycles: float
    int8_row_cycles: float
    mac_array_setup_cycles: float
    mac_array_macs_per_cycle: float
    mac_array_use: float
    mac_array_conv_use: float
    fp32_mac_cycles: float
    score_word_cycles: float
    stage_value_cycles: float
    dma_packet_cycles: float


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A supply voltage and the clock that processing elements run at with it."""

    name: str
    voltage_v: float
    clock: Clock


@dataclass(frozen=True, slots=True)
class PePower:
    """What a processing element draws at one operating point; see `sim.machine.sections.PePowerSection`."""

    sleep_mw: float
    active_mw: float
    mac_pj: float


@dataclass(frozen=True, slots=True)
class Energy:
    """What the parts draw; see `sim.machine.sections.EnergySection`. `pe` is by operating point."""

    uncore_mw: float
    pe: Mapping[str, PePower]
    exp_pj: float
    flit_hop_pj: float
    lookup_pj: float
    chip_link_pj_per_bit: float
    host_link_pj_per_bit: float
    dram_pj_per_bit: float
    dram_idle_mw: float
    host_idle_w: float
    host_busy_w: float


@dataclass(frozen=True, slots=True)
class Grid:
    """The rectangle that sites stand in: x and y run from `origin`, and wrap round in a `torus`.

    In a torus only rows and columns longer than 2 are closed: in one of two, the way round is the link itself.
    """

    width: int
    height: int
    origin: int = 0
    torus: bool = False


@dataclass(frozen=True, slots=True)
class Faults:
    """What the machine would have beside what it has, by name, in the order of the whole machine.

    `dead_pes` are those that are dead themselves or stand at a dead site, `dead_links` those that are dead or lead
    to or from one; `unreachable` are live PEs that cannot exchange packets with the rest, and so are not used. The
    links between such PEs do work and are not dead. Of several chips, `cut_off_chips` cannot exchange packets with
    the host's; neither they nor dead chips are part of the machine, and what is on them is not listed again.
    """

    dead_pes: tuple[str, ...] = ()
    dead_links: tuple[str, ...] = ()
    dead_sites: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()
    dead_chips: tuple[str, ...] = ()
    dead_chip_links: tuple[str, ...] = ()
    cut_off_chips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Chip:
    """One chip of a machine: `die` is that chip as a machine of its own, with numbers of its own, often shared by all.

    Chips that are used are numbered without gaps, by the `index`; the name keeps the chip's number among all there are.
    Numbers on the die plus `first_site`, `first_pe` and `first_channel` are those of the whole machine. `starts_at` is
    when the chip's PEs and their timers begin, in ps.
    """

    index: int
    name: str
    x: int
    y: int
    die: Machine
    first_site: int = 0
    first_pe: int = 0
    first_channel: int = 0
    starts_at: int = 0

    def called(self, name: str) -> str:
        """The name in the whole machine of a part called `name` on the die."""
        return f"{self.name}.{name}" if self.name else name


@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """One chip (or plain mesh, or any graph) or many, ready to be mapped on: what is left where parts are dead.

    `pes` and `channels` are the live ones, numbered without gaps; `sites` are all of them, and their numbers do not
    depend on faults. `grid` is None where sites have no coordinates that mean anything for routing. `assumed` names
    the parameters (dotted, as in the topology file) whose basis is "assumed"; `graph` is the same machine for
    networkx, dead parts included (see `sim.machine.graph`); of many chips it is the graph of the chips. `switch_ns`
    is the time from one of `operating_points` to another, None where processing elements cannot change it. `parts`
    are the chips of many, none in a machine that is one chip, which is its own part.
    """

    name: str
    sites: tuple[Site, ...]
    pes: tuple[PeSite, ...]
    channels: tuple[Channel, ...]
    noc: Noc
    event_router: EventRouter | None
    sram: Sram
    drams: tuple[Dram, ...]
    host: Host | None
    packets: PacketFormat
    costs: Costs
    operating_point: OperatingPoint
    operating_points: Mapping[str, OperatingPoint]
    switch_ns: float | None
    assumed: tuple[str, ...]
    graph: nx.DiGraph[str]
    grid: Grid | None = None
    faults: Faults = Faults()
    energy: Energy | None = None
    parts: tuple[Chip, ...] = ()
    chip_links: tuple[ChipLink, ...] = ()

    @property
    def chips(self) -> tuple[Chip, ...]:
        """The chips by number, at least one; a chip alone has no name."""
        return self.parts or (Chip(0, "", 0, 0, self),)
