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

NOW, RECEIVERS, SENT, WAITED = range(4)
"""What a row holds: when the flit arrived, how many receivers it reached there, when it was handed over, and how long
it stood still (ps)."""

Taker = Callable[[Whole], None]
"""Takes rows by column, (columns, rows)."""


class Arrivals(Probe):
    """A row for each flit that arrived, and the sum of the receivers it reached."""

    columns = WAITED + 1

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


class Latency:
    """From the instant a packet was handed over to its arrival, once for each receiver."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._taken, self._queueing = Tally(), Tally()
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

    def _take(self, rows: Whole) -> None:
        self._taken.add(rows[NOW] - rows[SENT], rows[RECEIVERS])
        self._queueing.add(rows[WAITED], rows[RECEIVERS])
