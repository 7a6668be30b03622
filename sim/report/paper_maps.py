"""Maps for papers: what PEs and links of each chip did, and what went between chips on their board."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.report.curves import INK
from sim.report.page_maps import between_chips
from sim.report.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST_REACH = 1.6
"""Chips to each side of the middle of a board's map, so that two chips do not fill it."""

Draw = Callable[["Axes"], None]
Column = npt.NDArray[np.float64]

BUSY = """
    SELECT chip, site_x AS x, site_y AS y, avg(100 * (compute_s + receive_s + send_s + sync_s) / nullif(compute_s
    + receive_s + send_s + sync_s + wait_s + sleep_s, 0)) AS shown FROM pe GROUP BY ALL"""
USE = """
    SELECT coalesce(chip, 0) AS chip, coalesce(from_x, to_x) AS x, coalesce(from_y, to_y) AS y,
    100 * max(use_share) AS shown FROM link GROUP BY ALL"""


def map_figures(result: Result) -> Iterator[tuple[str, Draw]]:
    """Names and pictures; those of several chips are numbered by chip."""
    if "pe" in result.tables:
        yield from _by_chip(result, "pe_busy", BUSY, "time that PEs are busy, mean of a site [%]")
    if "link" in result.tables:
        yield from _by_chip(result, "link_use", USE, "use of the busiest link from a site [%]")
    if "chip_link" in result.tables:
        yield "chip_links", lambda axes: _board(axes, result)


def _by_chip(result: Result, name: str, query: str, label: str) -> Iterator[tuple[str, Draw]]:
    """A map of each chip, all on one scale."""
    found = result.sql(query)
    chips, shown = found["chip"].astype(int), np.ma.filled(found["shown"].astype(float), np.nan)
    top = float(np.nanmax(shown, initial=0.0)) or 1.0
    for chip in np.unique(chips):
        mine = chips == chip
        place = [np.ma.filled(found[axis], 0).astype(int)[mine] for axis in ("x", "y")]
        called = f"{name}_chip{chip}" if len(np.unique(chips)) > 1 else name
        yield called, _map(place[0], place[1], shown[mine], label, top)


def _map(x: npt.NDArray[np.int_], y: npt.NDArray[np.int_], values: Column, label: str, top: float) -> Draw:
    grid = np.full((y.max() - y.min() + 1, x.max() - x.min() + 1), np.nan)
    grid[y - y.min(), x - x.min()] = values
    extent = (x.min() - 0.5, x.max() + 0.5, y.min() - 0.5, y.max() + 0.5)

    def draw(axes: Axes) -> None:
        image = axes.imshow(grid, origin="lower", cmap="cividis", extent=extent, vmin=0, vmax=top)
        axes.figure.colorbar(image, ax=axes, label=label)
        axes.set(xlabel="site x", ylabel="site y")
        axes.locator_params(integer=True)

    return draw


def _board(axes: Axes, result: Result) -> None:
    """Chips as they stand in the hexagonal mesh; both directions of a link, in the colours of their loads."""
    from matplotlib.collections import LineCollection

    board = between_chips(result)
    spots = np.array([(one["x"] - one["y"] / 2, one["y"] * 3**0.5 / 2) for one in board["chips"]], dtype=np.float64)
    ends = [(spots[one["source_chip"]], spots[one["target_chip"]]) for one in board["links"]]
    packets = np.array([one["packets"] for one in board["links"]], dtype=np.float64)
    near = np.array([np.hypot(*(b - a)) < 1.6 for a, b in ends])
    seen = near | (packets > 0)
    lines = [_beside(a, b) for (a, b), one in zip(ends, seen, strict=True) if one]
    drawn = LineCollection(lines, array=packets[seen], cmap="cividis", linewidths=np.where(near, 4.0, 0.8)[seen])
    drawn.set_clim(0, max(1.0, float(packets.max())))
    axes.add_collection(drawn)
    axes.plot(*spots.T, "o", markersize=13, markerfacecolor="white", markeredgecolor=INK)
    for number, (x, y) in enumerate(spots):
        axes.annotate(str(number), (x, y), ha="center", va="center", fontsize=7)
    axes.figure.colorbar(drawn, ax=axes, label="packets over a link")
    axes.set_aspect("equal")
    low, high = spots.min(axis=0), spots.max(axis=0)
    middle, reach = (low + high) / 2, np.maximum((high - low) / 2 + 0.5, LEAST_REACH)
    axes.set(xlim=(middle[0] - reach[0], middle[0] + reach[0]), ylim=(middle[1] - reach[1], middle[1] + reach[1]))
    axes.set_axis_off()


def _beside(start: Column, end: Column) -> tuple[Column, Column]:
    along = (end - start) / np.hypot(*(end - start))
    aside = 0.06 * np.array([along[1], -along[0]])
    return start + aside, end + aside
