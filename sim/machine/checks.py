"""What is wrong with a topology although every key of it is well formed: the relations between numbers.

Each check is a generator of (dotted path, problem); it knows nothing of files and lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.machine.parameters import parameters
from sim.machine.sections import SitesSection, Topology

Found = Iterator[tuple[str, str]]


def contradictions(topology: Topology) -> list[tuple[str, str]]:
    """Every contradiction in `topology` as (dotted path, problem); none for a machine that can be built."""
    return [found for check in _CHECKS for found in check(topology)]


def special_sites(sites: SitesSection) -> list[tuple[str, int, tuple[int, int]]]:
    """Every site that carries no processing elements, as (kind, place in its list, position)."""
    lists = (("event_router", sites.event_router), ("memory", sites.memory), ("plain", sites.plain))
    return [(kind, n, position) for kind, places in lists for n, position in enumerate(places.value)]


def _ranges_hold_their_value(topology: Topology) -> Found:
    for parameter in parameters(topology):
        value, low, high = parameter.value, parameter.low, parameter.high
        if low is not None and low > value:
            yield f"{parameter.name}.low", f"{_shown(low)} is above the value {_shown(value)}"
        if high is not None and high < value:
            yield f"{parameter.name}.high", f"{_shown(high)} is below the value {_shown(value)}"


def _sites_are_in_the_grid(topology: Topology) -> Found:
    for kind, number, position in special_sites(topology.sites):
        if not _inside(topology, position):
            yield f"sites.{kind}[{number}]", _outside(topology, position)


def _sites_do_not_overlap(topology: Topology) -> Found:
    taken: dict[tuple[int, int], str] = {}
    for kind, number, position in special_sites(topology.sites):
        path = f"sites.{kind}[{number}]"
        if position in taken:
            yield path, f"site {_named(position)} is taken by {taken[position]}; a site has one use"
        taken.setdefault(position, path)


def _some_site_has_processing_elements(topology: Topology) -> Found:
    special = {position for _, _, position in special_sites(topology.sites) if _inside(topology, position)}
    size = topology.grid.width.value * topology.grid.height.value
    if len(special) == size:
        yield "sites", f"all {size} sites are special; leave at least one for processing elements"


def _event_router_has_sites(topology: Topology) -> Found:
    sites = len(topology.sites.event_router.value)
    if sites and topology.event_router is None:
        yield "sites.event_router", f"{sites} sites for an event router, but there is no section event_router"
    if topology.event_router is not None and not sites:
        yield "sites.event_router", "no site for the event router that section event_router describes"


def _memory_has_sites(topology: Topology) -> Found:
    if topology.dram is not None and not topology.sites.memory.value:
        yield "sites.memory", "no site for the memory ports that section dram describes"
    if topology.dram is None and topology.sites.memory.value:
        yield "sites.memory", "sites for memory ports, but there is no section dram"


def _memory_keeps_its_limits(topology: Topology) -> Found:
    dram = topology.dram
    if dram is None:
        return
    if dram.bytes_per_s.value > dram.raw_bytes_per_s.value:
        raw = f"the peak rate raw_bytes_per_s of {dram.raw_bytes_per_s.value:g}"
        yield "dram.bytes_per_s", f"{dram.bytes_per_s.value:g} bytes/s is above {raw}"
    if dram.burst_bytes.value > dram.capacity_bytes.value:
        capacity = f"capacity_bytes of {dram.capacity_bytes.value}"
        yield "dram.burst_bytes", f"{dram.burst_bytes.value} bytes is above {capacity}"


def _sram_leaves_room_for_data(topology: Topology) -> Found:
    sram = topology.sram
    parts = {
        "code_bytes": sram.code_bytes.value,
        "stack_bytes": sram.stack_bytes.value,
        "fifo_bytes": sram.fifo_bytes.value,
    }
    if sum(parts.values()) >= sram.total_bytes.value:
        said = " + ".join(f"{key} {value}" for key, value in parts.items())
        largest = max(parts, key=lambda key: parts[key])
        yield f"sram.{largest}", f"{said} leaves no room for data in total_bytes {sram.total_bytes.value}"


def _packet_fits_a_flit(topology: Topology) -> Found:
    sizes = topology.packets.payload_bits.value
    longest = topology.packets.header_bits.value + max(sizes)
    if longest > topology.noc.flit_bits.value:
        flit = f"noc.flit_bits is {topology.noc.flit_bits.value} and a packet is one flit"
        yield "packets.payload_bits", f"header and largest payload make {longest} bits, but {flit}"
    if list(sizes) != sorted(set(sizes)):
        yield "packets.payload_bits", f"{list(sizes)}: sizes must rise, none twice"


def _host_is_in_the_grid(topology: Topology) -> Found:
    if topology.host is not None and not _inside(topology, topology.host.site.value):
        yield "host.site", _outside(topology, topology.host.site.value)


def _inside(topology: Topology, position: tuple[int, int]) -> bool:
    grid = topology.grid
    x, y = position[0] - grid.origin.value, position[1] - grid.origin.value
    return 0 <= x < grid.width.value and 0 <= y < grid.height.value


def _outside(topology: Topology, position: tuple[int, int]) -> str:
    grid, first = topology.grid, topology.grid.origin.value
    columns = f"x {first} to {first + grid.width.value - 1}"
    rows = f"y {first} to {first + grid.height.value - 1}"
    return f"site {_named(position)} is outside the grid of {columns}, {rows}"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _named(position: tuple[int, int]) -> str:
    return f"({position[0]},{position[1]})"


_CHECKS: tuple[Callable[[Topology], Found], ...] = (
    _ranges_hold_their_value,
    _sites_are_in_the_grid,
    _sites_do_not_overlap,
    _some_site_has_processing_elements,
    _event_router_has_sites,
    _memory_has_sites,
    _memory_keeps_its_limits,
    _sram_leaves_room_for_data,
    _packet_fits_a_flit,
    _host_is_in_the_grid,
)
