"""What draws power, as heard: how long each processing element was in which state at which operating point, and counts.

A listener and nothing else: the hardware keeps no account of energy. What is heard is turned into joules by
`sim.measure.joules`. What others count already (flits, lookups) is read off them at the first news in each window.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sim.engine.packet import Flit
from sim.engine.probe import Probe, TaskRecord
from sim.measure.network import Deliveries, LinkUse
from sim.measure.windows import Windows
from sim.workload.network import GATES

State = tuple[str, str]
"""An operating point and an activity of a processing element."""

ASLEEP = "sleep"
FLIT_HOPS, LOOKUPS, EXP_CALLS = "flit_hops", "lookups", "exp_calls"
BITS_TOLD = {"bits": 1, "bytes_read": 8, "bytes_written": 8}
"""Quantities that links and memories tell of by `level`, in bits."""
MACS_TOLD = "mac_array_macs"
"""Multiply-accumulates of a processing element's MAC array, told by `level`."""
CARRIERS = {"host link": "host_link_bits", "chip link": "chip_link_bits", "dram": "dram_bits"}
"""How the names of what carries bits begin, and what their bits are counted as."""


@dataclass(frozen=True, slots=True)
class Board:
    """The processing elements by name, the operating point they start at, and of each slice its processing element and
    units."""

    pes: tuple[str, ...]
    point: str
    slices: tuple[tuple[str, int], ...] = ()


class EnergyUse(Probe):
    """States of processing elements in ps, whole and by window, and counts of what costs energy each time."""

    def __init__(self, board: Board, width: int, links: LinkUse, deliveries: Deliveries) -> None:
        self.board = board
        self.width = width
        self.spent: defaultdict[str, Counter[State]] = defaultdict(Counter)
        self.ended: dict[str, int] = {}
        self.point: dict[str, str] = dict.fromkeys(board.pes, board.point)
        self.told: Counter[str] = Counter()
        self.told_by: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.ports: set[str] = set()
        self.decoding = Windows(width)
        self.decoded = 0
        self._states: dict[State, Windows] = {}
        self._links = links
        self._deliveries = deliveries
        self._seen: list[tuple[int, Counter[str]]] = [(0, Counter())]
        self._look_at = width

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        if end >= self._look_at:
            self.look(end)
        if unit in self.point:
            state = self.point[unit], activity
            self.spent[unit][state] += end - start
            self.ended[unit] = end
            self._in_windows(state).add(start, end)
        elif activity == "decode":
            self.decoded += end - start
            self.decoding.add(start, end)

    def switched(self, unit: str, point: str, now: int) -> None:
        self.point[unit] = point

    def task(self, record: TaskRecord) -> None:
        unit, units = self.board.slices[record.slice]
        self._count(unit, EXP_CALLS, GATES * units)

    def level(self, unit: str, quantity: str, value: int) -> None:
        if bits := BITS_TOLD.get(quantity):
            carrier = next((name for start, name in CARRIERS.items() if unit.startswith(start)), None)
            if carrier:
                self.told[carrier] += bits * value
                if carrier == CARRIERS["dram"]:
                    self.ports.add(unit)
        elif quantity == MACS_TOLD:
            self._count(unit, f"{MACS_TOLD} {self.point[unit]}", value)

    def look(self, now: int) -> None:
        """The first news in a window: what was counted up to it belongs to the window of the last look."""
        window = now // self.width
        self._seen.append((window, self.counts()))
        self._look_at = (window + 1) * self.width

    def counts(self) -> Counter[str]:
        """All counts so far, those of other listeners too."""
        return self.told + Counter({FLIT_HOPS: sum(self._links.flits), LOOKUPS: self._deliveries.lookups})

    def counted(self, windows: int) -> Mapping[str, npt.NDArray[np.int64]]:
        """The counts in each of so many windows."""
        now = self.counts()
        rows = {name: np.zeros(windows, np.int64) for name in now}
        looks = [*self._seen, (windows, now)]
        for (window, before), (_, after) in pairwise(looks):
            for name, row in rows.items():
                row[min(window, windows - 1)] += after[name] - before[name]
        return rows

    def states(self, windows: int) -> dict[State, npt.NDArray[np.int64]]:
        """Picoseconds of all processing elements in each state they told of, by window."""
        return {state: held.amounts(windows) for state, held in self._states.items()}

    def _count(self, unit: str, what: str, number: int) -> None:
        self.told[what] += number
        self.told_by[unit][what] += number

    def _in_windows(self, state: State) -> Windows:
        held = self._states.get(state)
        if held is None:
            held = self._states[state] = Windows(self.width)
        return held


class TrafficEnergyUse(EnergyUse):
    """Of a traffic study, where packets are the only news."""

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        if now >= self._look_at:
            self.look(now)
