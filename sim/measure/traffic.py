"""What a traffic study says: how much was offered, how much arrived, and how long the measured packets took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.ma as ma

from sim.engine.packet import Packet
from sim.engine.probe import Probe
from sim.measure.batches import BatchMeans
from sim.measure.network import scaled, spread
from sim.measure.queues import Counts, SourceQueues
from sim.measure.study_arrivals import StudyDeliveries, StudyLatency
from sim.units import Clock

Rates = ma.MaskedArray[Any, np.dtype[np.float64]]


class Throughput(Probe):
    """Packets received in the measured cycles, by node."""

    def __init__(self, clock: Clock, cycles: range) -> None:
        self.received: Counter[int] = Counter()
        self._instants = range(clock.edge(cycles.start), clock.edge(cycles.stop))

    def arrived(self, node: int, packet: Packet, now: int) -> None:
        if now in self._instants:
            self.received[node] += 1


class TrafficRecord:
    """The listeners that only a traffic study has."""

    def __init__(self, names: Sequence[str], clock: Clock, cycles: range, *, chips: int = 1) -> None:
        self.names = names
        self.clock = clock
        self.cycles = cycles
        self.through = Throughput(clock, cycles)
        self.deliveries = StudyDeliveries()
        self.latency = StudyLatency(self.deliveries, cycles)
        self.batches = BatchMeans(self.deliveries, cycles)
        self.queues = SourceQueues(self.deliveries, len(names), clock, cycles, chips=chips)

    @property
    def listeners(self) -> list[Probe]:
        return [self.through, self.deliveries]

    def section(self, created: Counts, measured: int, left: int | None) -> dict[str, Any]:
        """The section `traffic` of what was `measured` in so many cycles; of the packets `created` in them, by node and
        batch, `left` were not there when the load was taken off, None where a run did not come so far."""
        section: dict[str, Any] = {}
        if measured:
            rates = self.rates(created, measured)
            section |= {
                "offered_rate": float(rates["offered_rate"].mean()),
                "accepted_rate": float(rates["accepted_rate"].mean()),
                "accepted_rate_worst_node": float(rates["accepted_rate"].min()),
            }
        if left is not None:
            section |= self._bearing(created, left)
        for name, tally in (("latency_cycles", self.latency.taken), ("network_latency_cycles", self.latency.inside)):
            if whole := spread(tally.counts):
                section[name] = scaled(asdict(whole), self._cycles)
        if (half := self.batches.half_width()) is not None:
            section["latency_cycles"]["confidence95"] = self._cycles(half)
        return section

    def rates(self, created: Counts, measured: int) -> dict[str, Rates]:
        """By node, in flits per cycle of those `measured`: created there, entered from there, arrived there."""
        received = np.array([self.through.received[node] for node in range(len(self.names))])
        counts = {
            "offered_rate": created.sum(axis=1),
            "entered_rate": self.queues.entered.sum(axis=1),
            "accepted_rate": received,
        }
        return {name: ma.masked_array(count / max(1, measured), mask=not measured) for name, count in counts.items()}

    def _bearing(self, created: Counts, left: int) -> dict[str, Any]:
        """Whether the network bears its load, and how it shows."""
        growth = self.queues.growth(created)
        return {
            "queue_growth_rate": growth.rate,
            "queue_growth_rate_worst_source": growth.worst_rate,
            "worst_source": self.names[growth.worst_node],
            "saturated": left > 0 or growth.real,
        }

    def _cycles(self, ps: float) -> float:
        """In cycles, to the thousandth: finer than that is the rounding of instants to whole ps."""
        return round(ps * self.clock.denominator / self.clock.numerator, 3)
