"""A workload in the number formats a scenario asks for, and what that did to it.

The effect is measured without a machine: the network in one piece as it was given, beside the same network in its
formats, step by step on the same inputs. A complete run on a machine computes what the second of them computes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sim.scenario.formats import Formats
from sim.workload import rounding
from sim.workload.elementary import exp
from sim.workload.language_model import nll
from sim.workload.network import Network
from sim.workload.sparse import Floats
from sim.workload.whole import Whole

Report = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Quantised:
    """A network beside its `exact` form, and what becomes of the values of inputs."""

    exact: Network
    network: Network
    inputs: rounding.Rounding

    @property
    def changed(self) -> bool:
        """Whether any number is in another format than fp32."""
        return self.network is not self.exact or self.inputs.form != "fp32"


def quantised(network: Network, formats: Formats, largest_input: float) -> Quantised:
    """The network with its weights and events as `formats` says; inputs are at most `largest_input` in size."""
    exact = network
    inputs = rounding.of_inputs(formats.inputs, largest_input)
    if formats.weights == formats.events == "fp32":
        return Quantised(network, network, inputs)
    events, matrix = rounding.of_events(formats.events), rounding.int8_rows
    layers = tuple(replace(layer, events=events) for layer in network.layers)
    if formats.weights == "int8":
        layers = tuple(replace(layer, W=matrix(layer.W), R=matrix(layer.R)) for layer in layers)
        network = _with_narrow_decoder(network)
    return Quantised(exact, replace(network, layers=layers), inputs)


def _with_narrow_decoder(network: Network) -> Network:
    """A decoder that is dealt to processing elements is stored as other weights are; the host's keeps fp32."""
    if network.dealt is None:
        return network
    decoder = network.dealt.decoder.in_int8()
    return replace(network, decoder=decoder, dealt=replace(network.dealt, decoder=decoder))


def compare(both: Quantised, inputs: list[Floats], targets: list[int]) -> Report:
    """What the formats changed over `inputs`: flipped events, and the perplexity where there are `targets` to predict.

    `targets` holds a token for each step, or nothing.
    """
    exact, coarse = _Side(both.exact), _Side(both.network)
    flipped = 0
    for step, x in enumerate(inputs):
        target = targets[step] if targets else None
        pairs = zip(exact.advance(x, target), coarse.advance(both.inputs(x), target), strict=True)
        flipped += sum(int(np.count_nonzero((one != 0) != (other != 0))) for one, other in pairs)
    chances = len(inputs) * sum(layer.units for layer in both.exact.layers)
    return _flips(flipped, chances) | _losses(exact.losses, coarse.losses)


@dataclass(slots=True)
class _Side:
    """One of the two networks on its way through the steps."""

    network: Network
    whole: Whole = field(init=False)
    losses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.whole = Whole(self.network)

    def advance(self, x: Floats, target: int | None) -> list[Floats]:
        """What each recurrent layer sends in the next step."""
        front = len(self.network.front_end.stages) if self.network.front_end else 0
        sent = self.whole.step(x)[front:][: len(self.network.layers)]
        if target is not None and self.network.decoder is not None:
            self.losses.append(nll(self.network.decoder.logits(sent[-1]), target))
        return sent


def _flips(flipped: int, chances: int) -> Report:
    return {"events_flipped": flipped, "events_flipped_share": flipped / chances} if chances else {}


def _losses(exact: list[float], coarse: list[float]) -> Report:
    if not exact:
        return {}
    before, after = (math.fsum(losses) / len(losses) for losses in (exact, coarse))
    change = after - before
    return {
        "exact_perplexity": float(exp(before)),
        "perplexity": float(exp(after)),
        "perplexity_change_share": float(exp(change)) - 1.0,
        "mean_nll_change_nat": change,
    }
