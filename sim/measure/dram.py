"""What the memory ports did: bytes, rows found open or not, how long bursts took, how far the data bus was in use."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.ma as ma

from sim.engine.probe import Probe
from sim.machine.memory import Dram
from sim.measure.busy import BusyTime
from sim.measure.columns import Table
from sim.units import ps_to_ns


class DramUse(Probe):
    """Counts by port: bytes by direction, bursts by how they found their row, activates, ps of waiting."""

    def __init__(self) -> None:
        self.bytes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.activates: Counter[str] = Counter()
        self.latency: Counter[str] = Counter()

    def burst(self, unit: str, direction: str, row: str, size: int, asked: int, end: int) -> None:
        self.bytes[unit][direction] += size
        self.found[unit][row] += 1
        self.latency[unit] += end - asked

    def activated(self, unit: str) -> None:
        self.activates[unit] += 1


def dram_table(ports: Sequence[Dram], use: DramUse, busy: BusyTime, elapsed: int) -> Table:
    """One row for each memory port; refreshes are those that are due in `elapsed` ps."""
    names = [port.name for port in ports]
    bursts = np.array([use.found[name].total() for name in names], dtype=np.int64)
    waited = np.array([ps_to_ns(use.latency[name]) for name in names], dtype=np.float64)
    return {
        "port": np.array(names, dtype=object),
        "read_bytes": np.array([use.bytes[name]["read"] for name in names]),
        "written_bytes": np.array([use.bytes[name]["write"] for name in names]),
        "row_hits": np.array([use.found[name]["hit"] for name in names]),
        "row_misses": np.array([use.found[name]["miss"] for name in names]),
        "row_conflicts": np.array([use.found[name]["conflict"] for name in names]),
        "activates": np.array([use.activates[name] for name in names]),
        "refreshes": np.array([elapsed // port.clock.edge(port.timing.refi) for port in ports]),
        "use_share": np.array([_on_the_bus(busy, name) / elapsed for name in names]),
        "latency_mean_ns": ma.masked_array(waited / np.maximum(bursts, 1), mask=bursts == 0),
        "capacity_bytes": np.array([port.capacity_bytes for port in ports]),
    }


def _on_the_bus(busy: BusyTime, port: str) -> int:
    return busy.of(port, "read") + busy.of(port, "write")


def dram_section(table: Table) -> dict[str, Any]:
    """All ports together; empty where nothing was asked of them."""
    hits, misses, conflicts = (int(table[name].sum()) for name in ("row_hits", "row_misses", "row_conflicts"))
    bursts = hits + misses + conflicts
    if not bursts:
        return {}
    each = table["row_hits"] + table["row_misses"] + table["row_conflicts"]
    busiest = int(np.argmax(table["use_share"]))
    return {
        "read_bytes": int(table["read_bytes"].sum()),
        "written_bytes": int(table["written_bytes"].sum()),
        "row_hit_share": hits / bursts,
        "row_miss_share": misses / bursts,
        "row_conflict_share": conflicts / bursts,
        "refreshes": int(table["refreshes"].sum()),
        "busiest_port": str(table["port"][busiest]),
        "busiest_port_share": float(table["use_share"][busiest]),
        "latency_mean_ns": float(ma.sum(table["latency_mean_ns"] * each) / bursts),
    }
