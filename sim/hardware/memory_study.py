"""Memory ports alone: a source of bursts at each, open (at random clocks) or closed (so many always under way)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np

from sim.engine.kernel import Kernel
from sim.engine.probe import Probe
from sim.hardware.address import placing
from sim.hardware.controller import Burst, Controller
from sim.machine.memory import Dram
from sim.scenario.memory_stream import MemoryStream
from sim.scenario.streams import stream

DRAWN_TOGETHER = 256


class MemorySource:
    """The bursts of one port, all asked for in clocks 1 to `stop`, and those that are done."""

    def __init__(self, kernel: Kernel, probe: Probe, what: Dram, asked: MemoryStream, seed: int) -> None:
        self.controller = Controller(kernel, probe, what)
        self._asked = asked
        self._stop = asked.warmup_cycles + asked.measure_cycles
        self._place = placing(what)
        name = f"stream at {what.name}"
        self._addresses = _addresses(asked, what, stream(seed, name, "addresses"))
        self._writes = _chances(1 - asked.read_share, stream(seed, name, "writes"))
        self._gaps = _gaps(asked.rate / what.burst_clocks, stream(seed, name, "times"))

    def start(self) -> None:
        if self._asked.outstanding is None:
            self._next_at(0)
        else:
            for _ in range(self._asked.outstanding):
                self.controller.edges.effects[1].append(self._follow)

    def _next_at(self, clock: int) -> None:
        """Open: the next burst, in each clock with the same chance, whatever became of the one before."""
        when = clock + next(self._gaps)
        if when < self._stop:
            self.controller.edges.effects[when].append(self._create)

    def _create(self, clock: int) -> None:
        self._ask(clock, _nothing)
        self._next_at(clock)

    def _follow(self, clock: int) -> None:
        """Closed: the next burst as soon as one is done."""
        if clock < self._stop:
            self._ask(clock, lambda end: self.controller.edges.effects[end].append(self._follow))

    def _ask(self, clock: int, done: Callable[[int], None]) -> None:
        self.controller.ask(Burst(self._place(next(self._addresses)), clock, done, write=next(self._writes)))


def _addresses(asked: MemoryStream, what: Dram, rng: np.random.Generator) -> Iterator[int]:
    if asked.pattern == "sequential":
        yield from count(0, what.burst_bytes)
    while True:
        drawn = rng.integers(what.capacity_bytes // what.burst_bytes, size=DRAWN_TOGETHER)
        yield from (drawn * what.burst_bytes).tolist()


def _chances(share: float, rng: np.random.Generator) -> Iterator[bool]:
    while True:
        yield from (rng.random(DRAWN_TOGETHER) < share).tolist()


def _gaps(chance: float, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.geometric(chance, DRAWN_TOGETHER).tolist()


def _nothing(end: int) -> None:
    pass
