"""The controller of a memory port: bursts wait by bank, and at each clock the next command is chosen for them.

A bank wants its row closed, opened, or data moved; of all banks the one whose command may come first gets the one
command slot of a clock, among equals the next in turn. All distances are known as numbers, so the process wakes only
at clocks at which a command is given. `first_ready`: what is for the open row may pass older bursts of its bank, and
writes wait until there are enough of them. `fcfs`: data moves in the order asked, and only rows are prepared ahead.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

from sim.engine.edges import Clocked, Edges, started
from sim.engine.kernel import Kernel
from sim.engine.probe import Probe
from sim.hardware.address import Place
from sim.hardware.banks import Bank, Banks
from sim.machine.memory import Dram

Command = Literal["activate", "precharge", "move"]
Choice = tuple[int, int, "Burst", Command]
"""Clock, bank, for whom, and what."""


class Burst:
    """One burst: where it goes, the clock at which it was asked for, and whom to tell the clock of its last data."""

    __slots__ = ("asked", "bank", "done", "found", "number", "row", "write")

    def __init__(self, place: Place, asked: int, done: Callable[[int], None], *, write: bool = False) -> None:
        self.bank, self.row = place
        self.asked = asked
        self.done = done
        self.write = write
        self.found = "hit"
        self.number = 0


class Queues:
    """Bursts in the order asked: those waiting for a place, and those that have one in the queue of their bank.

    `sides`: the queues reads wait in, and those of writes; under `fcfs` all wait in the first.
    """

    def __init__(self, what: Dram) -> None:
        self.what = what
        self.waiting: deque[Burst] = deque()
        self.sides: tuple[list[list[Burst]], list[list[Burst]]] = (_empty(what), _empty(what))
        self.held = [0, 0]
        self._apart = what.scheduling == "first_ready"
        self._passed = 0

    def seen_at(self, burst: Burst) -> int:
        """The clock from which the controller knows of `burst`."""
        return burst.asked + self.what.controller_clocks

    def sort_in(self, clock: int) -> bool:
        """Give bursts the places there are; whether any was given."""
        kept: list[Burst] = []
        given = False
        while self.waiting and len(kept) < self.what.queue_bursts and self.seen_at(self.waiting[0]) <= clock:
            burst = self.waiting.popleft()
            if len(self.sides[0][burst.bank]) + len(self.sides[1][burst.bank]) < self.what.bank_queue_bursts:
                self._place(burst)
                given = True
            else:
                kept.append(burst)
        self.waiting.extendleft(reversed(kept))
        self._passed = len(kept)
        return given

    def next_seen(self) -> int | None:
        """The clock at which the first burst that was not yet seen may get a place, None where none can."""
        if self._passed == len(self.waiting) or self._passed == self.what.queue_bursts:
            return None
        return self.seen_at(self.waiting[self._passed])

    def remove(self, burst: Burst) -> None:
        side = self._side(burst)
        self.sides[side][burst.bank].remove(burst)
        self.held[side] -= 1

    def _place(self, burst: Burst) -> None:
        side = self._side(burst)
        self.sides[side][burst.bank].append(burst)
        self.held[side] += 1

    def _side(self, burst: Burst) -> int:
        return int(self._apart and burst.write)


class Controller:
    """One port's controller and device."""

    def __init__(self, kernel: Kernel, probe: Probe, what: Dram) -> None:
        self.probe = probe
        self.what = what
        self.edges = Edges(kernel, what.clock)
        self._banks = Banks(what)
        self._queues = Queues(what)
        self._planned: int | None = None
        self._registered: set[int] = set()
        self._choice: Choice | None = None
        self._turn = 0
        self._asked = 0
        self._writing = 0
        self._drained = 0
        self._refresh_due = what.timing.refi
        self.process = started(self._behaviour())

    def ask(self, burst: Burst) -> None:
        """Have `burst` moved; bursts are asked for in the order of their clocks, now or later."""
        burst.number = self._asked
        self._asked += 1
        self._queues.waiting.append(burst)
        seen = self._queues.seen_at(burst)
        if self._planned is None or seen < self._planned:
            self._look_at(seen)

    def _behaviour(self) -> Clocked:
        while True:
            clock = yield "a clock at which a command is due"
            self._registered.discard(clock)
            self._planned = None
            due = self._work(clock)
            if due is not None:
                self._look_at(due)

    def _look_at(self, clock: int) -> None:
        self._planned = clock
        if clock not in self._registered:
            self._registered.add(clock)
            self.edges.decisions[clock].append(self)

    def _work(self, clock: int) -> int | None:
        """Give the command that is due, and say at which clock there may be something to do again."""
        if clock >= self._refresh_due:
            self._refresh(clock)
        if self._queues.sort_in(clock):
            self._choice = None
        self._choice = self._choice or self._choose(clock)
        if self._choice and self._choice[0] <= clock:
            self._give(self._choice, clock)
            self._queues.sort_in(clock)
            self._choice = self._choose(clock + 1)
        times = [self._choice[0], self._refresh_due] if self._choice else []
        seen = self._queues.next_seen()
        return min(times if seen is None else [*times, seen], default=None)

    def _refresh(self, clock: int) -> None:
        """Refresh as often as is owed; while nobody asked for anything only the first and the last matter."""
        self._choice = None
        while self._refresh_due <= clock:
            start, end = self._banks.refresh(self._refresh_due)
            if end > clock:
                self.probe.span(self.what.name, "refresh", *map(self.what.clock.edge, (start, end)))
            owed = (clock - self._refresh_due) // self.what.timing.refi
            self._refresh_due += max(1, owed) * self.what.timing.refi

    def _choose(self, clock: int) -> Choice | None:
        """The next command, at `clock` or later."""
        best: Choice | None = None
        side = self._side()
        queues, banks = self._queues.sides[side], self._banks.banks
        oldest = None if self.what.scheduling == "first_ready" else _oldest(queues)
        for number in (*range(self._turn, len(banks)), *range(self._turn)):
            queue = queues[number]
            if queue and (wish := self._wish(banks[number], queue, oldest)):
                when = max(wish[0], clock)
                if best is None or when < best[0]:
                    best = when, number, wish[1], wish[2]
                    if when == clock:
                        break
        return best

    def _wish(self, bank: Bank, queue: list[Burst], oldest: Burst | None) -> tuple[int, Burst, Command] | None:
        """What a bank wants next, when at the earliest and for which burst; None where it has to let others go first.

        `oldest` is the only burst that may move, None where any may.
        """
        burst = queue[0]
        if bank.row is None:
            return self._banks.earliest_activate(bank), burst, "activate"
        if burst.row != bank.row and oldest is None and bank.hits < self.what.row_hits:
            burst = next((other for other in queue if other.row == bank.row), burst)
        if burst.row != bank.row:
            return bank.precharge, burst, "precharge"
        if oldest is not None and burst is not oldest:
            return None
        ready = self._banks.earliest_write if burst.write else self._banks.earliest_read
        return ready(bank), burst, "move"

    def _side(self) -> int:
        """Whether reads (0) or writes (1) are served: writes when there are enough of them or nothing else."""
        reads, writes = self._queues.held
        enough = self.what.write_drain
        turn = (not writes or (reads and self._drained >= enough)) if self._writing else writes >= enough or not reads
        if turn and (writes or self._writing):
            self._writing, self._drained = 1 - self._writing, 0
        return self._writing

    def _give(self, choice: Choice, clock: int) -> None:
        _, number, burst, command = choice
        bank = self._banks.banks[number]
        self._turn = (number + 1) % len(self._banks.banks)
        if command == "precharge":
            burst.found = "conflict"
            self._banks.precharge(bank, clock)
        elif command == "activate":
            burst.found = "conflict" if burst.found == "conflict" else "miss"
            self._banks.activate(bank, burst.row, clock)
            self.probe.activated(self.what.name)
        else:
            self._move(bank, burst, clock)

    def _move(self, bank: Bank, burst: Burst, clock: int) -> None:
        what = self.what
        end = self._banks.write(bank, clock) if burst.write else self._banks.read(bank, clock)
        self._queues.remove(burst)
        self._drained += burst.write
        start, over, asked = (what.clock.edge(at) for at in (end - what.burst_clocks, end, burst.asked))
        way = "write" if burst.write else "read"
        self.probe.span(what.name, way, start, over)
        self.probe.burst(what.name, way, burst.found, what.burst_bytes, asked, over)
        burst.done(end)


def _oldest(queues: list[list[Burst]]) -> Burst | None:
    return min((queue[0] for queue in queues if queue), key=lambda burst: burst.number, default=None)


def _empty(what: Dram) -> list[list[Burst]]:
    return [[] for _ in range(what.banks)]
