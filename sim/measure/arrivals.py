"""What came to its receivers, noted down once for all who count it.

Latencies, queueing, what was received, when it was: to have each of them told of each arrival would cost most of what
statistics cost. So one listener notes an arrival as a row of numbers, and those who count are given many rows at a
time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from sim.engine.packet import Flit
from sim.engine.probe import Probe
from sim.measure.tally import NOTED_AT_LEAST, Tally, Whole, taken_off

NOW, RECEIVERS, SENT, WAITED, STEP, ENTERED, SOURCE = range(7)
"""What a row holds: when the flit arrived, how many receivers it reached there, when it was handed over, and how long
it stood still (ps). In a traffic study also its step, when it entered the network (ps), and its population."""

Taker = Callable[[Whole], None]
"""Takes rows by column, (columns, rows)."""


class Arrivals(Probe):
    """Rows up to WAITED."""

    columns = 4

    def __init__(self) -> None:
        self._received = 0
        self._takers: list[Taker] = []
        self._noted: deque[int] = deque()
        self._note = self._noted.extend

    def give(self, taker: Taker) -> None:
        """Give all rows to `taker` too."""
        self._takers.append(taker)

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        packet = flit.packet
        self._note((now, receivers, packet.sent_at, packet.waited + flit.waited))
        if len(self._noted) >= NOTED_AT_LEAST:
            self.count()

    @property
    def received(self) -> int:
        """Receivers reached so far."""
        self.count()
        return self._received

    def count(self) -> None:
        """Give out what is noted."""
        if self._noted:
            rows = taken_off(self._noted, self.columns)
            self._received += int(rows[RECEIVERS].sum())
            for taker in self._takers:
                taker(rows)


class StudyArrivals(Arrivals):
    """Rows of all columns."""

    columns = 7

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        packet = flit.packet
        waited = packet.waited + flit.waited
        source = packet.step, packet.entered_at, packet.population
        self._note((now, receivers, packet.sent_at, waited, *source))
        if len(self._noted) >= NOTED_AT_LEAST:
            self.count()


class Latency:
    """From the instant a packet was handed over to its arrival, once for each receiver; in a traffic study of packets
    whose step lies in `steps`, with the time since they entered the network too."""

    def __init__(self, arrivals: Arrivals, steps: range | None = None) -> None:
        self._arrivals = arrivals
        self._steps = steps
        self._taken, self._queueing, self._inside = Tally(), Tally(), Tally()
        arrivals.give(self._take)

    @property
    def taken(self) -> Tally:
        """Times from end to end."""
        self._arrivals.count()
        return self._taken

    @property
    def queueing(self) -> Tally:
        """What of them packets stood still."""
        self._arrivals.count()
        return self._queueing

    @property
    def inside(self) -> Tally:
        """What of them packets of a study were past their source's queue."""
        self._arrivals.count()
        return self._inside

    def _take(self, rows: Whole) -> None:
        if self._steps is not None:
            rows = of_steps(rows, self._steps)
            self._inside.add(rows[NOW] - rows[ENTERED], rows[RECEIVERS])
        self._taken.add(rows[NOW] - rows[SENT], rows[RECEIVERS])
        self._queueing.add(rows[WAITED], rows[RECEIVERS])


def of_steps(rows: Whole, steps: range) -> Whole:
    """Those of `rows` whose step lies in `steps`, a range without gaps."""
    return rows[:, (rows[STEP] >= steps.start) & (rows[STEP] < steps.stop)]
