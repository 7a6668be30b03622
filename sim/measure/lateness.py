"""What came before or after its time where a timer drives the steps, and which steps began after their ticks.

Packets are counted once for each slice that reads them, and for the host. Each is in time, late (it counts in a later
step than it was meant for), early (it is kept for its step), or missed (the last step had begun).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.engine.packet import Packet
from sim.engine.probe import Probe, TaskRecord
from sim.units import ps_to_s

if TYPE_CHECKING:
    from sim.measure.recorder import Ran

HOST = -1
Rows = dict[str, npt.NDArray[np.int64]]
Columns = dict[str, npt.NDArray[Any]]


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

    def columns(self, rows: Rows) -> Columns:
        """What to add to the table of steps, given its rows."""
        moments = list(zip(rows["slice"].tolist(), rows["step"].tolist(), strict=True))
        return {
            "packets_late": np.array([self.late[moment] for moment in moments], np.int64),
            "packets_early": np.array([self.early[moment] for moment in moments], np.int64),
            "overrun_s": ps_to_s(rows["overrun"].astype(np.float64)),
        }


def timer_section(ran: Ran, step: Columns) -> dict[str, Any]:
    """What the summary says of the timer, given the table of steps; nothing where there is none."""
    heard = ran.recorder.lateness
    if heard is None:
        return {}
    late, missed = int(step["packets_late"].sum()), heard.missed.total() - heard.missed[HOST]
    used = int(step["packets_received"].sum())
    by_layer = np.bincount(step["layer"], step["packets_late"], len(ran.layers) + 1)[1:]
    overruns = step["overrun_s"] > 0
    return {
        "period_s": ran.period_s,
        "tick_used_max_s": ps_to_s(heard.longest),
        "ticks_per_step": ran.mapping.schedule.stride,
        "packets_late": late,
        "late_share": (late + missed) / max(1, used + missed),
        "packets_late_by_layer": {f"layer{n}": int(count) for n, count in enumerate(by_layer, 1)},
        "packets_missed": missed,
        "packets_early": int(step["packets_early"].sum()),
        "host_packets_late": sum(n for (slice, _), n in heard.late.items() if slice == HOST) + heard.missed[HOST],
        "overruns": int(overruns.sum()),
        "overrun_share": float(overruns.mean()) if len(overruns) else 0.0,
        "overrun_max_s": float(step["overrun_s"].max(initial=0.0)),
    }


def late_warning(ran: Ran) -> list[str]:
    """What a reader should know of packets that came too late."""
    heard = ran.recorder.lateness
    if heard is None:
        return []
    late, missed = heard.late.total(), heard.missed.total()
    if not late + missed:
        return []
    return [
        f"{late} packets of values came after the step they were meant for had begun and counted in the next, {missed} "
        "came too late for any: outputs are not those of the network in one piece, see workload.against_exact"
    ]
