"""How a unit knows that a step's inputs are complete, and what it says when it has done a step.

Two protocols over the same needs. With markers, every source tells those who wait for it how many packets it sent for
the step; a step begins when all its sources have spoken and as many packets have come. With a barrier, sources report
their numbers to a scheduler, and its release carries the sums. Either way nothing begins on a guess: a release
that overtakes an event changes no result. Where a timer drives the steps nobody is told anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, MutableMapping
from typing import Any, Protocol

from sim.engine.packet import Packet
from sim.mapping.schedule import INPUT, Need, Schedule

Moment = tuple[int, int]
"""A population and a step of it."""

FORGET_AFTER = 4
"""Steps after which nobody asks about a step any more: more than any need's delay and the pipeline's depth."""


class Inbox(Protocol):
    """What a unit has been told and has received."""

    def note(self, packet: Packet) -> None:
        """Take note of a packet that software has looked at."""

    def ready(self, population: int, step: int) -> bool:
        """Whether that step can begin."""

    def missing(self, population: int, step: int) -> str:
        """What is still missing, in words."""

    def forget(self, step: int) -> None:
        """Step `step` is done: drop what is too old to be asked for."""


class Markers:
    """Completeness by the sources' own words; `members` is the number of units in each population."""

    def __init__(self, schedule: Schedule, members: Mapping[int, int]) -> None:
        self._schedule = schedule
        self._members = members
        self._spoken: Counter[Moment] = Counter()
        self._announced: Counter[Moment] = Counter()
        self._arrived: Counter[Moment] = Counter()

    def note(self, packet: Packet) -> None:
        moment = packet.population, packet.step
        if packet.kind == "markers":
            self._spoken[moment] += 1
            self._announced[moment] += int(packet.values[0])
        else:
            self._arrived[moment] += 1

    def ready(self, population: int, step: int) -> bool:
        return not any(self._lacks(need, step - need.delay) for need in self._schedule.of(population))

    def missing(self, population: int, step: int) -> str:
        return ", ".join(
            f"{need_name(need, moment)} ({self._spoken[moment]} of {self._members[need.source]} markers, "
            f"{self._arrived[moment]} of {self._announced[moment]} packets)"
            for need in self._schedule.of(population)
            if self._lacks(need, step - need.delay)
            for moment in [(need.source, step - need.delay)]
        )

    def forget(self, step: int) -> None:
        forget(step, self._spoken, self._announced, self._arrived)

    def _lacks(self, need: Need, step: int) -> bool:
        if step < 0:
            return False
        moment = need.source, step
        if self._spoken[moment] < self._members[need.source]:
            return True
        return need.carries and self._arrived[moment] < self._announced[moment]


class Releases:
    """Completeness by the scheduler's word."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._released: dict[Moment, tuple[float, ...]] = {}
        self._arrived: Counter[Moment] = Counter()

    def note(self, packet: Packet) -> None:
        moment = packet.population, packet.step
        if packet.kind == "release":
            self._released[moment] = packet.values
        else:
            self._arrived[moment] += 1

    def ready(self, population: int, step: int) -> bool:
        numbers = self._released.get((population, step))
        return numbers is not None and not any(
            self._arrived[need.source, step - need.delay] < number
            for need, number in zip(self._schedule.carrying(population), numbers, strict=True)
        )

    def missing(self, population: int, step: int) -> str:
        numbers = self._released.get((population, step))
        if numbers is None:
            return f"the release of step {step} of population {population}"
        return ", ".join(
            f"{need_name(need, moment)} ({self._arrived[moment]} of {number:.0f} packets)"
            for need, number in zip(self._schedule.carrying(population), numbers, strict=True)
            for moment in [(need.source, step - need.delay)]
            if self._arrived[moment] < number
        )

    def forget(self, step: int) -> None:
        forget(step, self._released, self._arrived)


class Unasked:
    """Where a timer drives the steps: nobody waits for anybody, but for the host, whose next input may depend on the
    output of the step before; it marks that itself."""

    def __init__(self, schedule: Schedule) -> None:
        self._needs = schedule.of(INPUT)
        self._marked: dict[Moment, bool] = {}

    def note(self, packet: Packet) -> None:
        if packet.kind == "markers":
            self._marked[packet.population, packet.step] = True

    def ready(self, population: int, step: int) -> bool:
        return not self.missing(population, step)

    def missing(self, population: int, step: int) -> str:
        return ", ".join(
            need_name(need, moment)
            for need in self._needs
            for moment in [(need.source, step - need.delay)]
            if population == INPUT and moment[1] >= 0 and moment not in self._marked
        )

    def forget(self, step: int) -> None:
        forget(step, self._marked)


def need_name(need: Need, moment: Moment) -> str:
    """A need in words, for a stuck report."""
    what = "events" if need.carries else "the end"
    return f"{what} of step {moment[1]} of population {need.source}"


def forget(step: int, *records: MutableMapping[Moment, Any]) -> None:
    """Drop what lies so far before `step` that nobody asks for it any more."""
    for record in records:
        for moment in [moment for moment in record if moment[1] <= step - FORGET_AFTER]:
            del record[moment]
