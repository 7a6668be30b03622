"""Arrivals noted once are counted by each who counts them, whenever somebody asks."""

from collections import Counter
from unittest.mock import patch

import pytest

from sim.engine.packet import Flit, Leg
from sim.measure.arrivals import NOW, RECEIVERS, Arrivals, Latency
from sim.measure.study_arrivals import StudyDeliveries, StudyLatency
from tests.hardware.toys import packet

NOWHERE = Leg((), {})
TOLD = [(0, 0, 10, 1, 0), (1, 5, 15, 4, 2), (2, 5, 30, 1, 3), (3, 0, 9, 1, 9)]
"""Step, when sent, when arrived, at how many receivers, how long it waited."""


def tell(heard, told=TOLD):
    for step, sent, now, receivers, waited in told:
        one = packet(step=step, sent_at=sent, entered_at=sent + 1, waited=waited // 2)
        heard.delivered(Flit(one, NOWHERE, waited=waited - waited // 2), receivers, now)


@pytest.mark.parametrize("kind", [Arrivals, StudyDeliveries])
@pytest.mark.parametrize("noted", [1, 8, 1000])
def test_latency_runs_from_hand_over_to_arrival_and_counts_each_receiver(kind, noted):
    arrivals = kind()
    heard = Latency(arrivals)
    with patch(f"{kind.__module__}.NOTED_AT_LEAST", noted):
        tell(arrivals)
    assert heard.taken.counts == {10: 5, 25: 1, 9: 1}
    assert heard.queueing.counts == {0: 1, 2: 4, 3: 1, 9: 1}
    assert arrivals.received == 7


def test_a_study_counts_packets_of_its_steps_and_how_long_they_were_inside():
    arrivals = StudyDeliveries()
    heard = StudyLatency(arrivals, range(1, 3))
    tell(arrivals)
    assert heard.taken.counts == {10: 4, 25: 1}
    assert heard.inside.counts == {9: 4, 24: 1}
    assert heard.queueing.counts == {2: 4, 3: 1}


def test_whoever_takes_rows_is_given_each_of_them_once_however_often_others_ask():
    arrivals, got = Arrivals(), Counter()
    arrivals.give(lambda rows: got.update(dict(zip(rows[NOW].tolist(), rows[RECEIVERS].tolist(), strict=True))))
    tell(arrivals, TOLD[:2])
    assert arrivals.received == arrivals.received == 5
    tell(arrivals, TOLD[2:])
    arrivals.count()
    assert got == {10: 1, 15: 4, 30: 1, 9: 1}
