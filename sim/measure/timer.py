"""What a run says of the timer that drove its steps: how full its ticks were, and what came too late."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.measure.columns import Table
from sim.measure.lateness import HOST
from sim.measure.ran import Ran
from sim.units import ps_to_s


def timer_section(ran: Ran, step: Table) -> dict[str, Any]:
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
