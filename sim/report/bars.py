"""A tornado: for each parameter a bar from what a number is at the parameter's low end to what it is at the high end.

The bars hang at the number's value with every parameter in its place; a shaded band behind them is where the number
lies when many parameters are drawn at once. Colours and text are those of the curves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.curves import COLOURS, DASHED, GRID, INK, STYLE, WITHOUT_DATE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOW_COLOUR, HIGH_COLOUR = COLOURS[:2]
BAND_COLOUR = "#f3ead2"


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """One bar: what stands beside it, and the number at the low and at the high end; None where it is not known."""

    label: str
    at_low: float | None
    at_high: float | None


@dataclass(frozen=True, slots=True)
class TornadoPanel:
    """One number: what stands below it, its value at the base, bars from the top down, and a band (from, to, words)."""

    x_label: str
    base: float
    bars: tuple[TornadoBar, ...]
    band: tuple[float, float, str] | None = None


def draw_bars(panels: Sequence[TornadoPanel], title: str, path: Path) -> None:
    """Draw panels below one another, each with an axis of its own, to a file that ends in .svg or .png."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    heights = [1.3 + 0.34 * len(panel.bars) for panel in panels]
    style: Any = {**STYLE, "svg.hashsalt": title}
    with mpl.rc_context(style):
        figure = Figure(figsize=(10, 0.9 + sum(heights)), layout="constrained")
        rows = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
        for axes, panel in zip(rows, panels, strict=True):
            _draw(axes, panel)
        rows[0].set_title(title, loc="left")
        figure.savefig(path, dpi=150, metadata=WITHOUT_DATE[path.suffix])


def _draw(axes: Axes, panel: TornadoPanel) -> None:
    places = range(len(panel.bars))
    for end, colour, name in (("at_low", LOW_COLOUR, "low end"), ("at_high", HIGH_COLOUR, "high end")):
        values = [getattr(bar, end) for bar in panel.bars]
        lengths = [0.0 if value is None else value - panel.base for value in values]
        axes.barh(list(places), lengths, left=panel.base, height=0.62, color=colour, label=name)
    if panel.band:
        least, most, words = panel.band
        axes.axvspan(least, most, color=BAND_COLOUR, zorder=0, label=words)
    axes.axvline(panel.base, color=INK, linewidth=1.2, linestyle=DASHED)
    axes.set_yticks(list(places), [bar.label for bar in panel.bars])
    axes.invert_yaxis()
    axes.set_xlabel(panel.x_label)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="lower right", framealpha=0.9, edgecolor="none")
