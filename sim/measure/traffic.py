"""What a traffic study says: how much was offered, how much arrived, and how long the measured packets took."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict
from typing import Any

from sim.engine.packet import Flit, Packet
from sim.engine.probe import Probe
from sim.measure.network import Latency, scaled, spread
from sim.units import Clock

MUCH_LESS = 0.95
"""Accepted below this share of offered is called saturated, as is a measured packet that never arrived in time."""

BATCHES = 20
STUDENT_T = 2.093
"""97.5 % quantile of Student's t with 19 degrees of freedom, for a two-sided 95 % interval from 20 batches."""


class Throughput(Probe):
    """Packets received in the measured cycles, by node."""

    def __init__(self, clock: Clock, cycles: range) -> None:
        self.received: Counter[int] = Counter()
        self._instants = range(clock.edge(cycles.start), clock.edge(cycles.stop))

    def arrived(self, node: int, packet: Packet, now: int) -> None:
        if now in self._instants:
            self.received[node] += 1


class EntryLatency(Probe):
    """From the instant a measured packet left its source's queue to its arrival."""

    def __init__(self, cycles: range) -> None:
        self.counts: Counter[int] = Counter()
        self._cycles = cycles

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        if flit.packet.step in self._cycles:
            self.counts[now - flit.packet.entered_at] += receivers


class BatchMeans(Probe):
    """Mean latency of measured packets by the batch they were created in: `BATCHES` equal parts of the window."""

    def __init__(self, cycles: range) -> None:
        self._cycles = cycles
        self._length = cycles.stop - cycles.start
        self._sum = [0] * BATCHES
        self._count = [0] * BATCHES

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        if flit.packet.step in self._cycles:
            batch = (flit.packet.step - self._cycles.start) * BATCHES // self._length
            self._sum[batch] += receivers * (now - flit.packet.sent_at)
            self._count[batch] += receivers

    def half_width(self) -> float | None:
        """Half of the 95 % confidence interval of the mean (ps); None when a batch is empty."""
        if not all(self._count):
            return None
        means = [total / count for total, count in zip(self._sum, self._count, strict=True)]
        middle = sum(means) / BATCHES
        variance = sum((mean - middle) ** 2 for mean in means) / (BATCHES - 1)
        return STUDENT_T * math.sqrt(variance / BATCHES)


class TrafficRecord:
    """The listeners that only a traffic study has."""

    def __init__(self, clock: Clock, cycles: range) -> None:
        self.clock = clock
        self.cycles = cycles
        self.latency = Latency(cycles)
        self.through = Throughput(clock, cycles)
        self.entry = EntryLatency(cycles)
        self.batches = BatchMeans(cycles)

    @property
    def listeners(self) -> list[Probe]:
        return [self.latency, self.through, self.entry, self.batches]

    def section(self, nodes: int, created: int, left: int) -> dict[str, Any]:
        """The section `traffic`; of the packets `created` in the window `left` were not there when the load ended."""
        length = self.cycles.stop - self.cycles.start
        offered = created / (nodes * length)
        accepted = self.through.received.total() / (nodes * length)
        section: dict[str, Any] = {
            "offered_rate": offered,
            "accepted_rate": accepted,
            "accepted_rate_worst_node": min(self.through.received[node] for node in range(nodes)) / length,
            "saturated": left > 0 or accepted < MUCH_LESS * offered,
        }
        for name, counts in (("latency_cycles", self.latency.counts), ("network_latency_cycles", self.entry.counts)):
            if whole := spread(counts):
                section[name] = scaled(asdict(whole), self._cycles)
        if (half := self.batches.half_width()) is not None:
            section["latency_cycles"]["confidence95"] = self._cycles(half)
        return section

    def _cycles(self, ps: float) -> float:
        """In cycles, to the thousandth: finer than that is the rounding of instants to whole ps."""
        return round(ps * self.clock.denominator / self.clock.numerator, 3)
