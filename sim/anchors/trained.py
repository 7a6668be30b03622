"""A trained model on the machine against another implementation of the same network."""

from __future__ import annotations

from collections.abc import Iterator

from sim.anchors.row import Row
from sim.anchors.runs import Runs

REFERENCE = "float32 reference implementation, tests/data/trained_reference.json"


def trained(runs: Runs) -> Iterator[Row]:
    """Perplexity of text the model has never seen, and what formats do to it."""
    text: dict[str, object] = {"workload.tokens": 70}
    exact = runs.summary("lm_trained", text)["workload"]
    yield Row("perplexity of 70 tokens", "number", 97.52964, REFERENCE, "predicted", 5e-4, exact["perplexity"])
    yield Row("events of 70 tokens", "count", 11463 + 7504 + 3016, REFERENCE, "predicted", 5e-4, exact["events"])
    for name, formats in (("int8 weights", {"formats.weights": "int8"}), ("fp16 events", {"formats.events": "fp16"})):
        found = runs.summary("lm_trained", text | formats)["workload"]["perplexity"]
        yield Row(f"perplexity, {name}", "number", exact["perplexity"], "our own in fp32", "predicted", 1e-3, found)
    few: dict[str, object] = {"workload.tokens": 4}
    on_host, on_pes = (runs.summary(name, few)["workload"]["perplexity"] for name in ("lm_trained", "lm_decoder_dram"))
    row = "perplexity of 4 tokens, decoder on PEs"
    yield Row(row, "number", on_host, "our own, decoded on the host", "predicted", 1e-6, on_pes)
