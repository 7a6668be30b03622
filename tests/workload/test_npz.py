"""Trained weights from files, good ones and every kind of bad one."""

import numpy as np
import pytest

from sim.scenario.complaints import Refused
from sim.workload.npz import load


@pytest.fixture
def problems(tmp_path, arrays):
    """What is said about the file after `changes`; None as an array leaves it out."""

    def problems(changes, **uses):
        changed = {name: array for name, array in (arrays | changes).items() if array is not None}
        path = tmp_path / "weights.npz"
        np.savez(path, **changed)
        with pytest.raises(Refused) as caught:
            load(path, **uses)
        assert {complaint.path for complaint in caught.value.complaints} == {"workload.weights"}
        return [complaint.problem.removeprefix(f"{path}: ") for complaint in caught.value.complaints]

    return problems


def written(tmp_path, arrays):
    np.savez(tmp_path / "weights.npz", **arrays)
    return tmp_path / "weights.npz"


def test_layers_and_both_ends_are_read(tmp_path, arrays):
    network = load(written(tmp_path, arrays), language=True, decodes=True)
    first, second = network.layers
    assert (first.inputs, first.units, second.inputs, second.units) == (3, 4, 4, 3)
    assert np.array_equal(first.W.times(np.eye(3, dtype=np.float32)[1]), arrays["L0/W"][1])
    assert np.array_equal(second.R.times(np.eye(3, dtype=np.float32)[2]), arrays["L1/R"][2])
    assert network.vocabulary.words == ("<unk>", "is", "the", ".", "<eos>")
    assert np.array_equal(network.embedding.row(4), arrays["emb"][4])
    assert np.array_equal(network.decoder.bias, arrays["dec_bias"])
    assert not network.synthetic
    assert [layer.zoneout for layer in network.layers] == [0.0, 0.0]


def test_a_network_for_vectors_needs_no_language_arrays(tmp_path, arrays):
    network = load(written(tmp_path, {name: a for name, a in arrays.items() if name.startswith("L")}))
    assert (network.embedding, network.decoder, network.vocabulary) == (None, None, None)


def test_zoneout_is_read_where_it_is_given(tmp_path, arrays):
    network = load(written(tmp_path, arrays | {"L1/zoneout": np.float64(0.2319)}))
    assert [layer.zoneout for layer in network.layers] == [0.0, 0.2319]


def test_half_precision_is_widened_without_loss(tmp_path, arrays):
    halves = {"L0/W": arrays["L0/W"].astype(np.float16)}
    network = load(written(tmp_path, arrays | halves))
    assert np.array_equal(network.layers[0].W.times(np.array([1, 0, 0], np.float32)), halves["L0/W"][0])


def with_value(shape, place, value, dtype=np.float32):
    array = np.full(shape, 0.5, dtype)
    array[place] = value
    return array


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"L0/W": with_value((3, 12), (2, 7), np.nan)},
            "array 'L0/W' has nan at index (2, 7), expected finite",
        ),
        (
            {"L1/R": with_value((3, 9), (0, 1), np.inf)},
            "array 'L1/R' has inf at index (0, 1), expected finite",
        ),
        ({"L0/R": with_value((4, 12), 2, -1e30)}, "has -1e+30 at index (2, 0) (12 such values)"),
        ({"L1/bx": with_value(9, 3, -np.inf, np.float16)}, "array 'L1/bx' has -inf at index (3,), expected"),
        ({"emb": with_value((5, 3), (4, 2), np.nan)}, "array 'emb' has nan at index (4, 2)"),
        ({"dec_bias": with_value(5, 1, np.nan)}, "array 'dec_bias' has nan at index (1,)"),
        (
            {"L0/thr": with_value(4, 1, -0.25)},
            "array 'L0/thr' has -0.25 at index 1, expected thresholds of 0 or",
        ),
        (
            {"L0/zoneout": np.float32(1)},
            "array 'L0/zoneout' is 1.0, expected one number, at least 0 and below 1",
        ),
        ({"L0/zoneout": np.zeros(2)}, "array 'L0/zoneout' is [0. 0.], expected one number"),
        ({"L0/thr": None}, "array 'L0/thr' is missing"),
        ({"L1/bx": np.zeros(8, np.float32)}, "array 'L1/bx' has shape (8,), expected (9,)"),
        ({"L1/W": np.zeros((5, 9), np.float32)}, "array 'L1/W' has shape (5, 9), expected (4, 9)"),
        ({"L1/R": np.zeros((3, 3, 3), np.float32)}, "array 'L1/R' has shape (3, 3, 3), expected (3, 9)"),
        ({"L0/br": np.zeros(12)}, "array 'L0/br' has type <f8, expected float32"),
        ({"L0/br": np.zeros(12, np.int32)}, "array 'L0/br' has type <i4, expected float32"),
        ({"emb": np.zeros((5, 4), np.float32)}, "array 'emb' has shape (5, 4), expected (5, 3)"),
        ({"vocab": None}, "array 'vocab' is missing"),
        (
            {"vocab": np.array("a\nb")},
            "array 'vocab' has 2 words, expected 5: one for each row of array 'emb'",
        ),
        (
            {"vocab": np.array("a\nb\nc\nb\nd")},
            "array 'vocab' has the word 'b' twice, expected every word once",
        ),
        ({"dec_bias": np.zeros(4, np.float32)}, "array 'dec_bias' has shape (4,), expected (5,)"),
    ],
)
def test_a_wrong_array_is_named_with_what_was_found_and_expected(problems, changes, problem):
    found = problems(changes, language=True, decodes=True)
    assert len(found) == 1
    assert problem in found[0]


def test_all_faults_are_told_at_once(problems):
    changes = {"L0/W": with_value((3, 12), 0, np.nan), "L1/thr": -np.ones(3, np.float32)}
    assert len(problems(changes)) == 2


def test_a_decoder_that_is_not_used_is_not_looked_at(tmp_path, arrays):
    broken = arrays | {"dec_bias": np.full(2, np.nan, np.float32)}
    assert load(written(tmp_path, broken), language=True).decoder is None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"PK\x03\x04 cut", "is not an .npz archive of plain arrays"),
        (b"no archive", "is not an .npz archive of plain arrays"),
        (None, "no such file"),
    ],
)
def test_a_file_that_is_no_archive_is_refused(tmp_path, content, problem):
    path = tmp_path / "weights.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refused, match=problem):
        load(path)


def test_a_lone_array_and_pickled_objects_are_refused(tmp_path):
    np.save(tmp_path / "one.npy", np.zeros(3))
    np.savez(tmp_path / "pickled.npz", **{"L0/W": np.array([{}], dtype=object)})
    for name in ("one.npy", "pickled.npz"):
        with pytest.raises(Refused, match="archive of plain arrays"):
            load(tmp_path / name)
