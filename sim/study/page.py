"""The page of a study, from its directory: the curves of its figure with error bars, its thresholds, its points."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from sim.report.curves import LOG_FROM
from sim.report.glossary import find
from sim.scenario.complaints import Refused
from sim.study.figure import powers
from sim.study.page_scaling import scaling_panels, scaling_sentences, scaling_table
from sim.study.page_tornado import tornado_figures, tornado_table
from sim.study.prefix import suited
from sim.study.statistics import estimate

Plain = dict[str, Any]

MOST_ROWS = 2000


def study_page(path: Path) -> Plain:
    """What the page of a study has in it. Refused when the directory holds none that was finished or stopped."""
    if not (path / "points.parquet").is_file():
        raise Refused.at("", "the study has no points yet; run sweep.py first", file=str(path))
    study = json.loads((path / "study.json").read_text(encoding="utf-8"))
    with duckdb.connect(config={"threads": 1}) as connection:
        found = connection.read_parquet(str(path / "points.parquet")).fetchnumpy()
    points = {name: np.ma.asarray(values).tolist() for name, values in found.items()}
    state = "completed" if study["completed"] else "NOT completed"
    failed = [f"point {one['point']} failed: {one['message']}" for one in study["failures"]]
    asked, curves = study["definition"].get("scaling"), study.get("scaling", [])
    scaling = (asked["axis"], curves) if asked and curves else None
    return {
        "title": study["study"],
        "subtitle": f"study, {state}, {len(study['points'])} points, {len(failed)} failed",
        "warnings": failed[:10],
        "sentences": [
            *[_threshold(one) for one in study["thresholds"]],
            *(scaling_sentences(*scaling, asked["least_gain"]) if scaling else []),
        ],
        "panels": [*_panels(study, points), *(scaling_panels(*scaling) if scaling else [])],
        "tornadoes": tornado_figures(study.get("tornadoes", [])),
        "tables": [
            *([scaling_table(*scaling)] if scaling else []),
            *([tornado_table(study["tornadoes"])] if study.get("tornadoes") else []),
            _table(points),
        ],
        "versions": _versions(path, study),
        "scenario": json.dumps(study["definition"], indent=2),
    }


def copied_figures(path: Path, wanted: Mapping[str, Path]) -> list[Path]:
    """The study's figures, which were drawn when it ended, in the directories `wanted` for each kind of file."""
    made = []
    for ending, directory in wanted.items():
        directory.mkdir(parents=True, exist_ok=True)
        made += [Path(shutil.copy(file, directory)) for file in sorted(path.glob(f"*{ending}"))]
    return made


def _versions(path: Path, study: Plain) -> Plain:
    """Those of the first point that left a result; all points of a study are run by the same code."""
    for point in study["points"]:
        summary = path / "points" / point["point"] / "summary.json"
        if summary.is_file():
            versions: Plain = json.loads(summary.read_text(encoding="utf-8")).get("versions", {})
            return versions
    return {}


def _panels(study: Plain, points: Plain) -> list[Plain]:
    figure = study["definition"].get("figure")
    if not figure:
        return []
    axes = list(study["definition"]["axes"] or {})
    keys = figure.get("group_by") or [key for key in axes if key != figure["x"]]
    log_x = bool(powers((study["definition"]["axes"] or {}).get(figure["x"])))
    return [
        _panel(_curves(points, keys, figure["x"], y), figure["x"], y, log_x) | {"marks": _marks(study, figure["x"])}
        for y in figure["y"]
        if y in points and figure["x"] in points
    ]


def _panel(curves: list[Plain], x: str, y: str, log_x: bool) -> Plain:
    """The curves in the unit that suits their numbers, and which axes are logarithmic."""
    numbers = [point["y"] for one in curves for point in one["points"]]
    term, how = find(y), suited(y, numbers)
    for point in (point for one in curves for point in one["points"]):
        point |= {"y": point["y"] * how.factor, "half": point["half"] * how.factor}
    return {
        "x": x,
        "y": how.name,
        "unit": how.unit or "",
        "meaning": term.meaning if term else "",
        "curves": curves,
        "log_x": log_x,
        "log_y": bool(numbers) and min(numbers) > 0 and max(numbers) >= LOG_FROM * min(numbers),
    }


def _curves(points: Plain, keys: list[str], x: str, y: str) -> list[Plain]:
    groups: dict[str, dict[Any, list[float]]] = {}
    for row in range(len(points[x])):
        value, across = points[y][row], points[x][row]
        if value is None or across is None or value != value:
            continue
        name = ", ".join(f"{key} = {points[key][row]}" for key in keys if key in points)
        groups.setdefault(name, {}).setdefault(across, []).append(float(value))
    return [{"name": name, "points": [_point(across, ys) for across, ys in of.items()]} for name, of in groups.items()]


def _point(across: Any, values: list[float]) -> Plain:
    told = estimate(values)
    return {"x": across, "y": told.mean, "half": told.half_width or 0.0}


def _marks(study: Plain, x: str) -> list[Plain]:
    found = [one for one in study["thresholds"] if one["key"] == x and one["value"] is not None]
    return [{"x": one["value"], "text": f"{one['until']} from {one['value']:.4g}"} for one in found]


def _threshold(one: Plain) -> str:
    where = ", ".join(f"{key} = {value}" for key, value in one["axes"].items())
    if one["value"] is None:
        return f"{one['until']}: no threshold of {one['key']} found" + (f" at {where}" if where else "")
    half = f" ± {one['half_width_95']:.3g}" if one["half_width_95"] else ""
    return f"{one['until']} from {one['key']} = {one['value']:.4g}{half}" + (f" at {where}" if where else "")


def _table(points: Plain) -> Plain:
    columns = []
    for name in points:
        term = find(name)
        columns.append({"name": name, "unit": term.unit if term else "", "meaning": term.meaning if term else ""})
    rows = [[None if cell != cell else cell for cell in row] for row in zip(*points.values(), strict=True)]
    return {
        "name": "points",
        "meaning": "One row per point: its axes, then every number of its summary.",
        "columns": columns,
        "rows": rows[:MOST_ROWS],
        "count": len(rows),
    }
