"""Embedding rows, scores of the next token, and the choice among them."""

import math

import numpy as np
import pytest

from sim.scenario.complaints import Refused
from sim.workload.language_model import (
    Choice,
    Decoder,
    SeededEmbedding,
    TableEmbedding,
    decoder_of_rows,
    nll,
)

LOGITS = np.array([0.5, 2.0, -1.0, 2.0])


def test_seeded_rows_are_uniform_and_depend_on_seed_and_token_alone():
    rows = np.stack([SeededEmbedding(500, 40, 7).row(token) for token in range(300)])
    assert rows.dtype == np.float32
    assert np.abs(rows).max() <= 0.1
    assert np.abs(rows).max() > 0.099
    assert abs(rows.std() - 0.1 / math.sqrt(3)) < 0.001
    assert abs(rows.mean()) < 0.002
    assert np.array_equal(SeededEmbedding(33278, 40, 7).row(123), rows[123])
    assert not np.array_equal(SeededEmbedding(500, 40, 8).row(123), rows[123])


@pytest.mark.parametrize("embedding", [SeededEmbedding(6, 2, 1), TableEmbedding(np.ones((6, 2), np.float32))])
@pytest.mark.parametrize("token", [-1, 6])
def test_a_token_out_of_range_is_refused(embedding, token):
    with pytest.raises(Refused, match=f"token {token} is out of range: the embedding has rows 0 to 5"):
        embedding.row(token)


def test_the_decoder_multiplies_events_with_embedding_rows_and_adds_a_bias():
    table = np.random.default_rng(1).normal(size=(9, 4)).astype(np.float32)
    bias = np.arange(9, dtype=np.float32)
    y = np.array([0.5, 0, 0.25, 0], np.float32)
    found = Decoder(np.ascontiguousarray(table.T), bias).logits(y)
    assert np.allclose(found, table.astype(float) @ y + bias, rtol=0, atol=1e-6)
    assert found.dtype == np.float32


def test_a_tied_decoder_scores_a_word_by_its_own_row():
    embedding = SeededEmbedding(50, 6, 3)
    y = np.eye(6, dtype=np.float32)[2]
    assert decoder_of_rows(embedding, 5).logits(y).tolist() == [embedding.row(t)[2] for t in range(5)]


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0])
def test_likelihoods_add_up_to_one_wherever_the_logits_lie(shift):
    assert math.isclose(sum(math.exp(-nll(LOGITS + shift, target)) for target in range(4)), 1, rel_tol=1e-12)


def test_the_greedy_choice_is_the_first_of_the_likeliest():
    assert Choice().choose(LOGITS.astype(np.float32), 0) == 1


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_sampling_follows_the_softmax_at_its_temperature(temperature):
    choice, draws = Choice(temperature, 2), 20_000
    counts = np.bincount([choice.choose(LOGITS.astype(np.float32), step) for step in range(draws)], minlength=4)
    shares = np.exp(LOGITS / temperature) / np.exp(LOGITS / temperature).sum()
    assert np.all(np.abs(counts / draws - shares) < 5 * np.sqrt(shares * (1 - shares) / draws))


def test_a_temperature_near_zero_never_takes_an_unlikely_word():
    assert {Choice(1e-6, 3).choose(LOGITS.astype(np.float32), step) for step in range(50)} <= {1, 3}


def test_what_is_drawn_depends_on_seed_and_step():
    flat = np.zeros(1000, np.float32)
    drawn = [Choice(1.0, seed).choose(flat, step) for seed in (1, 2) for step in (0, 1)]
    assert len(set(drawn)) == 4
    assert Choice(1.0, 1).choose(flat, 1) == drawn[1]


def test_a_token_without_a_word_is_never_chosen():
    decoder = decoder_of_rows(SeededEmbedding(50, 6, 3), 50, sayable=4)
    y = np.ones(6, np.float32)
    assert {Choice(1000.0, 1).choose(decoder.logits(y), step) for step in range(100)} == {0, 1, 2, 3}


def test_int8_keeps_each_token_within_half_a_step_of_its_largest_weight():
    decoder = decoder_of_rows(SeededEmbedding(40, 12, 5), 40)
    narrow = decoder.in_int8()
    assert (
        np.array_equal(narrow.columns, np.rint(narrow.columns))
        and np.abs(narrow.columns).max(axis=0).tolist() == [127.0] * 40
    )
    error = np.abs(narrow.columns * narrow.scales - decoder.columns)
    assert np.all(error <= 0.5 * np.abs(decoder.columns).max(axis=0) / 127 * (1 + 1e-6))
    unit = np.eye(12, dtype=np.float32)[7]
    assert np.array_equal(narrow.logits(unit), narrow.columns[7] * narrow.scales + narrow.bias)
