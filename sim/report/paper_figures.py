"""Each figure of a run on its own, for papers: axes with units, text that can be read in print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.report.curves import COLOURS, GRID, STYLE, WITHOUT_DATE
from sim.report.distributions import distributions
from sim.report.paper_maps import map_figures
from sim.report.result import Result
from sim.report.terminal import prefix_of, scaled
from sim.report.verdict import path_of
from sim.units import ps_to_s

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
    for name, draw in _figures(result):
        with mpl.rc_context(style):
            figure = Figure(figsize=(6.4, 4.0), layout="constrained")
            axes = figure.subplots()
            draw(axes)
            axes.spines[["top", "right"]].set_visible(False)
            path = directory / f"{name}{ending}"
            figure.savefig(path, dpi=200, metadata=WITHOUT_DATE[ending])
            made.append(path)
    return made


def _figures(result: Result) -> Iterator[tuple[str, Draw]]:
    yield from map_figures(result)
    for one in distributions(result):
        yield one["title"].replace(" of a ", "_").replace(" ", "_"), partial(_distribution, told=one)
    if "path" in result.tables:
        yield "critical_path", lambda axes: _path(axes, result)
    if "pe" in result.tables and result.summary.get("memory"):
        yield "memory", lambda axes: _memory(axes, result)
    for what in ("part", "phase"):
        if parts := result.summary.get("energy", {}).get(f"by_{what}_j"):
            yield f"energy_by_{what}", partial(_shares, parts=parts, what="energy", unit="J")


def _distribution(axes: Axes, told: dict[str, Any]) -> None:
    """The share that takes longer, on a logarithmic axis, so that the tail can be seen."""
    values, shares = zip(*([(told["edges"][0], 1.0), *told["tail"]]), strict=True)
    axes.step([*values, told["edges"][-1]], [*shares, shares[-1]], where="post", color=COLOURS[0])
    axes.set(
        yscale="log", xlabel=f"{told['title']} [{told['unit']}]", ylabel=f"share of {told['what']} that take longer"
    )
    for number, (name, value) in enumerate(told["marks"]):
        axes.axvline(value, color=COLOURS[1], linestyle="--", linewidth=0.9)
        axes.annotate(
            name, (value, 1.02 + 0.06 * (number % 2)), xycoords=("data", "axes fraction"), ha="center", fontsize=8
        )
    axes.grid(color=GRID)


def _path(axes: Axes, result: Result) -> None:
    parts: Counter[str] = Counter()
    for span in path_of(result, None):
        parts[span.part] += span.lasted
    _shares(axes, {part: ps_to_s(time) for part, time in parts.items()}, "time on the critical path", "s")


def _shares(axes: Axes, parts: dict[str, float], what: str, unit: str) -> None:
    """Bars, longest on top, each with its number and its share of all."""
    ordered = sorted(((value, name) for name, value in parts.items() if value > 0))
    whole = sum(value for value, _ in ordered) or 1.0
    names = [name.replace("_", " ") for _, name in ordered]
    longest = max((value for value, _ in ordered), default=1.0)
    power, prefix = prefix_of(longest)
    lengths = [value / power for value, _ in ordered]
    axes.barh(names, lengths, color=COLOURS[0])
    for place, (value, _) in enumerate(ordered):
        axes.annotate(
            f" {scaled(value, unit)}, {100 * value / whole:.3g} %", (value / power, place), va="center", fontsize=8
        )
    axes.set_xlim(0, 1.42 * longest / power)
    axes.set_xlabel(f"{what} [{prefix}{unit}]")


def _memory(axes: Axes, result: Result) -> None:
    held = np.sort(result.sql("SELECT sram_bytes / 1024 AS kb FROM pe WHERE units > 0")["kb"])[::-1]
    limit = result.summary["memory"]["sram_limit_bytes"] / 1024
    axes.bar(np.arange(1, len(held) + 1), held, width=1.0, color=COLOURS[0])
    axes.axhline(limit, color=COLOURS[1], linestyle="--")
    axes.annotate(f"limit {limit:g} KiB", (0.99, limit), xycoords=("axes fraction", "data"), ha="right", va="bottom")
    axes.set(xlabel="PEs, fullest first", ylabel="SRAM in use [KiB]", ylim=(0, 1.12 * limit))
    axes.locator_params(axis="x", integer=True)
