"""The barrier: a processing element that hears who is done and releases who may begin.

Chip software without a hardware barrier does this with one PE that watches flags of the others (arXiv 2607.24396).
Here the flags are packets through the same network, each paid for; a release carries the numbers of packets its
receivers have to expect. Of several populations that may begin, the one with the lowest step and number goes first.
In a tree a deputy on each chip hears of the slices there and tells the scheduler once for all of them; the release
is one packet to all, which the event routers copy, with or without deputies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sim.engine.kernel import Behaviour
from sim.engine.packet import Packet
from sim.hardware.core import TAKEN_TOGETHER, Core
from sim.hardware.messages import Courier
from sim.hardware.sync import Moment, forget
from sim.mapping.schedule import Schedule


class Scheduler:
    """The PE of the barrier; `members` is the number of units in each population."""

    def __init__(self, core: Core, courier: Courier, schedule: Schedule, members: Mapping[int, int]) -> None:
        self.core = core
        self.courier = courier
        self.schedule = schedule
        self.members = members
        self._done: Counter[Moment] = Counter()
        self._sent: Counter[Moment] = Counter()
        self._next = dict.fromkeys(schedule.populations, 0)

    def behaviour(self, steps: int) -> Behaviour:
        while True:
            yield from self._release(steps)
            if self._all_done(steps):
                return
            if not self.core.fifo:
                yield from self.core.rest(self._missing)
            yield from self._listen()

    def _listen(self) -> Behaviour:
        taken = self.core.fifo.take(TAKEN_TOGETHER)
        yield from self.core.spend("sync", len(taken) * self.core.pace.costs.sync_message_cycles)
        for packet in taken:
            self._note(packet)

    def _note(self, packet: Packet) -> None:
        moment = packet.population, packet.step
        self._done[moment] += 1
        self._sent[moment] += int(packet.values[0])

    def _release(self, steps: int) -> Behaviour:
        """Release all populations that may begin their next step."""
        while ready := [p for p, step in self._next.items() if step < steps and self._may_begin(p, step)]:
            population = min(ready, key=lambda one: (self._next[one], one))
            step = self._next[population]
            yield from self.core.spend("sync", self.core.pace.costs.sync_message_cycles)
            self.courier.post_release(population, step, self._numbers(population, step), self.core.kernel.now)
            self._next[population] += 1
        forget(min(self._next.values()), self._done, self._sent)

    def _may_begin(self, population: int, step: int) -> bool:
        return all(
            self._done[need.source, step - need.delay] == self.members[need.source]
            for need in self.schedule.of(population)
            if step >= need.delay
        )

    def _numbers(self, population: int, step: int) -> tuple[int, ...]:
        """Packets to expect from each population whose values are read, in the order of the needs."""
        return tuple(
            self._sent[need.source, step - need.delay] for need in self.schedule.of(population) if need.carries
        )

    def _all_done(self, steps: int) -> bool:
        return all(self._done[p, steps - 1] == self.members[p] for p in self.schedule.populations)

    def _missing(self) -> str:
        waiting = [
            f"population {p} to end step {step - 1} ({self._done[p, step - 1]} of {self.members[p]} done)"
            for p, step in self._next.items()
            if step and self._done[p, step - 1] < self.members[p]
        ]
        return "; ".join(waiting)


class Deputy:
    """Hears for the scheduler who is done on its own chip, and says so once for all; `members`: slices by
    population."""

    def __init__(self, core: Core, courier: Courier, members: Mapping[int, int]) -> None:
        self.core = core
        self.courier = courier
        self.members = members
        self._done: Counter[Moment] = Counter()
        self._sent: Counter[Moment] = Counter()

    def behaviour(self, steps: int) -> Behaviour:
        left = steps * len(self.members)
        while left:
            if not self.core.fifo:
                yield from self.core.rest(self._missing)
            taken = self.core.fifo.take(TAKEN_TOGETHER)
            yield from self.core.spend("sync", len(taken) * self.core.pace.costs.sync_message_cycles)
            for packet in taken:
                moment = packet.population, packet.step
                self._done[moment] += 1
                self._sent[moment] += int(packet.values[0])
                if self._done[moment] == self.members[packet.population]:
                    left -= 1
                    yield from self._report(moment)

    def _report(self, moment: Moment) -> Behaviour:
        yield from self.core.spend("sync", self.core.pace.costs.sync_message_cycles)
        self.courier.post_end(moment[0], 0, moment[1], self._sent.pop(moment), self.core.kernel.now)
        del self._done[moment]

    def _missing(self) -> str:
        waiting = [
            f"population {p} to end step {step} ({number} of {self.members[p]} on this chip done)"
            for (p, step), number in sorted(self._done.items())
        ]
        return "; ".join(waiting) or "slices of this chip to end a step"
