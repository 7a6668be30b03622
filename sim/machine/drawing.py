"""The site map of a machine as a picture: one tile for each site, its links, and what stands there.

The figure is made without pyplot, so nothing global changes, and it is the same file for the same machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.machine.machine import Channel, Machine, Site
from sim.scenario.complaints import Refused

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"quad": "#dbe7f3", "event_router": "#f6c89f", "memory": "#cfe6c8", "plain": "#eeeeee"}
WORDS = {"event_router": "event router", "memory": "memory port", "plain": "traffic only"}
INK = "#33475b"
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

    width, height = _extent(machine)
    scale = min(1.0, 40 / max(width, height))
    figure = Figure(figsize=(max(5.0, width * scale + 0.6), max(3.0, height * scale + 1.6)), layout="constrained")
    axes = figure.add_subplot()
    _draw_links(axes, machine)
    for site in machine.sites:
        _draw_site(axes, machine, site, labelled=len(machine.sites) <= MOST_LABELLED)
    _finish(axes, machine)
    with mpl.rc_context({"svg.hashsalt": machine.name}):
        figure.savefig(path, dpi=110, metadata=WITHOUT_DATE[path.suffix])


def _extent(machine: Machine) -> tuple[int, int]:
    xs, ys = [site.x for site in machine.sites], [site.y for site in machine.sites]
    return max(xs) - min(xs) + 1, max(ys) - min(ys) + 1


def _draw_links(axes: Axes, machine: Machine) -> None:
    from matplotlib.collections import LineCollection

    lines = [line for channel in machine.channels for line in _link_lines(machine, channel)]
    axes.add_collection(LineCollection(lines, colors=INK, linewidths=1.2, zorder=1))


def _link_lines(machine: Machine, channel: Channel) -> list[list[tuple[float, float]]]:
    """A link between neighbours as one line for both ways; one round the edge as a stub at each end."""
    source, target = machine.sites[channel.source], machine.sites[channel.target]
    dx, dy = target.x - source.x, target.y - source.y
    if abs(dx) + abs(dy) == 1:
        return [[(source.x, source.y), (target.x, target.y)]] if channel.source < channel.target else []
    stub = (source.x - 0.6 * _sign(dx), source.y - 0.6 * _sign(dy))
    return [[(source.x, source.y), stub]]


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _draw_site(axes: Axes, machine: Machine, site: Site, labelled: bool) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner, side = (site.x - HALF, site.y - HALF), 2 * HALF
    box = FancyBboxPatch(
        corner,
        side,
        side,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=COLOURS[site.kind],
        edgecolor=INK,
    )
    axes.add_patch(box)
    if labelled:
        axes.text(site.x, site.y + 0.12, f"{site.x},{site.y}", ha="center", va="center", fontsize=9, color=INK)
        axes.text(site.x, site.y - 0.14, _content(machine, site), ha="center", va="center", fontsize=7, color=INK)


def _content(machine: Machine, site: Site) -> str:
    """What stands at a site, short enough for its tile."""
    words = [_cores(machine)] if site.kind == "quad" else []
    if machine.event_router is not None and site.kind == "event_router":
        words.append(f"router\n{machine.event_router.port_sites.count(site.index)} ports")
    words += [dram.name for dram in machine.drams if dram.site == site.index]
    words += ["host"] if machine.host is not None and machine.host.site == site.index else []
    return "\n".join(words)


def _cores(machine: Machine) -> str:
    count = machine.pes[-1].core + 1
    return "1 PE" if count == 1 else f"{count} PEs"


def _finish(axes: Axes, machine: Machine) -> None:
    from matplotlib.patches import Patch

    xs, ys = [site.x for site in machine.sites], [site.y for site in machine.sites]
    axes.set_xlim(min(xs) - 0.7, max(xs) + 0.7)
    axes.set_ylim(min(ys) - 0.7, max(ys) + 0.7)
    axes.set_aspect("equal")
    axes.axis("off")
    counts = f"{len(machine.sites)} sites, {len(machine.pes)} PEs, {len(machine.channels)} links"
    axes.set_title(f"{machine.name}: {counts}", fontsize=11, color=INK)
    kinds = [kind for kind in COLOURS if any(site.kind == kind for site in machine.sites)]
    words = {"quad": _cores(machine), **WORDS}
    keys = [Patch(facecolor=COLOURS[kind], edgecolor=INK, label=words[kind]) for kind in kinds]
    axes.legend(
        handles=keys,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=len(keys),
        frameon=False,
        fontsize=8,
    )
