"""Copies of a network on samples of their own: each makes what a run on its sample alone makes."""

import hashlib
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from sim.report.result import Result
from sim.scenario.complaints import Refused
from sim.scenario.load import load
from sim.scenario.tokens import tokens_of
from sim.simulate import run
from sim.workload.egru import run_whole
from sim.workload.prepare import prepare

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
TOKENS, COPIES = 2, 3
ASKED = {"workload.tokens": TOKENS, "mapping.pes_per_layer": [3, 4, 3]}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    def of(name="lm_trained", **settings) -> Result:
        asked = {key.replace("__", "."): value for key, value in settings.items()}
        return Result(run(SCENARIOS / f"{name}.yaml", asked, out=tmp_path_factory.mktemp("copies")))

    return of


@pytest.fixture(scope="module")
def alone(ran, tmp_path_factory):
    """A run on each stretch of the text, which is all the text there is."""
    words = list(islice(tokens_of((SCENARIOS / "data" / "kjv_heldout.txt").read_text()), COPIES * TOKENS + 1))
    results = []
    for number in range(COPIES):
        text = tmp_path_factory.mktemp("text") / "stretch.txt"
        text.write_text(written(words[number * TOKENS : (number + 1) * TOKENS + 1]))
        results.append(ran(**ASKED, workload__text=str(text)).summary)
    return results


def written(words):
    """A text that is read as these words."""
    text = " ".join(words)
    assert list(tokens_of(text))[: len(words)] == words
    return text


WAYS = {
    "one chip": {},
    "one chip, markers, pipelined": {"sync": {"protocol": "markers", "schedule": "pipelined"}},
    "one chip, mesh copies": {"network.multicast": "tree"},
    "chips of their own": {"machine": {"topology": "spinnaker2_board", "chips": 6}, "mapping.chips": "spread"},
    "more copies than chips, tree": {
        "machine": {"topology": "spinnaker2_board", "chips": 2},
        "sync.protocol": "tree",
    },
    "time enough": {"sync": {"protocol": "timer", "schedule": "pipelined", "period_us": 2000.0}},
}


@pytest.mark.parametrize("way", WAYS)
def test_each_copy_makes_what_a_run_on_its_sample_makes(ran, alone, way):
    result = ran(**ASKED, mapping__replicas=COPIES, **WAYS[way])
    summary, sample = result.summary, result.table("sample")
    assert sample["outputs_sha256"].tolist() == [one["workload"]["outputs_sha256"] for one in alone]
    assert sample["perplexity"].tolist() == [one["workload"]["perplexity"] for one in alone]
    assert sample["steps"].tolist() == [TOKENS] * COPIES
    assert summary["workload"]["events"] == sum(one["workload"]["events"] for one in alone)
    assert summary["workload"]["mean_nll_nat"] == pytest.approx(np.mean([o["workload"]["mean_nll_nat"] for o in alone]))
    assert all(summary["books"].values()) and summary["time"]["steps"] == COPIES * TOKENS


def test_copies_side_by_side_give_more_tokens_a_second_at_less_energy_each(ran, alone):
    summary = ran(**ASKED, mapping__replicas=COPIES).summary
    one = alone[0]
    assert summary["time"]["steps_per_s"] > 0.9 * COPIES * one["time"]["steps_per_s"]
    assert summary["energy"]["per_step_j"] < one["energy"]["per_step_j"] / 2
    assert summary["pe"]["used"] == COPIES * one["pe"]["used"]
    assert summary["network"]["router_entries"] == pytest.approx(COPIES * one["network"]["router_entries"], rel=0.5)


def test_rows_say_of_which_copy_they_are(ran):
    result = ran("smoke", workload__tokens=2, mapping__replicas=2)
    step, layers, pe = result.table("step"), result.table("layer_step"), result.table("pe")
    assert np.bincount(step["replica"]).tolist() == [12, 12] and np.bincount(layers["replica"]).tolist() == [6, 6]
    assert np.bincount(pe["replica"].compressed()).tolist() == [6, 6]
    assert (pe["role"] == "scheduler").sum() == 2
    assert (step["slack_s"] >= 0).all()


def test_drawn_activity_differs_from_copy_to_copy_and_only_the_first_is_that_of_one_alone(ran):
    workload = {"kind": "statistical", "layers": [8, 40, 40], "activity": 0.3, "steps": 3}
    settings = {"workload": workload, "mapping": {"pes_per_layer": [2, 2]}}
    single = ran("smoke", **settings).summary["workload"]["outputs_sha256"]
    settings["mapping"] = {"pes_per_layer": [2, 2], "replicas": 3}
    hashes = ran("smoke", **settings).table("sample")["outputs_sha256"].tolist()
    assert hashes[0] == single and len(set(hashes)) == 3


def test_each_copy_writes_on_from_a_prompt_of_its_own(ran):
    asked = {"workload__tokens": 6, "workload__generate.prompt_tokens": 3}
    single = ran("lm_generate", **asked).summary["workload"]["generated_text"]
    texts = ran("lm_generate", **asked, mapping__replicas=2).table("sample")["generated_text"].tolist()
    assert texts[0] == single != texts[1] and texts[1]


def test_rows_of_vectors_are_dealt_out_in_stretches(tmp_path):
    rows = np.random.default_rng(1).random((6, 5), np.float32)
    text = (
        "name: v\nworkload: {kind: vectors, weights: {synthetic: {layers: [5, 9], sparsity: 0.3}}, inputs: x.npz, "
        "steps: 2}\nmapping: {pes_per_layer: [3]}\n"
    )
    (tmp_path / "v.yaml").write_text(text)
    np.savez(tmp_path / "x.npz", x=rows)
    batch = Result(run(tmp_path / "v.yaml", {"mapping.replicas": 3}, out=tmp_path / "batch")).table("sample")
    workload = prepare(*load(tmp_path / "v.yaml"))
    for number, found in enumerate(batch["outputs_sha256"]):
        outputs = run_whole(workload.network, rows[2 * number : 2 * number + 2])[-1]
        assert hashlib.sha256(outputs.astype("<f4").tobytes()).hexdigest() == found
    with pytest.raises(Refused, match="3 steps asked for each of 3 samples"):
        run(tmp_path / "v.yaml", {"mapping.replicas": 3, "workload.steps": 3})
    with pytest.raises(Refused, match="say how many rows make a sample"):
        run(tmp_path / "v.yaml", {"mapping.replicas": 3, "workload.steps": None})


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        (
            "lm_trained",
            {"workload__decoder": "dram", "mapping.pes_per_layer": None},
            "a decoder on PEs knows one sample",
        ),
        ("lm_trained", {"workload__tokens": 3000}, "3000 asked for each of 9 samples, but .* make it"),
        ("dvs_events", {"workload__frames": 2, "mapping__pes_per_layer": [4, 2, 1]}, "there is one sample"),
    ],
)
def test_what_has_no_samples_for_all_is_refused(ran, name, settings, message):
    with pytest.raises(Refused, match=message):
        ran(name, mapping__replicas=9, **settings)
