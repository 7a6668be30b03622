"""The files a scenario names: whether they are there and hold what their keys promise.

Only names, types and shapes of arrays are looked at; the numbers in them are checked when they are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from sim.scenario import layout, places
from sim.scenario.complaints import Complaint, Refused, did_you_mean
from sim.scenario.document import Document, read_text, unopened
from sim.scenario.formats import too_many_columns
from sim.scenario.npz_header import Header, headers
from sim.scenario.rules import LAYERS, pes_misfit
from sim.scenario.tokens import END_OF_LINE, tokens_of

TOPOLOGY, WEIGHTS, TEXT, INPUTS = places.KEY, "workload.weights", "workload.text", "workload.inputs"
TRACE, EVENTS, LABELS = "workload.trace", "workload.events", "workload.labels"
Values = Mapping[str, Any]


def amiss(values: Values, document: Document) -> Iterator[Complaint]:
    """Complaints, without a place, about the files named in `values` (by dotted key)."""
    checks: dict[str, Callable[[Values, Document], Iterator[Complaint]]] = {
        TOPOLOGY: _topology,
        WEIGHTS: _weights,
        TEXT: _text,
        INPUTS: _inputs,
        TRACE: _trace,
        EVENTS: _events,
        LABELS: _labels,
    }
    for key, check in checks.items():
        if isinstance(values.get(key), str):
            try:
                yield from check(values, document)
            except Refused as refused:
                yield from refused.complaints


def _topology(values: Values, document: Document) -> Iterator[Complaint]:
    places.topology_file(values[TOPOLOGY], document)
    yield from ()


def _trace(values: Values, document: Document) -> Iterator[Complaint]:
    read_text(document.resolve(values[TRACE]), TRACE)
    yield from ()


def _events(values: Values, document: Document) -> Iterator[Complaint]:
    """Camera events are looked at when they are read: here only whether the file can be opened."""
    path = document.resolve(values[EVENTS])
    if values.get("workload.kind") == "replay":
        yield from _recorded(values, path)
        return
    try:
        with path.open("rb"):
            yield from ()
    except OSError as error:
        yield Complaint(EVENTS, f"{path}: {unopened(path, error)}")


def _recorded(values: Values, path: Path) -> Iterator[Complaint]:
    arrays = headers(path, EVENTS)
    if problems := list(layout.recorded_problems(arrays)):
        yield from (Complaint(EVENTS, f"{path}: {problem}") for problem in problems)
        return
    steps, there = values.get("workload.steps"), arrays["L0"].shape[0]
    if steps is not None and steps > there:
        yield Complaint("workload.steps", f"{steps} steps asked, but {path} has {there}; ask for no more")
    if misfit := pes_misfit(values.get("mapping.pes_per_layer"), sum(map(layout.is_recorded, arrays))):
        yield Complaint("mapping.pes_per_layer", misfit)


def _labels(values: Values, document: Document) -> Iterator[Complaint]:
    read_text(document.resolve(values[LABELS]), LABELS)
    yield from ()


def _text(values: Values, document: Document) -> Iterator[Complaint]:
    path = document.resolve(values[TEXT])
    text = read_text(path, TEXT)
    if all(token == END_OF_LINE for token in tokens_of(text)):
        yield Complaint(TEXT, f"{path}: the file has no word in it, expected a text")
    elif "workload.tokens" in values:
        yield from _too_short(values, path, text)


def _too_short(values: Values, path: Path, text: str) -> Iterator[Complaint]:
    """Scoring feeds every token and predicts one more; generating feeds only the prompt."""
    if values.get("workload.mode") == "generate":
        key, more = "workload.generate.prompt_tokens", 0
    else:
        key, more = "workload.tokens", 1
    samples = values.get("mapping.replicas", 1)
    need = samples * values.get(key, 0) + more
    have = sum(1 for _ in islice(tokens_of(text), need))
    if have < need:
        why = ", and scoring needs one more to predict" if more else ""
        each = f" for each of {samples} samples" if samples > 1 else ""
        most = (have - more) // samples
        yield Complaint(key, f"{values[key]} asked{each}, but {path} has {have} tokens{why}; make it {most} or less")


def _weights(values: Values, document: Document) -> Iterator[Complaint]:
    path = document.resolve(values[WEIGHTS])
    arrays = headers(path, WEIGHTS)
    problems = list(layout.layer_problems(arrays))
    if TEXT in values:
        problems += layout.language_problems(arrays, decodes=values.get("workload.decoder", "none") != "none")
    for problem in problems:
        yield Complaint(WEIGHTS, f"{path}: {problem}")
    if {"formats.indices", "compute.kernel"} <= values.keys() and not problems:
        columns = layout.most_columns(arrays)
        if misfit := too_many_columns(columns, values["formats.indices"], values["compute.kernel"]):
            yield Complaint("formats.indices", misfit)
    decoder = values.get("workload.decoder", "none")
    misfit = pes_misfit(values.get("mapping.pes_per_layer"), layout.layer_count(arrays), decoder)
    if misfit and not problems:
        yield Complaint("mapping.pes_per_layer", misfit)


def _inputs(values: Values, document: Document) -> Iterator[Complaint]:
    path = document.resolve(values[INPUTS])
    arrays = headers(path, INPUTS)
    if "x" not in arrays:
        there = ", ".join(sorted(arrays)[:8]) or "no array at all"
        yield Complaint(INPUTS, f"{path}: array 'x' is missing{did_you_mean('x', arrays)}; it has {there}")
    elif len(arrays["x"].shape) != 2 or 0 in arrays["x"].shape or arrays["x"].dtype[1:] != "f4":
        yield Complaint(INPUTS, f"{path}: array 'x' is {arrays['x']}, expected float32 (steps, inputs)")
    else:
        yield from _rows_and_columns(values, path, arrays["x"], _width(values, document))


def _rows_and_columns(values: Values, path: Path, x: Header, width: int | None) -> Iterator[Complaint]:
    rows, columns = x.shape
    if width is not None and columns != width:
        yield Complaint(INPUTS, f"{path}: array 'x' has {columns} columns, but the first layer has {width} inputs")
    steps, samples = values.get("workload.steps"), values.get("mapping.replicas", 1)
    if steps is not None and samples * steps > rows:
        each = f" for each of {samples} samples" if samples > 1 else ""
        yield Complaint("workload.steps", f"{steps} steps asked{each}, but array 'x' of {path} has {rows} rows")


def _width(values: Values, document: Document) -> int | None:
    """Inputs of the first layer, None when the weights cannot tell."""
    if LAYERS in values:
        return int(values[LAYERS][0])
    if not isinstance(values.get(WEIGHTS), str):
        return None
    try:
        return layout.input_width(headers(document.resolve(values[WEIGHTS]), WEIGHTS))
    except Refused:
        return None
