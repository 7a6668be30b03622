"""From a scenario to what a machine is given to do: a network with real weights and its inputs.

Synthetic weights are calibrated on the very inputs of the workload, so the inputs are made first. When
inputs depend on outputs (generate), the prompt and then words drawn by Zipf's law stand in for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sim.scenario.complaints import Refused
from sim.scenario.document import Document, read_text
from sim.scenario.models import Gesture, LanguageModel, Replay, Scenario, Statistical, Synthetic, Vectors
from sim.scenario.streams import stream
from sim.workload import npz, synthetic
from sim.workload.decoder_layer import DecoderLayer
from sim.workload.exact import Difference, difference
from sim.workload.firing import KEPT, Drawn, Firing, read_recorded
from sim.workload.gesture import CameraFrames, prepare_gesture
from sim.workload.language_model import Choice, Embedding, SeededEmbedding, decoder_of_rows
from sim.workload.network import Network
from sim.workload.quantisation import Quantised, compare, quantised
from sim.workload.rounding import cut_off
from sim.workload.source import GivenVectors, InputSource, Report, ScoredText, SteadyInputs, WrittenText
from sim.workload.sparse import Floats
from sim.workload.text import Tokens, Vocabulary, tokenise
from sim.workload.whole import Whole

TEXT: Final = "workload.text"
WEIGHTS: Final = "workload.weights"
INPUTS: Final = "workload.inputs"


@dataclass(frozen=True, slots=True, eq=False)
class Workload:
    """A network, the source of its inputs and the number of steps. The source remembers: one run uses it
    up.

    `decodes` says whether outputs become scores of tokens, which costs somebody `decoder_macs`; `warnings`
    say to the user what was asked and could not be had. `quantised` is the network beside the one it was
    before its numbers were put into other formats, None where nobody asked; `firing` says what layers send
    where that is not computed.
    """

    network: Network
    source: InputSource
    steps: int
    decodes: bool = False
    warnings: tuple[str, ...] = ()
    quantised: Quantised | None = None
    firing: Firing | None = None

    def input(self, step: int) -> Floats:
        """The input of `step` (from 0), (inputs,) float32; if not `source.known_ahead`, step by step only."""
        x = self.source.input(step)
        return self.quantised.inputs(x) if self.quantised else x

    @property
    def period_ps(self) -> int:
        """Time from one input to the next where the world makes them as the run goes on, in ps; 0 where it does not."""
        return self.source.due_ps(0) if isinstance(self.source, CameraFrames) else 0

    def due_ps(self, step: int) -> int:
        """When the input of `step` exists, in ps from the start of the run; 0 where it always has."""
        return self.source.due_ps(step) if isinstance(self.source, CameraFrames) else 0

    def accept(self, step: int, y: Floats) -> None:
        """Take the last layer's outputs of `step`, (units,) float32."""
        self.source.accept(step, y)

    def accept_decoded(self, step: int, answers: Floats, starts: Sequence[int]) -> None:
        """Take what slices of a decoder, whose words start at `starts`, answered, (slices, width) float32."""
        if isinstance(self.source, ScoredText | WrittenText):
            self.source.accept_decoded(step, answers, starts)

    def report(self) -> Report:
        """Perplexity or generated text, as far as there is any."""
        return self.source.report()

    def effect_of_formats(self, steps: int) -> Report:
        """What the number formats changed in the first `steps` steps; nothing where all are fp32."""
        if self.quantised is None or not self.quantised.changed or self.firing is not None:
            return {}
        targets = self.source.targets(steps) if self.decodes else []
        return compare(self.quantised, [self.source.input(step) for step in range(steps)], targets)

    def against_exact(self, sent: Sequence[Floats], outputs: Sequence[Floats]) -> Difference:
        """How far a run is from the network in one piece: what populations `sent`, (steps, units) each, and the
        `outputs` of the steps that were accepted."""
        targets = self.source.targets(len(outputs)) if self.decodes else []
        return difference(self.network, [self.input(step) for step in range(len(outputs))], sent, outputs, targets)

    def decoder_macs(self, y: Floats) -> int:
        """Multiply-accumulates to score every token from outputs `y`, only units that fired counted."""
        if not self.decodes or self.network.embedding is None:
            return 0
        return self.network.embedding.size * int(np.count_nonzero(y))


def prepare(scenario: Scenario, document: Document) -> Workload:
    """The workload of a scenario that was loaded with its document; Refused with the key that is to blame.

    Its numbers are in the formats of the scenario. Loading has judged what the files promise: shapes, and
    enough tokens or rows. Here the numbers in them are judged. A traffic workload has no network and is
    refused.
    """
    exact = _exact(scenario, document)
    both = quantised(exact.network, scenario.formats, exact.source.largest_input)
    source, decoder = exact.source, both.network.decoder
    if isinstance(source, ScoredText | WrittenText) and decoder:
        source = replace(source, decoder=decoder)
    warnings = (*exact.warnings, *cut_off(scenario.formats.inputs, exact.source.largest_input))
    return replace(exact, network=both.network, source=source, quantised=both, warnings=warnings)


def _exact(scenario: Scenario, document: Document) -> Workload:
    """The workload with all numbers as they were given."""
    asked = scenario.workload
    if isinstance(asked, LanguageModel):
        tokens = tokenise(read_text(document.resolve(asked.text), TEXT))
        if isinstance(asked.weights, str):
            return _trained_model(asked, scenario.seed, tokens, document)
        return _synthetic_model(asked, asked.weights.synthetic, scenario, tokens)
    if isinstance(asked, Vectors):
        return _vectors(asked, scenario.seed, document)
    if isinstance(asked, Gesture):
        network, source, warnings = prepare_gesture(asked, scenario.seed, document)
        return Workload(network, source, asked.frames, warnings=warnings)
    if isinstance(asked, Statistical):
        drawn = Drawn(asked, scenario.seed, None if scenario.sync.protocol == "timer" else KEPT)
        return _without_arithmetic(asked, asked.layers, asked.steps, drawn, scenario.seed)
    if isinstance(asked, Replay):
        return _replayed(asked, scenario.seed, document)
    problem = f"'{asked.kind}' has no network to prepare, it is made by rule"
    raise Refused.at("workload.kind", problem)


def one_piece(workload: Workload) -> list[Floats]:
    """The whole workload without a machine: outputs (steps, units) of each population. Uses the source up."""
    if workload.firing is not None:
        layers = range(len(workload.network.layers))
        return [np.stack([workload.firing.outputs(n, step) for step in range(workload.steps)]) for n in layers]
    whole = Whole(workload.network)
    sent: list[list[Floats]] = []
    for step in range(workload.steps):
        sent.append(whole.step(workload.input(step)))
        workload.accept(step, sent[-1][-1])
    return [np.stack(rows) for rows in zip(*sent, strict=True)]


def _trained_model(asked: LanguageModel, seed: int, tokens: Sequence[str], document: Document) -> Workload:
    assert isinstance(asked.weights, str)
    decodes = asked.decoder != "none"
    network = npz.load(document.resolve(asked.weights), WEIGHTS, language=True, decodes=decodes)
    assert network.vocabulary is not None
    ids = network.vocabulary.ids(tokens[: _tokens_used(asked)])
    network = _dealt(asked, seed, network, ids)
    return Workload(network, _text_source(asked, seed, network, ids), asked.tokens, decodes)


def _synthetic_model(asked: LanguageModel, spec: Synthetic, scenario: Scenario, tokens: Sequence[str]) -> Workload:
    """Words are numbered by first appearance; a network that generates can say those of the text only."""
    seed, vocabulary = scenario.seed, _words(asked, spec, tokens, scenario.mapping.replicas)
    ids = vocabulary.ids(tokens[: _tokens_used(asked)])
    embedding = SeededEmbedding(spec.vocabulary, spec.layers[0], seed)
    words = len(vocabulary.words)
    fed = ids[:-1] if asked.mode == "score" else _stand_in(ids, asked.tokens, words, seed)
    network, warnings = synthetic.build(spec, seed, _rows(embedding, fed[: synthetic.CALIBRATION_STEPS]))
    network = replace(network, embedding=embedding, vocabulary=vocabulary)
    if asked.decoder == "dram":
        decoder = decoder_of_rows(embedding, spec.vocabulary, words if asked.mode == "generate" else None)
        network = _dealt(asked, seed, replace(network, decoder=decoder), ids)
    elif asked.mode == "generate":
        network = replace(network, decoder=decoder_of_rows(embedding, words))
    source = _text_source(asked, seed, network, ids)
    return Workload(network, source, asked.tokens, asked.decoder != "none", warnings)


def _dealt(asked: LanguageModel, seed: int, network: Network, ids: Tokens) -> Network:
    """The network with its decoder dealt to processing elements where that is asked."""
    if asked.decoder != "dram" or network.decoder is None:
        return network
    targets = tuple(int(token) for token in ids[1:]) if asked.mode == "score" else ()
    return replace(network, dealt=DecoderLayer(network.decoder, asked.decoder_columns, _choice(asked, seed), targets))


def _choice(asked: LanguageModel, seed: int) -> Choice:
    """How a token is chosen; the best one of a text that is scored is the likeliest."""
    drawn = asked.mode == "generate" and asked.generate.sampling == "sample"
    return Choice(asked.generate.temperature, seed) if drawn else Choice()


def _tokens_used(asked: LanguageModel) -> int:
    """How many tokens of the text matter: those fed and, scoring, the one that the last should predict."""
    return asked.tokens + 1 if asked.mode == "score" else asked.generate.prompt_tokens


def _words(asked: LanguageModel, spec: Synthetic, tokens: Sequence[str], samples: int) -> Vocabulary:
    """The words that a synthetic network may meet in so many samples; Refused when its embedding has fewer rows."""
    vocabulary = Vocabulary.of_text(tokens if asked.mode == "generate" else tokens[: samples * asked.tokens + 1])
    there = len(vocabulary.words)
    if there > spec.vocabulary:
        problem = f"{spec.vocabulary} tokens asked, but {asked.text} has {there} different; set {there} or more"
        raise Refused.at(f"{synthetic.KEY}.vocabulary", problem)
    return vocabulary


def _text_source(asked: LanguageModel, seed: int, network: Network, ids: Tokens) -> InputSource:
    assert network.embedding is not None
    assert network.vocabulary is not None
    if asked.mode == "score":
        return ScoredText(ids, network.embedding, network.vocabulary.unknown, network.decoder)
    assert network.decoder is not None
    prompt, choice = [int(token) for token in ids], _choice(asked, seed)
    return WrittenText(prompt, network.embedding, network.vocabulary, network.decoder, choice, len(prompt))


def _stand_in(prompt: Tokens, steps: int, words: int, seed: int) -> Tokens:
    """The prompt, then words by Zipf's law (exponent 1), the first to appear taken as the commonest."""
    shares = np.cumsum(1.0 / np.arange(1, words + 1))
    count = max(min(steps, synthetic.CALIBRATION_STEPS) - len(prompt), 0)
    drawn = stream(seed, "workload", "zipf").random(count) * shares[-1]
    return np.concatenate([prompt, np.minimum(np.searchsorted(shares, drawn, side="right"), words - 1)])


def _rows(embedding: Embedding, tokens: Tokens) -> Floats:
    return np.stack([embedding.row(int(token)) for token in tokens])


def _vectors(asked: Vectors, seed: int, document: Document) -> Workload:
    x = given(asked, document)
    if isinstance(asked.weights, str):
        network = npz.load(document.resolve(asked.weights), WEIGHTS)
        return Workload(network, GivenVectors(x), len(x))
    network, warnings = synthetic.build(asked.weights.synthetic, seed, x)
    return Workload(network, GivenVectors(x), len(x), warnings=warnings)


def _replayed(asked: Replay, seed: int, document: Document) -> Workload:
    recorded = read_recorded(document.resolve(asked.events))
    sizes = (asked.inputs, *recorded.units)
    return _without_arithmetic(asked, sizes, asked.steps or recorded.steps, recorded, seed)


def _without_arithmetic(
    asked: Statistical | Replay, sizes: Sequence[int], steps: int, firing: Firing, seed: int
) -> Workload:
    network = synthetic.structure(sizes, asked.sparsity, seed)
    return Workload(network, SteadyInputs(sizes[0], asked.input_activity, seed), steps, firing=firing)


def given(asked: Vectors, document: Document, first: int = 0) -> Floats:
    """The rows of array `x` that are asked for, from number `first`, (steps, inputs) float32; Refused unless
    they are finite."""
    path = document.resolve(asked.inputs)
    x = npz.read_arrays(path, INPUTS, lambda name: name == "x")["x"]
    for problem in npz.number_problems("x", x):
        raise Refused.at(INPUTS, f"{path}: {problem}")
    return np.ascontiguousarray(x[first:][: asked.steps], dtype=np.float32)
