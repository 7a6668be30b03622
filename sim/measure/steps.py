"""One record for each step of each slice, and peaks of levels: what the tables of a run are made from."""

from __future__ import annotations

from array import array
from collections import defaultdict
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from sim.engine.probe import Probe, TaskRecord
from sim.measure.busy import BusyTime

FIELDS = (
    "slice",
    "step",
    "start",
    "ready",
    "done",
    "packets_received",
    "events_sent",
    "macs",
    "macs_needed",
    "overrun",
)
SPENT = ("compute", "receive", "send", "sync")

_recorded = attrgetter(*FIELDS)


class Steps(Probe):
    """A table of whole numbers, one row for each step that a slice has finished, in the order of (step, slice).

    Beside its record a row has what the PE had by then spent in all on each activity of `SPENT`, as `busy` knows it.
    """

    def __init__(self, busy: BusyTime) -> None:
        self._busy = busy
        self._rows = array("q")

    def task(self, unit: str, record: TaskRecord) -> None:
        spent = self._busy.activities(unit)
        self._rows.extend(_recorded(record))
        self._rows.extend([spent.get(activity, 0) for activity in SPENT])

    def columns(self) -> dict[str, npt.NDArray[np.int64]]:
        """The table; times in ps."""
        fields = FIELDS + SPENT
        columns = np.frombuffer(self._rows, np.int64).reshape(-1, len(fields)).T
        table = dict(zip(fields, columns, strict=True))
        order = np.lexsort((table["slice"], table["step"]))
        return {field: column[order] for field, column in table.items()}


class Peaks(Probe):
    """The highest level of each quantity by unit, and of each unit and quantity the sum of its amounts."""

    def __init__(self) -> None:
        self.highest: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self.total: dict[tuple[str, str], int] = {}

    def level(self, unit: str, quantity: str, value: int) -> None:
        highest = self.highest[quantity]
        if value > highest.get(unit, -1):
            highest[unit] = value

    def amount(self, unit: str, quantity: str, value: int) -> None:
        key = unit, quantity
        self.total[key] = self.total.get(key, 0) + value
