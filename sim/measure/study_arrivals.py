"""Arrivals of a traffic study: of each also when it was created and entered the network, and by whom it was sent."""

from __future__ import annotations

from sim.engine.packet import Flit
from sim.measure.arrivals import NOW, RECEIVERS, WAITED, Arrivals, Latency
from sim.measure.network import Deliveries
from sim.measure.tally import NOTED_AT_LEAST, Tally, Whole

STEP, ENTERED, SOURCE = range(WAITED + 1, WAITED + 4)
"""What a row holds beyond that of any arrival: the cycle it was created in, when it entered the network (ps), and the
number of its source."""


class StudyDeliveries(Deliveries):
    """Deliveries whose rows hold all this."""

    columns = SOURCE + 1

    def delivered(self, flit: Flit, receivers: int, now: int) -> None:
        packet = flit.packet
        waited = packet.waited + flit.waited
        self._note((now, receivers, packet.sent_at, waited, packet.step, packet.entered_at, packet.population))
        if len(self._noted) >= NOTED_AT_LEAST:
            self.count()


class StudyLatency(Latency):
    """That of packets created in `cycles`, and what of it they were past their source's queue."""

    def __init__(self, arrivals: Arrivals, cycles: range) -> None:
        super().__init__(arrivals)
        self._cycles = cycles
        self._inside = Tally()

    @property
    def inside(self) -> Tally:
        """Times from a packet's entry to its arrival."""
        self._arrivals.count()
        return self._inside

    def _take(self, rows: Whole) -> None:
        rows = created_in(rows, self._cycles)
        super()._take(rows)
        self._inside.add(rows[NOW] - rows[ENTERED], rows[RECEIVERS])


def created_in(rows: Whole, cycles: range) -> Whole:
    """Those of `rows` that were created in `cycles`, a range without gaps."""
    return rows[:, (rows[STEP] >= cycles.start) & (rows[STEP] < cycles.stop)]
