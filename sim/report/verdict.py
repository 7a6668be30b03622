"""Why a step took as long as it did, in words, from its critical path and what the PE on it did beside the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
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
    "other": "nothing that any chain of causes explains",
}
WORTH_SAYING = 0.02
TIMETABLE = "timetable"


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
    """One sentence on a step: how long beside the others, who was on its path, what it went into, and what of that the
    median step did not have."""
    path, times = path_of(result, step), step_times(result)
    usual = float(np.median(list(times.values())))
    said = []
    if suspect := _busiest_on(path):
        said.append(_beside_others(result, step, suspect))
    said.append(shares(result, path))
    if len(times) > 2 and times[step] > (1 + WORTH_SAYING) * usual:
        said += _beside_median(result, path, times, usual)
    ratio = times[step] / max(1.0, usual)
    return f"step {step} took {times[step] / 1e6:,.3f} us, {ratio:.2f} x the median: {'; '.join(said)}"


def _beside_median(result: Result, path: list[Stretch], times: dict[int, int], usual: float) -> Iterator[str]:
    """What a step's path has more of than that of the step nearest to the median."""
    nearest = min(times, key=lambda one: (abs(times[one] - usual), one))
    own, other = _by_activity(path), _by_activity(path_of(result, nearest))
    more = Counter({activity: own[activity] - other[activity] for activity in own}).most_common()
    least = WORTH_SAYING * usual / 2
    told = [f"{time / 1e6:,.3f} us {SAYS[activity]}" for activity, time in more if time > least]
    if told:
        yield f"more than step {nearest}, the nearest to the median, by {', '.join(told)}"


def shares(result: Result, path: list[Stretch]) -> str:
    """`71 % compute, 22 % waiting ...`, largest first."""
    whole = sum(one.lasted for one in path)
    words = {one.activity: doing(one.unit, one.activity) for one in path}
    told = [
        f"{100 * time / whole:.3g} % {words[activity]}{_behind(result, path) if activity == 'queue' else ''}"
        for activity, time in _by_activity(path).most_common()
        if time >= WORTH_SAYING * whole
    ]
    return ", ".join(told) or "nothing stands out"


def doing(unit: str, activity: str) -> str:
    """What a span on a path was, in words."""
    return "waiting for the timetable of the study" if unit == TIMETABLE else SAYS[activity]


def _by_activity(path: list[Stretch]) -> Counter[str]:
    spent: Counter[str] = Counter()
    for one in path:
        spent[one.activity] += one.lasted
    return spent


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
