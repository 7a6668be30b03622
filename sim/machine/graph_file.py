"""Sites and links from a GraphML file, the form in which most graph programs write graphs.

Node ids become the names of sites; node attributes x and y, where every node has both, become their places. What the
file says is checked like a graph written in the topology, and told at `graph.file`. A file that `save_graphml` wrote
has a machine's other parts too: those are no sites, and what is dead in it is dead.
"""

from __future__ import annotations

import io
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from sim.machine.graph_checks import OTHER_PARTS, graph_problems
from sim.machine.quantity import Quantity
from sim.machine.sections import MOST_SITES, FaultsSection, GraphSection, NodeSection, Topology
from sim.scenario.complaints import Refused
from sim.scenario.document import unopened

if TYPE_CHECKING:
    import networkx as nx

KEY = "graph.file"
SITES = ("quad", "event_router", "memory", "plain")


@dataclass(frozen=True, slots=True)
class GraphFile:
    """What a file says: the graph, and where it is one of a whole machine also its local ports and dead parts."""

    section: GraphSection
    local_ports: int | None = None
    dead_pes: tuple[str, ...] = ()
    dead_links: tuple[str, ...] = ()
    dead_sites: tuple[str, ...] = ()


def read_graph(path: Path) -> GraphFile:
    """The graph in `path`, as if written in the topology. Refused at `graph.file` when it is none or a broken one."""
    try:
        whole = _network(path.read_bytes())
        graph = _mesh(whole) if whole.graph.get("local_ports") else whole
        section = _section(graph)
    except (OSError, ValueError) as error:
        reason = unopened(path, error) if isinstance(error, OSError) else str(error)
        raise Refused.at(KEY, f"{path}: {reason}") from None
    problems = [problem for _, problem in graph_problems(section)]
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise Refused.at(KEY, f"{path}: {problems[0]}{more}")
    return GraphFile(section) if graph is whole else _of_machine(whole, graph, section)


def _mesh(whole: nx.Graph[str]) -> nx.Graph[str]:
    """The sites of a machine's graph and the links between them."""
    sites = [
        name for name, kind in whole.nodes(data="kind") if kind in (*SITES, None) and not OTHER_PARTS.fullmatch(name)
    ]
    mesh: nx.Graph[str] = whole.__class__()
    mesh.add_nodes_from((name, whole.nodes[name]) for name in sites)
    mesh.add_edges_from(edge for edge in whole.edges(data=True) if edge[0] in mesh and edge[1] in mesh)
    return mesh


def _of_machine(whole: nx.Graph[str], mesh: nx.Graph[str], section: GraphSection) -> GraphFile:
    """The rest of what a machine's graph says."""
    ports = whole.graph["local_ports"]
    if not isinstance(ports, int) or ports < 1:
        raise Refused.at(KEY, f"local_ports of the graph is {ports!r}, expected a whole number from 1")
    dead = {name for name, state in whole.nodes(data="state") if state == "dead"}
    return GraphFile(
        section,
        ports,
        tuple(name for name, kind in whole.nodes(data="kind") if kind == "pe" and name in dead),
        tuple(f"{one}->{other}" for one, other, state in mesh.edges(data="state") if state == "dead"),
        tuple(name for name in mesh if name in dead),
    )


def _network(raw: bytes) -> nx.Graph[str]:
    """The bytes of a file as a graph; ValueError, in words, when they are none."""
    import networkx as nx

    declared = _declared(raw)
    try:
        graph: nx.Graph[str] = nx.read_graphml(io.BytesIO(raw))
    except (nx.NetworkXError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"GraphML that cannot be used: {error}") from None
    strangers = list(graph)[len(declared) :]
    if strangers:
        raise ValueError(f"an edge leads to '{strangers[0]}', which is no node of the graph")
    return graph


def _declared(raw: bytes) -> list[str]:
    """The ids of the nodes, of which there is at least one and no two are equal."""
    try:
        root = ElementTree.fromstring(raw)
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from None
    if root.tag.rpartition("}")[2] != "graphml":
        raise ValueError(f"expected GraphML, got XML of the kind <{root.tag.rpartition('}')[2]}>")
    graphs = len(root.findall("{*}graph"))
    if graphs > 1:
        raise ValueError(f"holds {graphs} graphs, expected one")
    return _distinct([node.get("id", "") for node in root.findall("{*}graph/{*}node")])


def _distinct(ids: list[str]) -> list[str]:
    if not 1 <= len(ids) <= MOST_SITES:
        raise ValueError(f"a graph of {len(ids)} nodes, expected 1 to {MOST_SITES}")
    name, times = Counter(ids).most_common(1)[0]
    if times > 1:
        raise ValueError(f"{times} nodes have the id '{name}'")
    return ids


def with_machine_of(found: GraphFile, topology: Topology) -> tuple[Topology, list[tuple[str, str]]]:
    """`topology` with the local ports and dead parts of a file, and what the two say differently."""
    ports, noc = found.local_ports, topology.noc
    if "local_ports" in noc.model_fields_set and noc.local_ports.value != ports:
        problem = f"{noc.local_ports.value}, and the graph's file has {ports}; make them equal, or leave this out"
        return topology, [("noc.local_ports", problem)]
    faults = topology.faults or FaultsSection()
    dead = {
        "pes": (*faults.pes, *found.dead_pes),
        "links": (*faults.links, *found.dead_links),
        "sites": (*faults.sites, *found.dead_sites),
    }
    update: dict[str, Any] = {"noc": noc.model_copy(update={"local_ports": Quantity(value=ports)})}
    if any(dead.values()):
        update["faults"] = faults.model_copy(update=dead)
    return topology.model_copy(update=update), []


def _section(graph: nx.Graph[str]) -> GraphSection:
    numbers = {name: number for number, name in enumerate(graph)}
    columns, rows = _coordinates(graph, "x"), _coordinates(graph, "y")
    places = zip(columns, rows, strict=True) if columns and rows else [(None, None)] * len(numbers)
    nodes = tuple(_node(name, x, y) for name, (x, y) in zip(numbers, places, strict=True))
    ends = tuple((one, other) for one, other in graph.edges())
    return GraphSection(sites=nodes, links=ends, directed=graph.is_directed())


def _node(name: str, x: int | None, y: int | None) -> NodeSection:
    if not 1 <= len(name) <= 60:
        raise ValueError(f"a node's id has {len(name)} characters, expected 1 to 60")
    return NodeSection(name=name, x=x, y=y)


def _coordinates(graph: nx.Graph[str], key: str) -> list[int]:
    """The `key` of every node as whole numbers, or nothing when one has none.

    Where they are not whole, each becomes its rank among them: order and equality are kept, distances are not.
    """
    written = [value for _, value in graph.nodes(data=key) if value is not None]
    if len(written) < len(graph):
        return []
    values = [_number(value, key) for value in written]
    if all(value.is_integer() for value in values):
        return [int(value) for value in values]
    ranks = {value: rank for rank, value in enumerate(sorted(set(values)))}
    return [ranks[value] for value in values]


def _number(value: Any, key: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{key} of a node is {value!r}, expected a number")
    return number
