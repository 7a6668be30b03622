"""What chips whose clocks are apart cost: waiting where steps wait for each other, late and early events by a timer."""

from collections import Counter

import numpy as np
import pytest

from sim.hardware.timed import Timer, timer_of
from sim.machine.drift import drifting, skewed
from sim.mapping.schedule import plan
from sim.measure.lateness import Lateness
from sim.units import Clock
from tests.hardware import chips_bench
from tests.hardware.toy_network import ALWAYS, layer, run

STEPS = 8
PERIOD_US = 100.0
LAYERS = [layer(4, [ALWAYS] * 6, 1), layer(6, [ALWAYS] * 6, 2)]
PLAIN = chips_bench.board(2)


def ran(machine, protocol, shuffle=None, steps=STEPS, **sync):
    """A run with a layer on each of two chips."""
    lateness = Lateness(steps)
    done = run(
        LAYERS,
        np.ones((steps, 4), np.float32),
        on=machine,
        probe=lateness,
        shuffle=shuffle,
        network={"multicast": "event_router"},
        mapping={"pes_per_layer": [2, 2], "chips": "layer_per_chip"},
        sync={"protocol": protocol, "schedule": "pipelined", **sync},
    )
    return done, lateness


def timed(machine, shuffle=None, steps=STEPS, period_us=PERIOD_US):
    return ran(machine, "timer", shuffle, steps, period_us=period_us)


def by_layer(counts, system):
    """Late or early packets of each layer."""
    found = Counter()
    for (slice, _), count in counts.items():
        found[system.mapping.slices[slice].layer if slice >= 0 else "host"] += count
    return found


@pytest.mark.parametrize("protocol", ["barrier", "tree", "markers"])
def test_where_steps_wait_for_each_other_skew_is_waited_out_and_changes_no_output(protocol):
    plain, _ = ran(PLAIN, protocol)
    late, _ = ran(skewed(PLAIN, [0.0, 300.0], 1), protocol)
    assert late.host.outputs == plain.host.outputs
    assert 200e6 < late.kernel.now - plain.kernel.now <= 300e6


def test_by_a_timer_clocks_together_are_exact():
    done, lateness = timed(PLAIN)
    assert (lateness.late, lateness.early, lateness.missed) == ({}, {}, {})
    assert len(done.host.outputs) == STEPS


def test_by_a_timer_what_a_chip_behind_sends_is_late_and_what_it_gets_is_early():
    """The second layer's chip is more than a tick behind: what it gets is for its step after next, and the host, which
    is not behind, has taken its outputs before they come."""
    done, lateness = timed(skewed(PLAIN, [0.0, 1.5 * PERIOD_US], 1))
    early, late = by_layer(lateness.early, done), by_layer(lateness.late, done)
    assert early[2] > 0 and early[1] == 0
    assert late["host"] > 0 and late[2] == late[1] == 0


def test_by_a_timer_what_comes_to_a_chip_ahead_is_late():
    done, lateness = timed(skewed(PLAIN, [1.5 * PERIOD_US, 0.0], 1))
    late = by_layer(lateness.late, done)
    assert late[2] > 0 and late[1] == 0
    late_again = by_layer(timed(skewed(PLAIN, [1.5 * PERIOD_US, 0.0], 1), shuffle=3)[1].late, done)
    assert late == late_again


def test_by_a_timer_clocks_that_drift_apart_run_out_of_step():
    """Nothing is late at first; then the slack of a step is used up, the sooner the more they drift."""
    firsts = []
    for ppm in (0.0, 2000.0, 3000.0):
        late = timed(drifting(PLAIN, ppm, 1), steps=100, period_us=50.0)[1].late
        firsts.append(min([step for _, step in late], default=None))
    assert firsts[0] is None and 0 < firsts[2] < firsts[1]
    assert firsts[1] / firsts[2] == pytest.approx(1.5, rel=0.2)


def nominal():
    schedule = plan(2, output=True, feeds_back=False, pipelined=True, timed=True)
    return Timer(schedule, Clock(round(PERIOD_US * 1e6), 1))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_timer_counts_cycles_of_its_own_chip_s_clock(seed):
    apart = skewed(drifting(PLAIN, 500.0, seed), 7.0, seed)
    for chip in apart.chips:
        stretch = apart.noc.clock.mhz / chip.die.noc.clock.mhz
        expected = chip.starts_at + 10_001 * PERIOD_US * 1e6 * stretch
        assert timer_of(chip, apart, nominal()).due(1, 10_000) == pytest.approx(expected, abs=2)
    assert timer_of(PLAIN.chips[0], PLAIN, nominal()).due(1, 9) == 10 * PERIOD_US * 1e6
