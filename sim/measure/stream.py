"""What a study of memory ports says: bytes moved in the measured time, and how long bursts took that ended in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from sim.engine.probe import Probe
from sim.machine.memory import Dram
from sim.measure.network import scaled, spread
from sim.units import PS_PER_S, ps_to_ns


class StreamRecord(Probe):
    """Bursts that end in the measured clocks `start` to `stop` (not included), all ports together."""

    def __init__(self, what: Dram, ports: int, start: int, stop: int) -> None:
        self._what = what
        self._ports = ports
        self._from, self._until = what.clock.edge(start), what.clock.edge(stop)
        self.latency: Counter[int] = Counter()
        self._asked = 0

    def burst(self, unit: str, direction: str, row: str, size: int, asked: int, end: int) -> None:
        if self._from <= end < self._until:
            self.latency[end - asked] += 1
        if self._from <= asked < self._until:
            self._asked += 1

    def section(self) -> dict[str, Any]:
        """Rates are of one port in the mean; latencies are absent where no burst ended."""
        window = (self._until - self._from) * self._ports / PS_PER_S
        moved = self.latency.total() * self._what.burst_bytes / window
        section: dict[str, Any] = {
            "asked_bytes_per_s": self._asked * self._what.burst_bytes / window,
            "bytes_per_s": moved,
            "peak_share": moved / self._what.peak_bytes_per_s,
        }
        if whole := spread(self.latency):
            section["latency_ns"] = scaled(asdict(whole), ps_to_ns)
            section["outstanding_mean"] = whole.mean / PS_PER_S * moved / self._what.burst_bytes
        return section
