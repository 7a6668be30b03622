"""Numbers against a number or a word as a picture: lines with error bars, and thresholds as upright lines.

Colours are those of Okabe and Ito, told apart by people of any colour vision, and each curve has a marker of its own
as well, so that a grey print can be read. The figure is made without pyplot and is the same file for the same data.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito, Color Universal Design (2008), but for yellow, which is too pale for a line on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHED, DOTTED = (0, (4, 3)), (0, (1, 2))
INK, GRID = "#33475b", "#dfe4ea"
LOG_FROM = 10.0
"""Numbers above 0 whose largest is this many times the smallest get a logarithmic axis."""
WRAP = 72
WITHOUT_DATE: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".png": {}}

# Text in an SVG stays text, so that it can be searched and copied.
STYLE: dict[str, Any] = {
    "font.size": 12,
    "axes.labelsize": 12,
    "axes.titlesize": 14,
    "legend.fontsize": 11,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.fonttype": "none",
}


Looks = dict[str, tuple[str, str]]
"""Colour and marker of curves by name."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in order of x, numbers or words; `half_width` of each error bar; hollow where `beyond` a threshold."""

    name: str
    x: tuple[float | str, ...] = ()
    y: tuple[float, ...] = ()
    half_width: tuple[float, ...] = ()
    beyond: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A dashed upright line at `x` in the colour of the curve called `curve`; the legend says what it means."""

    curve: str
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """A value from elsewhere with its name beside it: a star, or a dotted line from side to side where x is None."""

    name: str
    x: float | None
    y: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One number against x: what stands at both axes, its curves, marks and what is known from elsewhere.

    x has its ticks at `x_ticks` if given. `from_zero`: y is linear and begins at 0, so that lengths can be compared,
    else it is as the numbers ask for.
    """

    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...] = ()
    log_x: bool = False
    x_ticks: tuple[float, ...] = ()
    from_zero: bool = False
    known: tuple[Known, ...] = ()


def draw_curves(panels: Sequence[Panel], title: str, path: Path) -> None:
    """Draw panels below one another, sharing x, to a file that ends in .svg or .png."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    style: Any = {**STYLE, "svg.hashsalt": title}
    with mpl.rc_context(style):
        figure = Figure(figsize=(8.5, 1.2 + 4.0 * len(panels)), layout="constrained")
        rows = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        looks = looks_of([_names(panel) for panel in panels])
        for axes, panel in zip(rows, panels, strict=True):
            _draw(axes, panel, looks)
        for number, (axes, panel) in enumerate(zip(rows, panels, strict=True)):
            if number == 0 or _names(panel) != _names(panels[0]):
                _explain(axes, panel, looks)
        rows[0].set_title(title, loc="left")
        rows[-1].set_xlabel(_wrapped(panels[-1].x_label, WRAP))
        figure.savefig(path, dpi=150, metadata=WITHOUT_DATE[path.suffix])


def _draw(axes: Axes, panel: Panel, looks: Looks) -> None:
    for curve in panel.curves:
        _draw_curve(axes, curve, *looks[curve.name])
    if panel.log_x:
        axes.set_xscale("log")
    if panel.x_ticks:
        _tick(axes, panel.x_ticks)
    for one in panel.known:
        _draw_known(axes, one)
    if panel.from_zero:
        axes.set_ylim(bottom=0)
    elif is_wide(panel.curves, panel.known):
        axes.set_yscale("log")
        _label_plainly(axes)
    for mark in panel.marks:
        axes.axvline(mark.x, color=_colour(looks, mark), linewidth=1.4, linestyle=DASHED)
    axes.set_ylabel(_wrapped(panel.y_label, WRAP // 2))
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _tick(axes: Axes, ticks: Sequence[float]) -> None:
    from matplotlib.ticker import NullLocator

    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(list(ticks), [f"{tick:g}" for tick in ticks])


def _names(panel: Panel) -> list[str]:
    return [curve.name for curve in panel.curves]


def is_wide(curves: Sequence[Curve], known: Sequence[Known] = ()) -> bool:
    """Whether the numbers on y are all above 0 and too far apart for a linear axis to show them."""
    numbers = [number for curve in curves for number in curve.y] + [one.y for one in known]
    return bool(numbers) and min(numbers) > 0 and max(numbers) >= LOG_FROM * min(numbers)


def looks_of(panels: Sequence[Sequence[str]]) -> Looks:
    """Colour and marker of each curve, given the names in each panel: the same wherever the name stands again, and
    different in one panel."""
    looks: Looks = {}
    for name in dict.fromkeys(name for names in panels for name in names):
        taken = {looks[other] for names in panels if name in names for other in names if other in looks}
        looks[name] = next(look for look in _looks() if look not in taken)
    return looks


def _looks() -> Iterator[tuple[str, str]]:
    """Colour and marker of one curve after the other; the pairs repeat only after 49 curves."""
    turn = 0
    while True:
        for number, colour in enumerate(COLOURS):
            yield colour, MARKERS[(number + turn) % len(MARKERS)]
        turn += 1


def _draw_curve(axes: Axes, curve: Curve, colour: str, marker: str) -> None:
    bars = curve.half_width if any(curve.half_width) else None
    # A bar that reaches below 0 would have no place on a logarithmic axis.
    low = [min(half, 0.99 * y) if y > 0 else half for half, y in zip(curve.half_width, curve.y, strict=True)]
    axes.errorbar(
        list(curve.x), list(curve.y), yerr=[low, list(bars)] if bars else None, color=colour, linewidth=1.8, capsize=3
    )
    for is_beyond in (False, True):
        chosen = [index for index, beyond in enumerate(curve.beyond) if beyond is is_beyond]
        across, up = [curve.x[index] for index in chosen], [curve.y[index] for index in chosen]
        face = "white" if is_beyond else colour
        axes.plot(across, up, linestyle="none", marker=marker, markersize=7, color=colour, markerfacecolor=face)


def _draw_known(axes: Axes, known: Known) -> None:
    if known.x is None:
        axes.axhline(known.y, color=INK, linewidth=1.4, linestyle=DOTTED)
        where: Any = {"xy": (1, known.y), "xycoords": ("axes fraction", "data"), "xytext": (-4, 4), "ha": "right"}
    else:
        axes.plot([known.x], [known.y], linestyle="none", marker="*", markersize=13, color=INK)
        is_left = known.x <= sum(axes.get_xlim()) / 2
        where = {"xy": (known.x, known.y), "xytext": (9 if is_left else -9, 6), "ha": "left" if is_left else "right"}
    axes.annotate(known.name, textcoords="offset points", color=INK, **where)


def _colour(looks: Looks, mark: Mark) -> str:
    return looks[mark.curve][0] if mark.curve in looks else INK


def _label_plainly(axes: Axes) -> None:
    """20, 50, 100 and not 2 x 10^1 along a logarithmic axis."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _explain(axes: Axes, panel: Panel, looks: Looks) -> None:
    """What the colours, hollow markers and upright lines mean, told once for all panels with the same curves."""
    from matplotlib.lines import Line2D

    named = [(name, *looks[name]) for name in _names(panel) if name]
    keys = [Line2D([], [], color=colour, marker=marker, label=name) for name, colour, marker in named]
    if any(any(curve.beyond) for curve in panel.curves):
        hollow = Line2D([], [], color=INK, marker="o", markerfacecolor="white", linestyle="none")
        hollow.set_label("beyond the threshold")
        keys.append(hollow)
    keys += [Line2D([], [], color=_colour(looks, mark), linestyle=DASHED, label=mark.text) for mark in panel.marks]
    if keys:
        axes.legend(handles=keys, loc="best", framealpha=0.9, edgecolor="none")


def _wrapped(text: str, width: int) -> str:
    return "\n".join(part for line in text.splitlines() for part in textwrap.wrap(line, width))
