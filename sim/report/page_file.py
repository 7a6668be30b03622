"""A page from its data: one HTML file with style, script and data in it, that asks nobody else for anything."""

from __future__ import annotations

import html
import json
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from sim.measure.store import replacing

SCRIPTS = ("base.js", "tables.js", "figures.js", "maps.js", "page.js")
EMPTY: dict[str, Any] = {
    **{name: [] for name in ("warnings", "sentences", "facts", "maps", "metrics", "pes", "links")},
    **{name: [] for name in ("histograms", "bars", "path", "tables", "panels", "tornadoes", "assumed")},
    **{"board": None, "versions": {}, "scenario": "", "subtitle": ""},
}


def write_page(data: dict[str, Any], target: Path) -> Path:
    """Write the page to `target`; what `data` has not is left out of it."""
    # "<" could end the element that the data stand in.
    packed = json.dumps(EMPTY | data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace(
        "<", "\\u003c"
    )
    page = Template(_part("page.html")).substitute(
        title=html.escape(str(data["title"])),
        style=_part("page.css"),
        script="\n".join(_part(name) for name in SCRIPTS),
        data=packed,
    )
    with replacing(target) as part:
        part.write_text(page, encoding="utf-8")
    return target


def _part(name: str) -> str:
    return resources.files("sim.report").joinpath("page", name).read_text(encoding="utf-8")
