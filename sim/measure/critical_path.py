"""The chain that ends at the last instant: what the run's time was spent on, part by part, with nothing left over.

Every unit carries the parts of the time that led to its present instant. Work adds to them; a packet takes a copy
along, and a unit with nothing to do that a packet wakes goes on with the packet's parts and the time of its way. So the
parts of any unit sum to its present instant, and those of the unit that ends last sum to the run's time.
"""

from __future__ import annotations

from sim.engine.packet import Packet
from sim.engine.probe import Probe
from sim.hardware.host import FEEDING, TAKING
from sim.units import ps_to_s

PARTS = ("compute", "network", "dram", "link", "sync", "host", "other")
PART_OF = {"compute": 0, "receive": 0, "send": 0, "read": 2, "sync": 4, "decode": 5}
COMPUTE, NETWORK, DRAM, HOST, OTHER = 0, 1, 2, 5, 6


class CriticalPath(Probe):
    """Parts in ps by unit, and along with every packet that a unit hands over."""

    def __init__(self) -> None:
        self._parts: dict[str, list[int]] = {}

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        part = PART_OF.get(activity)
        if part is not None:
            self._upto(unit, start, OTHER)[part] += end - start

    def handed_over(self, unit: str, packet: Packet, when: int) -> None:
        host = unit in (FEEDING, TAKING)
        parts = list(self._upto(unit, 0, OTHER))
        _fill(parts, when, HOST if host else DRAM if unit.startswith("dram") else COMPUTE)
        packet.path = packet.path or tuple(parts)

    def sent(self, packet: Packet, receivers: int) -> None:
        """A packet of the host has come down its line; any other has just been handed over."""
        parts = list(packet.path)
        if parts:
            _fill(parts, packet.sent_at, HOST)
            packet.path = tuple(parts)

    def woken(self, unit: str, packet: Packet, now: int) -> None:
        if packet.path:
            parts = list(packet.path)
            _fill(parts, now, HOST if unit in (FEEDING, TAKING) else NETWORK)
            self._parts[unit] = parts

    def seconds(self, total: int) -> dict[str, float]:
        """The section of the summary; its parts sum to `total` (ps), to the last ps before the conversion."""
        return {f"{name}_s": ps_to_s(part) for name, part in zip(PARTS, self.parts(total), strict=True)}

    def parts(self, total: int) -> list[int]:
        """The parts of the unit that ended last, what happened after that under "other"."""
        last = max(self._parts.values(), key=sum, default=[0] * len(PARTS))
        parts = list(last)
        _fill(parts, total, OTHER)
        return parts

    def _upto(self, unit: str, now: int, part: int) -> list[int]:
        """The parts of `unit`, topped up to `now` where nothing told what the time went into."""
        parts = self._parts.setdefault(unit, [0] * len(PARTS))
        _fill(parts, now, part)
        return parts


def _fill(parts: list[int], now: int, part: int) -> None:
    missing = now - sum(parts)
    if missing > 0:
        parts[part] += missing
