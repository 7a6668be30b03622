"""Chips in a hexagonal mesh: the outline of a board, a patch of it, and whole boards side by side or closed round.

Each chip has neighbours to the east (1, 0), north-east (1, 1), north (0, 1) and opposite. Boards stand at whole
numbers of the two steps of their tiling, which cover the plane once; in a torus the board after the last is the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt

from sim.machine.chip_sections import BoardSection

Place = tuple[int, int]
DIRECTIONS: tuple[Place, ...] = ((1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1))
OPPOSITE = (3, 4, 5, 0, 1, 2)


@dataclass(frozen=True, slots=True)
class Joint:
    """A link from chip `source` to chip `target`, in direction number `direction`; `long` where it leaves its board."""

    source: int
    target: int
    direction: int
    long: bool


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Chips by number with their places, the links between them, and the number of the chip with the host."""

    places: tuple[Place, ...]
    joints: tuple[Joint, ...]
    host_chip: int

    @property
    def names(self) -> list[str]:
        """What the chips are called."""
        return [f"chip{number}" for number in range(len(self.places))]

    def called(self, joint: Joint) -> str:
        """What a link is called."""
        return f"chip{joint.source}->chip{joint.target}"


def outline(board: BoardSection) -> list[Place]:
    """The places of a board's chips, row by row."""
    return [(x, y) for y, (first, last) in enumerate(board.rows.value) for x in range(first, last + 1)]


def patch(board: BoardSection, count: int) -> Arrangement:
    """The `count` chips of a board that are nearest to the one with the host; of equally near ones the lowest."""
    everywhere = outline(board)
    centre = everywhere[board.host_chip.value]
    nearest = sorted(everywhere, key=lambda place: (distance(place, centre), place[1], place[0]))[:count]
    places = sorted(nearest, key=lambda place: (place[1], place[0]))
    numbers = {place: number for number, place in enumerate(places)}
    joints = tuple(
        Joint(number, numbers[there], direction, False)
        for number, (x, y) in enumerate(places)
        for direction, (dx, dy) in enumerate(DIRECTIONS)
        if (there := (x + dx, y + dy)) in numbers
    )
    return Arrangement(tuple(places), joints, numbers[centre])


def boards(board: BoardSection, count: int) -> Arrangement:
    """`count` whole boards in the squarest rectangle that they fill, closed round where the board says so."""
    across = next(width for width in range(isqrt(count), 0, -1) if count % width == 0)
    size = across, count // across
    local = outline(board)
    (ux, uy), (vx, vy) = board.tiling.value
    places = [
        (x + i * ux + j * vx, y + i * uy + j * vy) for j in range(size[1]) for i in range(size[0]) for x, y in local
    ]
    joints = tuple(
        Joint(number, target, direction, target // len(local) != number // len(local) or wraps)
        for number, place in enumerate(places)
        for direction, target, wraps in _neighbours(board, size, place)
    )
    return Arrangement(tuple(places), joints, board.host_chip.value)


def distance(one: Place, other: Place) -> int:
    """Links between two places of an endless mesh."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    return max(abs(dx), abs(dy)) if dx * dy >= 0 else abs(dx) + abs(dy)


def board_at(board: BoardSection, place: Place) -> tuple[Place, Place]:
    """Which board of the endless plane (in steps of the tiling) a place belongs to, and its place on that board."""
    (ux, uy), (vx, vy) = board.tiling.value
    known = set(outline(board))
    area = ux * vy - uy * vx
    near_i, near_j = (place[0] * vy - place[1] * vx) // area, (place[1] * ux - place[0] * uy) // area
    for i in range(near_i - 2, near_i + 3):
        for j in range(near_j - 2, near_j + 3):
            there = place[0] - i * ux - j * vx, place[1] - i * uy - j * vy
            if there in known:
                return (i, j), there
    raise ValueError(f"the boards leave a hole at {place}")


def tiles_the_plane(board: BoardSection) -> bool:
    """Whether boards moved by whole numbers of the two steps cover every place once."""
    (ux, uy), (vx, vy) = board.tiling.value
    local = outline(board)
    area = ux * vy - uy * vx
    classes = {((x * vy - y * vx) % abs(area), (y * ux - x * uy) % abs(area)) for x, y in local} if area else set()
    return len(classes) == len(local) == abs(area)


def _neighbours(board: BoardSection, size: tuple[int, int], place: Place) -> Iterator[tuple[int, int, bool]]:
    """Direction, number of the chip there, and whether the way leads round the edge of the machine."""
    local = outline(board)
    for direction, (dx, dy) in enumerate(DIRECTIONS):
        (i, j), there = board_at(board, (place[0] + dx, place[1] + dy))
        inside = 0 <= i < size[0] and 0 <= j < size[1]
        if inside or board.torus:
            number = (j % size[1]) * size[0] + i % size[0]
            yield direction, number * len(local) + local.index(there), not inside
