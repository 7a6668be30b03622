"""Whole workloads from scenarios: text scored and written, vectors, and what is said when they cannot be
had.
"""

import json
import math

import numpy as np
import pytest

from sim.workload.prepare import one_piece

SYNTHETIC = "kind: language_model\ntext: words.txt\nweights: {synthetic: {layers: [8, 20, 8], sparsity: 0.5}}\n"


def trained(model, text, *more):
    return "\n".join(["kind: language_model", f"weights: {model}", f"text: {text}", *more])


@pytest.mark.parametrize("model", ["tiny_lm_A95", "tiny_lm_B_thr"])
@pytest.mark.parametrize("tokens", [70, 512, 2048])
def test_trained_models_meet_their_reference(prepared, shipped, model, tokens):
    cases = json.loads((shipped["data"] / "trained_reference.json").read_text())
    wanted = next(case for case in cases if case["model"] == model and case["tokens"] == tokens)
    workload = prepared(trained(shipped[model], shipped["text"], f"tokens: {tokens}"))
    outputs = one_piece(workload)
    report = workload.report()
    assert (report["tokens"], report["unknown_tokens"]) == (tokens, wanted["unk"])
    assert report["perplexity"] == pytest.approx(wanted["perplexity"], rel=5e-4)
    assert report["mean_nll_nat"] == pytest.approx(wanted["mean_nll_nat"], rel=5e-4)
    assert [np.count_nonzero(y) for y in outputs] == pytest.approx(wanted["events_per_layer"], rel=5e-4)


def test_trained_outputs_are_those_recorded_with_the_weights(prepared, shipped):
    archive = np.load(shipped["tiny_lm_A95"])
    workload = prepared(trained(shipped["tiny_lm_A95"], shipped["text"], "tokens: 70"))
    words = str(archive["vocab"]).split("\n")
    recorded = archive["tokens"]
    source = workload.source
    source.tokens[: len(recorded)] = recorded
    outputs = one_piece(workload)
    for number, y in enumerate(outputs):
        assert np.max(np.abs(y[:64] - archive[f"L{number}/y"])) < 1e-5
    assert [source.losses[step] for step in range(64)] == pytest.approx(archive["nll"].tolist(), abs=1e-4)
    assert len(words) == workload.network.embedding.size


def test_a_report_covers_the_steps_accepted_so_far(prepared, shipped):
    workload = prepared(trained(shipped["tiny_lm_A95"], shipped["text"], "tokens: 9"))
    assert workload.report() == {}
    silent = np.zeros(128, np.float32)
    for step in (1, 0, 2):
        workload.accept(step, silent)
    report = workload.report()
    assert report["tokens"] == 3
    assert report["perplexity"] == pytest.approx(math.exp(report["mean_nll_nat"]), rel=1e-14)


def test_without_a_decoder_there_is_no_perplexity(prepared, shipped):
    workload = prepared(trained(shipped["tiny_lm_A95"], shipped["text"], "tokens: 5", "decoder: none"))
    one_piece(workload)
    assert workload.report() == {}
    assert workload.decoder_macs(np.ones(128, np.float32)) == 0


def test_synthetic_weights_score_no_perplexity_but_decoding_still_costs(prepared):
    workload = prepared(SYNTHETIC + "tokens: 18")
    one_piece(workload)
    assert workload.report() == {}
    assert workload.decoder_macs(np.array([0, 0.5, 0, 0.1, 0, 0, 0, 0], np.float32)) == 2 * 33278


def test_synthetic_weights_meet_the_activity_over_the_text_that_is_fed(prepared, shipped):
    section = SYNTHETIC.replace("words.txt", str(shipped["text"])).replace("[8, 20, 8]", "[40, 90, 70, 40]")
    workload = prepared(section + "tokens: 200", seed=4)
    assert workload.warnings == ()
    assert [np.count_nonzero(y) / y.size for y in one_piece(workload)] == pytest.approx([0.15] * 3, rel=0.02)


def test_score_feeds_the_text_itself(prepared, shipped):
    workload = prepared(trained(shipped["tiny_lm_A95"], "words.txt", "tokens: 4"))
    words = workload.network.vocabulary.words
    assert [words[workload.source.token(step)] for step in range(4)] == ["wisdom", "is", "good", "."]
    assert np.array_equal(workload.input(1), workload.network.embedding.row(words.index("is")))
    assert workload.source.known_ahead


GENERATE = ("mode: generate", "tokens: 24", "generate: {prompt_tokens: 4, sampling: %s, temperature: 0.8}")


def written(prepared, shipped, sampling="greedy", seed=1):
    keys = [key % sampling if "%" in key else key for key in GENERATE]
    workload = prepared(trained(shipped["tiny_lm_A95"], shipped["text"], *keys), seed=seed)
    assert not workload.source.known_ahead
    one_piece(workload)
    return workload


def test_the_trained_model_writes_on_from_the_prompt(prepared, shipped):
    workload = written(prepared, shipped)
    assert workload.report() == {
        "tokens": 21,
        "generated_text": "not <unk> , and the lord shall be in the lord . <eos> and the lord shall be in the lord",
    }
    assert len(workload.source.tokens) == 4 + 24 - 4 + 1


def test_what_is_written_is_fed_back(prepared, shipped):
    workload = written(prepared, shipped)
    tokens = workload.source.tokens
    again = prepared(trained(shipped["tiny_lm_A95"], shipped["text"], "tokens: 24"))
    again.source.tokens[:25] = tokens
    logits = [workload.network.decoder.logits(y) for y in one_piece(again)[-1]]
    assert [int(np.argmax(row)) for row in logits[3:]] == tokens[4:]


def test_sampling_follows_the_seed(prepared, shipped):
    texts = [written(prepared, shipped, "sample", seed).report()["generated_text"] for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert texts[0] != written(prepared, shipped).report()["generated_text"]


def test_a_synthetic_model_writes_words_of_the_text(prepared):
    section = SYNTHETIC + "mode: generate\ntokens: 30\ngenerate: {prompt_tokens: 3, sampling: sample}"
    workload = prepared(section)
    one_piece(workload)
    report = workload.report()
    words = workload.network.vocabulary.words
    assert [words[token] for token in workload.source.tokens[:3]] == ["wisdom", "is", "good"]
    assert len(workload.source.tokens) == 31
    assert set(report["generated_text"].split()) <= set(words)
    assert workload.network.embedding.size == 33278


def test_a_prompt_longer_than_the_calibration_is_still_only_a_prompt(prepared, shipped):
    section = SYNTHETIC.replace("words.txt", str(shipped["text"]))
    workload = prepared(section + "mode: generate\ntokens: 300\ngenerate: {prompt_tokens: 300}")
    assert len(workload.source.tokens) == 300


def vectors(tmp_path, x, weights="{synthetic: {layers: [6, 30, 20], sparsity: 0.5}}", more=""):
    np.savez(tmp_path / "inputs.npz", x=x)
    return f"kind: vectors\ninputs: inputs.npz\nweights: {weights}\n{more}"


@pytest.mark.parametrize(("form", "largest", "told"), [("fp16", 1e5, 1), ("fp16", 65_504, 0), ("int8", 1e5, 0)])
def test_inputs_that_fp16_cannot_hold_are_cut_off_and_that_is_said(prepared, tmp_path, form, largest, told):
    x = np.random.default_rng(1).uniform(-1, 1, size=(9, 6)).astype(np.float32)
    x[4, 2] = -largest
    workload = prepared(vectors(tmp_path, x), formats=f"inputs: {form}")
    assert workload.input(4)[2] == -min(largest, 65_504 if form == "fp16" else largest)
    warnings = [warning for warning in workload.warnings if "fp16" in warning]
    assert len(warnings) == told and all("inputs reach 100000 in size" in warning for warning in warnings)


def test_vectors_are_fed_row_by_row(prepared, tmp_path):
    x = np.random.default_rng(1).normal(size=(50, 6)).astype(np.float32)
    workload = prepared(vectors(tmp_path, x))
    assert workload.steps == 50
    assert np.array_equal([workload.input(step) for step in range(50)], x)
    assert [np.count_nonzero(y) / y.size for y in one_piece(workload)] == pytest.approx([0.15] * 2, rel=0.02)
    assert workload.report() == {}
    assert workload.source.token(0) is None
    assert prepared(vectors(tmp_path, x, more="steps: 7")).steps == 7


def test_vectors_run_through_trained_layers(prepared, tmp_path, arrays):
    np.savez(tmp_path / "w.npz", **{name: a for name, a in arrays.items() if name.startswith("L")})
    workload = prepared(vectors(tmp_path, np.ones((2, 3), np.float32), "w.npz"))
    assert [y.shape for y in one_piece(workload)] == [(2, 4), (2, 3)]


def test_vectors_that_are_not_numbers_are_refused(said, tmp_path):
    x = np.array([[1.0, np.nan] * 3] * 2, np.float32)
    (line,) = said(vectors(tmp_path, x))
    assert line.startswith("workload.inputs: ")
    assert "array 'x' has nan at index (0, 1) (6 such values), expected finite numbers" in line


@pytest.mark.parametrize(
    ("section", "key"),
    [
        (SYNTHETIC + "tokens: 23", "workload.tokens"),
        (
            SYNTHETIC + "mode: generate\ntokens: 30\ngenerate: {prompt_tokens: 24}",
            "workload.generate.prompt_tokens",
        ),
    ],
)
def test_a_text_of_23_tokens_is_too_short_for_more(said, section, key):
    (line,) = said(section)
    assert line.startswith(f"{key}: ")
    assert "23 tokens" in line


def test_a_text_of_23_tokens_is_long_enough_for_all_of_them(prepared):
    assert len(one_piece(prepared(SYNTHETIC + "tokens: 22"))[0]) == 22
    section = SYNTHETIC + "mode: generate\ntokens: 30\ngenerate: {prompt_tokens: 23}"
    assert len(one_piece(prepared(section))[0]) == 30


@pytest.mark.parametrize(
    ("section", "lines"),
    [
        (
            SYNTHETIC.replace("sparsity", "vocabulary: 9, sparsity") + "tokens: 18",
            ["workload.weights.synthetic.vocabulary: 9 tokens asked, but words.txt has 15 different; set 15 or more"],
        ),
        (
            "kind: traffic\nrate: 0.1",
            ["workload.kind: 'traffic' has no network to prepare, it is made by rule"],
        ),
    ],
)
def test_what_does_not_fit_the_text_is_refused(said, section, lines):
    assert said(section) == lines


def test_a_text_without_a_word_is_refused(said):
    (line,) = said(SYNTHETIC + "tokens: 2", text="1\n2\n3\n")
    assert line.startswith("workload.text: ")
    assert "no word" in line


def test_faults_in_trained_weights_are_told_together(said, tmp_path, arrays):
    arrays["L0/W"][0, 0] = np.nan
    np.savez(tmp_path / "w.npz", **arrays | {"vocab": np.array("<unk>\nis")})
    lines = said(trained("w.npz", "words.txt", "tokens: 2"))
    assert len(lines) == 2
    assert all(line.startswith("workload.weights: ") for line in lines)


def test_a_word_unknown_to_a_vocabulary_without_unk_is_refused(said, tmp_path, arrays):
    np.savez(tmp_path / "w.npz", **arrays | {"vocab": np.array("wisdom\nis\nthe\n.\n<eos>")})
    (line,) = said(trained("w.npz", "words.txt", "tokens: 2"))
    assert line.startswith("workload.text: the word 'good' is not in the vocabulary of 5 words")
