"""A decoder on the machine says what one on the host says, and its weights cost what it takes to bring them."""

from math import ceil
from pathlib import Path

import numpy as np
import pytest

from sim.scenario.complaints import Refused

SHIPPED = Path(__file__).resolve().parents[2] / "scenarios"
WORDS, UNITS, SLICES, TOKENS = 90, 128, 5, 2
LAYERS = [3, 3, 2]
HOST = {"workload.tokens": TOKENS, "mapping.pes_per_layer": LAYERS}
DEALT = HOST | {"workload.decoder": "dram", "mapping.pes_per_layer": [*LAYERS, SLICES]}
WRITES = {"workload.mode": "generate", "workload.tokens": 5, "workload.generate": {"prompt_tokens": 2}}
DRAWS = WRITES | {"workload.generate": {"prompt_tokens": 2, "sampling": "sample", "temperature": 2.0}}
TWO_PORTS = 2 * 1.2e9
"""Bytes per second of the DMA units of both ports."""


@pytest.fixture(scope="module")
def few_words(tmp_path_factory):
    """The trained model as if it had learnt the first words of its vocabulary only."""
    with np.load(SHIPPED / "data" / "tiny_lm_A95.npz") as whole:
        arrays = dict(whole)
    words = str(arrays["vocab"]).split("\n")[:WORDS]
    cut = {"emb": arrays["emb"][:WORDS], "dec_bias": arrays["dec_bias"][:WORDS], "vocab": np.array("\n".join(words))}
    path = tmp_path_factory.mktemp("model") / "few_words.npz"
    np.savez(path, **(arrays | cut))
    return path


@pytest.fixture(scope="module")
def known():
    """Summaries of what has run, by what was asked."""
    return {}


@pytest.fixture
def said(ran, few_words, known):
    def said(*more):
        asked = {"workload.weights": str(few_words)}
        for one in more:
            asked |= one
        if repr(asked) not in known:
            known[repr(asked)] = ran("lm_trained", asked).summary
        return known[repr(asked)]

    return said


def assert_same_text(one, other):
    ours, theirs = one["workload"], other["workload"]
    for key in ("outputs_sha256", "tokens", "unknown_tokens", "generated_text"):
        assert ours.get(key) == theirs.get(key), key
    assert ours["events"] == theirs["events"]
    for key in ("mean_nll_nat", "perplexity"):
        assert ours.get(key) == (pytest.approx(theirs[key], rel=1e-6) if key in theirs else None)


def column_bytes(weight_bytes, slices=SLICES):
    """Bytes of one column over all slices: each slice's at a multiple of 64."""
    sizes = [WORDS * (n + 1) // slices - WORDS * n // slices for n in range(slices)]
    return sum(ceil(size * weight_bytes / 64) * 64 for size in sizes)


def events_of_last(summary):
    return summary["workload"]["events_by_layer"]["layer3"]


@pytest.mark.parametrize(
    "way",
    [
        {},
        {"workload.decoder_columns": "dense"},
        {"mapping.pes_per_layer": [*LAYERS, 11], "mapping.block_bytes": 64, "network.multicast": "tree"},
        {"sync": {"protocol": "markers", "schedule": "pipelined"}, "network.multicast": "unicast"},
        {"mapping.sharing": "shared", "mapping.weights": "dram", "workload.embedding": "dram"},
        {"formats": {"events_per_packet": 4, "packing": "block"}, "compute.kernel": "event_columns"},
        {"machine.override.packets.payload_bits": [0, 32, 64], "compute.values_per_packet": 2},
    ],
    ids=lambda way: ", ".join(way) or "as shipped",
)
def test_the_machine_finds_the_likelihoods_that_the_host_finds(said, way):
    found = said(DEALT, way)
    assert_same_text(found, said(HOST))
    assert all(found["books"].values()) and "layer4" not in found["workload"]["events_by_layer"]


@pytest.mark.parametrize("text", [WRITES, DRAWS], ids=["likeliest", "drawn"])
@pytest.mark.parametrize("way", [{}, {"workload.decoder_columns": "dense", "sync.protocol": "markers"}], ids=str)
def test_the_machine_writes_the_text_that_the_host_writes(said, text, way):
    host, found = said(HOST, text), said(DEALT, text, way)
    assert_same_text(found, host)
    assert len(host["workload"]["generated_text"].split()) == 4


def test_a_text_that_is_written_waits_for_the_decoder(said):
    fast, slow = (said(DEALT, WRITES, {"machine.override.costs.score_word_cycles": cycles}) for cycles in (30, 3000))
    least = 5 * (3000 - 30) * WORDS // SLICES / 150e6
    assert slow["time"]["total_s"] - fast["time"]["total_s"] == pytest.approx(least, rel=1e-3)
    assert slow["workload"]["generated_text"] == fast["workload"]["generated_text"]


@pytest.mark.parametrize(("form", "weight_bytes"), [("fp32", 4), ("int8", 1)])
def test_bytes_read_are_those_of_the_columns(said, form, weight_bytes):
    formats = {"formats": {"weights": form}}
    active = said(DEALT, formats)
    dense = said(DEALT, formats, {"workload.decoder_columns": "dense"})
    assert active["dram"]["read_bytes"] == events_of_last(active) * column_bytes(weight_bytes)
    assert active["memory"]["dram_bytes"] == UNITS * column_bytes(weight_bytes)
    assert dense["memory"]["dram_bytes"] == UNITS * WORDS * weight_bytes == dense["dram"]["read_bytes"] / TOKENS
    assert active["workload"]["outputs_sha256"] == dense["workload"]["outputs_sha256"]
    assert active["workload"]["perplexity"] == dense["workload"]["perplexity"]


def test_columns_of_units_that_fired_are_fewer_bytes_and_less_energy(said):
    active, dense = said(DEALT), said(DEALT, {"workload.decoder_columns": "dense"})
    assert active["dram"]["read_bytes"] < dense["dram"]["read_bytes"]
    assert active["energy"]["by_part_j"]["dram_dynamic"] < dense["energy"]["by_part_j"]["dram_dynamic"]
    assert active["network"]["flit_hops"] < dense["network"]["flit_hops"]


def test_a_decoder_in_int8_says_what_that_changes(said):
    found = said(DEALT, {"formats.weights": "int8"})["workload"]
    assert found["perplexity"] == pytest.approx(found["quantisation"]["perplexity"], rel=1e-6)
    exact = said(HOST)["workload"]["perplexity"]
    assert found["quantisation"]["exact_perplexity"] == exact
    assert found["perplexity"] == pytest.approx(exact, rel=0.01) and found["perplexity"] != exact


def layer4(summary):
    return summary["time"]["by_layer_s"]["layer4"]


FAST = {
    "costs": {"fp32_mac_cycles": 0.01, "score_word_cycles": 0.01, "dma_setup_cycles": 1, "receive_packet_cycles": 1}
}


def test_the_ports_set_the_pace_where_arithmetic_is_fast(said):
    fast = {"machine.override": FAST, "mapping.pes_per_layer": [*LAYERS, 10]}
    slow = {"machine.override": FAST | {"dram": {"dma_bytes_per_s": 0.3e9}}}
    found, slower = said(DEALT, fast), said(DEALT, fast, slow)
    columns = found["dram"]["read_bytes"] / TOKENS
    assert columns / TWO_PORTS <= layer4(found) <= 2 * columns / TWO_PORTS
    assert columns / (2 * 0.3e9) <= layer4(slower) <= 1.2 * columns / (2 * 0.3e9)


def test_all_of_the_matrix_takes_as_long_as_the_ports_need_for_it(said):
    fast = {"machine.override": FAST | {"dram": {"dma_bytes_per_s": 2e6}}}
    found = said(DEALT, fast, {"workload.decoder_columns": "dense"})
    assert found["time"]["total_s"] >= found["dram"]["read_bytes"] / (2 * 2e6)


def test_arithmetic_sets_the_pace_where_it_is_slow(said):
    slow = {"machine.override.costs.fp32_mac_cycles": 50}
    found = said(DEALT, slow)
    products = events_of_last(found) * WORDS // SLICES * 50 / TOKENS
    assert layer4(found) == pytest.approx((products + 30 * WORDS // SLICES) / 150e6, rel=0.1)
    higher = said(DEALT, slow, {"machine.operating_point": "high"})
    assert layer4(higher) == pytest.approx(layer4(found) / 2, rel=0.1)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({}, {"mapping.block_bytes": 64}),
        ({}, {"machine.override.costs.dma_setup_cycles": 300}),
        ({}, {"machine.override.costs.score_word_cycles": 60}),
        ({}, {"machine.override.costs.fp32_mac_cycles": 8}),
        ({}, {"workload.decoder_columns": "dense"}),
        ({"formats.weights": "int8"}, {"formats.weights": "int8", "machine.override.costs.int8_nonzero_cycles": 20}),
        ({"mapping.pes_per_layer": [*LAYERS, 9]}, {}),
    ],
    ids=lambda one: next(iter(one), "as it is"),
)
def test_what_makes_decoding_slower(said, less, more):
    assert layer4(said(DEALT, more)) > layer4(said(DEALT, less))


def test_larger_blocks_take_more_memory(said):
    small, large = (said(DEALT, {"mapping.block_bytes": size})["memory"] for size in (64, 65536 // 2))
    assert large["sram_max_bytes"] > small["sram_max_bytes"]


def test_a_run_rests_on_the_costs_of_its_decoder(said):
    more = set(said(DEALT)["assumed"]) - set(said(HOST)["assumed"])
    assert {"costs.score_word_cycles", "costs.fp32_mac_cycles", "costs.dma_setup_cycles"} <= more


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"sync": {"protocol": "timer", "period_us": 3000.0}}, "workload.decoder: a decoder in DRAM answers for one"),
        ({"compute.balance": "perfect"}, r"compute.balance: .* the weights of layer 4"),
        ({"mapping.pes_per_layer": LAYERS}, r"3 entries for 3 layers and a decoder on PEs"),
        ({"mapping.pes_per_layer": [*LAYERS, WORDS + 1]}, r"mapping.pes_per_layer\[3\].*ask for 1 to 90"),
        ({"machine.override.dram.rows": 1, "mapping.pes_per_layer": [*LAYERS, 2]}, "bytes to be kept in DRAM"),
        ({"mapping.block_bytes": 65536}, r"mapping.pes_per_layer\[3\].*fits on no number of PEs"),
        (
            {"machine.topology": "mesh", "machine.override.dram": None, "network.multicast": "tree"},
            "workload.decoder: 'dram' asked, but mesh has no DRAM",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(said, broken, words):
    with pytest.raises(Refused, match=words):
        said(DEALT, broken)


@pytest.mark.slow
@pytest.mark.parametrize("columns", ["active", "dense"])
def test_the_whole_vocabulary_gives_the_perplexity_of_the_host(ran, columns):
    dealt = ran("lm_decoder_dram", {"workload.decoder_columns": columns}).summary
    host = ran("lm_trained", {"workload.tokens": 16}).summary
    assert_same_text(dealt, host)
