"""Rules between keys, the files a scenario names, and the resolved copy."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.scenario import yaml12
from sim.scenario.dump import dump
from sim.scenario.load import load
from sim.scenario.tokens import tokens_of

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))


def trained(layers=((3, 4), (4, 3)), words=5, **changes):
    """The arrays of a small trained model; a change to None leaves an array out."""
    arrays = {"emb": np.zeros((words, layers[0][0]), np.float32), "dec_bias": np.zeros(words, np.float32)}
    arrays["vocab"] = np.array("\n".join("abcdefgh"[:words]))
    for number, (inputs, units) in enumerate(layers):
        shapes = {
            "W": (inputs, 3 * units),
            "R": (units, 3 * units),
            "bx": 3 * units,
            "br": 3 * units,
            "thr": units,
        }
        arrays |= {f"L{number}/{name}": np.zeros(shape, np.float32) for name, shape in shapes.items()}
    arrays |= {name.replace("_in_", "/"): array for name, array in changes.items()}
    return {name: array for name, array in arrays.items() if array is not None}


@pytest.fixture
def said_of(said, model_text, tmp_path):
    """The complaints about a model whose weights are these arrays."""

    def said_of(arrays, overrides=None):
        np.savez_compressed(tmp_path / "w.npz", **arrays)
        return said(model_text, {"workload.weights": "w.npz", **(overrides or {})})

    return said_of


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_scenario_is_accepted_and_named_as_its_file(path):
    scenario, _ = load(path)
    assert scenario.name == path.stem


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_scenario_names_the_schema_first(path):
    assert path.read_text().splitlines()[0] == "# yaml-language-server: $schema=scenario.schema.json"


def test_defaults_are_filled_in(write, model_text):
    scenario, _ = load(write(model_text))
    assert (scenario.seed, scenario.machine.topology, scenario.network.buffer_flits) == (
        1,
        "spinnaker2_chip",
        8,
    )
    assert (scenario.workload.mode, scenario.workload.generate.prompt_tokens) == ("score", 8)


@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        (
            {"workload.mode": "generate", "workload.generate.prompt_tokens": 1, "sync.schedule": "pipelined"},
            "--set: sync.schedule: pipelined needs all inputs beforehand",
        ),
        (
            {"workload.mode": "generate", "workload.generate.prompt_tokens": 1, "workload.decoder": "none"},
            "--set: workload.decoder: workload.mode generate needs a decoder",
        ),
        ({"workload.mode": "generate"}, "s.yaml:2:1: workload.generate.prompt_tokens: 8 prompt tokens asked"),
        ({"mapping.pes_per_layer": [1]}, "--set: mapping.pes_per_layer: 1 entries for 2 layers"),
        (
            {"workload.weights.synthetic.activity": [0.1, 0.2, 0.3]},
            "--set: workload.weights.synthetic.activity: 3 activities for 2 layers",
        ),
        (
            {"workload.weights.synthetic.layers": [4, 5]},
            "--set: workload.weights.synthetic.layers: the decoder uses the embedding",
        ),
        (
            {"machine.topology": "spinaker2_chip"},
            "--set: machine.topology: no machine 'spinaker2_chip', did you mean",
        ),
        ({"machine.topology": "no.yaml"}, "--set: machine.topology: no.yaml: no such file"),
        (
            {"workload.text": "word.txt"},
            "--set: workload.text: word.txt: no such file, did you mean 'words.txt'?",
        ),
        ({"workload.text": "a\0b"}, "--set: workload.text: a\0b: cannot be read: embedded null byte"),
        ({"workload.text": "."}, "--set: workload.text: "),
        ({"workload.weights": "words.txt"}, "--set: workload.weights: words.txt: is not an .npz archive"),
        ({"workload.tokens": 10}, "--set: workload.tokens: 10 asked, but words.txt has 10 tokens"),
    ],
)
def test_values_that_mean_nothing_together_are_told(said, model_text, overrides, complaint):
    (line,) = said(model_text, overrides)
    assert line.startswith(complaint)


def test_a_layer_list_of_the_right_length_is_accepted(said, model_text):
    fitting = {"mapping.pes_per_layer": [1, 2], "workload.weights.synthetic.activity": [0.1, 0.2]}
    assert said(model_text, fitting | {"workload.tokens": 9}) == []


def test_the_decoder_may_be_left_out(said, model_text):
    assert said(model_text, {"workload.weights.synthetic.layers": [4, 5], "workload.decoder": "none"}) == []


def test_traffic_has_no_layers(said, traffic_text):
    (line,) = said(traffic_text + "mapping: {pes_per_layer: [1]}\n")
    assert "a study of traffic or memory has no layers" in line


def test_one_wrong_key_does_not_hide_what_is_wrong_with_others(said, model_text):
    text = model_text.replace("tokens: 3", "tokens: three\n  mode: generate\n  decoder: none")
    text = (
        text.replace("words.txt", "gone.txt") + "mapping: {pes_per_layer: [1], plaice: snake}\nmachine: {topology: x}\n"
    )
    assert [line.split(": ")[1] for line in said(text)] == [
        "workload.text",
        "workload.tokens",
        "workload.decoder",
        "mapping.pes_per_layer",
        "mapping.plaice",
        "machine.topology",
    ]


def test_a_wrong_key_does_not_bring_complaints_about_its_default(said, model_text):
    """Asking for 80 prompt tokens is right if the unreadable number of tokens was meant to be large."""
    text = model_text.replace("tokens: 3", "tokens: x\n  mode: generate\n  generate: {prompt_tokens: 80}")
    assert [line.split(": ")[1] for line in said(text)] == ["workload.tokens"]


@pytest.mark.parametrize("text", ["", " \n\n", "1234 - 567\n"])
def test_a_text_without_words_is_told(said, model_text, tmp_path, text):
    (tmp_path / "empty.txt").write_text(text)
    (line,) = said(model_text, {"workload.text": "empty.txt"})
    assert line == "--set: workload.text: empty.txt: the file has no word in it, expected a text"


def test_tokens_are_those_of_the_trained_model():
    assert list(tokens_of("It's GOOD, (so 7)\n\nyes")) == [
        "it's",
        "good",
        ",",
        "(",
        "so",
        ")",
        "<eos>",
        "<eos>",
        "yes",
        "<eos>",
    ]
    assert list(tokens_of("a\n")) == ["a", "<eos>"]
    assert list(tokens_of("")) == []


def test_the_check_and_the_workload_count_the_same_tokens():
    workload = pytest.importorskip("sim.workload.text")
    text = (ROOT / "scenarios" / "data" / "kjv_heldout.txt").read_text(encoding="utf-8")
    assert list(tokens_of(text)) == workload.tokenise(text)


def test_a_trained_model_is_accepted(said_of):
    assert said_of(trained(), {"mapping.pes_per_layer": [1, 2]}) == []


def test_pes_are_counted_against_the_layers_of_the_file(said_of):
    (line,) = said_of(trained(), {"mapping.pes_per_layer": [1, 2, 3]})
    assert line.startswith("--set: mapping.pes_per_layer: 3 entries for 2 layers")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"L1_in_thr": None}, "array 'L1/thr' is missing, did you mean"),
        ({"L0_in_W": np.zeros((3, 11), np.float32)}, "array 'L0/W' has shape (3, 11), expected (3, 12)"),
        ({"L1_in_W": np.zeros((5, 9), np.float32)}, "array 'L1/W' has shape (5, 9), expected (4, 9)"),
        ({"L0_in_bx": np.zeros((12, 1), np.float32)}, "array 'L0/bx' has shape (12, 1), expected (12,)"),
        ({"L0_in_br": np.zeros(12)}, "array 'L0/br' has type <f8, expected float32"),
        ({"L0_in_R": np.zeros((4, 12), np.int32)}, "array 'L0/R' has type <i4, expected float32"),
        ({"emb": None}, "array 'emb' is missing"),
        ({"emb": np.zeros((5, 2), np.float32)}, "array 'emb' has shape (5, 2), expected (5, 3)"),
        ({"vocab": None}, "array 'vocab' is missing"),
        ({"vocab": np.zeros(5, np.float32)}, "array 'vocab' has shape (5,), expected ()"),
        ({"dec_bias": np.zeros(4, np.float32)}, "array 'dec_bias' has shape (4,), expected (5,)"),
        ({"L3_in_W": np.zeros((3, 9), np.float32)}, "array 'L3/W' is there, but no layer L2"),
    ],
)
def test_wrong_arrays_are_told(said_of, changes, complaint):
    lines = said_of(trained(**changes))
    assert any(line.startswith(f"--set: workload.weights: w.npz: {complaint}") for line in lines), lines


def test_a_decoder_needs_as_wide_an_end_as_the_embedding(said_of):
    arrays = trained(layers=((3, 4),))
    (line,) = said_of(arrays)
    assert "the last layer has 4 units and the embedding 3 columns" in line
    assert said_of(arrays, {"workload.decoder": "none"}) == []


def test_an_archive_without_layers_is_told(said_of):
    lines = said_of({"weights": np.zeros(3)})
    assert lines[0].startswith("--set: workload.weights: w.npz: has no layers, expected arrays 'L0/W'")


VECTORS = """\
name: v
workload:
  kind: vectors
  weights: {synthetic: {layers: [3, 5]}}
  inputs: x.npz
  steps: 4
"""


@pytest.mark.parametrize(
    ("arrays", "complaints"),
    [
        ({"x": np.zeros((4, 3), np.float32)}, []),
        ({"y": np.zeros((4, 3), np.float32)}, ["workload.inputs: x.npz: array 'x' is missing; it has y"]),
        ({"x": np.zeros(4, np.float32)}, ["workload.inputs: x.npz: array 'x' is <f4 (4,), expected float32"]),
        ({"x": np.zeros((4, 3))}, ["workload.inputs: x.npz: array 'x' is <f8 (4, 3), expected float32"]),
        ({"x": np.zeros((4, 2), np.float32)}, ["workload.inputs: x.npz: array 'x' has 2 columns, but"]),
        (
            {"x": np.zeros((2, 3), np.float32)},
            ["workload.steps: 4 steps asked, but array 'x' of x.npz has 2 rows"],
        ),
    ],
)
def test_input_vectors_are_held_against_the_network(said, tmp_path, arrays, complaints):
    np.savez(tmp_path / "x.npz", **arrays)
    lines = said(VECTORS)
    assert len(lines) == len(complaints)
    assert all(complaint in line for line, complaint in zip(lines, complaints, strict=True))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_resolved_copy_runs_from_anywhere_and_resolves_to_itself(path, tmp_path):
    resolved = dump(*load(path))
    copy = tmp_path / "scenario.yaml"
    copy.write_text(yaml12.written(resolved))
    assert dump(*load(copy)) == resolved
    assert set(resolved) == set(load(path)[0].model_dump())


def test_a_scenario_is_judged_without_numpy_networkx_or_simpy():
    code = "import sys, sim.scenario.load; print(sorted({'numpy', 'networkx', 'simpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
