"""A processing element: waits for a step's inputs, pays for the work in cycles, sends what it causes, tells who waits.

Its slices take their steps in one fixed order, layer by layer within a step. While it waits it takes in whatever
arrives, a handful of packets at a time, as software that reads its receive FIFO does. The numbers it computes come only
from packets that arrived and from its own state.
"""

from __future__ import annotations

from collections.abc import Sequence

from sim.engine.kernel import Behaviour
from sim.engine.packet import Packet
from sim.hardware.core import TAKEN_TOGETHER, Core
from sim.hardware.kernels import Work
from sim.hardware.messages import Courier
from sim.hardware.sync import Inbox
from sim.hardware.task import Task


class ProcessingElement:
    """A PE with its tasks, one for each slice it holds."""

    def __init__(self, core: Core, tasks: Sequence[Task], inbox: Inbox, courier: Courier) -> None:
        self.core = core
        self.tasks = tuple(tasks)
        self.inbox = inbox
        self.courier = courier
        self._costs = core.pace.costs
        populations = {population for task in tasks for population in task.sources}
        self._readers = {source: [task for task in tasks if source in task.sources] for source in populations}
        self._by_dma = {source for source, readers in self._readers.items() if all(task.by_dma for task in readers)}
        self._awaited: tuple[int, int] | None = None

    def behaviour(self, steps: int) -> Behaviour:
        for stream in [task.stream for task in self.tasks if task.stream]:
            yield from stream.start(steps)
        for step in range(steps):
            for task in self.tasks:
                yield from self._step(task, step)
            self.inbox.forget(step)
        yield from self.core.choose_point(0)
        self.core.fifo.retire()

    def place(self, packet: Packet) -> bool:
        """Values that DMA puts where they belong; the core wakes when the inputs it waits for are complete."""
        if packet.population not in self._by_dma:
            return False
        for task in self._readers[packet.population]:
            task.on_arrival(packet)
        self.inbox.note(packet)
        if self._awaited and self.inbox.ready(*self._awaited):
            self.core.fifo.wake(packet)
        return True

    def take_note(self, packet: Packet) -> None:
        """A packet that nothing comes of any more."""
        for task in self._readers.get(packet.population, ()):
            task.on_arrival(packet)

    def _step(self, task: Task, step: int) -> Behaviour:
        start = self.core.kernel.now
        yield from self._gather(task, step)
        yield from self.work(task, step, start)
        yield from self.core.spend("sync", self._costs.sync_message_cycles)
        self.courier.post_end(task.population, task.member, step, task.packets_sent, self.core.kernel.now)

    def work(self, task: Task, step: int, start: int, overrun: int = 0, begun: int = 0) -> Behaviour:
        """Take a step whose inputs are in, having turned to it at `start`: compute and send; by a timer work on the
        tick had `begun` (ps), and `overrun` (ps) is how much too late that was."""
        kernel = self.core.kernel
        ready = kernel.now
        yield from self.core.choose_point(task.packets_of(step))
        work = task.work_of_step()
        yield from task.stream.step(work.compute) if task.stream else self.core.spend("compute", work.compute)
        if work.after:
            yield from self.core.spend("compute", work.after)
        if work.on_array:
            self.core.probe.amount(self.core.name, "mac_array_macs", work.macs)
        yield from self._send(task, task.compute(step))
        self.core.probe.task(self.core.name, task.record(step, start, ready, kernel.now, overrun, begun))

    def _gather(self, task: Task, step: int) -> Behaviour:
        """Take in what arrives until the step's inputs are complete."""
        while True:
            if self.core.fifo:
                if self.core.pace.dvfs:
                    yield from self.core.choose_point(task.packets_of(step) + len(self.core.fifo))
                yield from self.take_in()
            elif self.inbox.ready(task.population, step):
                return
            elif self.core.raised:  # something may land meanwhile, so look again
                yield from self.core.choose_point(0)
            else:
                self._awaited = task.population, step
                yield from self.core.rest(lambda: self.inbox.missing(task.population, step))
                self._awaited = None

    def take_in(self, most: int = TAKEN_TOGETHER) -> Behaviour:
        """Read some packets and pay for them; a packet that two slices use is received once."""
        taken = self.core.fifo.take(most)
        receive = compute = sync = 0.0
        for packet in taken:
            if packet.kind == "events":
                work = self._arrived(packet)
                receive += work.receive
                compute += work.compute
            else:
                sync += self._costs.sync_message_cycles
        for activity, cycles in (("receive", receive), ("compute", compute), ("sync", sync)):
            if cycles:
                yield from self.core.spend_more(activity, cycles)
        for packet in (*taken, *self.core.fifo.losses()):
            self.inbox.note(packet)

    def _arrived(self, packet: Packet) -> Work:
        """What a packet costs: to take it in once, and to compute with it for each slice that does."""
        readers = self._readers[packet.population]
        first = readers[0].on_arrival(packet)
        if len(readers) == 1:
            return first
        more = [task.on_arrival(packet).compute for task in readers[1:]]
        return Work(first.receive, sum(more, first.compute), first.macs)

    def _send(self, task: Task, packets: Sequence[Packet]) -> Behaviour:
        """Hand the events to the network, each packet when its turn of the emitting loop has been paid for."""
        copies, spent = self.courier.copies(task.population), 0.0
        for packet in packets:
            spent += task.sending.cycles(len(packet.values), copies, self._costs)
            self.courier.post_values(packet, self.core.kernel.now + self.core.clock.duration(spent))
        if packets:
            yield from self.core.spend("send", spent)
