"""A recording of an event camera: for each event when, where, and whether the light went up or down.

Files are read as their makers wrote them and nothing is guessed: a field that is missing, a type that does not fit or
an event outside the sensor is refused with its place in the file.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.scenario.complaints import Refused, did_you_mean
from sim.scenario.document import unopened
from sim.workload.dvs.aedat import read_aedat

KEY: Final = "workload.events"
FIELDS: Final = ("t", "x", "y", "p")
ALIASES: Final = {"timestamp": "t", "ts": "t", "polarity": "p"}
Array = npt.NDArray[Any]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Events in order of time, each array (events,): `t` in microseconds, `x` and `y` in pixels, `on` where the light
    went up; the sensor has `width` x `height` pixels.
    """

    t: Longs
    x: Longs
    y: Longs
    on: npt.NDArray[np.bool_]
    width: int
    height: int

    @property
    def count(self) -> int:
        return len(self.t)

    def between(self, start_us: int, stop_us: int) -> Recording:
        """The events from `start_us` up to `stop_us` (not included), their times counted from `start_us`."""
        first, last = np.searchsorted(self.t, [start_us, stop_us])
        part = slice(int(first), int(last))
        return Recording(self.t[part] - start_us, self.x[part], self.y[part], self.on[part], self.width, self.height)


def read_events(path: Path, width: int, height: int) -> Recording:
    """The recording in a `.npy`, `.npz` or `.aedat` (3.1) file of a sensor of `width` x `height` pixels.

    Refused at `workload.events` when the file cannot be read, is of another form, or holds what no such sensor sends.
    """
    suffix = path.suffix.lower()
    readers = {".npy": _numpy, ".npz": _numpy, ".aedat": read_aedat}
    if suffix not in readers:
        raise Refused.at(KEY, f"{path}: ends in '{suffix}', expected one of {', '.join(readers)}")
    try:
        return checked(readers[suffix](path), path, width, height)
    except OSError as error:
        raise Refused.at(KEY, f"{path}: {unopened(path, error)}") from None
    except (ValueError, EOFError) as error:
        raise Refused.at(KEY, f"{path}: {error}") from None


def checked(fields: Mapping[str, Array], path: Path, width: int, height: int) -> Recording:
    """The recording of whole-number arrays t, x, y, p; ValueError names the first event that cannot be."""
    t, x, y, p = (np.asarray(fields[name]).astype(np.int64) for name in FIELDS)
    if len(t) == 0:
        raise ValueError("there is no event in it")
    for name, values, above in (("x", x, width), ("y", y, height), ("p", p, 2)):
        _refuse(name, values, (values < 0) | (values >= above), f"0 to {above - 1}")
    earlier = np.flatnonzero(np.diff(t) < 0)
    if len(earlier):
        event = int(earlier[0]) + 1
        raise ValueError(f"event {event} is at {t[event]} us, before the one in front of it at {t[event - 1]} us")
    return Recording(t, x, y, p.astype(np.bool_), width, height)


def _refuse(name: str, values: Longs, wrong: npt.NDArray[np.bool_], expected: str) -> None:
    places = np.flatnonzero(wrong)
    if len(places):
        event = int(places[0])
        more = f" ({len(places)} such events)" if len(places) > 1 else ""
        raise ValueError(f"event {event} has {name} = {values[event]}, expected {expected}{more}")


def _numpy(path: Path) -> dict[str, Array]:
    """A structured array with fields t, x, y, p; an archive holds one as `events`, or the four arrays apart."""
    try:
        found = np.load(path, allow_pickle=False)
        arrays = found if isinstance(found, np.ndarray) else {name: found[name] for name in found.files}
    except (ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"is not a file of plain NumPy arrays: {error}") from None
    if isinstance(arrays, np.ndarray):
        return _whole(_fields(arrays, path.name))
    return _whole(_fields(arrays["events"], "array 'events'") if "events" in arrays else _named(arrays, arrays))


def _fields(array: Array, what: str) -> dict[str, Array]:
    if array.dtype.names is None or array.ndim != 1:
        raise ValueError(
            f"{what} is {array.dtype} {array.shape}, expected a structured array (events,) with fields t, x, y, p: "
            "columns without names could be in any order"
        )
    return _named({name: array[name] for name in array.dtype.names}, array.dtype.names)


def _named(arrays: Mapping[str, Array], there: Any) -> dict[str, Array]:
    """The four fields under their own names."""
    known = {ALIASES.get(name, name): values for name, values in arrays.items()}
    for name in FIELDS:
        if name not in known:
            hint = did_you_mean(name, list(there))
            raise ValueError(f"field '{name}' is missing{hint}; there are {', '.join(sorted(there)) or 'none'}")
    return {name: known[name] for name in FIELDS}


def _whole(fields: dict[str, Array]) -> dict[str, Array]:
    lengths = {len(values) for values in fields.values() if values.ndim == 1}
    for name, values in fields.items():
        if values.dtype.kind not in "iub" or values.ndim != 1 or len(lengths) > 1:
            raise ValueError(
                f"field '{name}' is {values.dtype} {values.shape}, expected whole numbers, one for each event"
            )
    return fields
