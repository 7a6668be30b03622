"""The maps of a page: where PEs and links are on each chip, and what they did, in all and step by step."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from sim.report.result import Result

Plain = dict[str, Any]

MOST_FRAMES = 96


def maps(result: Result) -> Plain:
    """Chips with their sites, PEs and links, the metrics with a frame for each step, and traffic between chips."""
    pes, links = _pes(result), _links(result)
    numbers = sorted({one["chip"] for one in (*pes, *links) if one["chip"] is not None})
    found = [_chip(number, pes, links) for number in numbers]
    metrics = [*_pe_metrics(result, pes), *_link_metrics(result, links)]
    return {
        "pes": pes,
        "links": links,
        "maps": found if metrics else [],
        "metrics": metrics,
        "board": between_chips(result),
    }


def _pes(result: Result) -> list[Plain]:
    if "pe" not in result.tables:
        return []
    found = result.sql(
        "SELECT name, chip, site_x, site_y, count(*) OVER (PARTITION BY chip, site_x, site_y) AS n, pe "
        "FROM pe ORDER BY pe"
    )
    pes = []
    for name, chip, x, y, together, _ in zip(*found.values(), strict=True):
        core = int(name.rpartition(".")[2]) if re.fullmatch(r".*\.\d+", name) else 0
        pes.append({"name": name, "chip": int(chip), "x": int(x), "y": int(y), "core": core, "of": int(together)})
    return pes


def _links(result: Result) -> list[Plain]:
    if "link" not in result.tables:
        return []
    found = result.sql("SELECT name, kind, from_x, from_y, to_x, to_y, chip FROM link ORDER BY link")
    lanes: dict[tuple[Any, ...], int] = {}
    links = []
    for row in zip(*(np.ma.asarray(column).tolist() for column in found.values()), strict=True):
        name, kind, fx, fy, tx, ty, chip = row
        door = (chip, kind, fx, fy, tx, ty)
        lanes[door] = lanes.get(door, -1) + 1
        place = {"fx": fx, "fy": fy, "tx": tx, "ty": ty, "lane": lanes[door]}
        links.append({"name": name, "kind": kind, "chip": chip, **place})
    return links


def _chip(number: int, pes: list[Plain], links: list[Plain]) -> Plain:
    of_pes = [i for i, one in enumerate(pes) if one["chip"] == number]
    of_links = [i for i, one in enumerate(links) if one["chip"] == number]
    places = {(pes[i]["x"], pes[i]["y"]) for i in of_pes}
    for i in of_links:
        one = links[i]
        places |= {(one[x], one[y]) for x, y in (("fx", "fy"), ("tx", "ty")) if one[x] is not None}
    xs, ys = ([place[axis] for place in places] or [0] for axis in (0, 1))
    sites = [{"x": x, "y": y, "name": f"({x},{y})"} for x, y in sorted(places)]
    shape = {"x": min(xs), "y": min(ys), "width": max(xs) - min(xs) + 1, "height": max(ys) - min(ys) + 1}
    return {"name": f"chip {number}", "sites": sites, "pes": of_pes, "links": of_links, **shape}


def _pe_metrics(result: Result, pes: list[Plain]) -> list[Plain]:
    if not pes:
        return []
    busy = "compute_s + receive_s + send_s + sync_s"
    whole = result.sql(
        f"SELECT 100 * ({busy}) / t AS busy, 100 * (wait_s + sleep_s) / t AS wait, 100 * sync_s / t AS sync, "
        f"CASE WHEN t > 0 THEN fifo_peak END AS fifo_peak FROM (SELECT *, CASE WHEN units > 0 OR {busy} > 0 THEN "
        f"{busy} + wait_s + sleep_s END AS t FROM pe) ORDER BY pe"
    )
    frames = _pe_frames(result, len(pes))
    told = {"busy": "PE busy", "wait": "PE waiting or asleep", "sync": "PE on the sync protocol"}
    metrics = [
        {
            "label": label,
            "unit": "%",
            "of": "pe",
            "frames": [_frame("the whole run", whole[name]), *[_frame(step, by[name]) for step, by in frames]],
        }
        for name, label in told.items()
    ]
    fullest = _frame("the whole run", np.ma.filled(whole["fifo_peak"].astype(float), np.nan))
    return [*metrics, {"label": "fullest receive FIFO", "unit": "packets", "of": "pe", "frames": [fullest]}]


def _pe_frames(result: Result, count: int) -> list[tuple[str, dict[str, np.ndarray]]]:
    """Shares of each PE's time in each step, from the end of its row before; several steps together where many."""
    found = result.sql(
        "SELECT pe, step, compute_s + receive_s + send_s + sync_s AS busy, sync_s AS sync, time_done_s - "
        "coalesce(lag(time_done_s) OVER (PARTITION BY pe ORDER BY time_done_s), 0) AS t FROM step"
    )
    if not len(found["step"]):
        return []
    together = -(-(int(found["step"].max()) + 1) // MOST_FRAMES)
    frames = []
    for first in range(0, int(found["step"].max()) + 1, together):
        mine = (found["step"] >= first) & (found["step"] < first + together)
        pe = found["pe"][mine]
        whole = np.bincount(pe, found["t"][mine], count)
        with np.errstate(invalid="ignore", divide="ignore"):
            busy, sync = (100 * np.bincount(pe, found[name][mine], count) / whole for name in ("busy", "sync"))
        label = f"step {first}" if together == 1 else f"steps {first} to {first + together - 1}"
        frames.append((label, {"busy": busy, "wait": 100 - busy, "sync": sync}))
    return frames


def _link_metrics(result: Result, links: list[Plain]) -> list[Plain]:
    if not links:
        return []
    whole = result.sql("SELECT 100 * use_share AS use, queue_peak::DOUBLE AS peak FROM link ORDER BY link")
    steps = _link_frames(result, len(links))
    told = {"use": ("link in use", "%"), "peak": ("fullest buffer behind a link", "flits")}
    return [
        {
            "label": label,
            "unit": unit,
            "of": "link",
            "frames": [
                _frame("the whole run", np.ma.filled(whole[name], np.nan)),
                *[_frame(step, by[name]) for step, by in steps],
            ],
        }
        for name, (label, unit) in told.items()
    ]


def _link_frames(result: Result, count: int) -> list[tuple[str, dict[str, np.ndarray]]]:
    if "link_step" not in result.tables:
        return []
    found = result.sql("SELECT step, steps, link, 100 * use_share AS use, queue_peak::DOUBLE AS peak FROM link_step")
    steps = np.unique(found["step"])
    frames = []
    for step in steps[:: max(1, -(-len(steps) // MOST_FRAMES))]:
        mine = found["step"] == step
        use, peak = np.zeros(count), np.zeros(count)
        use[found["link"][mine]] = found["use"][mine]
        peak[found["link"][mine]] = np.ma.filled(found["peak"][mine], np.nan)
        many = int(found["steps"][mine][0])
        label = f"step {step}" if many == 1 else f"steps {step - many + 1} to {step}"
        frames.append((label, {"use": use, "peak": peak}))
    return frames


def _frame(label: str, values: np.ndarray) -> Plain:
    """Values to three figures, None where absent."""
    rounded = [None if value != value else float(f"{value:.3g}") for value in np.ma.filled(values, np.nan).tolist()]
    return {"label": label, "values": rounded}


def between_chips(result: Result) -> Plain:
    """Chips where they stand on their board, and what each link between them carried."""
    if "chip_link" not in result.tables:
        return {"chips": [], "links": []}
    held = "pes_used, units, " if "pe" in result.tables else ""
    chips = result.sql(f"SELECT x, y, name, {held}packets_in, packets_out FROM chip ORDER BY chip")
    links = result.sql(
        "SELECT source_chip, target_chip, name, packets, 100 * use_share AS used FROM chip_link ORDER BY link"
    )
    return {"chips": _records(chips), "links": _records(links)}


def _records(columns: dict[str, Any]) -> list[Plain]:
    """A table's rows, each by the names of its columns."""
    plain = [np.ma.asarray(column).tolist() for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*plain, strict=True)]
