"""What happened, in text: the busiest units, one unit, one stretch of time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.ma as ma

from sim.report.aligned import aligned
from sim.report.names import quoted
from sim.report.result import Result
from sim.units import ps_to_us

TOP = 10
MOST_LINES = 400
BUSY = "compute_s + receive_s + send_s + sync_s"


def busiest(result: Result) -> list[str]:
    """The busiest PEs, links and memory ports, and those that waited longest."""
    found = [*_busiest_pes(result), *_busiest_links(result), *_ports(result)]
    return found[:-1] if found else ["no table tells of units"]


def _busiest_pes(result: Result) -> list[str]:
    if "pe" not in result.tables:
        return []
    found = result.sql(
        f"SELECT name, 100 * ({BUSY}) / t AS busy, 100 * compute_s / t AS compute, 100 * (wait_s + sleep_s) / t AS "
        f"rest FROM (SELECT *, {BUSY} + wait_s + sleep_s AS t FROM pe WHERE units > 0) ORDER BY busy DESC, name"
    )
    rows = [list(row) for row in zip(*found.values(), strict=True)]
    longest = sorted(rows, key=lambda row: (-row[3], row[0]))
    head = ("PE", "busy %", "compute %", "waiting %")
    lines = ["busiest PEs", *aligned(head, _plain(rows[:TOP])), ""]
    return [*lines, "longest waiting PEs", *aligned(head, _plain(longest[:TOP])), ""]


def _busiest_links(result: Result) -> list[str]:
    if "link" not in result.tables:
        return []
    lines = []
    for title, order in (("busiest links", "use_share DESC"), ("links waited for longest", "waited DESC")):
        found = result.sql(
            "SELECT name, kind, flits, 100 * use_share AS use, coalesce(waited_cycles_mean, 0) AS mean, "
            f"coalesce(waited_cycles_mean * flits, 0) AS waited FROM link ORDER BY {order}, link LIMIT {TOP}"
        )
        rows = [list(row) for row in zip(*found.values(), strict=True)]
        lines += [title, *aligned(("link", "kind", "flits", "use %", "mean wait", "cycles waited"), _plain(rows)), ""]
    return [*lines, *_chip_links(result)]


def _chip_links(result: Result) -> list[str]:
    if "chip_link" not in result.tables:
        return []
    found = result.sql(
        "SELECT name, packets, 100 * use_share AS use, coalesce(waited_ns_mean, 0) AS waited, queue_peak "
        f"FROM chip_link ORDER BY use DESC, link LIMIT {TOP}"
    )
    rows = [list(row) for row in zip(*found.values(), strict=True)]
    head = ("link", "packets", "use %", "mean wait ns", "fullest buffer")
    return ["busiest links between chips", *aligned(head, _plain(rows)), ""]


def _ports(result: Result) -> list[str]:
    """Memory ports that something was asked of."""
    if "dram_port" not in result.tables:
        return []
    found = result.sql(
        "SELECT port, read_bytes, written_bytes, 100 * use_share AS use, latency_mean_ns FROM dram_port "
        "WHERE read_bytes + written_bytes > 0 ORDER BY use DESC, port"
    )
    rows = [list(row) for row in zip(*found.values(), strict=True)]
    head = ("port", "bytes read", "bytes written", "use %", "latency ns")
    return ["memory ports", *aligned(head, _plain(rows)), ""] if rows else []


def timeline(result: Result, unit: str, first: int, last: int) -> list[str]:
    """What a unit did between two instants (ps): activities, lookups, packets that crossed it; or its steps, where the
    run was not traced."""
    if "link" in result.tables and len(found := _links_called(result, unit)):
        return _link_timeline(result, unit, int(found[0]), first, last)
    if "span" not in result.tables:
        return _steps_of(result, unit, first, last)
    rows = _activities(result, unit, first, last) or _passages(result, unit, first, last)
    longest = max((row[2] for row in rows), default=1.0)
    shown = [[*row[:4], _bar(row[2], longest), row[4]] for row in rows[:MOST_LINES]]
    head = ("from us", "to us", "us", "activity", "", "woken by")
    return [f"{unit}: {len(rows)} activities", *aligned(head, shown), *_more(rows)]


def _activities(result: Result, unit: str, first: int, last: int) -> list[Any]:
    woken = (
        "SELECT p.source || '#' || p.number || ' (' || p.kind || ' of step ' || p.step || ')' FROM wake w "
        "JOIN packet p USING (packet) WHERE w.unit = s.unit AND w.time_ps = s.time_start_ps LIMIT 1"
    )
    found = result.sql(
        f"SELECT time_start_ps AS a, time_end_ps AS b, activity, coalesce(({woken}), '') AS woken FROM span s "
        f"WHERE unit = '{quoted(unit)}' AND time_end_ps >= {first} AND time_start_ps <= {last} ORDER BY a, b"
    )
    return _timed(found)


def _passages(result: Result, unit: str, first: int, last: int) -> list[Any]:
    """Packets that an event router looked up, or that went over a link between chips."""
    found = result.sql(
        "SELECT time_start_ps AS a, time_end_ps AS b, 'packet ' || q.source || '#' || q.number AS what, '' AS woken "
        f"FROM passage JOIN packet q USING (packet) WHERE unit = '{quoted(unit)}' AND time_end_ps >= {first} AND "
        f"time_start_ps <= {last} ORDER BY a, b, packet"
    )
    return _timed(found)


def _timed(found: dict[str, Any]) -> list[Any]:
    return [
        [*(ps_to_us(float(time)) for time in (a, b, b - a)), activity, woken]
        for a, b, activity, woken in zip(*found.values(), strict=True)
    ]


def _links_called(result: Result, unit: str) -> Any:
    return result.sql(f"SELECT link FROM link WHERE name = '{quoted(unit)}'")["link"]


def _link_timeline(result: Result, name: str, link: int, first: int, last: int) -> list[str]:
    """The packets that were granted a link of the mesh, or what it carried in each step of a run without trace."""
    if "hop" in result.tables:
        found = result.sql(
            "SELECT time_granted_ps / 1e6 AS at, waited_ps / 1e3 AS waited, q.source || '#' || q.number AS packet, "
            f"copy, q.kind, q.step FROM hop JOIN packet q USING (packet) WHERE link = {link} AND "
            f"time_granted_ps BETWEEN {first} AND {last} ORDER BY time_granted_ps, packet, copy"
        )
        head: tuple[str, ...] = ("granted at us", "waited ns", "packet", "copy", "kind", "step")
        told = f"{name}: {len(found['at'])} packets"
    elif "link_step" in result.tables:
        found = result.sql(
            "SELECT step, flits, 100 * use_share AS use, waited_cycles_mean, queue_peak FROM link_step "
            f"WHERE link = {link} ORDER BY step"
        )
        head = ("up to step", "flits", "use %", "mean wait", "fullest buffer")
        told = f"{name}: what it carried (its packets are known when the run is recorded with --trace)"
    else:
        return [f"{name}: what it did at single instants is known when the run is recorded with --trace"]
    rows = _plain([list(row) for row in zip(*found.values(), strict=True)])
    return [told, *aligned(head, rows[:MOST_LINES]), *_more(rows)]


def between(result: Result, first: int, last: int) -> list[str]:
    """What happened between two instants (ps)."""
    lines = []
    if "span" in result.tables:
        found = result.sql(
            f"SELECT unit, activity, count(*) AS n, sum(least(time_end_ps, {last}) - greatest(time_start_ps, {first})) "
            f"AS t FROM span WHERE time_end_ps > {first} AND time_start_ps < {last} GROUP BY ALL "
            "ORDER BY t DESC, unit, activity"
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
    if "link" not in result.tables:
        return []
    found = result.sql(
        "SELECT l.name, count(*) AS flits, sum(waited_ps) AS waited FROM hop JOIN link l USING (link) "
        f"WHERE time_granted_ps BETWEEN {first} AND {last} GROUP BY ALL ORDER BY flits DESC, l.name LIMIT {TOP}"
    )
    rows = [[name, int(flits), float(waited) / 1000] for name, flits, waited in zip(*found.values(), strict=True)]
    return ["links", *aligned(("link", "flits", "waited ns"), rows), ""]


def _steps_of(result: Result, unit: str, first: int, last: int) -> list[str]:
    if "step" not in result.tables:
        return [f"{unit}: what it did at single instants is known when the run is recorded with --trace"]
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
    """Rows of Python's own numbers, nothing where a value is absent."""
    return [[_one(cell) for cell in row] for row in rows]


def _one(cell: object) -> object:
    if cell is ma.masked:
        return ""
    return cell.item() if isinstance(cell, np.generic) else cell


def _bar(length: float, longest: float) -> str:
    return "#" * max(1, round(24 * length / (longest or 1)))


def _more(rows: list[list[object]], shown: int = MOST_LINES) -> list[str]:
    return [f"and {len(rows) - shown} more"] if len(rows) > shown else []
