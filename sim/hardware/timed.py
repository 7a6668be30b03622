"""Steps that a timer drives, as SpiNNaker's applications do it: at its tick a PE takes its step with what has arrived.

Between ticks a PE takes in packets as they come. A step begins at its tick, or when the PE is done with what came
before where that takes longer (an overrun; no step is left out, so a PE that was late catches up when it can). What had
arrived by then is read first. A packet that comes after the step it is meant for had begun is late and counts in the
next step to begin; one that comes before its time is kept for its step, which its header tells. Events add up: a late
one and one of its unit in time both go into the sums, as each would alone; of maps put in place by DMA the newer value
stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from sim.engine.kernel import DECISION, Behaviour
from sim.engine.packet import Packet
from sim.engine.probe import Probe
from sim.hardware.core import TAKEN_TOGETHER
from sim.hardware.kernels import Work
from sim.hardware.packing import Sending
from sim.hardware.pe import ProcessingElement
from sim.hardware.streaming import Stream
from sim.hardware.task import Tap, Task, add_up, fill
from sim.hardware.work import SliceWork
from sim.machine.machine import Chip, Machine
from sim.mapping.mapping import Slice
from sim.mapping.schedule import Schedule
from sim.units import Clock
from sim.workload.sparse import Floats


@dataclass(frozen=True, slots=True)
class Timer:
    """When populations take their steps; `ticks` are those of one clock, the first at `start` (ps)."""

    schedule: Schedule
    ticks: Clock
    start: int = 0

    def due(self, population: int, step: int) -> int:
        """The instant of the tick for a step of a population, in ps."""
        return self.start + self.ticks.edge(self.schedule.tick(population, step))


def timer_of(chip: Chip, machine: Machine, nominal: Timer) -> Timer:
    """The timer of a chip: it counts the same number of cycles as `nominal`, of the chip's own clock, and begins with
    the chip."""
    own, common = (Fraction(die.noc.clock.numerator, die.noc.clock.denominator) for die in (chip.die, machine))
    period = Fraction(nominal.ticks.numerator, nominal.ticks.denominator) * own / common
    return replace(nominal, ticks=Clock(period.numerator, period.denominator), start=nominal.start + chip.starts_at)


class Timeliness:
    """How many of its `steps` a receiver has begun, and what that makes of a packet; `slice` is -1 for the host."""

    def __init__(self, probe: Probe, unit: str, slice: int, steps: int) -> None:
        self.begun = 0
        self._probe = probe
        self._unit = unit
        self._slice = slice
        self._steps = steps

    def behind(self, packet: Packet, meant: int) -> int:
        """By how many steps a packet for step `meant` is late; 0 where it is not."""
        if meant != self.begun or meant >= self._steps:
            self._probe.untimely(self._unit, self._slice, meant, self.begun, packet)
        return max(0, self.begun - meant)


class TimedTask(Task):
    """A slice whose steps a timer drives."""

    def __init__(
        self,
        timeliness: Timeliness,
        piece: Slice,
        work: SliceWork,
        make_packets: Callable[[Slice, int, Floats, Sending], list[Packet]],
        tap: Tap,
        stream: Stream | None = None,
    ) -> None:
        super().__init__(piece, work, make_packets, tap, stream)
        self.timeliness = timeliness

    def on_arrival(self, packet: Packet) -> Work:
        meant = packet.step + (packet.population == self.population)
        if behind := self.timeliness.behind(packet, meant):
            packet = replace(packet, step=packet.step + behind)
        return super().on_arrival(packet)

    def put_together(self, vector: Floats, packets: Sequence[Packet]) -> None:
        if not self.by_dma:
            return add_up(vector, packets)
        for packet in sorted(packets, key=lambda packet: packet.sent_at):
            fill(vector, packet)
        return None


Turn = tuple[TimedTask, int]
"""A task and the step of it to take."""


class TimedElement:
    """A PE whose steps its timer drives."""

    def __init__(self, element: ProcessingElement, tasks: Sequence[TimedTask], timer: Timer) -> None:
        self._element = element
        self._tasks = tasks
        self._core = element.core
        self._timer = timer

    def behaviour(self, steps: int) -> Behaviour:
        for stream in [task.stream for task in self._tasks if task.stream]:
            yield from stream.start(steps)
        for due, turns in self._turns(steps):
            start = self._core.kernel.now
            if start < due:
                yield from self._wait(due, turns)
            yield from self._begin([task for task, _ in turns])
            overrun, begun = max(0, start - due), max(start, due)
            for task, step in turns:
                yield from self._element.work(task, step, start, overrun, begun)
                start, overrun = self._core.kernel.now, 0
        yield from self._core.choose_point(0)
        self._core.kernel.serve(self._read_on())

    def _turns(self, steps: int) -> Iterator[tuple[int, list[Turn]]]:
        """What there is to do at each tick: instants, with the tasks that have their turns then."""
        all_turns = [(self._timer.due(t.population, step), t, step) for step in range(steps) for t in self._tasks]
        for due, together in groupby(sorted(all_turns, key=lambda turn: turn[0]), key=lambda turn: turn[0]):
            yield due, [(task, step) for _, task, step in together]

    def _wait(self, due: int, turns: Sequence[Turn]) -> Behaviour:
        """Take in what comes until the timer fires; packets in hand then are taken in first."""
        core = self._core
        core.kernel.at(due - core.kernel.now, DECISION, lambda _: core.fifo.ring())
        while core.kernel.now < due:
            if core.fifo:
                yield from core.choose_point(len(core.fifo) + sum(task.packets_of(step) for task, step in turns))
                yield from self._element.take_in()
            elif core.raised:
                yield from core.choose_point(0)
            else:
                yield from core.rest(lambda: "its timer")
        core.tell_all()
        core.probe.ticked(core.name, core.kernel.now)

    def _begin(self, tasks: Sequence[TimedTask]) -> Behaviour:
        """The step of `tasks` begins: read what is there now, and no more."""
        here = len(self._core.fifo)
        for task in tasks:
            task.timeliness.begun += task.by_dma
        yield from self._core.spend("sync", self._core.pace.costs.sync_message_cycles)
        while here > 0:
            yield from self._element.take_in(min(here, TAKEN_TOGETHER))
            here -= TAKEN_TOGETHER
        for task in tasks:
            task.timeliness.begun += not task.by_dma

    def _read_on(self) -> Behaviour:
        """After its last step a PE goes on reading, for nothing comes of it any more."""
        while True:
            for packet in self._core.fifo.take(len(self._core.fifo)):
                self._element.take_note(packet)
            yield from self._core.fifo.filled(lambda: "nothing")
