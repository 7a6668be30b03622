"""Trained models on the machine: perplexity and events of the reference, whatever the mapping and the protocols.

The reference figures (tests/data/trained_reference.json) come from another implementation of the network, in
float32; the outputs are those of the network computed in one piece, to the last bit.
"""

import json

import pytest

PERPLEXITY, EVENTS = 5e-4, 5e-4
"""Relative differences allowed."""

MAPPINGS = {
    "as shipped": {},
    "tree and markers": {
        "mapping": {"pes_per_layer": [5, 4, 3], "partition": "nonzeros", "place": "snake"},
        "network.multicast": "tree",
        "sync.protocol": "markers",
    },
    "unicast of columns": {
        "mapping": {"pes_per_layer": [2, 3, 2], "place": "traffic"},
        "network.multicast": "unicast",
        "compute": {"kernel": "event_columns", "idle": "busy_wait"},
    },
    "shared and pipelined": {
        "mapping": {"pes_per_layer": [4, 4, 4], "sharing": "shared"},
        "sync": {"protocol": "markers", "schedule": "pipelined"},
    },
    "pipelined barrier, DRAM": {
        "mapping.pes_per_layer": [3, 3, 2],
        "sync.schedule": "pipelined",
        "workload.embedding": "dram",
        "machine.operating_point": "high",
        "compute.values_per_packet": 1,
    },
    "plain mesh": {
        "machine.topology": "mesh",
        "network": {"multicast": "tree", "routing": "yx", "buffer_flits": 2},
        "mapping.pes_per_layer": [3, 3, 2],
    },
}
FORMATS = {
    "int8 weights": {"weights": "int8", "indices": 16},
    "fp16 events in pairs": {"events": "fp16", "inputs": "fp16", "events_per_packet": 4},
    "all int8, blocks": {
        "weights": "int8",
        "inputs": "int8",
        "events": "int8",
        "packing": "block",
        "events_per_packet": 16,
    },
}
SLIM = {"mapping.pes_per_layer": [2, 2, 1], "network.multicast": "tree", "sync.protocol": "markers"}


def reference(data, model, tokens):
    known = json.loads((data / "trained_reference.json").read_text())
    return next(one for one in known if (one["model"], one["tokens"]) == (model, tokens))


def assert_like_reference(result, known):
    work = result.summary["workload"]
    assert work["tokens"] == known["tokens"]
    assert work["unknown_tokens"] == known["unk"]
    assert work["perplexity"] == pytest.approx(known["perplexity"], rel=PERPLEXITY)
    assert list(work["events_by_layer"].values()) == pytest.approx(known["events_per_layer"], rel=EVENTS)


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_every_mapping_gives_the_reference_and_the_outputs_of_one_piece(ran, in_one_piece, data, mapping):
    overrides = MAPPINGS[mapping] | {"workload.tokens": 70}
    result = ran("lm_trained", overrides)
    assert_like_reference(result, reference(data, "tiny_lm_A95", 70))
    work = result.summary["workload"]
    assert (work["events_by_layer"], work["outputs_sha256"]) == in_one_piece("lm_trained", overrides)
    assert result.summary["network"]["packets_lost"] == 0


@pytest.mark.parametrize("formats", FORMATS)
def test_every_mapping_gives_the_outputs_of_one_piece_in_other_formats_too(ran, in_one_piece, formats):
    asked = {"workload.tokens": 12, "formats": FORMATS[formats]}
    plain = ran("lm_trained", {"workload.tokens": 12}).summary
    for mapping in ("as shipped", "unicast of columns", "shared and pipelined"):
        work = ran("lm_trained", MAPPINGS[mapping] | asked).summary["workload"]
        assert (work["events_by_layer"], work["outputs_sha256"]) == in_one_piece("lm_trained", asked)
        assert work["outputs_sha256"] != plain["workload"]["outputs_sha256"]
        assert work["perplexity"] == work["quantisation"]["perplexity"] != plain["workload"]["perplexity"]
        assert work["quantisation"]["exact_perplexity"] == plain["workload"]["perplexity"]
    assert "quantisation" not in plain["workload"]


def test_the_dense_model_with_trained_thresholds_gives_its_reference_too(ran, data):
    dense = {"workload.weights": str(data / "tiny_lm_B_thr.npz"), "mapping.pes_per_layer": [24, 30, 20]}
    result = ran("lm_trained", dense | {"workload.tokens": 70, "network.multicast": "tree", "sync.protocol": "markers"})
    assert_like_reference(result, reference(data, "tiny_lm_B_thr", 70))


def test_the_whole_scenario_gives_its_reference(ran, data):
    assert_like_reference(ran("lm_trained", SLIM), reference(data, "tiny_lm_A95", 512))


@pytest.mark.slow
@pytest.mark.parametrize("tokens", [512, 2048])
def test_the_mapping_as_shipped_gives_the_reference_of_long_texts(ran, data, tokens):
    assert_like_reference(ran("lm_trained", {"workload.tokens": tokens}), reference(data, "tiny_lm_A95", tokens))


@pytest.mark.slow
@pytest.mark.parametrize("tokens", [512, 2048])
def test_the_dense_model_gives_the_reference_of_long_texts(ran, data, tokens):
    dense = {"workload.weights": str(data / "tiny_lm_B_thr.npz"), "mapping.pes_per_layer": [24, 30, 20]}
    result = ran("lm_trained", dense | {"workload.tokens": tokens, "network.multicast": "tree"})
    assert_like_reference(result, reference(data, "tiny_lm_B_thr", tokens))
