"""What a traffic study says: how much was offered, how much arrived, and how long the measured packets took."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from sim.engine.packet import Flit, Packet
from sim.engine.probe import Probe
from sim.measure.network import Latency, scaled, spread
from sim.units import Clock

MUCH_LESS = 0.95
"""Accepted below this share of offered is called saturated, as is a measured packet that never arrived in time."""


class Throughput(Probe):
    """Packets created, and received, in the measured cycles, by the node they are for."""

    def __init__(self, clock: Clock, start: int, stop: int) -> None:
        self.created = 0
        self.received: Counter[int] = Counter()
        self._cycles = range(start, stop)
        self._instants = range(clock.edge(start), clock.edge(stop))

    def sent(self, packet: Packet, receivers: int) -> None:
        self.created += packet.step in self._cycles

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        if now in self._instants:
            self.received[flit.packet.population] += 1


def traffic(through: Throughput, latency: Latency, clock: Clock, nodes: int, cycles: int, left: int) -> dict[str, Any]:
    """The section `traffic`; `left` measured packets were still under way when the study ended."""
    whole = nodes * cycles
    offered, accepted = through.created / whole, through.received.total() / whole
    section: dict[str, Any] = {
        "offered_rate": offered,
        "accepted_rate": accepted,
        "accepted_rate_worst_node": min(through.received[node] for node in range(nodes)) / cycles,
        "saturated": left > 0 or accepted < MUCH_LESS * offered,
    }
    if whole_spread := spread(latency.counts):
        section["latency_cycles"] = scaled(asdict(whole_spread), lambda ps: round(clock.cycles_in(int(ps)), 3))
    return section
