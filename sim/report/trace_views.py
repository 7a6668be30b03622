"""What happened, in text: the busiest units, one unit, one stretch of time."""

from __future__ import annotations

import numpy as np

from sim.report.aligned import aligned
from sim.report.names import quoted
from sim.report.result import Result
from sim.units import ps_to_us

TOP = 10
MOST_LINES = 400
BUSY = "compute_s + receive_s + send_s + sync_s"


def busiest(result: Result) -> list[str]:
    """The busiest PEs and links, and those that waited longest."""
    lines: list[str] = []
    if "pe" in result.tables:
        found = result.sql(
            f"SELECT name, 100 * ({BUSY}) / t AS busy, 100 * compute_s / t AS compute, 100 * (wait_s + sleep_s) / t AS "
            f"rest FROM (SELECT *, {BUSY} + wait_s + sleep_s AS t FROM pe WHERE units > 0) ORDER BY busy DESC, name"
        )
        rows = [list(row) for row in zip(*found.values(), strict=True)]
        head = ("PE", "busy %", "compute %", "waiting %")
        lines += ["busiest PEs", *aligned(head, _floats(rows[:TOP])), ""]
        longest = sorted(rows, key=lambda row: (-row[3], row[0]))
        lines += ["longest waiting PEs", *aligned(head, _floats(longest[:TOP])), ""]
    for title, order in (("busiest links", "use_share DESC"), ("links waited for longest", "waited DESC")):
        found = result.sql(
            "SELECT name, kind, flits, 100 * use_share AS use, coalesce(waited_cycles_mean, 0) AS mean, "
            f"coalesce(waited_cycles_mean * flits, 0) AS waited FROM link ORDER BY {order}, link LIMIT {TOP}"
        )
        rows = [list(row) for row in zip(*found.values(), strict=True)]
        lines += [title, *aligned(("link", "kind", "flits", "use %", "mean wait", "cycles waited"), _floats(rows)), ""]
    return lines[:-1]


def timeline(result: Result, unit: str, first: int, last: int) -> list[str]:
    """What a unit did between two instants (ps): its activities, or its steps where the run was not traced."""
    if "span" not in result.tables:
        return _steps_of(result, unit, first, last)
    woken = (
        "SELECT p.source || '#' || p.number || ' (' || p.kind || ' of step ' || p.step || ')' FROM wake w "
        "JOIN packet p USING (packet) WHERE w.unit = s.unit AND w.time_ps = s.time_start_ps LIMIT 1"
    )
    found = result.sql(
        f"SELECT activity, time_start_ps AS a, time_end_ps AS b, coalesce(({woken}), '') AS woken FROM span s "
        f"WHERE unit = '{quoted(unit)}' AND time_end_ps >= {first} AND time_start_ps <= {last} ORDER BY a, b"
    )
    longest = max((b - a for a, b in zip(found["a"], found["b"], strict=True)), default=1)
    rows = [
        [ps_to_us(float(a)), ps_to_us(float(b)), ps_to_us(float(b - a)), activity, _bar(b - a, longest), woken]
        for activity, a, b, woken in zip(*found.values(), strict=True)
    ]
    head = ("from us", "to us", "us", "activity", "", "woken by")
    return [f"{unit}: {len(rows)} activities", *aligned(head, rows[:MOST_LINES]), *_more(rows)]


def between(result: Result, first: int, last: int) -> list[str]:
    """What happened between two instants (ps)."""
    lines = []
    if "span" in result.tables:
        found = result.sql(
            f"SELECT unit, activity, count(*) AS n, sum(least(time_end_ps, {last}) - greatest(time_start_ps, {first})) "
            f"AS t FROM span WHERE time_end_ps > {first} AND time_start_ps < {last} GROUP BY ALL ORDER BY t DESC, unit"
        )
        rows = [[u, a, int(n), ps_to_us(float(t))] for u, a, n, t in zip(*found.values(), strict=True)]
        lines += ["activities", *aligned(("unit", "activity", "number", "us"), rows[:40]), *_more(rows, 40), ""]
        lines += _links_between(result, first, last)
    if "step" in result.tables:
        found = result.sql(
            "SELECT name, layer, step, time_ready_s * 1e6 AS ready, time_done_s * 1e6 AS done FROM step JOIN (SELECT "
            f"pe, name FROM pe) USING (pe) WHERE time_done_s * 1e12 >= {first} AND time_start_s * 1e12 <= {last} "
            "ORDER BY done, name"
        )
        rows = [list(row) for row in zip(*found.values(), strict=True)]
        head = ("PE", "layer", "step", "ready us", "done us")
        lines += ["steps", *aligned(head, _plain(rows[:40])), *_more(rows, 40)]
    return lines or ["nothing is known of single instants: record the run with --trace"]


def _links_between(result: Result, first: int, last: int) -> list[str]:
    found = result.sql(
        "SELECT l.name, count(*) AS flits, sum(waited_ps) AS waited FROM hop JOIN link l USING (link) "
        f"WHERE time_granted_ps BETWEEN {first} AND {last} GROUP BY ALL ORDER BY flits DESC, l.name LIMIT {TOP}"
    )
    rows = [[name, int(flits), float(waited) / 1000] for name, flits, waited in zip(*found.values(), strict=True)]
    return ["links", *aligned(("link", "flits", "waited ns"), rows), ""]


def _steps_of(result: Result, unit: str, first: int, last: int) -> list[str]:
    found = result.sql(
        "SELECT layer, step, time_start_s * 1e6 AS a, time_ready_s * 1e6 AS b, time_done_s * 1e6 AS c, "
        "packets_received, events_sent FROM step JOIN (SELECT pe, name FROM pe) USING (pe) WHERE "
        f"name = '{quoted(unit)}' AND time_done_s * 1e12 >= {first} AND time_start_s * 1e12 <= {last} ORDER BY c"
    )
    rows = _plain([list(row) for row in zip(*found.values(), strict=True)])
    head = ("layer", "step", "turned to it us", "ready us", "done us", "packets", "events")
    told = f"{unit}: {len(rows)} steps (its activities are known when the run is recorded with --trace)"
    return [told, *aligned(head, rows[:MOST_LINES]), *_more(rows)]


def _plain(rows: list[list[object]]) -> list[list[object]]:
    return [[cell.item() if isinstance(cell, np.generic) else cell for cell in row] for row in rows]


def _floats(rows: list[list[object]]) -> list[list[object]]:
    return _plain(rows)


def _bar(length: int, longest: int) -> str:
    return "#" * max(1, round(24 * length / max(1, longest)))


def _more(rows: list[list[object]], shown: int = MOST_LINES) -> list[str]:
    return [f"and {len(rows) - shown} more"] if len(rows) > shown else []
