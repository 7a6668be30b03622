"""What draws power, as heard: how long each processing element was in which state at which operating point, and counts.

A listener and nothing else: the hardware keeps no account of energy. What is heard is turned into joules by
`sim.measure.joules`. What others count already (flits, lookups) is read off them at the end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.packet import Flit, Packet
from sim.engine.probe import Crossing, Probe, TaskRecord
from sim.measure.arrivals import NOW
from sim.measure.busy import OTHERS, BusyTime
from sim.measure.network import Deliveries, LinkUse
from sim.measure.tally import Whole
from sim.measure.windows import Windows, wide_enough

State = tuple[str, str]
"""An operating point and an activity of a processing element."""

ASLEEP = "sleep"
FLIT_HOPS, LOOKUPS, EXP_CALLS = "flit_hops", "lookups", "exp_calls"
MACS_TOLD = "mac_array_macs"
"""Multiply-accumulates of a processing element's MAC array, told by `amount`."""
CARRIERS = {"host link": "host_link_bits", "chip link": "chip_link_bits"}
"""How the names of links that tell of bits by `amount` begin, and what their bits are counted as."""
DRAM_BITS = "dram_bits"


@dataclass(frozen=True, slots=True)
class Others:
    """Listeners whose counts are not kept twice: they are to be told of each thing before this one is."""

    busy: BusyTime
    links: LinkUse
    deliveries: Deliveries


@dataclass(frozen=True, slots=True)
class Board:
    """The processing elements by name, the operating point they start at, and of each slice its processing element and
    how often it calls the unit for exponentials in a step."""

    pes: tuple[str, ...]
    point: str
    slices: tuple[tuple[str, int], ...] = ()


class EnergyUse(Probe):
    """States of processing elements in ps, whole and by window, and counts of what costs energy each time.

    Windows are those of `others`' busy time, or a multiple where the run is long; in them processing elements are
    grouped by operating point. What `amount` tells of happened when the last span of the same unit ended; others'
    counts, flits and lookups, in proportion to the flits that were delivered. Neither depends on the order of news
    within an instant.
    """

    def __init__(self, board: Board, others: Others) -> None:
        self.board = board
        self.width = others.busy.width
        self.told_by: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._others = others
        self._until_switch: dict[str, Counter[State]] = {}
        self._counted: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._delivered: Counter[int] = Counter()
        others.deliveries.give(self._count_delivered)
        for pe in board.pes:
            others.busy.put(pe, board.point)

    def switched(self, unit: str, point: str, now: int) -> None:
        self._until_switch[unit] = self.spent(unit)
        self._others.busy.put(unit, point)

    def task(self, unit: str, record: TaskRecord) -> None:
        _, calls = self.board.slices[record.slice]
        self._count(unit, EXP_CALLS, calls, record.done)

    def amount(self, unit: str, quantity: str, value: int) -> None:
        if quantity == "bits":
            carrier = next((name for start, name in CARRIERS.items() if unit.startswith(start)), None)
            if carrier:
                self._count(unit, carrier, value, self._others.busy.ended(unit))
        elif quantity == MACS_TOLD:
            self._count(unit, f"{MACS_TOLD} {self.point(unit)}", value, self._others.busy.ended(unit))

    def burst(self, unit: str, direction: str, row: str, size: int, asked: int, end: int) -> None:
        self._count(unit, DRAM_BITS, 8 * size, end)

    def crossed(self, flit: Flit, packet: Packet, crossing: Crossing) -> None:
        self._count("chip links", "chip_link_bits", crossing.bits, crossing.start)

    @property
    def used(self) -> list[str]:
        """Processing elements that have told of any time."""
        return [pe for pe in self.board.pes if self._others.busy.activities(pe)]

    @property
    def ports(self) -> int:
        """DRAM ports that moved data."""
        return sum(DRAM_BITS in counts for counts in self.told_by.values())

    def shared_counts(self) -> dict[str, int]:
        """What others counted: of the whole network, not of a unit."""
        counts = {FLIT_HOPS: int(self._others.links.flits.sum()), LOOKUPS: self._others.deliveries.lookups}
        return {name: count for name, count in counts.items() if count}

    def point(self, pe: str) -> str:
        """The operating point that a processing element is at."""
        return self._others.busy.group(pe)

    def ended(self, pe: str) -> int:
        """When the last span of a processing element ended (ps), 0 when it had none."""
        return self._others.busy.ended(pe)

    def spent(self, pe: str) -> Counter[State]:
        """Picoseconds of a processing element in each state; none when it has told of none."""
        states = self._until_switch.get(pe, Counter()).copy()
        before: Counter[str] = Counter()
        for (_, activity), time in states.items():
            before[activity] += time
        for activity, time in self._others.busy.activities(pe).items():
            if time > before[activity]:
                states[self.point(pe), activity] += time - before[activity]
        return states

    def point_shares(self, total: int) -> dict[str, float]:
        """Share of the time up to `total` (ps) that processing elements in use were at each operating point."""
        times: Counter[str] = Counter()
        for pe in self.used:
            for (point, _), time in self.spent(pe).items():
                times[point] += time
            times[self.point(pe)] += total - self.ended(pe)
        return {point: time / max(1, times.total()) for point, time in sorted(times.items())}

    def wide_enough(self, total: int) -> int:
        """The width (ps) of windows that cover the time up to `total`, and in which all that was told is counted."""
        held = (windows.width for windows in self._others.busy.windows().values())
        return max((wide_enough(self.width, total), *held))

    def counts_by_window(self, windows: int, width: int) -> dict[str, npt.NDArray[np.float64]]:
        """The counts in each of so many windows."""
        together = width // self.width
        rows = {name: _row(counts, windows, together) for name, counts in self._counted.items()}
        self._others.deliveries.count()
        share = _row(self._delivered, windows, together)
        share = share / share.sum() if share.any() else np.full(windows, 1 / windows)
        return rows | {name: count * share for name, count in self.shared_counts().items()}

    def states(self, windows: int, width: int) -> dict[State, npt.NDArray[np.int64]]:
        """Picoseconds of all processing elements in each state they told of, by window."""
        told = self._others.busy.windows().items()
        return {state: held.amounts(windows, width) for state, held in told if state[0] != OTHERS}

    @property
    def decoding(self) -> Windows:
        """When the host's processor was at work."""
        return self._others.busy.windows().get((OTHERS, "decode")) or Windows(self.width)

    def _count_delivered(self, rows: Whole) -> None:
        """Rows come in the order of time, so those of a window follow one another."""
        now, begin = np.ascontiguousarray(rows[NOW]), 0
        while begin < len(now):
            window = int(now[begin]) // self.width
            end = int(now.searchsorted((window + 1) * self.width))
            self._delivered[window] += end - begin
            begin = end

    def _count(self, unit: str, what: str, number: int, when: int) -> None:
        self.told_by[unit][what] += number
        self._counted[what][when // self.width] += number


def _row(counts: Mapping[int, int], windows: int, together: int) -> npt.NDArray[np.float64]:
    """Counts by window, so many windows `together`; what the last instant of all told belongs to the last one."""
    row = np.zeros(windows)
    for window, count in counts.items():
        row[min(window // together, windows - 1)] += count
    return row
