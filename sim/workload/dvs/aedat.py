"""AEDAT 3.1 files, as the DVS128 Gesture set has them, and the table of labels that comes with each.

A file is text lines that start with '#', up to '#!END-HEADER', then packets of events: a header of 28 bytes and so
many events of one type. Polarity events (type 1) have 8 bytes: validity, polarity, y and x in one word, and a time
stamp whose overflows the header counts (inivation, file format AEDAT 3.1). Other types are passed over.
"""

from __future__ import annotations

import csv
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.scenario.complaints import Refused
from sim.scenario.document import read_text

FIRST_LINE: Final = b"#!AER-DAT3.1"
LAST_LINE: Final = b"#!END-HEADER"
PACKET_HEADER: Final = struct.Struct("<hhiiiiii")
POLARITY: Final = 1
POLARITY_BYTES: Final = 8
STAMP_BITS: Final = 31
LABELS: Final = "workload.labels"
COLUMNS: Final = ("class", "startTime_usec", "endTime_usec")

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """One gesture of a recording: its class, from 1, and when it was made (microseconds, end not included)."""

    label: int
    start_us: int
    stop_us: int


def read_aedat(path: Path) -> dict[str, Array]:
    """The valid polarity events of a file: arrays t (us), x, y, p; ValueError says at which byte it is broken."""
    data = path.read_bytes()
    packets = [_polarity(data, *where) for where in _packets(data, _header_ends(data))]
    if not packets:
        raise ValueError("there is no packet of polarity events in it")
    words, stamps = (np.concatenate(parts) for parts in zip(*packets, strict=True))
    valid = (words & 1) == 1
    words, stamps = words[valid], stamps[valid]
    return {"t": stamps, "x": words >> 17 & 0x7FFF, "y": words >> 2 & 0x7FFF, "p": words >> 1 & 1}


def read_labels(path: Path) -> tuple[Trial, ...]:
    """The trials of a label table with columns class, startTime_usec, endTime_usec; Refused at `workload.labels`."""
    lines = read_text(path, LABELS).splitlines()
    rows = list(csv.reader(lines))
    found = [name.strip() for name in rows[0]] if rows else []
    if found != list(COLUMNS):
        raise Refused.at(LABELS, f"{path}:1: columns are {', '.join(found) or 'none'}; expected {', '.join(COLUMNS)}")
    trials = tuple(_trial(path, number, row) for number, row in enumerate(rows[1:], 2) if row)
    if not trials:
        raise Refused.at(LABELS, f"{path}: there is no trial in it")
    return trials


def _trial(path: Path, line: int, row: list[str]) -> Trial:
    try:
        label, start, stop = (int(cell) for cell in row)
    except ValueError:
        raise Refused.at(LABELS, f"{path}:{line}: '{','.join(row)}' is not three whole numbers") from None
    if label < 1 or not 0 <= start < stop:
        raise Refused.at(LABELS, f"{path}:{line}: class {label} from {start} to {stop} us cannot be")
    return Trial(label, start, stop)


def _header_ends(data: bytes) -> int:
    """Where the packets begin."""
    if not data.startswith(FIRST_LINE):
        first = data.split(b"\n", 1)[0][:40].decode("ascii", "replace").strip()
        raise ValueError(f"begins with '{first}', expected '{FIRST_LINE.decode()}'")
    at = data.find(LAST_LINE)
    end = data.find(b"\n", at)
    if at < 0 or end < 0:
        raise ValueError(f"its header has no end, expected a line '{LAST_LINE.decode()}'")
    return end + 1


def _packets(data: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """First byte, number of events and overflows of the time stamp of each packet of polarity events."""
    while at < len(data):
        if at + PACKET_HEADER.size > len(data):
            raise ValueError(f"ends in the middle of a packet's header, at byte {len(data)}")
        kind, _, size, _, overflows, capacity, number, _ = PACKET_HEADER.unpack_from(data, at)
        body = at + PACKET_HEADER.size
        wrong_size = kind == POLARITY and size != POLARITY_BYTES
        if size < 1 or number < 0 or capacity < number or overflows < 0 or wrong_size:
            raise ValueError(f"packet at byte {at} has {number} events of {size} bytes, type {kind}: that cannot be")
        if body + size * number > len(data):
            raise ValueError(f"packet at byte {at} has {number} events of {size} bytes, but the file ends before")
        if kind == POLARITY:
            yield body, number, overflows
        at = body + size * number


def _polarity(data: bytes, start: int, number: int, overflows: int) -> tuple[Array, Array]:
    """Words and times of one packet's events, (events,) int64 each."""
    pairs = np.frombuffer(data, dtype="<u4", count=2 * number, offset=start).reshape(number, 2).astype(np.int64)
    return pairs[:, 0], pairs[:, 1] + (overflows << STAMP_BITS)
