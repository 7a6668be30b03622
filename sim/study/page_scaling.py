"""Scaling on the page of a study: speed-up and efficiency as curves, the knee in words, and one table of all sizes.

It reads what `study.json` says of the scaling, as everything on the page is read from the study's directory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Plain = dict[str, Any]

MEANINGS = {
    "speed_up": "Time at the first size over time at this one; in weak scaling the work done in the time of the first.",
    "efficiency": "Speed-up over how many times as large the machine is.",
    "next_doubling": "What the next doubling of the size adds to the speed-up, as a share.",
    "limit": "The largest part of the critical path.",
}


def scaling_panels(axis: str, curves: Sequence[Plain]) -> list[Plain]:
    """Speed-up and efficiency over the size, a curve for each combination of the other axes; knees are marks."""
    marks = [{"x": one["knee"], "text": f"knee {_name(one)}".strip()} for one in curves if one["knee"] is not None]
    return [
        {
            "x": axis,
            "y": y,
            "meaning": MEANINGS[y],
            "curves": [{"name": _name(one), "points": [_point(size, y) for size in one["sizes"]]} for one in curves],
            "marks": marks,
            "log_x": True,
            "log_y": y == "speed_up",
        }
        for y in ("speed_up", "efficiency")
    ]


def scaling_sentences(axis: str, curves: Sequence[Plain], least_gain: float) -> list[str]:
    """Where more of the machine stops paying, for each curve."""
    return [_sentence(axis, one, f"{least_gain:.0%}") for one in curves if len(one["sizes"]) > 1]


def scaling_table(axis: str, curves: Sequence[Plain]) -> Plain:
    """One row for each size of each curve."""
    keys = list(curves[0]["axes"])
    rows = [[*one["axes"].values(), *_row(size)] for one in curves for size in one["sizes"]]
    names = [(key, "") for key in keys]
    names += [(axis, ""), ("time", "s"), ("speed_up", ""), ("efficiency", ""), ("next_doubling", "share")]
    names += [("energy_per_step", "J"), ("limit", "")]
    columns = [{"name": name, "unit": unit, "meaning": MEANINGS.get(name, "")} for name, unit in names]
    meaning = "one row per size: what more of the machine is worth, means over replicas"
    return {"name": "scaling", "meaning": meaning, "columns": columns, "rows": rows, "count": len(rows)}


def _row(size: Plain) -> list[Any]:
    energy, parts = size["energy"], size["parts"]
    limit = max(parts, key=parts.get) if parts else None
    told = None if limit is None else f"{limit} {parts[limit]:.0%}"
    means = [size[name]["mean"] for name in ("time", "speed_up", "efficiency")]
    return [size["at"], *means, size["gain"], energy and energy["mean"], told]


def _point(size: Plain, y: str) -> Plain:
    return {"x": size["at"], "y": size[y]["mean"], "half": size[y]["half_width"] or 0.0}


def _name(curve: Plain) -> str:
    return ", ".join(f"{key} = {value}" for key, value in curve["axes"].items())


def _sentence(axis: str, curve: Plain, least: str) -> str:
    last = curve["sizes"][-1]["at"]
    where = f" at {name}" if (name := _name(curve)) else ""
    if curve["knee"] is None:
        return f"{axis}: no knee up to {last:g}{where}: each doubling gains {least} or more"
    return f"{axis}: knee at {curve['knee']:g}{where}: the next doubling gains less than {least}"
