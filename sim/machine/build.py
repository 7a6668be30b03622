"""From a topology to a machine.

Sites are laid out by rule and numbered row by row, everything else is numbered by site, frequencies become
clocks.
"""

from __future__ import annotations

from typing import Any

from sim.machine.checks import special_sites
from sim.machine.graph import as_graph
from sim.machine.machine import (
    Channel,
    Costs,
    Dram,
    EventRouter,
    Host,
    Kind,
    Machine,
    Noc,
    OperatingPoint,
    PacketFormat,
    PeSite,
    Site,
    Sram,
)
from sim.machine.parameters import parameters
from sim.machine.sections import GridSection, SitesSection, Topology
from sim.scenario.complaints import Refused, did_you_mean
from sim.scenario.models import Section
from sim.units import Clock


def load_machine(topology: Topology, operating_point: str) -> Machine:
    """The machine of a `topology` that was read without complaints, at one of its operating points.

    Refused at `machine.operating_point` when the topology has no point of that name.
    """
    sites = _sites(topology)
    index = {(site.x, site.y): site.index for site in sites}
    pes, channels = _processing_elements(topology.sites, sites), _channels(topology.grid, sites, index)
    point, noc = _operating_point(topology, operating_point), Noc(**_numbers(topology.noc))
    event_router = _event_router(topology, index)
    drams, host = _drams(topology, index), _host(topology, index)
    return Machine(
        name=topology.name,
        sites=sites,
        pes=pes,
        channels=channels,
        noc=noc,
        event_router=event_router,
        sram=Sram(**_numbers(topology.sram)),
        drams=drams,
        host=host,
        packets=PacketFormat(**_numbers(topology.packets)),
        costs=Costs(**_numbers(topology.costs)),
        operating_point=point,
        assumed=tuple(number.name for number in parameters(topology) if number.basis == "assumed"),
        graph=as_graph(sites, pes, channels, noc, event_router, drams, host),
    )


def _sites(topology: Topology) -> tuple[Site, ...]:
    kinds: dict[tuple[int, int], Any] = {at: kind for kind, _, at in special_sites(topology.sites)}
    grid, first = topology.grid, topology.grid.origin.value
    columns, rows = range(grid.width.value), range(grid.height.value)
    positions = [(first + column, first + row) for row in rows for column in columns]
    return tuple(_site(index, x, y, kinds.get((x, y), "quad")) for index, (x, y) in enumerate(positions))


def _site(index: int, x: int, y: int, kind: Kind) -> Site:
    return Site(index, x, y, kind, f"({x},{y})")


def _processing_elements(section: SitesSection, sites: tuple[Site, ...]) -> tuple[PeSite, ...]:
    quads = [site for site in sites if site.kind == "quad"]
    places = [(site, core) for site in quads for core in range(section.pes_per_site.value)]
    return tuple(PeSite(index, site.index, core, f"{site.name}.{core}") for index, (site, core) in enumerate(places))


def _channels(grid: GridSection, sites: tuple[Site, ...], index: dict[tuple[int, int], int]) -> tuple[Channel, ...]:
    """The directed links by source, from each in the order x + 1, x - 1, y + 1, y - 1."""
    pairs = [(site, sites[index[at]]) for site in sites for at in _neighbours(grid, site)]
    return tuple(
        Channel(number, source.index, target.index, f"{source.name}->{target.name}")
        for number, (source, target) in enumerate(pairs)
    )


def _neighbours(grid: GridSection, site: Site) -> list[tuple[int, int]]:
    columns = _beside(site.x, grid.origin.value, grid.width.value, grid.torus)
    rows = _beside(site.y, grid.origin.value, grid.height.value, grid.torus)
    return [(x, site.y) for x in columns] + [(site.x, y) for y in rows]


def _beside(at: int, first: int, length: int, torus: bool) -> list[int]:
    """The coordinates next to `at`; in a torus of two the way round would be the same link again."""
    if torus and length > 2:
        return [first + (at + step - first) % length for step in (1, -1)]
    return [at + step for step in (1, -1) if first <= at + step < first + length]


def _operating_point(topology: Topology, name: str) -> OperatingPoint:
    points = topology.operating_points
    if name not in points:
        known = f"'{topology.name}' has: {', '.join(points)}"
        problem = f"unknown operating point '{name}'; {known}{did_you_mean(name, points)}"
        raise Refused.at("machine.operating_point", problem)
    return OperatingPoint(name, **_numbers(points[name]))


def _event_router(topology: Topology, index: dict[tuple[int, int], int]) -> EventRouter | None:
    if topology.event_router is None:
        return None
    numbers = _numbers(topology.event_router)
    ports = numbers.pop("ports_per_site")
    port_sites = [index[at] for at in topology.sites.event_router.value for _ in range(ports)]
    return EventRouter(**numbers, port_sites=tuple(port_sites))


def _drams(topology: Topology, index: dict[tuple[int, int], int]) -> tuple[Dram, ...]:
    if topology.dram is None:
        return ()
    numbers = _numbers(topology.dram)
    del numbers["raw_bytes_per_s"]
    places = enumerate(topology.sites.memory.value)
    return tuple(Dram(f"dram{number}", index[at], **numbers) for number, at in places)


def _host(topology: Topology, index: dict[tuple[int, int], int]) -> Host | None:
    if topology.host is None:
        return None
    numbers = _numbers(topology.host)
    return Host(index[numbers.pop("site")], **numbers)


def _numbers(section: Section) -> dict[str, Any]:
    """The values of a section by key, ready for the noun of the same keys; `clock_mhz` becomes `clock`."""
    numbers = {key: getattr(section, key).value for key in type(section).model_fields}
    if "clock_mhz" in numbers:
        numbers["clock"] = Clock.from_mhz(numbers.pop("clock_mhz"))
    return numbers
