"""Sites and links from a GraphML file, the form in which most graph programs write graphs.

Node ids become the names of sites; node attributes x and y, where every node has both, become their places. What the
file says is checked like a graph written in the topology, and told at `graph.file`.
"""

from __future__ import annotations

import io
import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from sim.machine.graph_checks import graph_problems
from sim.machine.sections import MOST_SITES, GraphSection, NodeSection
from sim.scenario.complaints import Refused
from sim.scenario.document import unopened

if TYPE_CHECKING:
    import networkx as nx

KEY = "graph.file"


def read_graph(path: Path) -> GraphSection:
    """The graph in `path`, as if written in the topology. Refused at `graph.file` when it is none or a broken one."""
    try:
        graph = _network(path.read_bytes())
        section = _section(graph)
    except (OSError, ValueError) as error:
        reason = unopened(path, error) if isinstance(error, OSError) else str(error)
        raise Refused.at(KEY, f"{path}: {reason}") from None
    problems = [problem for _, problem in graph_problems(section)]
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise Refused.at(KEY, f"{path}: {problems[0]}{more}")
    return section


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
