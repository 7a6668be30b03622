"""Each figure of a run on its own, for papers: axes with units, text that can be read in print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report.curves import COLOURS, GRID, STYLE, WITHOUT_DATE
from sim.report.result import Result
from sim.report.verdict import path_of, step_times

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Draw = Callable[["Axes"], None]


def draw_figures(result: Result, directory: Path, ending: str) -> list[Path]:
    """Write every figure that the result has data for; `ending` is .svg or .png. Returns the files."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    directory.mkdir(parents=True, exist_ok=True)
    made = []
    style: Any = {**STYLE, "svg.hashsalt": "s2sim"}
    for name, draw in _figures(result).items():
        with mpl.rc_context(style):
            figure = Figure(figsize=(6.4, 4.0), layout="constrained")
            axes = figure.subplots()
            draw(axes)
            axes.spines[["top", "right"]].set_visible(False)
            path = directory / f"{name}{ending}"
            figure.savefig(path, dpi=200, metadata=WITHOUT_DATE[ending])
            made.append(path)
    return made


def _figures(result: Result) -> dict[str, Draw]:
    figures: dict[str, Draw] = {"link_use": lambda axes: _link_use(axes, result)} if "link" in result.tables else {}
    if "path" in result.tables:
        figures["critical_path"] = lambda axes: _path(axes, result)
        if step_times(result):
            figures["step_times"] = lambda axes: _steps(axes, result)
    if "pe" in result.tables:
        figures["memory"] = lambda axes: _memory(axes, result)
        figures["pe_busy"] = lambda axes: _busy(axes, result)
    if energy := result.summary.get("energy"):
        figures["energy"] = lambda axes: _shares(axes, energy["by_part_j"], "energy [J]")
    return figures


def _steps(axes: Axes, result: Result) -> None:
    times = np.sort(np.array(list(step_times(result).values())) / 1e6)
    axes.step(times, np.arange(1, len(times) + 1) / len(times), where="post", color=COLOURS[0])
    axes.set(xlabel="time of a step [us]", ylabel="share of steps that take at most this long", ylim=(0, 1.02))
    axes.grid(color=GRID)


def _path(axes: Axes, result: Result) -> None:
    parts: Counter[str] = Counter()
    for span in path_of(result, None):
        parts[span.part] += span.lasted
    _shares(axes, {part: time / 1e6 for part, time in parts.most_common()}, "time on the critical path [us]")


def _shares(axes: Axes, parts: dict[str, float], label: str) -> None:
    ordered = sorted(parts.items(), key=lambda part: part[1])
    axes.barh([name for name, _ in ordered], [value for _, value in ordered], color=COLOURS[0])
    axes.set_xlabel(label)


def _memory(axes: Axes, result: Result) -> None:
    held = np.sort(result.sql("SELECT sram_bytes / 1024 AS kb FROM pe WHERE units > 0")["kb"])[::-1]
    axes.bar(np.arange(len(held)), held, width=1.0, color=COLOURS[0])
    axes.axhline(result.summary["memory"]["sram_limit_bytes"] / 1024, color=COLOURS[1], linestyle="--", label="limit")
    axes.set(xlabel="PEs, fullest first", ylabel="SRAM in use [KiB]")
    axes.legend()


def _busy(axes: Axes, result: Result) -> None:
    found = result.sql(
        "SELECT site_x AS x, site_y AS y, avg(100 * (compute_s + receive_s + send_s + sync_s) / nullif(compute_s + "
        "receive_s + send_s + sync_s + wait_s + sleep_s, 0)) AS busy FROM pe GROUP BY ALL"
    )
    _map(axes, found["x"], found["y"], found["busy"], "mean share of time busy of a site's PEs [%]")


def _link_use(axes: Axes, result: Result) -> None:
    found = result.sql(
        "SELECT coalesce(from_x, to_x) AS x, coalesce(from_y, to_y) AS y, 100 * max(use_share) AS used FROM link "
        "GROUP BY ALL"
    )
    _map(axes, found["x"], found["y"], found["used"], "use of the busiest link at a site [%]")


def _map(axes: Axes, x: np.ndarray, y: np.ndarray, values: np.ndarray, label: str) -> None:
    columns, rows = np.ma.filled(x, 0).astype(int), np.ma.filled(y, 0).astype(int)
    grid = np.full((rows.max() - rows.min() + 1, columns.max() - columns.min() + 1), np.nan)
    grid[rows - rows.min(), columns - columns.min()] = np.ma.filled(values.astype(float), np.nan)
    extent = (columns.min() - 0.5, columns.max() + 0.5, rows.min() - 0.5, rows.max() + 0.5)
    image = axes.imshow(grid, origin="lower", cmap="cividis", extent=extent, vmin=0)
    axes.figure.colorbar(image, ax=axes, label=label)
    axes.set(xlabel="site x", ylabel="site y")
