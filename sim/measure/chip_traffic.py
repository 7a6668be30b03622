"""What the links between chips carried in a traffic study, of use only what fell into the measured cycles."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.machine.machine import Machine
from sim.mapping.multicast import Multicast
from sim.measure.columns import Table
from sim.measure.crossings import Crossings, carried, chip_link_table, crossed_table


class ChipTraffic(Crossings):
    """Crossings of a study, remembered at the two ends of what is measured."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: list[dict[int, int]] = []

    def mark(self) -> None:
        """Remember how long each link has been in use so far."""
        self._marks.append(dict(self.busy))

    def measured_ps(self, links: int) -> npt.NDArray[np.int64]:
        """How long each link was taken by packets that began to cross it between the marks, up to now where one is
        missing."""
        first, second = [*self._marks, self.busy, self.busy][:2]
        return np.array([second.get(link, 0) - first.get(link, 0) for link in range(links)], dtype=np.int64)


def chip_tables(
    machine: Machine,
    copied: Multicast,
    heard: ChipTraffic,
    demand: npt.NDArray[np.float64],
    window: int,
    elapsed: int,
) -> dict[str, Table]:
    """The tables of chips and of links between them, where there are several, for a study that measured for `window`
    (ps) and took `elapsed`."""
    if not machine.parts:
        return {}
    table = chip_link_table(machine.chip_links, heard, elapsed, None)
    # A packet that begins to cross at the end of the window takes the link beyond it.
    use = np.minimum(1.0, heard.measured_ps(len(machine.chip_links)) / window)
    made = {"chip": crossed_table(machine.chips, copied.entries, table)}
    return made | {"chip_link": table | {"use_share": use, "demand_share": demand}}


def chips_section(made: dict[str, Table], copied: Multicast) -> dict[str, Any]:
    """The section `chips`, where there are several."""
    return carried(made["chip_link"]) | {
        "number": len(made["chip"]["chip"]),
        "router_entries_max": int(made["chip"]["router_entries"].max()),
        "router_entries_defaulted": copied.defaulted,
    }
