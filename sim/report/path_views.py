"""The critical path in text: its parts, what each unit had on it, the verdict on the slowest step, and its spans."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from sim.report.aligned import aligned
from sim.report.result import Result
from sim.report.verdict import Stretch, path_of, slowest, verdict
from sim.units import ps_to_us

MOST_SPANS = 60
TOP = 12


def critical_path(result: Result) -> list[str]:
    """The path of the run, and the verdict on its slowest step."""
    path = path_of(result, None)
    lines = _parts(path)
    step = slowest(result)
    return lines + (["", verdict(result, step)] if step is not None else []) + _spans(path)


def step_view(result: Result, step: int) -> list[str]:
    """The verdict on one step, its layers, the PEs that were last and those that waited for them, and its path."""
    path = path_of(result, step)
    copies = "l.replica, " if "replica" in result.table("layer_step") else ""
    layers = (
        f"SELECT {copies}l.layer, time_start_s * 1e6 AS a, time_done_s * 1e6 AS b, events, 100 * activity AS c, "
        "skew_s * 1e6 AS d, p.name, 100 * wait_share AS e, sync_messages FROM layer_step l JOIN pe p "
        f"ON p.pe = l.straggler_pe WHERE step = {step} ORDER BY ALL"
    )
    head = ("layer", "from us", "to us", "events", "activity %", "skew us", "last", "waiting %", "messages")
    return [
        verdict(result, step),
        "",
        *aligned(("copy", *head) if copies else head, _rows(result, layers)),
        "",
        *_slack(result, step),
        "",
        *_parts(path),
        *_spans(path),
    ]


def _slack(result: Result, step: int) -> list[str]:
    """The PEs that had a step done last, and how much sooner than the last of its layer each was."""
    rows = _rows(
        result,
        "SELECT p.name, s.layer, slack_s * 1e6 AS a, (time_ready_s - time_start_s) * 1e6 AS b, s.compute_s * 1e6 AS c, "
        f"s.packets_received FROM step s JOIN pe p ON p.pe = s.pe WHERE step = {step} ORDER BY a, s.layer, p.pe",
    )
    more = [f"and {len(rows) - TOP} with more slack, see table step"] if len(rows) > TOP else []
    return [*aligned(("PE", "layer", "slack us", "waited us", "computed us", "packets"), rows[:TOP]), *more]


def _rows(result: Result, query: str) -> list[list[Any]]:
    columns = [column.tolist() for column in result.sql(query).values()]
    return [list(row) for row in zip(*columns, strict=True)]


def _parts(path: list[Stretch]) -> list[str]:
    whole = max(1, sum(one.lasted for one in path))
    by_part: Counter[str] = Counter()
    by_unit: Counter[tuple[str, str]] = Counter()
    spans: defaultdict[tuple[str, str], int] = defaultdict(int)
    for one in path:
        by_part[one.part] += one.lasted
        by_unit[one.unit, one.activity] += one.lasted
        spans[one.unit, one.activity] += 1
    rows = [[part, time, 100 * time / whole] for part, time in by_part.most_common()]
    units = [[*key, spans[key], ps_to_us(float(t)), 100 * t / whole] for key, t in by_unit.most_common(TOP)]
    return [
        *aligned(("part", "ps", "%"), [*rows, ["sum", whole, 100.0]]),
        "",
        *aligned(("unit", "activity", "spans", "us", "%"), units),
    ]


def _spans(path: list[Stretch]) -> list[str]:
    rows = [
        [ps_to_us(float(one.start)), ps_to_us(float(one.end)), ps_to_us(float(one.lasted)), one.unit, one.activity]
        for one in path
    ]
    more = [f"and {len(rows) - MOST_SPANS} more, see table path"] if len(rows) > MOST_SPANS else []
    return ["", *aligned(("from us", "to us", "us", "unit", "activity"), rows[:MOST_SPANS]), *more]
