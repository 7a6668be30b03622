"""Stages against SciPy's convolutions, blocks against the whole, 8-bit integers against exact whole-number sums."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from sim.scenario.complaints import Refused
from sim.scenario.outline import Shape, front_layers, outlines
from sim.workload.convolve import Int8, as_whole
from sim.workload.front_end import exponent_for, in_float32, in_int8, overflowing
from sim.workload.front_weights import drawn_stages
from sim.workload.stage import Block

ALEXNET = [
    {"layer": "conv", "channels": 64, "kernel": 11, "stride": 4, "padding": 2, "pool": {"size": 3, "stride": 2}},
    {"layer": "conv", "channels": 192, "kernel": 5, "padding": 2, "pool": {"size": 3, "stride": 2}},
    {"layer": "conv", "channels": 384, "kernel": 3, "padding": 1, "pool": {"size": 3, "stride": 2}},
    {"layer": "conv", "channels": 256, "kernel": 3, "padding": 1, "pool": {"size": 3, "stride": 2}},
    {"layer": "conv", "channels": 256, "kernel": 3, "padding": 1},
    {"layer": "linear", "units": 512},
]
SMALL = [
    {"layer": "conv", "channels": 5, "kernel": 3, "stride": 2, "padding": 1, "pool": {"size": 2, "stride": 1}},
    {"layer": "conv", "channels": 4, "kernel": 2, "relu": False},
    {"layer": "pool", "pool": {"size": 2, "stride": 2, "by": "mean"}},
    {"layer": "linear", "units": 7, "relu": True},
]


def stages(layers, shape, seed=1):
    return drawn_stages(outlines(front_layers(layers), shape), seed)


def frames(shape, count, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 4, (count, shape.channels, shape.rows, shape.columns)).astype(np.float32) / 4


def by_scipy(stage, x):
    """The stage in float64 by SciPy's correlation and plain loops."""
    made = x.astype(np.float64)
    if stage.weights is not None:
        side = stage.window.padding
        padded = np.pad(made, ((0, 0), (side, side), (side, side)))
        step = stage.window.stride
        made = np.stack([correlate(padded, kernel, "valid")[0, ::step, ::step] for kernel in stage.weights])
        made += stage.bias[:, None, None]
    made = np.maximum(made, 0) if stage.relu else made
    return pooled_by_loops(made, stage) if stage.pool else made


def pooled_by_loops(made, stage):
    window, reduce = stage.pool.window, np.max if stage.pool.by == "max" else np.mean
    result = np.zeros((stage.outputs.channels, stage.outputs.rows, stage.outputs.columns))
    for channel, row, column in np.ndindex(result.shape):
        top, left = row * window.stride, column * window.stride
        result[channel, row, column] = reduce(made[channel, top : top + window.rows, left : left + window.columns])
    return result


def test_the_reference_network_has_the_published_counts():
    made = in_float32(Shape(1, 128, 128), stages(ALEXNET, Shape(1, 128, 128)))
    assert made.macs == 117_759_552
    assert made.parameters == 2_585_792
    assert made.features == 512
    assert [str(one.stage.convolved) for one in made.stages][:2] == ["64 x 31 x 31", "192 x 15 x 15"]


@pytest.mark.parametrize(("layers", "shape"), [(SMALL, Shape(2, 13, 11)), (ALEXNET[:2], Shape(1, 40, 36))])
def test_each_stage_is_what_scipy_makes(layers, shape):
    made = in_float32(shape, stages(layers, shape))
    x = frames(shape, 1)[0]
    for one in made.stages:
        there = one.forward(x, one.stage.whole)
        np.testing.assert_allclose(there, by_scipy(one.stage, x), rtol=1e-5, atol=1e-5)
        x = there


@settings(max_examples=25)
@given(st.data())
def test_blocks_put_together_are_the_whole_bit_for_bit(data):
    shape = Shape(2, 13, 11)
    given_stages = stages(SMALL, shape)
    make = data.draw(st.sampled_from([in_float32, lambda s, p: in_int8(s, p, frames(s, 2))]))
    x = frames(shape, 1, seed=4)[0]
    for one in make(shape, given_stages).stages:
        whole = one.forward(x, one.stage.whole)
        channels, rows = one.stage.outputs.channels, one.stage.outputs.rows
        row = data.draw(st.integers(0, rows))
        channel = data.draw(st.integers(0, channels))
        made = np.full_like(whole, np.nan)
        for first, last in ((0, channel), (channel, channels)):
            for top, bottom in ((0, row), (row, rows)):
                if first < last and top < bottom:
                    made[first:last, top:bottom] = one.forward(x, Block(first, last, top, bottom))
        assert made.tobytes() == whole.tobytes()
        x = whole


def test_a_block_needs_no_other_rows_of_the_input_than_it_says():
    shape = Shape(2, 13, 11)
    one = in_float32(shape, stages(SMALL, shape)).stages[0]
    x = frames(shape, 1)[0]
    for row in range(one.stage.outputs.rows):
        block = Block(0, one.stage.outputs.channels, row, row + 1)
        first, last = one.stage.input_rows(block)
        spoiled = np.full_like(x, 100)
        spoiled[:, first:last] = x[:, first:last]
        assert one.forward(spoiled, block).tobytes() == one.forward(x, block).tobytes()


def test_integer_sums_are_exact_and_wrap_at_24_bits():
    shape = Shape(3, 6, 6)
    (stage,) = stages([{"layer": "conv", "channels": 2, "kernel": 3, "relu": False}], shape)
    weights = np.full((2, 27), 127.0)
    x = np.full((3, 6, 6), 127.0, np.float32)
    fits = Int8(stage, weights, np.zeros(2, np.int64), np.zeros(2), 0, -12)
    assert fits.forward(x, stage.whole)[0, 0, 0] == 4096 * round(27 * 127 * 127 / 4096)
    assert fits.overflows(x, stage.whole) == 0
    bias = np.array([2.0**23, 0.0])
    over = Int8(stage, weights, np.zeros(2, np.int64), bias, 0, -17)
    assert over.overflows(x, stage.whole) == 16
    assert over.forward(x, stage.whole)[0, 0, 0] == 2**17 * round((27 * 127 * 127 - 2**23) / 2**17)


def test_sums_too_large_for_the_accumulator_are_counted_by_stage():
    shape = Shape(1, 64, 64)
    (drawn,) = stages([{"layer": "linear", "units": 3}], shape)
    ones = replace(drawn, weights=np.ones((3, 1, 64, 64), np.float32))
    light, heavy = np.full((2, 1, 64, 64), 0.25, np.float32), np.ones((2, 1, 64, 64), np.float32)
    assert overflowing(in_int8(shape, [ones], heavy), heavy) == {"front1": 6}
    assert overflowing(in_int8(shape, [ones], heavy), light) == {}
    assert overflowing(in_float32(shape, [ones]), heavy) == {}


def test_eight_bit_maps_stay_near_the_float_ones():
    shape = Shape(1, 40, 36)
    given_stages, sample = stages(ALEXNET[:2], shape), frames(shape, 3)
    floats, integers = in_float32(shape, given_stages), in_int8(shape, given_stages, sample)
    for frame in sample:
        exact, near = list(floats.maps(frame)), list(integers.maps(frame))
        for one, other in zip(exact, near, strict=True):
            assert np.abs(one - other).max() < 0.06 * np.abs(one).max()
            assert not np.array_equal(one, other)


def test_values_of_eight_bit_stages_lie_on_their_grid():
    shape = Shape(2, 13, 11)
    made = in_int8(shape, stages(SMALL, shape), frames(shape, 2))
    x = frames(shape, 1, seed=9)[0]
    for one in made.stages:
        x = one.forward(x, one.stage.whole)
        whole = np.ldexp(x.astype(np.float64), one.leaving)
        assert np.array_equal(whole, np.rint(whole))
        assert np.array_equal(whole, as_whole(x, one.leaving))


@given(st.floats(1e-12, 1e12))
def test_a_scale_is_as_fine_as_it_can_be(largest):
    exponent = exponent_for(largest)
    assert largest * 2.0**exponent <= 127 < largest * 2.0 ** (exponent + 1)


def test_a_layer_that_does_not_fit_is_refused_at_its_place():
    with pytest.raises(Refused, match=r"workload.front_end\[2\].*3 x 3 does not fit the map of 1 x 1"):
        outlines(front_layers(ALEXNET), Shape(1, 32, 32))
