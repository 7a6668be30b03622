"""A batch: the same network on several samples that know nothing of each other.

The first sample is what one copy of the network works on alone; the others follow it in the text or in the rows of
vectors, or have random streams of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sim.scenario.document import Document, read_text
from sim.scenario.models import LanguageModel, Scenario, Statistical, Vectors
from sim.scenario.streams import stream
from sim.workload.firing import KEPT, Drawn
from sim.workload.prepare import TEXT, Workload, given
from sim.workload.source import GivenVectors, ScoredText, SteadyInputs, WrittenText
from sim.workload.text import tokenise


def samples(first: Workload, scenario: Scenario, document: Document) -> tuple[Workload, ...]:
    """The workload of each copy of the network, that of the `first` before all."""
    if scenario.mapping.replicas == 1:
        return (first,)
    return (first, *_others(first, scenario, document))


def _others(first: Workload, scenario: Scenario, document: Document) -> Iterator[Workload]:
    asked, numbers = scenario.workload, range(1, scenario.mapping.replicas)
    if isinstance(asked, LanguageModel):
        return (_of_text(first, asked, document, number) for number in numbers)
    if isinstance(asked, Vectors):
        return (_of_rows(first, asked, document, number) for number in numbers)
    assert isinstance(asked, Statistical)
    return (_drawn(first, asked, scenario, number) for number in numbers)


def _of_text(first: Workload, asked: LanguageModel, document: Document, number: int) -> Workload:
    """The next stretch of the text, or the next prompt."""
    vocabulary = first.network.vocabulary
    assert vocabulary is not None
    tokens = tokenise(read_text(document.resolve(asked.text), TEXT))
    length = asked.tokens if asked.mode == "score" else asked.generate.prompt_tokens
    ids = vocabulary.ids(tokens[number * length : (number + 1) * length + (asked.mode == "score")])
    source = first.source
    if isinstance(source, ScoredText):
        return replace(first, source=replace(source, tokens=ids, losses={}))
    assert isinstance(source, WrittenText)
    return replace(first, source=replace(source, tokens=[int(token) for token in ids]))


def _of_rows(first: Workload, asked: Vectors, document: Document, number: int) -> Workload:
    assert asked.steps is not None
    rows = given(asked, document, number * asked.steps)
    return replace(first, source=GivenVectors(rows))


def _drawn(first: Workload, asked: Statistical, scenario: Scenario, number: int) -> Workload:
    seed = int(stream(scenario.seed, "workload", "sample", str(number)).integers(np.iinfo(np.int64).max))
    drawn = Drawn(asked, seed, None if scenario.sync.protocol == "timer" else KEPT)
    return replace(first, source=SteadyInputs(asked.layers[0], asked.input_activity, seed), firing=drawn)
