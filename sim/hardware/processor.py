"""The host's processor: one thing at a time, whoever asked first; of those who ask at one instant the lowest number."""

from __future__ import annotations

import heapq

from simpy import Event

from sim.engine.kernel import SETTLEMENT, Behaviour, Kernel
from sim.engine.probe import Probe


class Processor:
    """Work for so long, in turn."""

    def __init__(self, kernel: Kernel, probe: Probe) -> None:
        self._kernel = kernel
        self._probe = probe
        self._waiting: list[tuple[int, int, Event]] = []
        self._busy = False

    def decode(self, unit: str, number: int, duration: int) -> Behaviour:
        """Have `unit`, which has the `number`, spend `duration` (ps) on decoding once it is its turn."""
        kernel = self._kernel
        turn = kernel.event()
        heapq.heappush(self._waiting, (kernel.now, number, turn))
        if not self._busy:
            self._next()
        yield turn
        start = kernel.now
        yield kernel.timeout(duration)
        self._probe.span(unit, "decode", start, kernel.now)
        self._busy = False
        if self._waiting:
            self._next()

    def _next(self) -> None:
        """Choose once all who ask at this instant have asked."""
        self._busy = True
        self._kernel.at(0, SETTLEMENT, self._choose)

    def _choose(self, _: object) -> None:
        heapq.heappop(self._waiting)[2].succeed()
