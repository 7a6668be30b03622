"""What is wrong with a topology although every key of it is well formed: the relations between numbers.

Each check is a generator of (dotted path, problem); it knows nothing of files and lines. Sites can be looked at only
where the grid or graph is sound, faults only where all else is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.machine.chip_checks import chip_problems
from sim.machine.chip_fault_checks import faults_of
from sim.machine.graph_checks import graph_problems
from sim.machine.layout import node_names, site_count, site_index, special_sites
from sim.machine.memory import FIELDS
from sim.machine.parameters import parameters
from sim.machine.sections import SiteRef, Topology
from sim.scenario.complaints import did_you_mean

Found = Iterator[tuple[str, str]]


def contradictions(topology: Topology, chips: int | None = None) -> list[tuple[str, str]]:
    """Every contradiction in `topology` as (dotted path, problem); none for a machine of so many `chips`, or of as many
    as it has, that can be built."""
    found = [problem for check in _CHECKS for problem in check(topology)]
    shape = list(_grid_or_graph(topology))
    if not shape:
        found += [problem for check in _SITE_CHECKS for problem in check(topology)]
    return [*shape, *found] or faults_of(topology, chips)


def _grid_or_graph(topology: Topology) -> Found:
    if topology.grid is None and topology.graph is None:
        yield "grid", "is missing; a machine has a grid or a graph"
    elif topology.grid is not None and topology.graph is not None:
        yield "graph", "there is a grid too; a machine has one of the two, and 'grid: null' takes the grid away"
    elif topology.graph is not None:
        yield from ((f"graph.{path}", problem) for path, problem in graph_problems(topology.graph))


def _ranges_hold_their_value(topology: Topology) -> Found:
    for parameter in parameters(topology):
        value, low, high = parameter.value, parameter.low, parameter.high
        if low is not None and low > value:
            yield f"{parameter.name}.low", f"{_shown(low)} is above the value {_shown(value)}"
        if high is not None and high < value:
            yield f"{parameter.name}.high", f"{_shown(high)} is below the value {_shown(value)}"


def _sites_exist(topology: Topology) -> Found:
    for kind, number, written in special_sites(topology.sites):
        if site_index(topology, written) is None:
            yield f"sites.{kind}[{number}]", _no_site(topology, written)


def _sites_do_not_overlap(topology: Topology) -> Found:
    taken: dict[int, str] = {}
    for kind, number, written in special_sites(topology.sites):
        path, index = f"sites.{kind}[{number}]", site_index(topology, written)
        if index is None:
            continue
        if index in taken:
            yield path, f"site {_named(written)} is taken by {taken[index]}; a site has one use"
        taken.setdefault(index, path)


def _some_site_has_processing_elements(topology: Topology) -> Found:
    special = {site_index(topology, written) for _, _, written in special_sites(topology.sites)} - {None}
    size = site_count(topology)
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
    for key in ("bank_groups", "banks_per_group", "rows", "columns", "burst_length"):
        number = getattr(dram, key).value
        if number & (number - 1):
            yield f"dram.{key}", f"{number} is no power of two, and addresses are cut by bits"
    length, columns, bits = dram.burst_length.value, dram.columns.value, dram.data_bits.value
    if length < 2 or columns % length:
        yield (
            "dram.burst_length",
            f"a burst of {length} transfers: expected an even part of the {columns} columns of a row",
        )
    longest = max(topology.packets.payload_bits.value)
    if bits % 8 or bits * length % max(longest, 8):
        yield "dram.data_bits", f"bursts of {bits * length} bits: expected whole packets of {longest} bits of payload"
    codes = sorted(dram.address_order[at : at + 2] for at in range(0, len(dram.address_order), 2))
    if codes != sorted(FIELDS):
        yield "dram.address_order", f"'{dram.address_order}': expected {', '.join(FIELDS)} in some order, each once"
    peak = bits * 2 * dram.clock_mhz.value * 1e6 / 8
    if dram.dma_bytes_per_s is not None and dram.dma_bytes_per_s.value > peak:
        yield "dram.dma_bytes_per_s", f"{dram.dma_bytes_per_s.value:g} bytes/s is above the {peak:g} of the data bus"


def _refreshes_leave_time(topology: Topology) -> Found:
    """A row that was opened after a refresh must come to move data before the next one closes it. Where only the oldest
    burst may move, rows of all other banks may be opened before its own."""
    if topology.dram is None:
        return
    t, burst = topology.dram.timing, topology.dram.burst_length.value // 2
    written = t.cwl.value + burst + max(t.wr.value, t.wtr_s.value, t.wtr_l.value)
    last = max(t.ras.value, t.rtp.value, t.cl.value + burst, written)
    banks = topology.dram.bank_groups.value * topology.dram.banks_per_group.value
    rows = last + banks + t.rp.value + t.rcd.value
    if topology.dram.scheduling == "fcfs":
        four, apart = max(t.faw.value, 4 * t.rrd_s.value, 4 * t.rrd_l.value), max(t.rrd_s.value, t.rrd_l.value)
        rows += (banks - 1) // 4 * four + (banks - 1) % 4 * apart
    if t.refi.value <= t.rfc.value + rows:
        yield (
            "dram.timing.refi",
            f"a refresh every {t.refi.value} clocks leaves no time for data: one takes rfc, {t.rfc.value}, and closing "
            f"and opening rows {rows}",
        )


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


def _host_has_its_site(topology: Topology) -> Found:
    if topology.host is not None and site_index(topology, topology.host.site.value) is None:
        yield "host.site", _no_site(topology, topology.host.site.value)


def _power_is_told_and_grows_with_work(topology: Topology) -> Found:
    if topology.energy is None:
        return
    known, points = topology.energy.pe, topology.operating_points
    for name in points:
        if name not in known:
            yield "energy.pe", f"nothing for the operating point '{name}'; expected an entry for {', '.join(points)}"
    for name, power in known.items():
        if name not in points:
            yield f"energy.pe.{name}", f"no operating point of that name{did_you_mean(name, points)}"
        elif power.sleep_mw.value > power.active_mw.value:
            active = f"active_mw of {power.active_mw.value:g}"
            yield f"energy.pe.{name}.sleep_mw", f"{power.sleep_mw.value:g} mW is above {active}"
    idle, busy = topology.energy.host_idle_w.value, topology.energy.host_busy_w.value
    if idle > busy:
        yield "energy.host_idle_w", f"{idle:g} W is above host_busy_w of {busy:g}"


def _no_site(topology: Topology, written: SiteRef) -> str:
    if topology.graph is not None:
        names = node_names(topology.graph)
        known = f", there are {len(names)}, called {names[0]} to {names[-1]}"
        return f"no site {_named(written)}{did_you_mean(str(written), names) or known}"
    if isinstance(written, int):
        return f"expected a list [x, y], got {written}"
    if isinstance(written, str) and not written.startswith("("):
        return f"expected a list [x, y], got text '{written}'"
    return f"site {_named(written)} is outside the grid of {_extent(topology)}"


def _extent(topology: Topology) -> str:
    if topology.grid is None:
        return ""
    first, width, height = (
        number.value for number in (topology.grid.origin, topology.grid.width, topology.grid.height)
    )
    return f"x {first} to {first + width - 1}, y {first} to {first + height - 1}"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _named(written: SiteRef) -> str:
    return f"({written[0]},{written[1]})" if isinstance(written, tuple) else str(written)


_CHECKS: tuple[Callable[[Topology], Found], ...] = (
    _ranges_hold_their_value,
    _event_router_has_sites,
    _memory_has_sites,
    _memory_keeps_its_limits,
    _refreshes_leave_time,
    _sram_leaves_room_for_data,
    _packet_fits_a_flit,
    _power_is_told_and_grows_with_work,
    chip_problems,
)
_SITE_CHECKS: tuple[Callable[[Topology], Found], ...] = (
    _sites_exist,
    _sites_do_not_overlap,
    _some_site_has_processing_elements,
    _host_has_its_site,
)
