"""The site map of a machine as a picture: one tile for each site, its links, and what stands there.

Dead sites are hatched and dead links dashed. The figure is made without pyplot, so nothing global changes, and it is
the same file for the same machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.machine.faults import cut_off_sites
from sim.machine.lines import Line, Point, link_lines, places
from sim.machine.machine import Machine, Site
from sim.scenario.complaints import Refused

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

COLOURS = {"quad": "#dbe7f3", "event_router": "#f6c89f", "memory": "#cfe6c8", "plain": "#eeeeee"}
WORDS = {"quad": "PEs", "event_router": "event router", "memory": "memory port", "plain": "traffic only"}
INK, DEAD_INK = "#33475b", "#b03a2e"
HALF = 0.36
MOST_LABELLED = 300
# The formats there are, and what to tell each so that equal machines give equal files.
WITHOUT_DATE: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".png": {}, ".pdf": {"CreationDate": None}}


def draw(machine: Machine, path: Path) -> None:
    """Draw the site map of `machine` to a file whose ending says which format. Refused for an unknown one."""
    if path.suffix not in WITHOUT_DATE:
        endings = ", ".join(WITHOUT_DATE)
        raise Refused.at("--draw", f"cannot draw to '{path.name}', expected a name that ends in one of {endings}")
    import matplotlib as mpl
    from matplotlib.figure import Figure

    points = places(machine)
    width, height = (max(along) - min(along) + 1 for along in zip(*points, strict=True))
    scale = min(1.0, 40 / max(width, height))
    figure = Figure(figsize=(max(5.0, width * scale + 0.6), max(3.0, height * scale + 1.6)), layout="constrained")
    axes = figure.add_subplot()
    _draw_links(axes, list(link_lines(machine, points)))
    _draw_sites(axes, machine, points)
    _finish(axes, machine, points)
    with mpl.rc_context({"svg.hashsalt": machine.name}):
        figure.savefig(path, dpi=110, metadata=WITHOUT_DATE[path.suffix])


def _draw_links(axes: Axes, lines: Sequence[Line]) -> None:
    from matplotlib.collections import LineCollection

    for state, style in (("live", "solid"), ("dead", "dashed")):
        strokes = [line.points for line in lines if line.state == state]
        colour = INK if state == "live" else DEAD_INK
        axes.add_collection(LineCollection(strokes, colors=colour, linestyles=style, linewidths=1.2, zorder=1))
    for line in lines:
        if line.one_way:
            arrow = {"arrowstyle": "-|>", "linewidth": 0, "color": INK if line.state == "live" else DEAD_INK}
            axes.annotate("", *_head(line), arrowprops=arrow, zorder=1)


def _head(line: Line) -> tuple[Point, Point]:
    """Tip and tail of the arrow where a link meets the tile it leads to."""
    (x, y), (goal_x, goal_y) = line.points[-2:]
    far = max(abs(goal_x - x), abs(goal_y - y)) or 1.0
    dx, dy = (goal_x - x) / far, (goal_y - y) / far
    return (goal_x - HALF * dx, goal_y - HALF * dy), (goal_x - 2 * HALF * dx, goal_y - 2 * HALF * dy)


def _draw_sites(axes: Axes, machine: Machine, points: Sequence[Point]) -> None:
    dead, lost, usable = (
        set(machine.faults.dead_sites),
        cut_off_sites(machine.faults),
        Counter(pe.site for pe in machine.pes),
    )
    labelled = len(machine.sites) <= MOST_LABELLED
    for site, point in zip(machine.sites, points, strict=True):
        fate = "dead" if site.name in dead else "cut off" if site.name in lost else ""
        _draw_tile(axes, site, point, fate)
        if labelled:
            title = site.name if machine.grid is None else f"{site.x},{site.y}"
            _label(axes, (point[0], point[1] + 0.12), title, 9, fate)
            _label(axes, (point[0], point[1] - 0.14), fate or _content(machine, site, usable[site.index]), 7, fate)


def _draw_tile(axes: Axes, site: Site, middle: Point, fate: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner, side = (middle[0] - HALF, middle[1] - HALF), 2 * HALF
    shape = "round,pad=0,rounding_size=0.08"
    axes.add_patch(FancyBboxPatch(corner, side, side, boxstyle=shape, **_fill(site.kind, fate)))


def _fill(kind: str, fate: str) -> dict[str, Any]:
    if not fate:
        return {"facecolor": COLOURS[kind], "edgecolor": INK}
    hatch = "////" if fate == "dead" else ".."
    return {"facecolor": "#ffffff", "edgecolor": DEAD_INK, "hatch": hatch}


def _label(axes: Axes, at: Point, text: str, size: int, fate: str) -> None:
    paper = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 1} if fate else None
    axes.text(*at, text, ha="center", va="center", fontsize=size, color=INK, bbox=paper, parse_math=False)


def _content(machine: Machine, site: Site, usable: int) -> str:
    """What stands at a site, short enough for its tile."""
    words = [f"{usable} PE{'' if usable == 1 else 's'}"] if site.kind == "quad" else []
    if machine.event_router is not None and site.kind == "event_router":
        words.append(f"router\n{machine.event_router.port_sites.count(site.index)} ports")
    words += [dram.name for dram in machine.drams if dram.site == site.index]
    words += ["host"] if machine.host is not None and machine.host.site == site.index else []
    return "\n".join(words)


def _finish(axes: Axes, machine: Machine, points: Sequence[Point]) -> None:
    xs, ys = zip(*points, strict=True)
    axes.set_xlim(min(xs) - 0.7, max(xs) + 0.7)
    axes.set_ylim(min(ys) - 0.7, max(ys) + 0.7)
    axes.set_aspect("equal")
    axes.axis("off")
    counts = f"{len(machine.sites)} sites, {len(machine.pes)} PEs, {len(machine.channels)} links"
    axes.set_title(f"{machine.name}: {counts}", fontsize=11, color=INK)
    keys = _keys(machine)
    place, columns = (0.5, 0.0), min(len(keys), 4)
    axes.legend(handles=keys, loc="upper center", bbox_to_anchor=place, ncols=columns, frameon=False, fontsize=8)


def _keys(machine: Machine) -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    kinds = {site.kind for site in machine.sites}
    keys: list[Artist] = [Patch(**_fill(kind, ""), label=WORDS[kind]) for kind in COLOURS if kind in kinds]
    if machine.faults.dead_sites:
        keys.append(Patch(**_fill("", "dead"), label="dead site"))
    if machine.faults.unreachable:
        keys.append(Patch(**_fill("", "cut off"), label="cut off"))
    if machine.faults.dead_links:
        keys.append(Line2D([], [], color=DEAD_INK, linestyle="dashed", linewidth=1.2, label="dead link"))
    return keys
