"""What the page of a run shows, as plain data: figures with their definitions, maps, distributions, path, tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sim.report.distributions import distributions
from sim.report.glossary import find, table_meaning
from sim.report.headline import facts
from sim.report.page_maps import maps
from sim.report.predict import predictions
from sim.report.result import Result
from sim.report.terminal import quantity
from sim.report.verdict import Stretch, doing, path_of, shares, slowest, step_times, verdict

Plain = dict[str, Any]

MOST_ROWS = 8000
MOST_SPANS = 500
MOST_STEPS = 40
TOP = 12
UNFINISHED = "the run did not come to its end: all numbers are of the part that ran"
SHOWN_FIRST = ("pe", "layer_step", "step", "link", "node", "chip", "chip_link", "dram_port", "sample")
NOT_SHOWN = {"hop", "passage", "span", "packet", "wake", "level", "path", "link_step", "latency"}


def page_data(result: Result) -> Plain:
    """Everything the page of a run has in it."""
    summary = result.summary
    state = "completed" if summary.get("completed") else "NOT completed"
    return {
        "title": str(summary.get("scenario", result.path.name)),
        "subtitle": f"{state}, seed {summary.get('seed')}, {result.path.name}",
        "warnings": [*([] if summary.get("completed") else [UNFINISHED]), *summary.get("warnings", [])],
        "sentences": _sentences(result),
        "facts": list(facts(summary)),
        **maps(result),
        "histograms": list(distributions(result)),
        "bars": _bars(result),
        "path": _path(result),
        "tables": [_table(result, name) for name in _in_order(result.tables)],
        "assumed": list(summary.get("assumed", [])),
        "versions": summary.get("versions", {}),
        "scenario": result.scenario_text,
    }


def _sentences(result: Result) -> list[str]:
    step, said = slowest(result), []
    if step is not None:
        said.append("The slowest: " + verdict(result, step) + ".")
    written = result.summary.get("workload", {}).get("generated_text")
    return [*said, *([f"It wrote: {written}"] if written else [])]


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
        limit = result.summary.get("memory", {}).get("sram_limit_bytes", 0) / 1024 or None
        shown.append({"title": "SRAM of the fullest PEs", "unit": "KiB", "limit": limit, "items": items})
    return shown


def _parts(parts: Mapping[str, float], unit: str) -> list[Plain]:
    whole = sum(parts.values()) or 1
    ordered = sorted(parts.items(), key=lambda part: -part[1])
    return [
        {
            "name": name.replace("_", " ").replace("pe ", "PE "),
            "value": value,
            "shown": f"{quantity(value, unit)}, {100 * value / whole:.3g} %",
        }
        for name, value in ordered
    ]


def _path(result: Result) -> list[Plain]:
    if "path" not in result.tables or not path_of(result, None):
        return []
    times = step_times(result)
    worst = sorted(times, key=lambda step: -times[step])[:MOST_STEPS]
    shown = [_one_path(result, None, "the run")]
    return shown + [_one_path(result, step, f"step {step}") for step in sorted(worst)]


def _one_path(result: Result, step: int | None, name: str) -> Plain:
    path = path_of(result, step)
    told = shares(result, path) if step is None else verdict(result, step)
    parts: Counter[str] = Counter()
    units: Counter[tuple[str, str, str]] = Counter()
    for one in path:
        parts[one.part] += one.lasted
        units[one.unit, doing(one.unit, one.activity), one.part] += one.lasted
    rows = [[*key, time] for key, time in units.most_common(TOP)]
    ahead = predictions(result) if step is None and _predictable(result) else {}
    spans = [_span(some) for some in _together(path)]
    return {"name": name, "verdict": told, "spans": spans, "parts": parts, "units": rows, "ahead": ahead}


def _predictable(result: Result) -> bool:
    return "step" in result.tables and bool(result.summary.get("completed")) and bool(step_times(result))


def _together(path: Sequence[Stretch]) -> Iterator[list[Stretch]]:
    """The path in stretches that can be seen: neighbours that are too short for that are one."""
    least = sum(one.lasted for one in path) / MOST_SPANS
    held: list[Stretch] = []
    for one in path:
        if held and one.end - held[0].start > least:
            yield held
            held = []
        held.append(one)
    if held:
        yield held


def _span(some: Sequence[Stretch]) -> Plain:
    """Stretches as one span, which is of the part that had most of it."""
    parts: Counter[str] = Counter()
    for one in some:
        parts[one.part] += one.lasted
    (part, _), first = parts.most_common(1)[0], some[0]
    unit, activity = (
        (first.unit, doing(first.unit, first.activity)) if len(some) == 1 else (f"{len(some)} spans", f"mostly {part}")
    )
    return {"unit": unit, "activity": activity, "part": part, "start": first.start, "end": some[-1].end}


def _in_order(tables: Sequence[str]) -> list[str]:
    """Tables that are shown, the most asked for first."""
    first = [name for name in SHOWN_FIRST if name in tables]
    return first + [name for name in tables if name not in {*first, *NOT_SHOWN}]


def _table(result: Result, name: str) -> Plain:
    count = int(result.sql(f'SELECT count(*) AS n FROM "{name}"')["n"][0])
    found = result.sql(f'SELECT * FROM "{name}" LIMIT {MOST_ROWS}')
    columns = []
    for column in found:
        term = find(f"{name}.{column}")
        columns.append({"name": column, "unit": term.unit if term else "", "meaning": term.meaning if term else ""})
    values = [_listed(column) for column in found.values()]
    rows = [list(row) for row in zip(*values, strict=True)]
    return {"name": name, "meaning": table_meaning(name), "columns": columns, "rows": rows, "count": count}


def _listed(column: np.ndarray) -> list[Any]:
    """Plain values, None where absent."""
    plain = np.ma.asarray(column).tolist()
    return [None if isinstance(value, float) and value != value else value for value in plain]
