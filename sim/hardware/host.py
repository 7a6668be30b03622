"""The computer outside: feeds the input and takes the output, through one serial link at one place of the mesh.

What it sends crosses the line and then enters the mesh like any packet; what is for it leaves the mesh and crosses the
line back. It follows the same sync protocol as the processing elements; by a timer it keeps the time of its own clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from simpy import Event

from sim.engine.kernel import Behaviour, Kernel
from sim.engine.packet import Dispatch, Packet
from sim.engine.probe import Probe
from sim.hardware.messages import Courier
from sim.hardware.processor import Processor
from sim.hardware.serial import SerialLine
from sim.hardware.sync import Inbox
from sim.hardware.task import add_up, fill
from sim.hardware.timed import Timeliness, Timer
from sim.mapping.schedule import INPUT
from sim.units import PS_PER_S
from sim.workload.sparse import Floats

FEEDING = "host input"
TAKING = "host output"
"""The host's two jobs, by the names they are reported under; those of further copies of a network have a number too."""


def called(job: str, number: int) -> str:
    """The name of one of the jobs for copy `number` of a network, from 0."""
    return f"{job} {number + 1}" if number else job


def is_job(unit: str) -> bool:
    """Whether a name is that of one of the host's jobs."""
    return unit.startswith((FEEDING, TAKING))


class Application(Protocol):
    """What the network is used for: where inputs come from and who reads the outputs."""

    def input(self, step: int) -> Floats:
        """The input vector (inputs,) of a step; outputs of earlier steps have been accepted where they matter."""

    def token(self, step: int) -> int | None:
        """The row of the embedding that this is, None where inputs are not tokens."""

    def due_ps(self, step: int) -> int:
        """When the input of a step exists, in ps; 0 where it always has."""

    def accept(self, step: int, outputs: Floats, /) -> None:
        """The last layer's outputs (units,) of a step, or all that the slices of a decoder answered."""

    def decoder_macs(self, outputs: Floats, /) -> int:
        """Multiply-accumulates it takes to decode those outputs, or to put the answers together."""


class Gateway:
    """The end of the host's link on the machine: packets for the host go up the line."""

    def __init__(self, line: SerialLine, arrive: Callable[[Packet], None]) -> None:
        self._line = line
        self._arrive = arrive

    def receive(self, packet: Packet) -> bool:
        packet.entered_at = self._line.kernel.now
        self._line.send(packet, self._arrive, packet.key)
        return True


@dataclass(frozen=True, slots=True)
class Memory:
    """Inputs that lie in the machine's DRAM: `request` has a step's row read there and sent as packets."""

    request: Callable[[int, int, list[Packet]], Packet]
    dispatch: Dispatch


class Host:
    """The host's two jobs, feeding and taking, and what it has heard from the machine."""

    def __init__(
        self,
        kernel: Kernel,
        probe: Probe,
        application: Application,
        inbox: Inbox,
        *,
        takes_output: bool,
        timer: Timer | None = None,
        steps: int = 0,
        number: int = 0,
    ) -> None:
        self.feeding, self.taking = called(FEEDING, number), called(TAKING, number)
        self.takes_output = takes_output
        self._number = number
        self._timer = timer
        self._timeliness = Timeliness(probe, self.taking, -1, steps)
        self.kernel = kernel
        self.probe = probe
        self.application = application
        self.inbox = inbox
        self._values: dict[int, list[Packet]] = {}
        self._listeners: deque[tuple[str, Event]] = deque()

    def arrive(self, packet: Packet) -> None:
        """A packet has come up the line."""
        self.inbox.note(packet)
        if packet.kind == "events":
            late = self._timeliness.behind(packet, packet.step) if self._timer else 0
            self._values.setdefault(packet.step + late, []).append(packet)
        while self._listeners:
            job, news = self._listeners.popleft()
            self.probe.woken(job, packet, self.kernel.now)
            news.succeed()

    def feed(self, steps: int, courier: Courier, together: int, memory: Memory | None) -> Behaviour:
        """Send the input of every step when it may begin, `together` values to a packet."""
        for step in range(steps):
            yield from self._until_ready(self.feeding, INPUT, step)
            yield from self._until_tick(self.feeding, INPUT, step)
            yield from self._until_due(step)
            values = tuple(self.application.input(step).tolist())
            packets = courier.vector(INPUT, step, values, together)
            if memory:
                row = self.application.token(step) or 0
                courier.post(memory.request(step, row, packets), memory.dispatch, self.kernel.now)
            else:
                for packet in packets:
                    courier.post_values(packet, self.kernel.now)
            courier.post_end(INPUT, 0, step, len(packets), self.kernel.now)
            if not self.takes_output:
                self.inbox.forget(step)

    def take(
        self, steps: int, courier: Courier, population: int, values: int, macs_per_s: float, processor: Processor
    ) -> Behaviour:
        """Accept the output of every step, so many values, once it is decoded."""
        for step in range(steps):
            yield from self._until_ready(self.taking, population, step)
            yield from self._until_tick(self.taking, population, step)
            outputs = self._vector(step, values)
            self._timeliness.begun += 1
            lasts = round(self.application.decoder_macs(outputs) * PS_PER_S / macs_per_s)
            yield from processor.decode(self.taking, self._number, lasts)
            self.application.accept(step, outputs)
            courier.post_end(population, 0, step, 0, self.kernel.now)
            self._mark_own(courier, population, step)
            self.inbox.forget(step)

    def _mark_own(self, courier: Courier, population: int, step: int) -> None:
        """Under markers the host's two jobs tell each other without the machine."""
        if courier.end == "markers":
            marker = Packet("markers", 0, 0, population, step, 0, (0,))
            self.probe.handed_over(self.taking, marker, self.kernel.now)
            self.arrive(marker)

    def _until_tick(self, job: str, population: int, step: int) -> Behaviour:
        due = self._timer.due(population, step) if self._timer else 0
        if due > self.kernel.now:
            yield self.kernel.timeout(due - self.kernel.now)
            self.probe.ticked(job, due)

    def _until_due(self, step: int) -> Behaviour:
        """Wait until the world has made the input of a step."""
        start, due = self.kernel.now, self.application.due_ps(step)
        if due > start:
            yield self.kernel.timeout(due - start)
            self.probe.span(self.feeding, "await", start, self.kernel.now)

    def _until_ready(self, job: str, population: int, step: int) -> Behaviour:
        while not self.inbox.ready(population, step):
            news = self.kernel.event()
            self._listeners.append((job, news))
            yield from self.kernel.wait(job, news, lambda: self.inbox.missing(population, step))

    def _vector(self, step: int, units: int) -> Floats:
        vector, packets = np.zeros(units, np.float32), self._values.pop(step, [])
        if self._timer:
            add_up(vector, packets)
        for packet in () if self._timer else packets:
            fill(vector, packet)
        return vector
