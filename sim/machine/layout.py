"""The whole machine before anything fails: its sites, what stands on them and the links between them.

A grid lays its sites out by rule, row by row; a graph lists them. From here on both are the same: numbered sites
with names, processing elements and channels by site. Needs neither networkx nor NumPy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sim.machine.machine import Channel, Kind, PeSite, Site
from sim.machine.sections import GraphSection, GridSection, NodeRef, NodeSection, SiteRef, SitesSection, Topology

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Every part that the machine would have without faults, numbered and named."""

    sites: tuple[Site, ...]
    pes: tuple[PeSite, ...]
    channels: tuple[Channel, ...]


def lay_out(topology: Topology) -> Layout:
    """All parts of a `topology` without contradictions; channels by source."""
    kinds: dict[int | None, Kind] = {site_index(topology, at): kind for kind, _, at in special_sites(topology.sites)}
    named = _named_places(topology)
    sites = tuple(Site(i, *place, kinds.get(i, "quad"), name) for i, (name, place) in enumerate(named))
    pairs = enumerate(links(topology))
    channels = (Channel(n, a, b, f"{sites[a].name}->{sites[b].name}") for n, (a, b) in pairs)
    return Layout(sites, _processing_elements(topology, sites), tuple(channels))


def special_sites(sites: SitesSection) -> list[tuple[Kind, int, SiteRef]]:
    """Every site that carries no processing elements, as (kind, place in its list, as written)."""
    lists: tuple[tuple[Kind, tuple[SiteRef, ...]], ...] = (
        ("event_router", sites.event_router.value),
        ("memory", sites.memory.value),
        ("plain", sites.plain.value),
    )
    return [(kind, n, written) for kind, places in lists for n, written in enumerate(places)]


def site_count(topology: Topology) -> int:
    """How many sites there are."""
    if topology.grid is not None:
        return topology.grid.width.value * topology.grid.height.value
    return len(node_names(topology.graph)) if topology.graph is not None else 0


def site_index(topology: Topology, written: SiteRef) -> int | None:
    """The number of the site that was `written` as [x, y], name or number; None when there is no such site. In a graph
    [x, y] is the site called "(x,y)"."""
    if topology.grid is not None:
        place = _place_called(written) if isinstance(written, str) else written
        return _grid_index(topology.grid, place) if isinstance(place, tuple) else None
    if topology.graph is None:
        return None
    return node_numbers(topology.graph).get(f"({written[0]},{written[1]})" if isinstance(written, tuple) else written)


def node_names(graph: GraphSection) -> list[str]:
    """The names of a graph's sites; those of a graph that only counts them are "0", "1" and so on."""
    nodes = graph.sites
    return [node.name for node in nodes] if isinstance(nodes, tuple) else [str(number) for number in range(nodes or 0)]


def node_numbers(graph: GraphSection) -> dict[NodeRef, int]:
    """Site numbers by what a site may be called: its name, or its place in the list.

    Where all names are numbers, a number is a name, so that site 7 of a file is never another one.
    """
    names = node_names(graph)
    numbers: dict[NodeRef, int] = {name: number for number, name in enumerate(names)}
    by_number = all(re.fullmatch(r"0|[1-9]\d*", name, re.ASCII) for name in names)
    return numbers | {(int(name) if by_number else number): number for number, name in enumerate(names)}


def links(topology: Topology) -> list[Place]:
    """The directed links as pairs of site numbers, by source; on a grid in the order x + 1, x - 1, y + 1, y - 1."""
    if topology.grid is not None:
        grid = topology.grid
        return [(site, there) for site, (x, y) in enumerate(_grid_places(grid)) for there in _neighbours(grid, x, y)]
    return graph_links(topology.graph) if topology.graph is not None else []


def graph_links(graph: GraphSection) -> list[Place]:
    """The directed links of a graph whose links name its sites, by source, then as listed."""
    numbers = node_numbers(graph)
    listed = [(numbers[one], numbers[other]) for one, other in graph.links]
    both_ways = listed if graph.directed else [way for one, other in listed for way in ((one, other), (other, one))]
    return sorted(both_ways, key=lambda link: link[0])


def _named_places(topology: Topology) -> list[tuple[str, Place]]:
    if topology.grid is not None:
        return [(f"({x},{y})", (x, y)) for x, y in _grid_places(topology.grid)]
    if topology.graph is None:
        return []
    return list(zip(node_names(topology.graph), graph_places(topology.graph), strict=True))


def graph_places(graph: GraphSection) -> Iterable[Place]:
    """Where the nodes say they are, or side by side along x when one does not say."""
    nodes: tuple[NodeSection, ...] = graph.sites if isinstance(graph.sites, tuple) else ()
    stated = [(node.x, node.y) for node in nodes if node.x is not None and node.y is not None]
    names = node_names(graph)
    return stated if len(stated) == len(names) else [(number, 0) for number in range(len(names))]


def _processing_elements(topology: Topology, sites: tuple[Site, ...]) -> tuple[PeSite, ...]:
    cores = range(topology.sites.pes_per_site.value)
    places = [(site, core) for site in sites if site.kind == "quad" for core in cores]
    return tuple(PeSite(number, site.index, core, f"{site.name}.{core}") for number, (site, core) in enumerate(places))


def _grid_places(grid: GridSection) -> Iterator[Place]:
    first = grid.origin.value
    return ((first + x, first + y) for y in range(grid.height.value) for x in range(grid.width.value))


def _grid_index(grid: GridSection, place: Place) -> int | None:
    x, y = place[0] - grid.origin.value, place[1] - grid.origin.value
    inside = 0 <= x < grid.width.value and 0 <= y < grid.height.value
    return y * grid.width.value + x if inside else None


def _place_called(name: str) -> Place | None:
    found = re.fullmatch(r"\((0|[1-9]\d{0,3}),(0|[1-9]\d{0,3})\)", name, re.ASCII)
    return (int(found[1]), int(found[2])) if found else None


def _neighbours(grid: GridSection, x: int, y: int) -> list[int]:
    first, width = grid.origin.value, grid.width.value
    columns = [(beside, y) for beside in _beside(x, first, width, grid.torus)]
    rows = [(x, beside) for beside in _beside(y, first, grid.height.value, grid.torus)]
    return [(row - first) * width + column - first for column, row in columns + rows]


def _beside(at: int, first: int, length: int, torus: bool) -> list[int]:
    """The coordinates next to `at`; in a torus of two the way round would be the same link again."""
    if torus and length > 2:
        return [first + (at + step - first) % length for step in (1, -1)]
    return [at + step for step in (1, -1) if first <= at + step < first + length]
