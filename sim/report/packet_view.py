"""One packet, hop by hop: where it waited and how long, adding up to the time it took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy.ma as ma

from sim.report.aligned import aligned
from sim.report.result import Result

ROUTER = "event router"
ASKED, FOUND = "asked", "found"
FACTS = (
    *("source", "number", "kind", "population", "step", "start", "values", "bits"),
    *("receivers", "delivered", "lost", "time_sent_ps", "latency_ps"),
)


LINKS = """
    SELECT copy, l.name, l.kind, coalesce(l.chip, 0), l.from_x, l.from_y, l.to_x, l.to_y, time_granted_ps AS start,
        time_granted_ps + travel_ps AS "end"
    FROM hop JOIN link l USING (link) WHERE packet = {packet}"""
PASSAGES = 'SELECT unit, time_start_ps AS start, time_end_ps AS "end" FROM passage WHERE packet = {packet}'
CROSSINGS = "SELECT name, source_chip, target_chip FROM chip_link"

Place = tuple[Any, ...]
"""Where a copy of a packet is: a site and the copy's number, or before or behind the table of a chip's event router."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A link crossed or a lookup: in front of it at `came`, begun at `granted`, behind it at `out` (ps)."""

    copy: int
    link: str
    kind: str
    source: Place
    target: Place
    granted: int
    out: int
    came: int = 0

    @property
    def arrives(self) -> bool:
        """Whether receivers are at its end, and not the event router."""
        return self.kind == "ejection" and ROUTER not in self.link

    @property
    def waited(self) -> int:
        return self.granted - self.came


def packet_view(result: Result, packet: int) -> list[str]:
    """The facts of a packet, the way of the copy that arrived last, and when the others arrived."""
    facts = {name: values[0] for name, values in result.sql(f"SELECT * FROM packet WHERE packet = {packet}").items()}
    sent = int(facts["time_sent_ps"])
    hops = hops_of(result, packet, sent)
    lines = [f"packet {packet}: " + ", ".join(f"{name} {facts[name]}" for name in FACTS)]
    if not hops:
        return [*lines, "it has crossed no link"]
    latency = facts["latency_ps"]
    arrived = None if latency is ma.masked else sent + int(latency)
    way = way_of(hops, arrived)
    rows = [_row(hop, sent) for hop in way]
    lines += ["", *aligned(("copy", "over", "kind", "waited ns", "granted at ns", "travelled ns", "there at ns"), rows)]
    waited, moved = sum(hop.waited for hop in way), sum(hop.out - hop.granted for hop in way)
    told = "it never arrived" if arrived is None else f"latency in the table {latency} ps"
    lines += ["", f"waits {waited} ps + hops {moved} ps = {waited + moved} ps; {told}"]
    others = [[h.copy, h.link, (h.out - sent) / 1000] for h in hops if h.arrives and h is not way[-1]]
    if others:
        kept = "" if facts["lost"] == 0 else "; what is lost is lost at the end of one of these ways"
        lines += ["", f"other ends of its way{kept}", *aligned(("copy", "link", "at ns"), others)]
    return lines


def hops_of(result: Result, packet: int, sent: int) -> list[Hop]:
    """Every link crossed and every lookup of a packet handed over at `sent`, in order of time."""
    hops: list[Hop] = []
    for hop in sorted([*_links(result, packet), *_passages(result, packet)], key=lambda hop: (hop.granted, hop.out)):
        before = _before(hops, hop)
        hops.append(replace(hop, came=before.out if before else sent))
    return hops


def way_of(hops: Sequence[Hop], arrived: int | None) -> list[Hop]:
    """The hops that lead to the arrival at `arrived` (ps); without one, to where the packet got last."""
    ends = [hop for hop in hops if hop.arrives and arrived in (None, hop.out)]
    way = [max(ends, key=lambda hop: hop.out, default=hops[-1])]
    while before := _before(hops, way[0]):
        way.insert(0, before)
    return way


def _before(hops: Sequence[Hop], hop: Hop) -> Hop | None:
    """The last of `hops` that leads to where `hop` begins."""
    leading = (one for one in reversed(hops) if one.target == hop.source and one.out <= hop.granted)
    return next(leading, None)


def _links(result: Result, packet: int) -> Iterator[Hop]:
    found = result.sql(LINKS.format(packet=packet))
    for copy, link, kind, chip, fx, fy, tx, ty, start, end in zip(*found.values(), strict=True):
        source: Place = (chip, fx, fy, copy)
        target: Place = (chip, tx, ty, copy)
        if ROUTER in link:
            source, target = (source, (chip, ASKED)) if kind == "ejection" else ((chip, FOUND), target)
        yield Hop(int(copy), link, kind, source, target, int(start), int(end))


def _passages(result: Result, packet: int) -> Iterator[Hop]:
    """Lookups and links between chips; links lead from behind one chip's table to before the next one's."""
    ends, routers = _ends_of_links(result), _routers(result)
    found = result.sql(PASSAGES.format(packet=packet))
    for unit, start, end in zip(*found.values(), strict=True):
        if unit in ends:
            source, target = ends[unit]
            yield Hop(0, unit, "chip link", (source, FOUND), (target, ASKED), int(start), int(end))
        else:
            chip = routers[unit]
            yield Hop(0, unit, "lookup", (chip, ASKED), (chip, FOUND), int(start), int(end))


def _ends_of_links(result: Result) -> dict[str, tuple[int, int]]:
    if "chip_link" not in result.tables:
        return {}
    found = result.sql(CROSSINGS)
    return {name: (int(source), int(target)) for name, source, target in zip(*found.values(), strict=True)}


def _routers(result: Result) -> dict[str, int]:
    """The chip of each event router."""
    if "chip" not in result.tables:
        return {ROUTER: 0}
    found = result.sql("SELECT name, chip FROM chip")
    return {f"{name}.{ROUTER}": int(chip) for name, chip in zip(*found.values(), strict=True)}


def _row(hop: Hop, sent: int) -> list[object]:
    times = (hop.waited, hop.granted - sent, hop.out - hop.granted, hop.out - sent)
    return [hop.copy, hop.link, hop.kind, *(time / 1000 for time in times)]
