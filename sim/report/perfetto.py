"""A trace as JSON that Perfetto and Chrome's tracing page read: tracks of PEs by quad, of links, of the host; counters
of queues; an arrow from each packet that woke somebody to whom it woke.

Browsers give up on files of some hundred megabytes, so the size is estimated first and what is too big is cut into
files of consecutive stretches of time, each of which can be opened by itself.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.report.names import need
from sim.report.result import Result

Event = dict[str, Any]

BYTES_AN_EVENT = 105
MOST_BYTES = 100_000_000
LINKS, HOST, MEMORY, OTHER = "links", "host", "memory", "other"


@dataclass(frozen=True, slots=True)
class Slice:
    """Something that takes its time on one track."""

    track: str
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be shown: slices, values of counters by (counter, ps), and arrows as (from, ps, to, ps)."""

    slices: list[Slice]
    counters: list[tuple[str, int, int]]
    flows: list[tuple[str, int, str, int]]

    @property
    def events(self) -> int:
        return 2 * len(self.slices) + len(self.counters) + 2 * len(self.flows)


def content(result: Result, first: int, last: int) -> Content:
    """What there is to show of the time between two instants (ps). Refused when the run was not traced."""
    need(result, "span")
    inside = f"time_end_ps > {first} AND time_start_ps < {last}"
    spans = _rows(
        result, f"SELECT unit, activity, time_start_ps, time_end_ps FROM span WHERE {inside} ORDER BY 3, 4, 1"
    )
    slices = [Slice(unit, activity, int(start), int(end)) for unit, activity, start, end in spans if end > start]
    hops = _rows(
        result,
        "SELECT 'link ' || l.name, packet, time_granted_ps, waited_ps FROM hop JOIN link l USING (link) "
        f"WHERE time_granted_ps BETWEEN {first} AND {last} ORDER BY 3, link",
    )
    slices += [Slice(link, str(packet), int(granted), int(granted) + 1000) for link, packet, granted, _ in hops]
    levels = _rows(
        result, f"SELECT quantity || ' ' || unit, time_ps, value FROM level WHERE time_ps BETWEEN {first} AND {last}"
    )
    counters = [(name, int(time), int(value)) for name, time, value in levels] + list(_queues(hops))
    flows = _rows(
        result,
        "SELECT source, time_sent_ps, unit, time_ps FROM wake JOIN packet USING (packet) WHERE "
        f"time_sent_ps >= {first} AND time_ps <= {last} ORDER BY 4, 3",
    )
    return Content(slices, counters, [(source, int(sent), unit, int(time)) for source, sent, unit, time in flows])


def estimated_bytes(shown: Content) -> int:
    """About how big the JSON is before it is compressed."""
    return BYTES_AN_EVENT * shown.events


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
    return Content(
        [one for one in shown.slices if low <= one.start < high],
        [one for one in shown.counters if low <= one[1] < high],
        [one for one in shown.flows if low <= one[1] and one[3] < high],
    )


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


def _write(shown: Content, target: Path) -> None:
    tracks = _Tracks()
    events: list[tuple[int, int, Event]] = []
    for one in shown.slices:
        place = tracks.place(one.track)
        events.append((one.start, 1, {"ph": "B", "name": one.name, **place}))
        events.append((one.end, 0, {"ph": "E", **place}))
    for name, time, value in shown.counters:
        events.append((time, 2, {"ph": "C", "name": name, "pid": tracks.process("counters"), "args": {"value": value}}))
    for number, (source, sent, unit, woken) in enumerate(shown.flows, 1):
        arrow = {"cat": "packet", "name": "wakes", "id": number}
        events.append((sent, 2, {"ph": "s", **arrow, **tracks.place(source)}))
        events.append((woken, 3, {"ph": "f", "bp": "e", **arrow, **tracks.place(unit)}))
    events.sort(key=lambda event: event[:2])
    with gzip.open(target, "wt", encoding="utf-8", compresslevel=6) as file:
        file.write('{"displayTimeUnit":"ns","traceEvents":[\n')
        file.write(",\n".join(json.dumps(event, separators=(",", ":")) for event in tracks.named()))
        for time, _, event in events:
            file.write(",\n" + json.dumps(event | {"ts": time / 1e6}, separators=(",", ":")))
        file.write("\n]}\n")


class _Tracks:
    """Numbers of processes (a quad, all links, the host) and of threads in them."""

    def __init__(self) -> None:
        self._processes: dict[str, int] = {}
        self._threads: dict[str, tuple[int, int]] = {}

    def process(self, name: str) -> int:
        return self._processes.setdefault(name, len(self._processes) + 1)

    def place(self, track: str) -> Event:
        if track not in self._threads:
            self._threads[track] = self.process(_process_of(track)), len(self._threads) + 1
        pid, tid = self._threads[track]
        return {"pid": pid, "tid": tid}

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
    starts = {"link ": LINKS, "host": HOST, "dram": MEMORY}
    return next((group for start, group in starts.items() if track.startswith(start)), OTHER)


def _rows(result: Result, query: str) -> list[tuple[Any, ...]]:
    return list(zip(*(np.ma.getdata(values) for values in result.sql(query).values()), strict=True))
