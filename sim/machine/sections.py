"""What a topology file may say: grid or graph, special sites, faults, clocks, sizes and costs, each with its basis.

A number is written plain, or as `{value, low, high, basis, source}`; once read it is always a `Quantity`.
These models are the only list of keys there is, and need neither networkx nor NumPy.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeInt, model_validator

from sim.machine.chip_sections import BoardSection, LinksSection
from sim.machine.memory_section import DramSection
from sim.machine.quantity import Amount, Cost, Count, Cycles, Quantity
from sim.scenario.models import Section

Position = Annotated[tuple[int, int], Field(strict=False)]
SiteRef = Position | str | int
SiteRefs = Annotated[tuple[SiteRef, ...], Field(strict=False)]
NodeRef = str | int
Link = Annotated[tuple[NodeRef, NodeRef], Field(strict=False)]
Side = Annotated[int, Field(ge=1, le=256)]
Cores = Annotated[int, Field(ge=1, le=64)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
MOST_SITES = 65_536
NodeCount = Annotated[int, Field(ge=1, le=MOST_SITES)]
NodeName = Annotated[str, Field(min_length=1, max_length=60)]
FaultRate = Annotated[float, Field(ge=0, lt=1)]
Share = Annotated[float, Field(gt=0, le=1)]
PayloadBits = Annotated[tuple[NonNegativeInt, ...], Field(strict=False, min_length=1)]


class GridSection(Section):
    """The mesh of routers; `torus` closes every row and column longer than 2 to a ring."""

    width: Quantity[Side] = Field(description="columns, 1 to 256")
    height: Quantity[Side] = Field(description="rows, 1 to 256")
    origin: Quantity[Literal[0, 1]] = Field(
        default=Quantity[Literal[0, 1]](value=0), description="x of the first column and y of the first row"
    )
    torus: bool = Field(default=False, description="wrap-around links")


class NodeSection(Section):
    """One site of a graph; a plain text is its name."""

    name: NodeName = Field(description="name of the site, 1 to 60 characters")
    x: int | None = Field(default=None, description="column in pictures")
    y: int | None = Field(default=None, description="row in pictures")

    @model_validator(mode="before")
    @classmethod
    def _plain_name(cls, data: Any) -> Any:
        return {"name": data} if isinstance(data, str) else data


Nodes = Annotated[tuple[NodeSection, ...], Field(strict=False, min_length=1, max_length=MOST_SITES)]


class GraphSection(Section):
    """Sites and links in any shape: read from a GraphML file, or written here; then `file` is None."""

    file: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="GraphML file, relative to the topology file"
    )
    sites: NodeCount | Nodes | None = Field(
        default=None, description="how many sites, 1 to 65536, or a list of their names or {name, x, y}"
    )
    links: Annotated[tuple[Link, ...], Field(strict=False)] = Field(
        default=(), description="pairs of sites, by number from 0 or by name"
    )
    directed: bool | None = Field(default=None, description="whether a link is one way only")


class FaultsSection(Section):
    """What does not work: parts listed by name, and parts drawn by chance.

    On several chips a part of one is named after it, "chip3.(3,2).1"; without a chip's name it is dead on all of them.
    Every part of the whole machine has one random number, fixed by `seed`, and is dead where that is below the rate;
    so a higher rate only adds to the dead. Sites of the host, the event router and memory ports, and the chip with the
    host, are never drawn.
    """

    pes: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description='dead processing elements, such as "(3,2).1" or "chip3.(3,2).1"'
    )
    links: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description='dead links, one direction each, such as "(3,2)->(4,2)"'
    )
    sites: SiteRefs = Field(default=(), description='dead sites, such as "(3,3)", with all that stands there')
    chips: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description='dead chips, such as "chip3", with all that is on them'
    )
    chip_links: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description='dead links between chips, one direction each, such as "chip0->chip1"'
    )
    seed: NonNegativeInt = Field(default=0, description="seed of the drawn faults, 0 or more")
    pe_rate: Quantity[FaultRate] = Field(
        default=Quantity[FaultRate](value=0.0), description="share of processing elements drawn dead, 0 to below 1"
    )
    link_rate: Quantity[FaultRate] = Field(
        default=Quantity[FaultRate](value=0.0), description="share of links drawn dead, both ways, 0 to below 1"
    )
    site_rate: Quantity[FaultRate] = Field(
        default=Quantity[FaultRate](value=0.0), description="share of sites drawn dead, 0 to below 1"
    )
    chip_rate: Quantity[FaultRate] = Field(
        default=Quantity[FaultRate](value=0.0), description="share of chips drawn dead, 0 to below 1"
    )
    chip_link_rate: Quantity[FaultRate] = Field(
        default=Quantity[FaultRate](value=0.0),
        description="share of links between chips drawn dead, both ways, 0 to below 1",
    )


class SitesSection(Section):
    """What stands where: every site carries processing elements unless one of the lists names it.

    On a grid a site is [x, y], in a graph a number from 0 or a name; [3, 2] and "(3,2)" are the same on both.
    """

    pes_per_site: Quantity[Cores] = Field(description="processing elements at each quad site, 1 to 64")
    event_router: Quantity[SiteRefs] = Field(
        default=Quantity[SiteRefs](value=()), description="sites of the multicast router"
    )
    memory: Quantity[SiteRefs] = Field(
        default=Quantity[SiteRefs](value=()), description="sites of the DRAM ports, one port each"
    )
    plain: Quantity[SiteRefs] = Field(
        default=Quantity[SiteRefs](value=()), description="sites that only pass traffic on"
    )


class OperatingPointSection(Section):
    voltage_v: Amount = Field(description="supply of the processing elements in V")
    clock_mhz: Amount = Field(description="clock of the processing elements in MHz")


class DvfsSection(Section):
    """Changing the operating point of a processing element while it runs."""

    switch_ns: Cost = Field(description="from one operating point to another in ns")


class NocSection(Section):
    """Meaning of the cycles: see `sim.machine.machine.Noc`."""

    clock_mhz: Amount = Field(description="router clock in MHz")
    hop_cycles: Count = Field(description="grant to visible at the next router, cycles, at least 1")
    flit_cycles: Count = Field(description="a link is held by one flit, cycles, at least 1")
    injection_cycles: Count = Field(description="source to its router's buffer, cycles, at least 1")
    ejection_cycles: Count = Field(description="last grant to the destination, cycles, at least 1")
    credit_cycles: Count = Field(description="slot left to credit at the sender, cycles, at least 1")
    flit_bits: Count = Field(description="bits of a flit, at least 1")
    local_ports: Count = Field(
        default=Quantity(value=1), description="links in and out that the PEs of a site share, at least 1"
    )


class PacketSection(Section):
    header_bits: Count = Field(description="header with key, bits")
    payload_bits: Quantity[PayloadBits] = Field(description="payload sizes in bits, ascending")


class EventRouterSection(Section):
    clock_mhz: Amount = Field(description="clock in MHz")
    stages: Count = Field(description="pipeline stages of a lookup, cycles")
    engines: Count = Field(description="lookups that may start in one cycle")
    table_entries: Count = Field(description="entries (key, mask) of the table")
    issue_slots: Count = Field(description="packets waiting for an engine at most")
    ports_per_site: Count = Field(description="mesh ports at each event router site")


class SramSection(Section):
    total_bytes: Count = Field(description="memory of a processing element in bytes")
    code_bytes: Cycles = Field(description="program in bytes")
    stack_bytes: Cycles = Field(description="stack and heap in bytes")
    fifo_bytes: Cycles = Field(description="receive FIFO in bytes")


class HostSection(Section):
    site: Quantity[SiteRef] = Field(description="site where the host's link enters the mesh")
    gbit_per_s: Amount = Field(description="rate of the host link in Gbit/s")
    latency_ns: Cost = Field(description="one-way delay of a message, beside its transfer, in ns")
    macs_per_s: Amount = Field(description="multiply-accumulates per s that the host does")
    frame_overhead_bits: Cycles = Field(description="framing of one frame on the host's link in bits")
    frame_bytes: Count = Field(description="packets that one frame on the host's link holds, in bytes")


class CostsSection(Section):
    """Cycles of software on a processing element."""

    receive_packet_cycles: Cost = Field(description="take one packet from the FIFO, cycles")
    receive_value_cycles: Cost = Field(description="store one value of a packet, cycles")
    update_neuron_cycles: Cost = Field(description="gates and state of one unit, cycles")
    emit_event_cycles: Cost = Field(description="send one event, cycles")
    sync_message_cycles: Cost = Field(description="send or take one message of the sync protocol, cycles")
    dma_setup_cycles: Cost = Field(description="set up one transfer from DRAM, cycles")
    csr_nonzero_cycles: Cost = Field(description="csr_rows: one stored weight, cycles")
    csr_row_cycles: Cost = Field(description="csr_rows: start and end of one row, cycles")
    event_cycles: Cost = Field(description="event_columns: start one event's column, cycles")
    event_nonzero_cycles: Cost = Field(description="event_columns: one weight of that column, cycles")
    pack_value_cycles: Cost = Field(description="put one more event into a packet, cycles")
    convert_value_cycles: Cost = Field(description="make fp32 of one fp16 or 8-bit value, or the reverse, cycles")
    int8_nonzero_cycles: Cost = Field(description="make fp32 of one int8 weight, on top of its product, cycles")
    int8_row_cycles: Cost = Field(description="multiply the sum of a row of int8 weights by its scale, cycles")
    mac_array_setup_cycles: Cost = Field(description="mac_array: set up the product with one matrix, cycles")
    mac_array_macs_per_cycle: Amount = Field(description="8-bit multiply-accumulates of the whole array in a cycle")
    mac_array_use: Quantity[Share] = Field(description="share of the array that a matrix-vector product uses, to 1")
    mac_array_conv_use: Quantity[Share] = Field(description="share of the array that a convolution uses, to 1")
    fp32_mac_cycles: Cost = Field(description="one dense fp32 product on the core, cycles")
    score_word_cycles: Cost = Field(description="finish a word's score and compare it with the best, cycles")
    stage_value_cycles: Cost = Field(description="scale, rectify and pool one convolved value, cycles")
    dma_packet_cycles: Cost = Field(description="send one packet of a block that DMA sends, cycles")


class PePowerSection(Section):
    """Power of one processing element at one operating point."""

    sleep_mw: Cost = Field(description="asleep, clock of the core stopped, in mW")
    active_mw: Cost = Field(description="running code from its SRAM, in mW, sleep power included")
    mac_pj: Cost = Field(description="one 8-bit multiply-accumulate of the MAC array in pJ, on top of active power")


class EnergySection(Section):
    """What the parts draw.

    The SRAM of a processing element is in its own figures: the chip's rails do not tell the two apart.
    """

    uncore_mw: Cost = Field(description="a chip with all processing elements off, in mW")
    pe: dict[Name, PePowerSection] = Field(description="a processing element, by operating point")
    exp_pj: Cost = Field(description="one call of the exponential unit in pJ, on top of active power")
    flit_hop_pj: Cost = Field(description="one flit over one link of the mesh, in pJ")
    lookup_pj: Cost = Field(description="one packet looked up by the event router, in pJ")
    chip_link_pj_per_bit: Cost = Field(description="one bit over a link between chips, both ends, in pJ")
    host_link_pj_per_bit: Cost = Field(description="one bit over the chip's end of the host's link, in pJ")
    dram_pj_per_bit: Cost = Field(description="one bit read from or written to DRAM, device and PHY, in pJ")
    dram_idle_mw: Cost = Field(description="one DRAM port in use, whether or not it moves data, in mW")
    host_idle_w: Cost = Field(description="the host computer, with nothing to do, in W")
    host_busy_w: Cost = Field(description="the host computer while it decodes, in W")


class Topology(Section):
    """A whole topology file: of a chip, with either `grid` or `graph`, or of many, with `board` or `chips` besides."""

    name: Name = Field(description="name of the machine: letters, digits, '_' and '-'")
    description: str = Field(default="", description="one line for people")
    grid: GridSection | None = Field(default=None, description="a rectangle of sites, or else graph")
    graph: GraphSection | None = Field(default=None, description="sites and links of any shape, or else grid")
    sites: SitesSection
    operating_points: Annotated[dict[Name, OperatingPointSection], Field(min_length=1)] = Field(
        description="supply and clock of the processing elements, by name"
    )
    dvfs: DvfsSection | None = Field(default=None, description="changing operating points, if that can be done")
    noc: NocSection
    packets: PacketSection
    sram: SramSection
    costs: CostsSection
    event_router: EventRouterSection | None = Field(default=None, description="multicast router, if there is one")
    dram: DramSection | None = Field(default=None, description="the memory ports, if there are any")
    host: HostSection | None = Field(default=None, description="the computer outside, if there is one")
    energy: EnergySection | None = Field(default=None, description="what the parts draw, where energy is asked for")
    faults: FaultsSection | None = Field(default=None, description="what does not work, if anything")
    chip: str | None = Field(default=None, description="topology of the chip that a machine of many is made of")
    board: BoardSection | None = Field(default=None, description="chips on a board, or else chips")
    chips: GraphSection | None = Field(default=None, description="chips joined in any shape, or else board")
    links: LinksSection | None = Field(default=None, description="what joins chips, where there are several")
