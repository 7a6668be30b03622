"""A machine as a networkx graph that can be inspected, saved and drawn.

Nodes are named as people name them: "(3,2)" a mesh site, "(3,2).1" a processing element, "event_router",
"dram0", "host". Every node has `kind`, `x`, `y`, `name`; every edge has `kind` and `latency_cycles` (of the
mesh clock).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import networkx as nx

from sim.machine.drawing import draw
from sim.machine.machine import Channel, Dram, EventRouter, Host, Machine, Noc, PeSite, Site

__all__ = ["as_graph", "draw", "save_graphml"]


def as_graph(
    sites: Sequence[Site],
    pes: Sequence[PeSite],
    channels: Sequence[Channel],
    noc: Noc,
    event_router: EventRouter | None,
    drams: Sequence[Dram],
    host: Host | None,
) -> nx.DiGraph[str]:
    """The graph of a machine's parts.

    Channel edges carry `index` and `name`, the others (`injection` into the mesh, `ejection` out of it)
    `ports`, how many of them run in parallel. The sites alone: `graph.subgraph(site.name for site in
    machine.sites)`.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for site in sites:
        _add_node(graph, site.name, site.kind, (site.x, site.y), site.index)
    for channel in channels:
        ends = sites[channel.source].name, sites[channel.target].name
        attributes = {"kind": "channel", "latency_cycles": noc.hop_cycles}
        graph.add_edge(*ends, **attributes, index=channel.index, name=channel.name)
    for pe in pes:
        _attach(graph, noc, pe.name, "pe", [sites[pe.site]], index=pe.index)
    if event_router is not None:
        _attach(graph, noc, "event_router", "event_router", [sites[port] for port in event_router.port_sites])
    for number, dram in enumerate(drams):
        _attach(graph, noc, dram.name, "dram", [sites[dram.site]], index=number)
    if host is not None:
        _attach(graph, noc, "host", "host", [sites[host.site]])
    return graph


def _add_node(graph: nx.DiGraph[str], name: str, kind: str, place: tuple[float, float], index: int) -> None:
    graph.add_node(name, kind=kind, x=float(place[0]), y=float(place[1]), name=name, index=index)


def _attach(graph: nx.DiGraph[str], noc: Noc, name: str, kind: str, ports: list[Site], index: int = 0) -> None:
    """Put a part in the middle of its ports' sites, with a way in and a way out at each of these sites."""
    middle = sum(site.x for site in ports) / len(ports), sum(site.y for site in ports) / len(ports)
    _add_node(graph, name, kind, middle, index)
    for site in dict.fromkeys(ports):
        count = ports.count(site)
        graph.add_edge(name, site.name, kind="injection", latency_cycles=noc.injection_cycles, ports=count)
        graph.add_edge(site.name, name, kind="ejection", latency_cycles=noc.ejection_cycles, ports=count)


def save_graphml(machine: Machine, path: Path) -> None:
    """Write the machine's graph as GraphML, which most graph programs read."""
    nx.write_graphml_xml(machine.graph, path)
