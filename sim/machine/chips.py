"""Which chips a scenario asks for: a patch of a board, whole boards, or the chips of a graph."""

from __future__ import annotations

from sim.machine.hexagon import Arrangement, Joint, boards, outline, patch
from sim.machine.layout import graph_links, graph_places, node_names
from sim.machine.sections import GraphSection, Topology
from sim.scenario.complaints import Refused

KEY = "machine.chips"


def arrange(topology: Topology, count: int | None) -> Arrangement | None:
    """The chips of a machine of `count`, or of as many as the topology has; None for a chip alone.

    Refused at `machine.chips` where the topology has no machine of so many.
    """
    if topology.board is not None:
        return _on_boards(topology, count)
    there = len(node_names(topology.chips)) if topology.chips is not None else 1
    if count is not None and count != there:
        raise Refused.at(
            KEY, f"{count} chips asked, '{topology.name}' has {there}; expected {there}, or another topology"
        )
    return _in_graph(topology.chips) if topology.chips is not None and there > 1 else None


def _on_boards(topology: Topology, count: int | None) -> Arrangement | None:
    assert topology.board is not None
    size = len(outline(topology.board))
    count = size if count is None else count
    if count == 1:
        return None
    if count < size:
        return patch(topology.board, count)
    if count % size:
        less, more = count // size * size, (count // size + 1) * size
        raise Refused.at(
            KEY,
            f"{count} chips asked, and beyond one board there are whole boards of {size}; expected {less} or {more}",
        )
    return boards(topology.board, count // size)


def _in_graph(graph: GraphSection) -> Arrangement:
    joints = tuple(Joint(one, other, -1, False) for one, other in graph_links(graph))
    return Arrangement(tuple(graph_places(graph)), joints, 0)
