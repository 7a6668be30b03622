"""What the page of a run shows, as plain data: figures with their definitions, maps, distributions, path, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sim.report.glossary import find
from sim.report.page_maps import maps
from sim.report.result import Result
from sim.report.terminal import quantity
from sim.report.verdict import path_of, shares, slowest, step_times, verdict

Plain = dict[str, Any]

HEADLINE = (
    *("time.total_s", "time.step_mean_s", "time.step_p95_s", "workload.events", "workload.perplexity"),
    *(
        "energy.total_j",
        "energy.mean_power_w",
        "energy.per_step_j",
        "network.packets_delivered",
        "network.packets_lost",
    ),
    *("network.latency_ns.mean", "network.latency_ns.p99", "network.busiest_link", "network.busiest_link_share"),
    *("pe.used", "pe.compute_share", "pe.idle_share", "sync.wait_share", "memory.sram_max_bytes", "dram.use_share"),
    *("traffic.offered_rate", "traffic.accepted_rate", "traffic.latency_cycles.mean", "traffic.saturated"),
    *("congestion.cost_share", "engine.cpu_s"),
)
MOST_ROWS = 400
MOST_SPANS = 600
MOST_STEPS = 40
BINS = 32
NOT_SHOWN = {"hop", "passage", "span", "packet", "wake", "level", "path", "link_step"}


def page_data(result: Result) -> Plain:
    """Everything the page of a run has in it."""
    summary = result.summary
    state = "completed" if summary.get("completed") else "NOT completed"
    return {
        "title": str(summary.get("scenario", result.path.name)),
        "subtitle": f"{state}, seed {summary.get('seed')}, {result.path.name}",
        "warnings": list(summary.get("warnings", [])),
        "sentences": _sentences(result),
        "facts": list(facts(summary)),
        **maps(result),
        "histograms": _histograms(result),
        "bars": _bars(result),
        "path": _path(result),
        "tables": [_table(result, name) for name in result.tables if name not in NOT_SHOWN],
        "assumed": list(summary.get("assumed", [])),
        "versions": summary.get("versions", {}),
        "scenario": result.scenario_text,
    }


def facts(summary: Mapping[str, Any]) -> Iterator[Plain]:
    """The headline figures that a summary has, with what they mean."""
    for name in HEADLINE:
        value: Any = summary
        for key in name.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        term = find(name)
        if value is not None and term:
            label = re.sub(r"_(s|ns|j|w|us)\b", "", name).replace(".", " ").replace("_", " ")
            told = {"meaning": term.meaning, "formula": term.formula}
            yield {"name": name, "label": label, "value": value, "shown": quantity(value, term.unit), **told}


def _sentences(result: Result) -> list[str]:
    step = slowest(result) if "path" in result.tables else None
    return [] if step is None else ["The slowest: " + verdict(result, step) + "."]


def _histograms(result: Result) -> list[Plain]:
    shown = []
    if "path" in result.tables and (times := step_times(result)):
        shown.append(_histogram("time of a step", "us", np.array(list(times.values())) / 1e6))
    if "packet" in result.tables:
        found = result.sql("SELECT latency_ps / 1000 AS t FROM packet WHERE latency_ps IS NOT NULL")["t"]
        if len(found):
            shown.append(_histogram("packet latency to the last receiver (traced packets)", "ns", np.asarray(found)))
    else:
        latency = result.summary.get("network", {}).get("latency_ns")
        if latency:
            shown.append(_tail(latency))
    return shown


def _histogram(title: str, unit: str, values: np.ndarray) -> Plain:
    counts, edges = np.histogram(values, bins=min(BINS, max(4, len(values))))
    marks = [(f"p{percent}", float(np.percentile(values, percent, method="inverted_cdf"))) for percent in (50, 95, 99)]
    return {"title": title, "unit": unit, "counts": counts.tolist(), "edges": edges.tolist(), "marks": _apart(marks)}


def _apart(marks: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Marks at one place become one."""
    joined: dict[float, str] = {}
    for name, value in marks:
        joined[value] = f"{joined[value]}, {name}" if value in joined else name
    return [(name, value) for value, name in joined.items()]


def _tail(latency: Mapping[str, float]) -> Plain:
    """Shares between the percentiles that the summary has, where single packets were not recorded."""
    edges = [0.0, latency["p50"], latency["p95"], latency["p99"], latency["max"]]
    shares_in = [50.0, 45.0, 4.0, 1.0]
    marks = [(name, latency[name]) for name in ("p50", "p95", "p99")]
    grid = np.linspace(0, edges[-1], BINS + 1)
    spread = np.interp(grid, edges, np.concatenate([[0.0], np.cumsum(shares_in)]))
    counts = np.round(np.diff(spread), 3).tolist()
    title = "packet latency, % of deliveries (even between percentiles)"
    return {"title": title, "unit": "ns", "counts": counts, "edges": grid.tolist(), "marks": _apart(marks)}


def _bars(result: Result) -> list[Plain]:
    energy = result.summary.get("energy", {})
    shown = [
        {"title": f"energy by {what}", "unit": "J", "limit": None, "items": _parts(energy.get(f"by_{what}_j", {}), "J")}
        for what in ("part", "phase")
    ]
    if "pe" in result.tables:
        found = result.sql(
            "SELECT name, sram_bytes / 1024 AS kb FROM pe WHERE units > 0 ORDER BY kb DESC, name LIMIT 12"
        )
        items = [{"name": f"PE {name}", "value": float(kb)} for name, kb in zip(*found.values(), strict=True)]
        limit = result.summary["memory"]["sram_limit_bytes"] / 1024
        shown.append({"title": "SRAM of the fullest PEs", "unit": "KiB", "limit": limit, "items": items})
    return shown


def _parts(parts: Mapping[str, float], unit: str) -> list[Plain]:
    whole = sum(parts.values()) or 1
    ordered = sorted(parts.items(), key=lambda part: -part[1])
    return [
        {"name": name, "value": value, "shown": f"{quantity(value, unit)}, {100 * value / whole:.3g} %"}
        for name, value in ordered
    ]


def _path(result: Result) -> list[Plain]:
    if "path" not in result.tables:
        return []
    times = step_times(result)
    worst = sorted(times, key=lambda step: -times[step])[:MOST_STEPS]
    shown = [_one_path(result, None, "the run")]
    return shown + [_one_path(result, step, f"step {step}") for step in sorted(worst)]


def _one_path(result: Result, step: int | None, name: str) -> Plain:
    path = path_of(result, step)
    told = shares(result, path) if step is None else verdict(result, step)
    joined: list[Plain] = []
    least = sum(one.lasted for one in path) / MOST_SPANS
    for one in path:
        last = joined[-1] if joined else None
        if last and last["part"] == one.part and one.end - last["start"] < least:
            last["end"] = one.end
            continue
        joined.append(
            {"unit": one.unit, "activity": one.activity, "part": one.part, "start": one.start, "end": one.end}
        )
    return {"name": name, "verdict": told, "spans": joined}


def _table(result: Result, name: str) -> Plain:
    count = int(result.sql(f'SELECT count(*) AS n FROM "{name}"')["n"][0])
    found = result.sql(f'SELECT * FROM "{name}" LIMIT {MOST_ROWS}')
    columns = []
    for column in found:
        term = find(f"{name}.{column}")
        columns.append({"name": column, "unit": term.unit if term else "", "meaning": term.meaning if term else ""})
    values = [_listed(column) for column in found.values()]
    meaning = {"pe": "one row per PE", "link": "one row per directed link", "step": "one row per slice and step"}
    rows = [list(row) for row in zip(*values, strict=True)]
    return {"name": name, "meaning": meaning.get(name, ""), "columns": columns, "rows": rows, "count": count}


def _listed(column: np.ndarray) -> list[Any]:
    """Plain values, None where absent."""
    plain = np.ma.asarray(column).tolist()
    return [None if isinstance(value, float) and value != value else value for value in plain]
