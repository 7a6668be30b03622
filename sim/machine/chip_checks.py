"""What is wrong with how the chips of a machine are put together; each problem with its path in the topology."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sim.machine.graph_checks import graph_problems
from sim.machine.hexagon import DIRECTIONS, outline, tiles_the_plane
from sim.machine.layout import graph_links, node_names
from sim.machine.sections import Topology

Found = Iterator[tuple[str, str]]


def chip_problems(topology: Topology) -> Found:
    """Everything about `board`, `chips` and `links`."""
    if topology.board is None and topology.chips is None:
        return
    if topology.board is not None and topology.chips is not None:
        yield "chips", "there is a board too; a machine has one of the two, and 'board: null' takes the board away"
    if topology.links is None:
        yield "links", "is missing; a machine of several chips says how they are joined"
    if topology.event_router is None:
        yield "event_router", "is missing; packets leave a chip through its event router"
    if topology.chips is not None:
        yield from ((f"chips.{path}", problem) for path, problem in graph_problems(topology.chips))
    yield from _board(topology)
    yield from _links(topology)


def _board(topology: Topology) -> Found:
    board = topology.board
    if board is None:
        return
    size = len(outline(board))
    for number, (first, last) in enumerate(board.rows.value):
        if last < first:
            yield f"board.rows[{number}]", f"first x {first} is above last x {last}"
    if board.host_chip.value >= size:
        yield "board.host_chip", f"chip {board.host_chip.value} of {size}; expected 0 to {size - 1}"
    if not tiles_the_plane(board):
        yield "board.tiling", f"boards of {size} chips moved by these steps overlap or leave holes"


def _links(topology: Topology) -> Found:
    links = topology.links
    if links is None:
        return
    if links.payload_bits.value > links.packet_bits.value:
        yield "links.payload_bits", f"{links.payload_bits.value} is above packet_bits {links.packet_bits.value}"
    needed = len(DIRECTIONS) if topology.board is not None else 0
    if topology.chips is not None and not list(graph_problems(topology.chips)):
        degrees = Counter(source for source, _ in graph_links(topology.chips))
        most = max(degrees, key=lambda chip: (degrees[chip], -chip), default=0)
        needed = degrees[most]
        if needed > links.per_chip.value:
            names = node_names(topology.chips)
            yield "chips.links", f"chip '{names[most]}' has {needed} links, a chip has {links.per_chip.value}"
    elif needed > links.per_chip.value:
        yield "links.per_chip", f"a chip of a board has {needed} neighbours, and {links.per_chip.value} links"
