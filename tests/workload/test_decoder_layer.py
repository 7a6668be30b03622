"""A decoder that is dealt out: what its slices answer, put together, is what one decoder says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.workload.decoder_layer import DecoderLayer, chosen, likelihood
from sim.workload.language_model import Choice, Decoder, nll

WORDS, UNITS = 60, 9


def decoder(seed=1, spread=1.0):
    rng = np.random.default_rng(seed)
    columns = rng.normal(scale=spread, size=(UNITS, WORDS)).astype(np.float32)
    return Decoder(columns, rng.normal(size=WORDS).astype(np.float32))


def fired(seed=2):
    rng = np.random.default_rng(seed)
    return np.where(rng.random(UNITS) < 0.5, rng.random(UNITS), 0).astype(np.float32)


def answers(layer, y, starts, step=0):
    ends = [*starts[1:], layer.units]
    return np.stack([layer.answer(y, step, start, stop) for start, stop in zip(starts, ends, strict=True)])


cuts = st.sets(st.integers(1, WORDS - 1)).map(lambda bounds: [0, *sorted(bounds)])


@given(cuts, st.integers(0, 20), st.sampled_from([None, 0.3, 1.0, 50.0]))
def test_the_word_chosen_is_the_one_that_a_single_decoder_chooses(starts, step, temperature):
    choice = Choice(temperature, 7)
    layer = DecoderLayer(decoder(), "active", choice)
    assert layer.width == 2
    assert chosen(answers(layer, fired(step), starts, step), starts) == choice.choose(
        layer.decoder.logits(fired(step)), step
    )


@given(cuts, st.integers(0, WORDS - 1), st.sampled_from([0.01, 1.0, 8.0]))
def test_a_likelihood_is_that_of_a_single_decoder(starts, target, spread):
    layer = DecoderLayer(decoder(spread=spread), "dense", targets=(target,))
    assert layer.width == 4
    expected = nll(layer.decoder.logits(fired()), target)
    assert likelihood(answers(layer, fired(), starts), starts, target) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(cuts)
def test_every_score_is_bit_identical_however_words_are_dealt(starts):
    whole, ends = decoder().in_int8(), [*starts[1:], WORDS]
    parts = [whole.logits(fired(), start, stop) for start, stop in zip(starts, ends, strict=True)]
    assert np.array_equal(np.concatenate(parts), whole.logits(fired()))


def test_of_equal_words_the_first_is_chosen_on_whatever_slice():
    layer = DecoderLayer(Decoder(np.ones((UNITS, WORDS), np.float32), np.zeros(WORDS, np.float32)), "active")
    for starts in ([0], [0, 1], [0, 30, 31]):
        assert chosen(answers(layer, fired(), starts), starts) == 0


def test_scores_far_apart_do_not_spoil_a_likelihood():
    far = Decoder(np.zeros((UNITS, 3), np.float32), np.array([-2000, 0, 2000], np.float32))
    layer = DecoderLayer(far, "active", targets=(0, 2))
    found = answers(layer, fired(), [0, 1, 2])
    assert likelihood(found, [0, 1, 2], 0) == pytest.approx(4000)
    assert likelihood(answers(layer, fired(), [0, 1, 2], 1), [0, 1, 2], 2) == pytest.approx(0, abs=1e-12)


def test_each_slice_knows_how_many_of_the_words_to_come_are_its_own():
    layer = DecoderLayer(decoder(), "active", targets=(3, 3, 59, 20))
    assert [layer.targets_in(0, 20), layer.targets_in(20, 60), layer.targets_in(0, WORDS)] == [2, 2, 4]


def test_exponentials_are_those_of_scores_or_of_the_noise_that_draws():
    layers = [
        DecoderLayer(decoder(), "active", targets=(1,)),
        DecoderLayer(decoder(), "active"),
        DecoderLayer(decoder(), "active", Choice(1.0)),
    ]
    assert [layer.exponentials for layer in layers] == [1, 0, 2]
