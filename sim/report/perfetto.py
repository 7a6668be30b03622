"""A trace as JSON that Perfetto and Chrome's tracing page read: tracks of PEs by quad, of links, of the host; counters
of queues; an arrow from each packet that woke somebody to whom it woke.

Browsers give up on files of some hundred megabytes, so the size is estimated first and what is too big is cut into
files of consecutive stretches of time, each of which can be opened by itself.
"""

from __future__ import annotations

import gzip
import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.report.names import need
from sim.report.result import Result

Event = dict[str, Any]
Flow = tuple[str, int, str, int]
"""An arrow: from which track and instant (ps) to which."""

BYTES_OF = {"slice": 110, "counter": 88, "flow": 150}
"""About what each of them takes in JSON; a slice and an arrow are two events each."""
MOST_BYTES = 100_000_000
HOST, MEMORY, OTHER = "host", "memory", "routers and links between chips"
MOMENT_PS = 1000
"""How long something is drawn that took no time."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Something that takes its time on one track."""

    track: str
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be shown: slices of which no two overlap on a track, values of counters by (counter, ps), arrows whose
    ends both touch a slice."""

    slices: list[Slice]
    counters: list[tuple[str, int, int]]
    flows: list[Flow]


def content(result: Result, first: int, last: int) -> Content:
    """What there is to show of the time between two instants (ps). Refused when the run was not traced."""
    need(result, "span")
    inside = f"time_end_ps > {first} AND time_start_ps < {last}"
    spans = _rows(
        result, f"SELECT unit, activity, time_start_ps, time_end_ps FROM span WHERE {inside} ORDER BY 3, 4, 1"
    )
    spans += _rows(
        result, f"SELECT unit, packet, time_start_ps, time_end_ps FROM passage WHERE {inside} ORDER BY 3, 4, 1, 2"
    )
    slices = [Slice(unit, str(what), int(start), int(end)) for unit, what, start, end in spans if end > start]
    hops = _hops(result, first, last)
    slices += [Slice(link, str(packet), int(at), int(at) + MOMENT_PS) for link, packet, at, _ in hops]
    levels = _rows(
        result, f"SELECT quantity || ' ' || unit, time_ps, value FROM level WHERE time_ps BETWEEN {first} AND {last}"
    )
    counters = [(name, int(time), int(value)) for name, time, value in levels] + list(_queues(hops))
    flows = _rows(
        result,
        "SELECT source, time_sent_ps, unit, time_ps FROM wake JOIN packet USING (packet) WHERE "
        f"time_sent_ps >= {first} AND time_ps <= {last} ORDER BY 4, 3",
    )
    apart = in_lanes(slices)
    arrows = [(source, int(sent), unit, int(time)) for source, sent, unit, time in flows]
    return Content(apart + list(_moments(apart, arrows)), counters, arrows)


def _hops(result: Result, first: int, last: int) -> list[tuple[Any, ...]]:
    if "link" not in result.tables:
        return []
    return _rows(
        result,
        "SELECT 'link ' || l.name, packet, time_granted_ps, waited_ps FROM hop JOIN link l USING (link) "
        f"WHERE time_granted_ps BETWEEN {first} AND {last} ORDER BY 3, link, packet",
    )


def in_lanes(slices: list[Slice]) -> list[Slice]:
    """The slices with those that overlap others of their track on further tracks, called `track (2)` and so on."""
    free: dict[str, list[int]] = {}
    placed = []
    for one in sorted(slices, key=lambda one: (one.start, one.end)):
        lanes = free.setdefault(one.track, [])
        lane = next((number for number, end in enumerate(lanes) if end <= one.start), len(lanes))
        lanes[lane : lane + 1] = [one.end]
        placed.append(replace(one, track=f"{one.track} ({lane + 1})") if lane else one)
    return placed


def _moments(slices: list[Slice], flows: list[Flow]) -> Iterator[Slice]:
    """A short slice for each end of an arrow that touches none: Perfetto draws no arrow from or to nothing."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for one in slices:
        spans.setdefault(one.track, []).append((one.start, one.end))
    starts = {track: [start for start, _ in sorted(own)] for track, own in spans.items()}
    ends = {track: [end for _, end in sorted(own)] for track, own in spans.items()}
    for track, at in sorted({end for source, sent, unit, woken in flows for end in ((source, sent), (unit, woken))}):
        next_one = bisect_right(starts.get(track, []), at)
        if next_one and ends[track][next_one - 1] >= at:
            continue
        until = [at + MOMENT_PS, *starts.get(track, [])[next_one : next_one + 1]]
        starts.setdefault(track, []).insert(next_one, at)
        ends.setdefault(track, []).insert(next_one, min(until))
        yield Slice(track, "packets", at, min(until))


def estimated_bytes(shown: Content) -> int:
    """About how big the JSON is before it is compressed."""
    told = {"slice": len(shown.slices), "counter": len(shown.counters), "flow": len(shown.flows)}
    return sum(BYTES_OF[kind] * number for kind, number in told.items())


def write(shown: Content, target: Path, most_bytes: int = MOST_BYTES) -> list[Path]:
    """Write `target`, or as many numbered files beside it as keep each below `most_bytes`."""
    parts = max(1, -(-estimated_bytes(shown) // most_bytes))
    if parts == 1:
        _write(shown, target)
        return [target]
    starts = sorted(one.start for one in shown.slices)
    cuts = [starts[len(starts) * number // parts] for number in range(1, parts)]
    bounds = [(-1, *cuts), (*cuts, 1 << 62)]
    paths = []
    for number, (low, high) in enumerate(zip(*bounds, strict=True), 1):
        path = target.with_name(f"{target.name.removesuffix('.json.gz')}-{number}.json.gz")
        _write(_within(shown, low, high), path)
        paths.append(path)
    return paths


def _within(shown: Content, low: int, high: int) -> Content:
    slices = [one for one in shown.slices if low <= one.start < high]
    flows = [one for one in shown.flows if low <= one[1] and one[3] < high]
    counters = [one for one in shown.counters if low <= one[1] < high]
    return Content([*slices, *_moments(slices, flows)], counters, flows)


def _queues(hops: list[tuple[Any, ...]]) -> Iterator[tuple[str, int, int]]:
    """How many flits stood ready at heads of buffers for each link."""
    changes: dict[str, dict[int, int]] = {}
    for link, _, granted, waited in hops:
        if waited:
            of_link = changes.setdefault(f"waiting for {link}", {})
            of_link[int(granted - waited)] = of_link.get(int(granted - waited), 0) + 1
            of_link[int(granted)] = of_link.get(int(granted), 0) - 1
    for name, of_link in changes.items():
        level = 0
        for time in sorted(of_link):
            level += of_link[time]
            yield name, time, level


ENDING, BEFORE, BEGINNING, AFTER = range(-1, 3)
"""The order of what happens at one instant: arrows that touch only the slice that ends come before its end."""


def _write(shown: Content, target: Path) -> None:
    tracks = _Tracks()
    events = [*_slices(shown, tracks), *_counters(shown, tracks), *_arrows(shown, tracks)]
    events.sort(key=lambda event: event[:2])
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=6) as file:
        file.write('{"displayTimeUnit":"ns","traceEvents":[\n')
        file.write(",\n".join(json.dumps(event, separators=(",", ":")) for event in tracks.named()))
        file.writelines(f',\n{{{event},"ts":{time / 1e6}}}' for time, _, event in events)
        file.write("\n]}\n")


Timed = tuple[int, int, str]
"""An event's instant (ps), its order among those of the instant, and its JSON without braces and time: written here and
not by `json`, which takes three times as long for what there may be millions of."""


def _slices(shown: Content, tracks: _Tracks) -> Iterator[Timed]:
    names = cache(json.dumps)
    for one in shown.slices:
        place = tracks.place(one.track)
        yield one.start, BEGINNING, f'"ph":"B","name":{names(one.name)},{place}'
        yield one.end, BEFORE, f'"ph":"E",{place}'


def _counters(shown: Content, tracks: _Tracks) -> Iterator[Timed]:
    names, place = cache(json.dumps), tracks.process("counters")
    for name, time, value in shown.counters:
        yield time, AFTER, f'"ph":"C","name":{names(name)},"pid":{place},"args":{{"value":{value}}}'


def _arrows(shown: Content, tracks: _Tracks) -> Iterator[Timed]:
    begun, ended = ({(one.track, getattr(one, end)) for one in shown.slices} for end in ("start", "end"))

    def rank(track: str, at: int) -> int:
        return ENDING if (track, at) in ended and (track, at) not in begun else AFTER

    for number, (source, sent, unit, woken) in enumerate(shown.flows, 1):
        arrow = f'"cat":"packet","name":"wakes","id":{number}'
        yield sent, rank(source, sent), f'"ph":"s",{arrow},{tracks.place(source)}'
        yield woken, rank(unit, woken), f'"ph":"f","bp":"e",{arrow},{tracks.place(unit)}'


class _Tracks:
    """Numbers of processes (a quad, all links, the host) and of threads in them."""

    def __init__(self) -> None:
        self._processes: dict[str, int] = {}
        self._threads: dict[str, tuple[int, int]] = {}
        self._places: dict[str, str] = {}

    def process(self, name: str) -> int:
        return self._processes.setdefault(name, len(self._processes) + 1)

    def place(self, track: str) -> str:
        """Where events of a track belong, in JSON."""
        if track not in self._places:
            pid, tid = self.process(_process_of(track)), len(self._threads) + 1
            self._threads[track] = pid, tid
            self._places[track] = f'"pid":{pid},"tid":{tid}'
        return self._places[track]

    def named(self) -> Iterator[Event]:
        for name, pid in self._processes.items():
            yield {"ph": "M", "name": "process_name", "pid": pid, "args": {"name": name}}
        for name, (pid, tid) in self._threads.items():
            yield {"ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": {"name": name}}


def _process_of(track: str) -> str:
    """The group a track belongs to: the quad of a PE with its chip, or a kind."""
    pe = re.fullmatch(r"(?:chip(\d+)\.)?(\(\d+,\d+\))\.\d+", track)
    if pe:
        return f"chip {pe[1] or 0} quad {pe[2]}"
    link = re.match(r"link (?:chip(\d+)\.)?", track)
    if link:
        return f"chip {link[1] or 0} links"
    starts = {"host": HOST, "dram": MEMORY}
    return next((group for start, group in starts.items() if track.startswith(start)), OTHER)


def _rows(result: Result, query: str) -> list[tuple[Any, ...]]:
    return list(zip(*(np.ma.getdata(values) for values in result.sql(query).values()), strict=True))
