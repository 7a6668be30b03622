"""EGRU steps: against outputs recorded from the reference implementation, and cut into slices."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.workload.egru import run_whole, step
from sim.workload.network import EgruLayer, Network, slice_layer
from sim.workload.sparse import SparseRows

TOLERANCE = 2e-6
ZONEOUT = {"zoneout": 0.2319}


def layer_of(case, zoneout=0.0):
    W, R = SparseRows.from_dense(case["W"].T), SparseRows.from_dense(case["R"].T)
    return EgruLayer(len(case["W"]), len(case["thr"]), W, R, case["bx"], case["br"], case["thr"], zoneout)


def assert_like(recorded, sequence, layer, y):
    """Feed one sequence of the batch and compare every step with what was recorded."""
    h = np.zeros(layer.units, np.float32)
    for now in range(len(recorded["x"])):
        y, h = step(layer, recorded["x"][now, sequence], y, h)
        assert np.array_equal(y != 0, recorded["o"][now, sequence] != 0)
        assert np.max(np.abs(y - recorded["y"][now, sequence])) <= TOLERANCE
        assert np.max(np.abs(h - recorded["h"][now, sequence])) <= TOLERANCE


@pytest.mark.parametrize("name", ["default", "lmthr", "sparse90", "carry_y0", "zoneout"])
def test_the_small_oracle_is_met_without_a_flipped_event(shipped, name):
    archive = np.load(shipped["data"] / "oracle_small_32x64.npz")
    case = {key.split("/")[1]: archive[key] for key in archive.files if key.startswith(f"{name}/")}
    first = case.get("y0", np.zeros((2, 64), np.float32))
    for sequence in range(2):
        assert_like(case, sequence, layer_of(case, ZONEOUT.get(name, 0.0)), first[sequence])


def mix(x):
    """The splitmix64 finaliser with its increment, on uint64 that wraps."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def by_recipe(recipe, matrix, shape, amplitude):
    base = mix(np.array([recipe["seed"] << 32 | recipe["streams"][matrix]], np.uint64))
    unit = (mix(base + np.arange(np.prod(shape), dtype=np.uint64)) >> np.uint64(40)) * 2.0**-24
    return (amplitude * (2 * unit - 1)).astype(np.float32).reshape(shape)


def test_the_oracle_of_1350_units_is_met_without_a_flipped_event(shipped):
    case = dict(np.load(shipped["data"] / "oracle_mid_400x1350.npz"))
    recipe = json.loads(str(case["recipe"]))
    case["W"] = by_recipe(recipe, "W", (400, 4050), recipe["ampW"])
    case["R"] = by_recipe(recipe, "R", (1350, 4050), recipe["ampR"])
    assert np.array_equal(case["W"][0], case["W_row0"])
    assert np.array_equal(case["R"][0], case["R_row0"])
    assert_like(case, 0, layer_of(case), np.zeros(1350, np.float32))


def made_layer(seed, inputs, units, thr=0.05):
    rng = np.random.default_rng(seed)
    W, R = rng.normal(size=(inputs, 3 * units)), rng.normal(size=(units, 3 * units))
    kept = [np.where(rng.random(m.shape) < 0.4, m, 0).astype(np.float32) for m in (W, R)]
    bx, br = rng.normal(0, 0.3, (2, 3 * units)).astype(np.float32)
    case = {"W": kept[0], "R": kept[1], "bx": bx, "br": br, "thr": np.full(units, thr, np.float32)}
    return layer_of(case, zoneout=float(rng.choice([0.0, 0.3])))


def joined(layer, cuts, x, y, states):
    """One step of every slice, and the outputs and states side by side."""
    parts = [
        step(slice_layer(layer, start, stop), x, y, states[start:stop])
        for start, stop in zip([0, *cuts], [*cuts, layer.units], strict=True)
    ]
    return tuple(np.concatenate(side) for side in zip(*parts, strict=True))


@settings(deadline=None)
@given(
    seed=st.integers(0, 10_000),
    inputs=st.integers(1, 12),
    units=st.integers(1, 40),
    data=st.data(),
)
def test_any_partition_gives_the_whole_layer_bit_for_bit(seed, inputs, units, data):
    cuts = sorted(data.draw(st.sets(st.integers(1, units - 1), max_size=8))) if units > 1 else []
    layer = made_layer(seed, inputs, units)
    xs = np.random.default_rng(seed + 1).normal(size=(6, inputs)).astype(np.float32)
    xs[::2] *= np.float32(-0.0)
    whole = sliced = (np.zeros(units, np.float32), np.zeros(units, np.float32))
    for x in xs:
        whole, sliced = step(layer, x, *whole), joined(layer, cuts, x, *sliced)
        assert [side.tobytes() for side in whole] == [side.tobytes() for side in sliced]


def test_a_slice_still_reads_every_unit_of_the_whole_layer():
    part = slice_layer(made_layer(1, 5, 12), 3, 7)
    assert (part.units, part.W.columns, part.R.columns, part.W.rows) == (4, 5, 12, 12)


def lone_unit(thr, bias):
    """A unit without weights whose candidate is tanh(bias) and whose gates are one half."""
    nothing = SparseRows.from_dense(np.zeros((3, 1), np.float32))
    bx = np.array([0, 0, bias], np.float32)
    return EgruLayer(1, 1, nothing, nothing, bx, np.zeros(3, np.float32), np.array([thr], np.float32))


def test_a_state_at_the_threshold_is_silent():
    h = np.array([0.5], np.float32)
    assert [side.tolist() for side in step(lone_unit(0.25, 0.0), h * 0, h * 0, h)] == [[0.0], [0.25]]


def test_an_event_carries_the_state_before_the_threshold_is_taken_off():
    h = np.array([1.0], np.float32)
    assert [side.tolist() for side in step(lone_unit(0.25, 0.0), h * 0, h * 0, h)] == [[0.5], [0.25]]


def test_a_unit_at_zero_is_silent_under_a_threshold_of_zero():
    h = np.zeros(1, np.float32)
    assert [side.tolist() for side in step(lone_unit(0.0, 0.0), h, h, h)] == [[0.0], [0.0]]


def test_a_network_run_whole_feeds_each_layer_with_the_one_before_in_the_same_step():
    layers = (made_layer(3, 4, 9), made_layer(4, 9, 5))
    xs = np.random.default_rng(9).normal(size=(7, 4)).astype(np.float32)
    first, second = run_whole(Network(layers), xs)
    assert np.array_equal(first, run_whole(Network(layers[:1]), xs)[0])
    assert np.array_equal(second, run_whole(Network(layers[1:]), first)[0])
    assert np.count_nonzero(second) > 0
