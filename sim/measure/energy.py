"""What draws power, as heard: how long each processing element was in which state at which operating point, and counts.

A listener and nothing else: the hardware keeps no account of energy. What is heard is turned into joules by
`sim.measure.joules`. What others count already (flits, lookups) is read off them at the end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.packet import Flit, Packet
from sim.engine.probe import Crossing, Probe, TaskRecord
from sim.measure.network import Deliveries, LinkUse
from sim.measure.windows import Windows

State = tuple[str, str]
"""An operating point and an activity of a processing element."""

ASLEEP = "sleep"
FLIT_HOPS, LOOKUPS, EXP_CALLS = "flit_hops", "lookups", "exp_calls"
MACS_TOLD = "mac_array_macs"
"""Multiply-accumulates of a processing element's MAC array, told by `level`."""
CARRIERS = {"host link": "host_link_bits", "chip link": "chip_link_bits"}
"""How the names of links that tell of bits by `level` begin, and what their bits are counted as."""
DRAM_BITS = "dram_bits"


@dataclass(frozen=True, slots=True)
class Board:
    """The processing elements by name, the operating point they start at, and of each slice its processing element and
    how often it calls the unit for exponentials in a step."""

    pes: tuple[str, ...]
    point: str
    slices: tuple[tuple[str, int], ...] = ()


class EnergyUse(Probe):
    """States of processing elements in ps, whole and by window, and counts of what costs energy each time.

    What `level` tells of happened when the last span of the same unit ended; that of others' counts, flits and lookups,
    in proportion to the flits that were delivered. Neither depends on the order of news within an instant.
    """

    def __init__(self, board: Board, width: int, links: LinkUse, deliveries: Deliveries) -> None:
        self.board = board
        self.width = width
        self.spent: defaultdict[str, Counter[State]] = defaultdict(Counter)
        self.ended: dict[str, int] = {}
        self.point: dict[str, str] = dict.fromkeys(board.pes, board.point)
        self.told_by: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.decoding = Windows(width)
        self._states: defaultdict[State, Windows] = defaultdict(lambda: Windows(width))
        self._counted: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._delivered: Counter[int] = Counter()
        self._links = links
        self._deliveries = deliveries

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        self.ended[unit] = end
        point = self.point.get(unit)
        if point is not None:
            state = point, activity
            self.spent[unit][state] += end - start
            self._states[state].add(start, end)
        elif activity == "decode":
            self.decoding.add(start, end)

    def switched(self, unit: str, point: str, now: int) -> None:
        self.point[unit] = point

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        self._delivered[now // self.width] += 1

    def task(self, unit: str, record: TaskRecord) -> None:
        _, calls = self.board.slices[record.slice]
        self._count(unit, EXP_CALLS, calls, record.done)

    def level(self, unit: str, quantity: str, value: int) -> None:
        if quantity == "bits":
            carrier = next((name for start, name in CARRIERS.items() if unit.startswith(start)), None)
            if carrier:
                self._count(unit, carrier, value, self.ended.get(unit, 0))
        elif quantity == MACS_TOLD:
            self._count(unit, f"{MACS_TOLD} {self.point[unit]}", value, self.ended.get(unit, 0))

    def burst(self, unit: str, direction: str, row: str, size: int, asked: int, end: int) -> None:
        self._count(unit, DRAM_BITS, 8 * size, end)

    def crossed(self, flit: Flit, packet: Packet, crossing: Crossing) -> None:
        self._count("chip links", "chip_link_bits", crossing.bits, crossing.start)

    @property
    def ports(self) -> int:
        """DRAM ports that moved data."""
        return sum(DRAM_BITS in counts for counts in self.told_by.values())

    def shared_counts(self) -> dict[str, int]:
        """What others counted: of the whole network, not of a unit."""
        counts = {FLIT_HOPS: sum(self._links.flits), LOOKUPS: self._deliveries.lookups}
        return {name: count for name, count in counts.items() if count}

    def point_shares(self, total: int) -> dict[str, float]:
        """Share of the time up to `total` (ps) that processing elements in use were at each operating point."""
        times: Counter[str] = Counter()
        for unit, states in self.spent.items():
            for (point, _), time in states.items():
                times[point] += time
            times[self.point[unit]] += total - self.ended[unit]
        return {point: time / max(1, times.total()) for point, time in sorted(times.items())}

    def counts_by_window(self, windows: int) -> dict[str, npt.NDArray[np.float64]]:
        """The counts in each of so many windows."""
        rows = {name: _row(counts, windows) for name, counts in self._counted.items()}
        share = _row(self._delivered, windows)
        share = share / share.sum() if share.any() else np.full(windows, 1 / windows)
        return rows | {name: count * share for name, count in self.shared_counts().items()}

    def states(self, windows: int) -> dict[State, npt.NDArray[np.int64]]:
        """Picoseconds of all processing elements in each state they told of, by window."""
        return {state: held.amounts(windows) for state, held in self._states.items()}

    def _count(self, unit: str, what: str, number: int, when: int) -> None:
        self.told_by[unit][what] += number
        self._counted[what][when // self.width] += number


def _row(counts: Counter[int], windows: int) -> npt.NDArray[np.float64]:
    """Counts by window; what was told at the last instant of all belongs to the last one."""
    row = np.zeros(windows)
    for window, count in counts.items():
        row[min(window, windows - 1)] += count
    return row
