"""The statistical activity against recorded events of a trained model, and against what it was asked for."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from sim.scenario.activity import Correlation
from sim.workload.activity import LayerActivity, Tokens, normal_quantile

RECORDED = Path(__file__).resolve().parents[1] / "data" / "activity_B.npz"
UNITS = {"L0": 230, "L1": 230, "L2": 128}
STEPS = 800


def drawn(units, activity, steps=STEPS, seed=1, model=None, name="layer1"):
    model = model or Correlation()
    tokens, layer = Tokens(model, seed), LayerActivity(model, name, units, activity, seed)
    return np.stack([layer.step(tokens[step]) for step in range(steps)])


def recorded(layer):
    with np.load(RECORDED) as archive:
        return np.unpackbits(archive[layer], axis=1)[:, : UNITS[layer]].astype(bool)


def spread(fired):
    counts = fired.sum(axis=1)
    return counts.std() / counts.mean()


def dispersion(fired):
    """Variance of the counts over that of units that fire independently at their own rates."""
    rates = fired.mean(axis=0)
    return fired.sum(axis=1).var() / (rates * (1 - rates)).sum()


def stays_on(fired):
    return (fired[:-1] & fired[1:]).sum() / fired[:-1].sum()


def top_share(fired):
    rates = np.sort(fired.mean(axis=0))[::-1]
    return rates[: len(rates) // 10].sum() / rates.sum()


@pytest.mark.parametrize("layer", UNITS)
def test_it_spreads_as_recorded_events_do(layer):
    real = recorded(layer)
    runs = [drawn(UNITS[layer], float(real.mean()), 600, seed) for seed in range(6)]
    made = {measure: np.mean([measure(run) for run in runs]) for measure in (spread, dispersion, stays_on, top_share)}
    assert made[spread] == pytest.approx(spread(real), rel=0.35)
    assert 3 < made[dispersion] < 8 and 3 < dispersion(real) < 8
    assert made[stays_on] == pytest.approx(stays_on(real), abs=0.15)
    assert made[top_share] == pytest.approx(top_share(real), rel=0.25)


@given(st.floats(0.02, 0.6), st.integers(200, 600))
def test_the_mean_is_the_one_asked_for(activity, units):
    layer = LayerActivity(Correlation(), "layer1", units, activity, 1)
    assert layer.rates.mean() == pytest.approx(activity, rel=1e-3)


def test_relative_spread_does_not_shrink_with_the_layer():
    assert spread(drawn(2000, 0.15, 600)) > 0.6 * spread(drawn(200, 0.15, 600))


def test_without_common_causes_units_are_independent():
    alone = Correlation(common=0.0, token=0.0, slow=0.0, fast=0.0, white=1.0)
    assert dispersion(drawn(300, 0.15, model=alone)) == pytest.approx(1, abs=0.15)


def test_each_share_moves_what_it_should():
    base = Correlation()
    locked = Correlation(common=0.05, token=0.9, slow=0.0, fast=0.0, white=0.05)
    slow = Correlation(common=0.05, token=0.1, slow=0.8, fast=0.0, white=0.05)
    common = Correlation(common=0.6, token=0.05, slow=0.05, fast=0.25, white=0.05)
    assert stays_on(drawn(300, 0.15, model=slow)) > stays_on(drawn(300, 0.15, model=base)) + 0.1
    assert spread(drawn(300, 0.15, 500, model=common)) > 2 * spread(drawn(300, 0.15, model=base))
    assert stays_on(drawn(300, 0.15, model=locked)) < stays_on(drawn(300, 0.15, model=base)) + 0.02
    skewed, even = (LayerActivity(Correlation(concentration=c), "a", 400, 0.2, 1).rates.std() for c in (1.0, 50.0))
    assert skewed > 3 * even


def test_the_same_seed_gives_the_same_events_and_another_name_others():
    assert np.array_equal(drawn(100, 0.2, 50), drawn(100, 0.2, 50))
    assert not np.array_equal(drawn(100, 0.2, 50), drawn(100, 0.2, 50, name="layer2"))


def test_tokens_follow_zipf_and_do_not_depend_on_the_order_of_asking():
    one, other = Tokens(Correlation(), 3), Tokens(Correlation(), 3)
    ahead = one[5000]
    assert [other[step] for step in range(5001)][5000] == ahead
    seen = np.array([one[step] for step in range(5001)])
    assert (seen == 0).mean() / (seen == 1).mean() == pytest.approx(2**1.05, rel=0.25)


@given(st.floats(1e-9, 1 - 1e-9))
def test_normal_quantile_is_scipys(p):
    assert normal_quantile(np.array([p]))[0] == pytest.approx(norm.ppf(p), abs=1e-7)
