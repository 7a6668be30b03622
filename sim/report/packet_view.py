"""One packet, hop by hop: where it waited and how long, adding up to the time it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.report.aligned import aligned
from sim.report.result import Result

ROUTER = "event router"
FACTS = (
    *("source", "number", "kind", "population", "step", "start", "values", "bits"),
    *("receivers", "delivered", "lost", "time_sent_ps", "latency_ps"),
)


@dataclass(frozen=True, slots=True)
class Hop:
    """A link crossed: seen in front of it at `came`, granted, seen behind it at `out` (ps)."""

    copy: int
    link: str
    kind: str
    source: tuple[Any, ...]
    target: tuple[Any, ...]
    came: int
    granted: int
    out: int

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
    way = way_of(hops)
    rows = [_row(hop, sent) for hop in way]
    lines += ["", *aligned(("copy", "link", "kind", "waited ns", "granted at ns", "travelled ns", "there at ns"), rows)]
    waited, moved = sum(hop.waited for hop in way), sum(hop.out - hop.granted for hop in way)
    lines += [
        "",
        "in front of a way out of an event router, what it and links between chips took is in the wait",
        f"waits {waited} ps + hops {moved} ps = {waited + moved} ps; latency in the table {facts['latency_ps']} ps",
    ]
    others = [hop for hop in hops if hop.arrives and hop is not way[-1]]
    if others:
        lines += [
            "",
            "other arrivals",
            *aligned(("copy", "link", "at ns"), [[h.copy, h.link, (h.out - sent) / 1000] for h in others]),
        ]
    return lines


def hops_of(result: Result, packet: int, sent: int) -> list[Hop]:
    """Every hop of a packet handed over at `sent`, in order of copy and time."""
    found = result.sql(
        "SELECT copy, l.name, l.kind, l.chip, l.from_x, l.from_y, l.to_x, l.to_y, time_granted_ps AS g, travel_ps AS t "
        f"FROM hop JOIN link l USING (link) WHERE packet = {packet} "
        "ORDER BY copy, g, l.kind <> 'injection', link"
    )
    hops: list[Hop] = []
    for copy, link, kind, chip, fx, fy, tx, ty, granted, travel in zip(*found.values(), strict=True):
        source, target = (chip, fx, fy), (chip, tx, ty)
        before = _before(hops, int(copy), link, kind, source)
        came = before.out if before else sent
        hops.append(Hop(int(copy), link, kind, source, target, came, int(granted), int(granted) + int(travel)))
    return hops


def way_of(hops: Sequence[Hop]) -> list[Hop]:
    """The hops that lead to the last arrival; what the event router took counts as waiting in front of its way out."""
    way = [max((hop for hop in hops if hop.arrives), key=lambda hop: hop.out, default=hops[-1])]
    while before := next((hop for hop in reversed(hops) if hop.out == way[0].came and _leads_to(hop, way[0])), None):
        way.insert(0, before)
    return way


def _leads_to(hop: Hop, after: Hop) -> bool:
    if after.kind == "injection":
        return hop.kind == "ejection" and ROUTER in hop.link and ROUTER in after.link
    return hop.copy == after.copy and hop.target == after.source and hop is not after


def _before(hops: Sequence[Hop], copy: int, link: str, kind: str, source: tuple[Any, ...]) -> Hop | None:
    """The hop that brought the flit in front of this one: the last of the packet into the event router, or of its copy
    into this site."""
    if kind == "injection":
        into = (hop for hop in reversed(hops) if hop.kind == "ejection" and ROUTER in hop.link)
        return next(into, None) if ROUTER in link else None
    return next((hop for hop in reversed(hops) if hop.copy == copy and hop.target == source), None)


def _row(hop: Hop, sent: int) -> list[object]:
    times = (hop.waited, hop.granted - sent, hop.out - hop.granted, hop.out - sent)
    return [hop.copy, hop.link, hop.kind, *(time / 1000 for time in times)]
