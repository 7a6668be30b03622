"""The mesh against BookSim 2, row by row; the short runs here, every row in those marked slow."""

import pytest

from sim.anchors.booksim import (
    FEW_BELOW,
    FEW_PAST,
    LONG_PAST,
    SATURATION,
    TRIPLED,
    accepted_row,
    latency_by_rate,
    latency_row,
    long,
    measured,
    rows_below_saturation,
    rows_past_saturation,
    tripled_row,
    window,
)


@pytest.mark.parametrize(("pattern", "channels", "rate", "cycles"), FEW_BELOW)
def test_mean_latency_is_booksim_s_below_saturation(runs, agrees, pattern, channels, rate, cycles):
    agrees(latency_row(runs, pattern, channels, rate, window(300, cycles)))


@pytest.mark.parametrize(("pattern", "channels", "rate", "cycles"), FEW_PAST)
def test_what_is_accepted_past_saturation_is_what_booksim_accepts(runs, agrees, pattern, channels, rate, cycles):
    during = window(cycles, cycles)
    agrees(accepted_row(runs, pattern, channels, rate, during))
    past = measured(runs, pattern, channels, rate, during)
    assert past["saturated"]
    assert past["accepted_rate_worst_node"] <= past["accepted_rate"] < past["offered_rate"]


@pytest.mark.parametrize("curve", SATURATION)
def test_a_row_is_missed_when_latency_is_off_by_more_than_its_tolerance(curve):
    rate, known = next((rate, known) for rate, known in latency_by_rate(*curve).items() if rate <= 0.1)

    class Late:
        def summary(self, scenario, overrides):
            return {"traffic": {"latency_cycles": {"mean": 1.016 * known}}}

    assert latency_row(Late(), *curve, rate, {}).verdict == "MISS"


@pytest.mark.slow
@pytest.mark.parametrize(("pattern", "channels", "rate"), rows_below_saturation())
def test_every_row_of_booksim_up_to_90_percent_of_saturation(runs, agrees, pattern, channels, rate):
    agrees(latency_row(runs, pattern, channels, rate, long(rate)))


@pytest.mark.slow
@pytest.mark.parametrize(("pattern", "channels", "rate"), rows_past_saturation())
def test_every_row_of_booksim_past_saturation_accepts_as_much(runs, agrees, pattern, channels, rate):
    agrees(accepted_row(runs, pattern, channels, rate, LONG_PAST))


@pytest.mark.slow
@pytest.mark.parametrize("channels", TRIPLED)
def test_latency_is_three_times_that_of_lone_packets_at_the_rate_that_booksim_says(runs, agrees, channels):
    agrees(tripled_row(runs, channels))


@pytest.mark.parametrize(
    ("latencies", "verdict"), [((40, 60, 90), "ok"), ((20, 30, 40), "MISS"), ((70, 80, 90), "MISS")]
)
def test_a_rate_outside_of_those_that_are_tried_is_a_miss(latencies, verdict):
    found = iter(latencies)

    class Given:
        def summary(self, scenario, overrides):
            return {"traffic": {"latency_cycles": {"mean": next(found)}}}

    assert tripled_row(Given(), 1).verdict == verdict
