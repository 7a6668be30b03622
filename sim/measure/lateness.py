"""What came before or after its time where a timer drives the steps, and which steps began after their ticks.

Packets are counted once for each slice that reads them, and for the host. Each is in time, late (it counts in a later
step than it was meant for), early (it is kept for its step), or missed (the last step had begun).
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from sim.engine.packet import Packet
from sim.engine.probe import Probe, TaskRecord
from sim.measure.columns import Table
from sim.units import ps_to_s

HOST = -1
Rows = dict[str, npt.NDArray[np.int64]]


class Lateness(Probe):
    """Packets by slice (-1: the host) and the step they count in; apart from them those meant for a step after the last
    of `steps`, which nobody takes. `longest` is the most time (ps) that work on a tick took."""

    def __init__(self, steps: int) -> None:
        self.late: Counter[tuple[int, int]] = Counter()
        self.early: Counter[tuple[int, int]] = Counter()
        self.missed: Counter[int] = Counter()
        self.for_no_step = 0
        self.longest = 0
        self._steps = steps

    def untimely(self, unit: str, slice: int, meant: int, begun: int, packet: Packet) -> None:
        if meant >= self._steps:
            self.for_no_step += 1
        elif begun >= self._steps:
            self.missed[slice] += 1
        elif begun > meant:
            self.late[slice, begun] += 1
        else:
            self.early[slice, meant] += 1

    def task(self, unit: str, record: TaskRecord) -> None:
        self.longest = max(self.longest, record.done - record.begun)

    def columns(self, rows: Rows) -> Table:
        """What to add to the table of steps, given its rows."""
        moments = list(zip(rows["slice"].tolist(), rows["step"].tolist(), strict=True))
        return {
            "packets_late": np.array([self.late[moment] for moment in moments], np.int64),
            "packets_early": np.array([self.early[moment] for moment in moments], np.int64),
            "overrun_s": ps_to_s(rows["overrun"].astype(np.float64)),
        }
