"""Networks drawn from the seed: as sparse, as active and as uneven as asked, and the same everywhere."""

import hashlib
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.complaints import Refused
from sim.scenario.models import Synthetic
from sim.workload.egru import run_whole
from sim.workload.language_model import SeededEmbedding
from sim.workload.synthetic import build
from sim.workload.text import Vocabulary, tokenise

ROOT = Path(__file__).resolve().parents[2]
PAPER = Synthetic(layers=(750, 1350, 1350, 750))


def fed(text, steps, width, seed=1):
    """Embedding rows of the first tokens of a text."""
    tokens = tokenise(text.read_text())[:steps]
    embedding = SeededEmbedding(33278, width, seed)
    return np.stack([embedding.row(int(token)) for token in Vocabulary.of_text(tokens).ids(tokens)])


def activities(network, x):
    return [np.count_nonzero(y) / y.size for y in run_whole(network, x)]


@pytest.fixture(scope="module")
def paper():
    """The paper-size network over 70 steps of random rows, and what it sends."""
    x = np.stack([SeededEmbedding(33278, 750, 1).row(token) for token in range(70)])
    network, warnings = build(PAPER, 1, x)
    return network, warnings, run_whole(network, x)


def test_the_paper_size_network_has_the_published_number_of_weights(paper):
    assert [layer.W.nnz + layer.R.nnz for layer in paper[0].layers] == [425_250, 546_750, 236_250]
    assert paper[1] == ()
    assert paper[0].synthetic


def test_the_paper_size_network_is_as_active_as_asked_on_each_layer(paper):
    assert [np.count_nonzero(y) / y.size for y in paper[2]] == pytest.approx([0.15] * 3, rel=0.02)


def test_rates_of_units_are_as_skewed_as_in_trained_models(paper):
    for y in paper[2]:
        rates = np.sort((y != 0).mean(axis=0))
        assert 0.1 < rates.std() < 0.3
        assert 0.25 < rates[-len(rates) // 10 :].sum() / rates.sum() < 0.5
        assert np.median(rates) < rates.mean()


@pytest.mark.parametrize("activity", [0.02, 0.07, 0.15, 0.4, 0.8])
@pytest.mark.parametrize("layers", [(16, 32, 24), (128, 230, 230, 128), (40, 60, 60)])
@pytest.mark.parametrize("seed", [2, 3])
def test_any_activity_is_met_by_small_layers_too(shipped, layers, activity, seed):
    x = fed(shipped["text"], 100, layers[0], seed)
    network, warnings = build(Synthetic(layers=layers, activity=activity), seed, x)
    assert warnings == ()
    # Nothing finer than one event can be met.
    least = [1 / (len(x) * layer.units) for layer in network.layers]
    for found, one in zip(activities(network, x), least, strict=True):
        assert abs(found - activity) <= max(0.02 * activity, one)


def test_each_layer_can_have_its_own_activity(shipped):
    x = fed(shipped["text"], 70, 64)
    network, _ = build(Synthetic(layers=(64, 90, 80, 64), activity=(0.5, 0.05, 0.3)), 1, x)
    assert activities(network, x) == pytest.approx([0.5, 0.05, 0.3], rel=0.03)


def test_zoneout_is_kept_and_the_activity_still_met(shipped):
    x = fed(shipped["text"], 70, 64)
    network, _ = build(Synthetic(layers=(64, 90, 64), zoneout=0.2319), 1, x)
    assert {layer.zoneout for layer in network.layers} == {0.2319}
    assert activities(network, x) == pytest.approx([0.15] * 2, rel=0.02)


@pytest.mark.parametrize("scale", [0.0, 1e-6, 1.0, 1e6])
def test_the_strength_of_the_inputs_does_not_matter(scale):
    x = np.random.default_rng(1).normal(0, scale, (100, 30)).astype(np.float32)
    network, warnings = build(Synthetic(layers=(30, 60, 60), sparsity=0.8), 1, x)
    assert warnings == ()
    assert activities(network, x) == pytest.approx([0.15] * 2, rel=0.1)


def test_an_activity_that_so_few_chances_cannot_give_is_a_warning():
    x = np.zeros((3, 2), np.float32)
    network, warnings = build(Synthetic(layers=(2, 2), activity=0.05), 1, x)
    found = activities(network, x)[0]
    assert warnings == (
        f"layer 1 has an activity of {found:.4g} over the calibration inputs, not 0.05 as asked: "
        "its 2 units over 3 steps came no closer",
    )


@settings(deadline=None, max_examples=30)
@given(
    layers=st.lists(st.integers(1, 30), min_size=2, max_size=4),
    sparsity=st.sampled_from([0.0, 0.1, 0.5, 0.51, 0.9, 0.999]),
    seed=st.integers(0, 2**63 - 1),
)
def test_every_matrix_has_exactly_the_asked_number_of_entries_and_none_is_zero(layers, sparsity, seed):
    spec = Synthetic(layers=tuple(layers), sparsity=sparsity)
    network, _ = build(spec, seed, np.ones((2, layers[0]), np.float32))
    for (sources, units), layer in zip(pairwise(layers), network.layers, strict=True):
        for matrix, columns in ((layer.W, sources), (layer.R, units)):
            assert matrix.nnz == round((1 - sparsity) * (3 * units) * columns)
            assert (matrix.rows, matrix.columns) == (3 * units, columns)
            assert np.all(matrix.values != 0)
            places = matrix.row_of * columns + matrix.indices
            assert np.all(np.diff(places) > 0)
            assert np.all(matrix.indices < columns)


@pytest.mark.parametrize("sparsity", [0.3, 0.9])
def test_entries_are_spread_evenly_over_rows_and_columns(sparsity):
    layer = build(Synthetic(layers=(200, 100), sparsity=sparsity), 1, np.ones((2, 200), np.float32))[0].layers[0]
    for counts, cells in ((np.diff(layer.W.indptr), 200), (layer.W.column_counts(), 300)):
        spread = math.sqrt(cells * sparsity * (1 - sparsity))
        assert np.abs(counts - cells * (1 - sparsity)).max() < 5 * spread
        assert counts.std() == pytest.approx(spread, rel=0.2)
    assert abs(layer.W.values.mean()) < 5 * layer.W.values.std() / math.sqrt(layer.W.nnz)


def digest(seed):
    """A short name for everything that a small network is and sends."""
    x = np.stack([SeededEmbedding(100, 20, seed).row(token) for token in range(40)])
    network, _ = build(Synthetic(layers=(20, 30, 20), sparsity=0.7), seed, x)
    bits = b"".join(y.tobytes() for y in run_whole(network, x))
    for layer in network.layers:
        bits += b"".join(m.indices.tobytes() + m.values.tobytes() for m in (layer.W, layer.R))
    return hashlib.sha256(bits).hexdigest()[:12]


def test_a_seed_gives_the_same_network_on_every_machine():
    assert digest(1) == "b31fcf5e72d1"
    assert digest(2) != digest(1)


def test_layers_that_would_not_fit_into_memory_are_refused():
    with pytest.raises(Refused, match="have 120000006 non-zero weights, at most 100000000 can be held") as caught:
        build(Synthetic(layers=(10_000, 20_000), sparsity=0.93333333), 1, np.ones((1, 10_000), np.float32))
    assert caught.value.complaints[0].path == "workload.weights.synthetic.layers"
