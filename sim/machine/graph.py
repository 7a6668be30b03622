"""A machine as a networkx graph that can be inspected, saved and drawn.

Nodes are named as people name them: "(3,2)" a mesh site, "(3,2).1" a processing element, "event_router",
"dram0", "host". Every node has `kind`, `x`, `y`, `name`; every edge has `kind` and `latency_cycles` (of the
mesh clock). Dead parts are in it too: `state` tells them from the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count
from pathlib import Path

import networkx as nx

from sim.machine.drawing import draw
from sim.machine.layout import Layout
from sim.machine.machine import Dram, EventRouter, Faults, Host, Machine, Noc, Site

__all__ = ["as_graph", "draw", "live", "save_graphml"]


def as_graph(
    layout: Layout,
    faults: Faults,
    noc: Noc,
    event_router: EventRouter | None,
    drams: Sequence[Dram],
    host: Host | None,
) -> nx.DiGraph[str]:
    """The graph of a machine's parts, dead ones included; `local_ports` of the graph itself is that of `noc`.

    Channel edges carry `index` and `name`, the others (`injection` into the mesh, `ejection` out of it)
    `ports`, how many of them run in parallel, and those of a PE `local_port`, the number of the one at its site that it
    uses. `state` of a node or edge is "live", "dead", or "unreachable" for a PE that is cut off; the `index` of a PE or
    channel that is not live is -1. The live sites alone:
    `live(graph).subgraph(site.name for site in machine.sites)`.
    """
    graph: nx.DiGraph[str] = nx.DiGraph(local_ports=noc.local_ports)
    _add_mesh(graph, layout, faults, noc)
    _add_pes(graph, layout, faults, noc)
    sites = layout.sites
    if event_router is not None:
        _attach(graph, noc, "event_router", "event_router", [sites[port] for port in event_router.port_sites])
    for number, dram in enumerate(drams):
        _attach(graph, noc, dram.name, "dram", [sites[dram.site]], index=number)
    if host is not None:
        _attach(graph, noc, "host", "host", [sites[host.site]])
    return graph


def live(graph: nx.DiGraph[str]) -> nx.DiGraph[str]:
    """The nodes and edges of a machine's graph that work and can be used."""
    left = graph.subgraph(name for name, state in graph.nodes(data="state") if state == "live").copy()
    left.remove_edges_from([(one, other) for one, other, state in left.edges(data="state") if state != "live"])
    return left


def _add_mesh(graph: nx.DiGraph[str], layout: Layout, faults: Faults, noc: Noc) -> None:
    sites, dead_sites, dead_links, indices = layout.sites, set(faults.dead_sites), set(faults.dead_links), count()
    for site in sites:
        state = _state(site.name, dead_sites)
        _add_node(graph, site.name, site.kind, (site.x, site.y), site.index, state)
    for channel in layout.channels:
        ends, state = (sites[channel.source].name, sites[channel.target].name), _state(channel.name, dead_links)
        attributes = {"kind": "channel", "latency_cycles": noc.hop_cycles, "state": state}
        graph.add_edge(*ends, **attributes, index=_index(state, indices), name=channel.name)


def _add_pes(graph: nx.DiGraph[str], layout: Layout, faults: Faults, noc: Noc) -> None:
    dead, unreachable, indices = set(faults.dead_pes), set(faults.unreachable), count()
    for pe in layout.pes:
        state = _state(pe.name, dead, unreachable)
        _attach(graph, noc, pe.name, "pe", [layout.sites[pe.site]], _index(state, indices), state)
        for ends in ((pe.name, layout.sites[pe.site].name), (layout.sites[pe.site].name, pe.name)):
            graph.edges[ends]["local_port"] = pe.core % noc.local_ports


def _state(name: str, dead: Collection[str], unreachable: Collection[str] = ()) -> str:
    return "dead" if name in dead else "unreachable" if name in unreachable else "live"


def _index(state: str, indices: Iterator[int]) -> int:
    return next(indices) if state == "live" else -1


def _add_node(graph: nx.DiGraph[str], name: str, kind: str, place: tuple[float, float], index: int, state: str) -> None:
    graph.add_node(name, kind=kind, x=float(place[0]), y=float(place[1]), name=name, index=index, state=state)


def _attach(
    graph: nx.DiGraph[str],
    noc: Noc,
    name: str,
    kind: str,
    ports: list[Site],
    index: int = 0,
    state: str = "live",
) -> None:
    """Put a part in the middle of its ports' sites, with a way in and a way out at each of these sites."""
    middle = sum(site.x for site in ports) / len(ports), sum(site.y for site in ports) / len(ports)
    _add_node(graph, name, kind, middle, index, state)
    for site in dict.fromkeys(ports):
        shared = {"ports": ports.count(site), "state": state}
        graph.add_edge(name, site.name, kind="injection", latency_cycles=noc.injection_cycles, **shared)
        graph.add_edge(site.name, name, kind="ejection", latency_cycles=noc.ejection_cycles, **shared)


def save_graphml(machine: Machine, path: Path) -> None:
    """Write the machine's graph as GraphML, which most graph programs read, and `sim.machine.graph_file` too."""
    nx.write_graphml_xml(machine.graph, path)
