"""The clockwork: SimPy with integer picoseconds and two phases to an instant.

At one instant all effects happen first (a flit has arrived, a burst has ended), then all decisions are taken (which
input an output serves). A decision causes things strictly later, so no decision can see another one of its own
instant and the order of the events of a phase cannot matter. `Kernel(shuffle=seed)` draws that order at random, and
every result must be the same to the last digit.
"""

from __future__ import annotations

import gc
import itertools
import random
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, TypeVar

from simpy import Environment, Event, Process
from simpy.events import NORMAL, URGENT

from sim.engine.stuck import Stuck, Waiting

EFFECT = URGENT
DECISION = NORMAL
SETTLEMENT = DECISION + 1
"""Where decisions of several units make up one (which offer an input accepts), it is taken after all of them."""
AFTERWARDS = SETTLEMENT + 1
"""For listeners alone: all that happens in the instant has happened."""

Behaviour = Generator[Event, Any, None]
Item = TypeVar("Item")

EVENTS_BETWEEN_LOOKS = 512
NEVER = 1 << 100

Guard = Callable[[int, int], int]
"""Called at an instant at which it is due, with that and the instant of what happens next; says when it is due again.

It is no event: a run with a guard ends as soon as one without.
"""


def unguarded(due: int, following: int) -> int:
    """The guard of a run that needs none: it is never due again."""
    return NEVER


class Kernel(Environment):
    """A SimPy environment whose time is an int in ps and whose units can be asked what they wait for."""

    def __init__(self, shuffle: int | None = None) -> None:
        super().__init__(initial_time=0)
        self.workers: dict[str, Process] = {}
        self.waiting: dict[str, Waiting] = {}
        self.calls = 0
        self.events_taken = 0
        self._random = None if shuffle is None else random.Random(shuffle)
        if self._random:
            # SimPy breaks ties of time and phase by this counter: random numbers in its place shuffle them.
            self._eid = _unique_at_random(self._random)  # type: ignore[assignment]

    @property
    def now(self) -> int:
        """The present instant, in ps."""
        return self._now  # type: ignore[return-value]  # SimPy allows fractions; here nothing makes one

    def at(self, delay: int, phase: int, effect: Callable[[object], None]) -> None:
        """Have `effect` called `delay` ps from now, in the given phase of that instant."""
        self.schedule(Moment(effect), phase, delay)  # type: ignore[arg-type]

    def afterwards(self, act: Callable[[], None]) -> None:
        """Have `act` called once all of the present instant has happened, before anything later does."""
        self.at(0, AFTERWARDS, lambda _: act())

    def work(self, unit: str, behaviour: Behaviour) -> Process:
        """Start a process that must come to its end for the run to be complete."""
        process = self.process(behaviour)
        self.workers[unit] = process
        return process

    def serve(self, behaviour: Behaviour) -> Process:
        """Start a process that rightly waits for ever (a link, a router, a memory)."""
        return self.process(behaviour)

    def wait(self, unit: str, event: Event, what: Callable[[], str]) -> Behaviour:
        """Wait for `event`, letting a stuck report say who waits, for `what`, since when."""
        self.waiting[unit] = Waiting(self.now, what)
        yield event
        del self.waiting[unit]

    def refuse_stuck(
        self, held_up: Sequence[tuple[str, Waiting]] = (), lost: str = "", when: int | None = None
    ) -> None:
        """Raise `Stuck` when a worker has not come to its end, or something is `held_up` in the network; it tells what
        was `lost` before. `when` (ps) it was noticed, where more could have happened."""
        unfinished = sorted(unit for unit, process in self.workers.items() if process.is_alive)
        unknown = Waiting(self.now, lambda: "something it does not name")
        if unfinished or held_up:
            waiting = [*((unit, self.waiting.get(unit, unknown)) for unit in unfinished), *held_up]
            raise Stuck(self.now if when is None else when, waiting, lost, over=when is None)

    def arranged(self, things: list[Item]) -> list[Item]:
        """`things` that happen in one phase of one instant, in the order to take them."""
        if self._random:
            self._random.shuffle(things)
        return things

    def run_out(self, look: Callable[[], None], guard: Guard = unguarded) -> None:
        """Run until nothing is left to happen, calling `look` every few hundred events, and `guard` when it is due."""
        gc.freeze()  # the machine itself stays: no need to look through it for garbage again and again
        try:
            self._run_out(look, guard)
        finally:
            gc.unfreeze()

    def _run_out(self, look: Callable[[], None], guard: Guard) -> None:
        due = guard(0, 0)
        while self._queue:
            for _ in range(EVENTS_BETWEEN_LOOKS):
                if not self._queue:
                    break
                while self._queue[0][0] >= due:
                    due = guard(due, self._queue[0][0])  # type: ignore[arg-type]  # as `now`, a whole number
                self.step()
                self.events_taken += 1
            look()


class Moment:
    """Something to do at an instant: as much of an event as SimPy's queue needs, at half the price of a whole one."""

    __slots__ = ("callbacks",)
    _ok = True

    def __init__(self, effect: Callable[[object], None]) -> None:
        self.callbacks: tuple[Callable[[object], None]] | None = (effect,)


def _unique_at_random(source: random.Random) -> Iterator[int]:
    for number in itertools.count():
        yield (source.getrandbits(32) << 64) + number
