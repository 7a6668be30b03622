"""Why a step took as long as it did, in words, from its critical path and what the PE on it did beside the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.report.names import need, quoted
from sim.report.result import Result
from sim.scenario.complaints import Refused

SAYS = {
    "compute": "compute",
    "receive": "taking in packets",
    "send": "sending",
    "hop": "packets under way",
    "queue": "packets waiting for others",
    "lookup": "lookups in the event router",
    "read": "DRAM",
    "dma": "DRAM, read by PEs",
    "crossing": "links between chips",
    "sync": "messages of the sync protocol",
    "tick": "waiting for the timer",
    "line": "the host's line",
    "decode": "decoding on the host",
    "feed": "the host",
    "await": "the host waiting for its next input",
    "other": "nothing that is on a path",
}
WORTH_SAYING = 0.02


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of a critical path."""

    unit: str
    activity: str
    part: str
    start: int
    end: int

    @property
    def lasted(self) -> int:
        return self.end - self.start


def path_of(result: Result, step: int | None) -> list[Stretch]:
    """The critical path of a step, or of the run. Refused when there is none."""
    need(result, "path")
    where = "step IS NULL" if step is None else f"step = {int(step)}"
    found = result.sql(f"SELECT unit, activity, part, time_start_ps, time_end_ps FROM path WHERE {where} ORDER BY 4, 5")
    stretches = [Stretch(u, a, p, int(s), int(e)) for u, a, p, s, e in zip(*found.values(), strict=True)]
    if not stretches and step is not None:
        steps = result.sql("SELECT count(DISTINCT step) AS n FROM path")["n"][0]
        problem = f"no step {step} was finished; there are {steps}, counted from 0" if steps else "the run has no steps"
        raise Refused.at("--step", problem, file=str(result.path))
    return stretches


def step_times(result: Result) -> dict[int, int]:
    """How long each step took (ps), from the end of the one before."""
    found = result.sql(
        "SELECT step, max(time_end_ps) - min(time_start_ps) AS t FROM path WHERE step IS NOT NULL GROUP BY step "
        "ORDER BY step"
    )
    return {int(step): int(took) for step, took in zip(*found.values(), strict=True)}


def slowest(result: Result) -> int | None:
    """The step that took longest, the first of equals."""
    times = step_times(result) if "path" in result.tables else {}
    return max(times, key=lambda step: (times[step], -step)) if times else None


def verdict(result: Result, step: int) -> str:
    """One sentence on a step: how long beside the others, who was on its path, and what it went into."""
    path, times = path_of(result, step), step_times(result)
    ratio = times[step] / max(1.0, float(np.median(list(times.values()))))
    said = [f"step {step} took {times[step] / 1e6:,.3f} us, {ratio:.2f} x the median"]
    if suspect := _busiest_on(path):
        said.append(_beside_others(result, step, suspect))
    return ": ".join([said[0], "; ".join([*said[1:], shares(result, path)])])


def shares(result: Result, path: list[Stretch]) -> str:
    """`71 % compute, 22 % waiting ...`, largest first."""
    whole = sum(one.lasted for one in path)
    by_activity: Counter[str] = Counter()
    for one in path:
        by_activity[one.activity] += one.lasted
    told = [
        f"{100 * time / whole:.3g} % {SAYS[activity]}{_behind(result, path) if activity == 'queue' else ''}"
        for activity, time in by_activity.most_common()
        if time >= WORTH_SAYING * whole
    ]
    return ", ".join(told) or "nothing stands out"


def _busiest_on(path: list[Stretch]) -> str | None:
    spent: Counter[str] = Counter()
    for one in path:
        if one.part == "compute":
            spent[one.unit] += one.lasted
    return spent.most_common(1)[0][0] if spent else None


def _beside_others(result: Result, step: int, unit: str) -> str:
    """What the PE did in this step, as multiples of the mean of its layer."""
    of_unit = f"pe = (SELECT pe FROM pe WHERE name = '{quoted(unit)}') AND step = {step}"
    found: Any = result.sql(
        f"SELECT layer, packets_received, compute_s FROM step WHERE {of_unit} ORDER BY compute_s DESC LIMIT 1"
    )
    if not len(found["layer"]):
        return f"{unit} was on its path longest"
    layer = int(found["layer"][0])
    mean = result.sql(
        f"SELECT avg(packets_received) AS p, avg(compute_s) AS c FROM step WHERE layer = {layer} AND step = {step}"
    )
    events = float(found["packets_received"][0]) / max(1e-30, float(mean["p"][0]))
    compute = float(found["compute_s"][0]) / max(1e-30, float(mean["c"][0]))
    return f"PE {unit} of layer {layer} had {events:.2f} x the mean events and {compute:.2f} x the mean compute time"


def _behind(result: Result, path: list[Stretch]) -> str:
    """Behind which link the packet waited longest that waited longest on this path; known where the run was traced."""
    if "hop" not in result.tables:
        return ""
    worst = max((one for one in path if one.activity == "queue"), key=lambda one: one.lasted)
    found = result.sql(
        "SELECT l.name FROM wake w JOIN hop h USING (packet) JOIN link l USING (link) WHERE "
        f"w.unit = '{quoted(worst.unit)}' AND w.time_ps = {worst.end} ORDER BY waited_ps DESC LIMIT 1"
    )
    return f" (longest behind link {found['name'][0]})" if len(found["name"]) else ""
