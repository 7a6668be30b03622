"""One record for each step of each slice, and peaks of levels: what the tables of a run are made from."""

from __future__ import annotations

from array import array

import numpy as np
import numpy.typing as npt

from sim.engine.probe import Probe, TaskRecord

FIELDS = ("slice", "step", "start", "ready", "done", "packets_received", "events_sent", "macs", "macs_needed")


class Steps(Probe):
    """Columns of whole numbers, one row for each step that a slice has finished, in the order of (step, slice)."""

    def __init__(self) -> None:
        self._columns = {field: array("q") for field in FIELDS}

    def task(self, record: TaskRecord) -> None:
        for field, column in self._columns.items():
            column.append(getattr(record, field))

    def columns(self) -> dict[str, npt.NDArray[np.int64]]:
        """The table; times in ps."""
        table = {field: np.frombuffer(column, np.int64) for field, column in self._columns.items()}
        order = np.lexsort((table["slice"], table["step"]))
        return {field: column[order] for field, column in table.items()}


class Peaks(Probe):
    """The highest level of each quantity of each unit, and their sum."""

    def __init__(self) -> None:
        self.highest: dict[tuple[str, str], int] = {}
        self.total: dict[tuple[str, str], int] = {}

    def level(self, unit: str, quantity: str, value: int) -> None:
        key = unit, quantity
        if value > self.highest.get(key, -1):
            self.highest[key] = value
        self.total[key] = self.total.get(key, 0) + value
