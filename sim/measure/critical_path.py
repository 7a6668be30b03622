"""The chain of spans that ends at the last instant: what the run's time was spent on, with nothing left over.

Every unit carries the end of the chain that led to its present instant. Work adds a span to it; a packet takes it
along, and a unit with nothing to do that a packet wakes goes on with the packet's chain and the spans of its way. A
span begins where the one before it ended, so the spans of any chain sum to its last instant, and those of the chain
that ends last to the run's time. What no chain leads to any more is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sim.engine.packet import Flit, Packet
from sim.engine.probe import Crossing, Probe, TaskRecord
from sim.hardware.host import FEEDING, is_job
from sim.units import Clock, ps_to_s

PARTS = ("compute", "network", "dram", "link", "sync", "host", "other")
PART_OF = {
    "compute": "compute",
    "receive": "compute",
    "send": "compute",
    "hop": "network",
    "lookup": "network",
    "queue": "network",
    "read": "dram",
    "dma": "dram",
    "crossing": "link",
    "sync": "sync",
    "tick": "sync",
    "line": "host",
    "decode": "host",
    "feed": "host",
    "await": "host",
    "other": "other",
}
"""What a span on the path may be, and the part of the summary it belongs to."""

TOLD = frozenset(PART_OF) - {"read"}
"""Activities whose spans are the unit's own: what a memory reads is told by who waits for it."""

_made = tuple.__new__
"""A span made without the detour through keywords, for hooks that are called often."""


class Span(NamedTuple):
    """One link of a chain, from where `before` ended to `end` (ps). For a packet's way `unit` is who waited for it."""

    before: Span | Way | None
    unit: str
    activity: str
    end: int

    @property
    def start(self) -> int:
        return self.before.end if self.before else 0

    @property
    def part(self) -> str:
        return PART_OF[self.activity]


class Way(NamedTuple):
    """A packet's way as a whole, which few chains are ever asked for: what its flit had stood still (ps), queued
    (cycles of `clock`) and been looked up (ps) when it came to `unit` at `end`."""

    before: Span | Way
    unit: str
    waited: int
    queued: int
    looked_up: int
    clock: Clock
    end: int

    def told(self) -> Span | Way:
        """Its times of one kind together: under way, looked up, not served; `before` where it took no time."""
        now = self.end
        queue = min(self.waited + self.clock.edge(self.queued), now - self.before.end)
        looked_up = min(self.looked_up, now - self.before.end - queue)
        moving = _until(self.before, self.unit, "hop", now - queue - looked_up)
        return _until(_until(moving, self.unit, "lookup", now - queue), self.unit, "queue", now)


class Head:
    """Where a unit's chain is growing: what is its last activity becomes a span only when the chain is taken along, for
    most units are woken by the next packet before that."""

    __slots__ = ("activity", "before", "end", "unit")

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.go_on(Span(None, unit, "other", 0))

    def go_on(self, chain: Span | Way) -> None:
        """Go on from the end of `chain`."""
        self.before = chain
        self.activity = ""
        self.end = chain.end

    def chain(self) -> Span | Way:
        """The chain as it is now."""
        return _until(self.before, self.unit, self.activity, self.end)

    def upto(self, now: int, activity: str) -> Span | Way:
        """The chain brought up to `now` by an activity where nothing told what the time went into."""
        return _until(self.chain(), self.unit, activity, now)


class Heads(dict[str, Head]):
    """The head of each unit; of one that has not told of anything it is the beginning of the run."""

    def __missing__(self, unit: str) -> Head:
        self[unit] = head = Head(unit)
        return head


class CriticalPath(Probe):
    """The end of each unit's chain, and for each step that of the slice that was the last to finish it."""

    def __init__(self) -> None:
        self._heads = Heads()
        self._steps: dict[int, tuple[int, int, Span | Way]] = {}
        self._clock = Clock(1, 1)
        self._links: Sequence[str] = ()

    def watch(self, clock: Clock, chip_links: Sequence[str] = ()) -> None:
        """Take cycles of the mesh for those of `clock`, and call links between chips by these names."""
        self._clock = clock
        self._links = chip_links

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        if activity not in TOLD:
            return
        head = self._heads[unit]
        if head.end < start:
            head.go_on(head.upto(start, "other"))
        if head.activity != activity:
            if head.activity:
                head.before = head.chain()
            head.activity = activity
        head.end = end

    def handed_over(self, unit: str, packet: Packet, when: int) -> None:
        packet.path = packet.path or self._heads[unit].upto(when, "feed" if is_job(unit) else "send")

    def caused(self, unit: str, cause: Packet, came: int, packet: Packet, when: int) -> None:
        """A memory answers: its packet goes on with the chain of the request."""
        if cause.path:
            packet.path = _until(_until(cause.path, unit, "hop", came), unit, "read", when)

    def sent(self, packet: Packet, receivers: int) -> None:
        """A packet of the host has come down its line; any other has just been handed over."""
        if packet.path:
            packet.path = _until(packet.path, FEEDING, "line", packet.sent_at)

    def woken(self, unit: str, packet: Packet, now: int) -> None:
        path, flit = packet.path, packet.carrier
        if not path:
            return
        if flit:
            path = _way(path, unit, flit, now, self._clock)
        elif is_job(unit):
            path = _until(_until(path, unit, "hop", packet.entered_at), unit, "line", now)
        else:
            path = _until(path, unit, "hop", now)
        self._heads[unit].go_on(path)

    def ticked(self, unit: str, now: int) -> None:
        head = self._heads[unit]
        head.go_on(head.upto(now, "tick"))

    def crossed(self, flit: Flit, packet: Packet, crossing: Crossing) -> None:
        if packet.path:
            link = self._links[crossing.link]
            before = _way(packet.path, link, flit, crossing.start, self._clock)
            packet.path = _until(before, link, "crossing", crossing.end)

    def task(self, unit: str, record: TaskRecord) -> None:
        last = self._steps.get(record.step)
        if last is None or (record.done, record.slice) > last[:2]:
            self._steps[record.step] = (record.done, record.slice, self._heads[unit].upto(record.done, "other"))

    def end(self, total: int) -> Span | Way:
        """The end of the chain that ended last, what happened after that as "other"."""
        last = max(self._heads.values(), key=lambda head: (head.end, head.unit), default=Head(""))
        return last.upto(total, "other")

    def steps(self) -> dict[int, Span | Way]:
        """For each step that was finished, in order, the end of the chain that led to its end."""
        return {step: self._steps[step][2] for step in sorted(self._steps)}


class LastPacket(Probe):
    """The path of a traffic study: that of the packet that arrived last, created when its timetable said.

    Of several that arrive at one instant it is the one created last, then the one at the ejection link of the
    highest number.
    """

    def __init__(self, clock: Clock, chip_links: Sequence[str] = ()) -> None:
        self._clock = clock
        self._links = chip_links
        self._now = 0
        self._last: list[Flit] = []

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        if now > self._now:
            self._now, self._last = now, []
        self._last.append(flit)

    def crossed(self, flit: Flit, packet: Packet, crossing: Crossing) -> None:
        link = self._links[crossing.link]
        before = _way(_of(flit.packet), link, flit, crossing.start, self._clock)
        packet.path = _until(before, link, "crossing", crossing.end)

    def end(self, total: int) -> Span | Way:
        """The end of the path of a study that took `total` (ps)."""
        span: Span | Way = Span(None, "timetable", "other", 0)
        if self._last:
            flit = max(self._last, key=_created_last)
            span = _way(_of(flit.packet), "network", flit, self._now, self._clock)
        return _until(span, "timetable", "other", total)


def _of(packet: Packet) -> Span | Way:
    """The path of a packet of a study as far as to this chip."""
    span: Span | Way | None = packet.path
    return span or _until(Span(None, "timetable", "other", 0), "timetable", "other", packet.sent_at)


def _created_last(flit: Flit) -> tuple[int, ...]:
    return flit.packet.sent_at, max(flit.leg.receivers), flit.waited, flit.queued


def chain(end: Span | Way, after: int = 0) -> Iterator[Span]:
    """Spans of a chain that end later than `after` (ps), last first."""
    span: Span | Way | None = end
    while span and span.end > after:
        if isinstance(span, Way):
            span = span.told()
        else:
            yield span
            span = span.before


def parts(end: Span | Way) -> dict[str, int]:
    """Time on a path (ps) by part."""
    sums = dict.fromkeys(PARTS, 0)
    for span in chain(end):
        sums[span.part] += span.end - span.start
    return sums


def seconds(end: Span | Way) -> dict[str, float]:
    """The section of the summary; its parts sum to the run's time, to the last ps before the conversion."""
    return {f"{name}_s": ps_to_s(part) for name, part in parts(end).items()}


def _until(span: Span | Way, unit: str, activity: str, now: int) -> Span | Way:
    return _made(Span, (span, unit, activity, now)) if span.end < now else span


def _way(before: Span | Way, unit: str, flit: Flit, now: int, clock: Clock) -> Way:
    """A packet's way until `now`."""
    return _made(Way, (before, unit, flit.waited, flit.queued, flit.looked_up, clock, now))
