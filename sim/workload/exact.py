"""How far what came out of a run is from what the network in one piece makes of the same inputs.

Only where values may count in another step than theirs can the two differ without a loss.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.workload.elementary import exp
from sim.workload.language_model import Decoder, nll
from sim.workload.network import Network
from sim.workload.sparse import Floats
from sim.workload.whole import Whole

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """What one sample's run and the network in one piece differ in, as sums, so that samples can be told together.

    Events that `flipped` of so many `chances`; squares of the outputs' differences, `off`, and of the exact outputs,
    `size`; the `first` step that differs; negative log-likelihoods of the tokens that were `scored`.
    """

    flipped: int
    chances: int
    off: float
    size: float
    first: int | None
    exact_nll: float = 0.0
    run_nll: float = 0.0
    scored: int = 0


def difference(
    network: Network, inputs: Sequence[Floats], sent: Sequence[Floats], outputs: Sequence[Floats], targets: list[int]
) -> Difference:
    """The differences in `outputs`, a vector for each of the `inputs`, and in the events that were `sent`.

    `sent` has for each population (steps, units); what the network's recurrent layers send are events. `targets` holds
    a token for each step, or nothing.
    """
    whole = Whole(network)
    exact = [whole.step(x) for x in inputs]
    front = len(network.front_end.stages) if network.front_end else 0
    events = range(front, front + len(network.layers))
    flipped = sum(
        int(np.count_nonzero((exact[step][one] != 0) != (sent[one][step] != 0)))
        for step in range(len(exact))
        for one in events
    )
    chances = len(exact) * sum(layer.units for layer in network.layers)
    finals = [made[-1] for made in exact]
    return Difference(flipped, chances, *_outputs(finals, outputs), *_losses(network, finals, outputs, targets))


def told(each: Sequence[Difference]) -> Report:
    """What all samples together are off by."""
    flipped, chances = sum(one.flipped for one in each), sum(one.chances for one in each)
    off, size = math.fsum(one.off for one in each), math.fsum(one.size for one in each)
    first = [one.first for one in each if one.first is not None]
    said: Report = {"events_differing": flipped}
    said |= {"events_differing_share": flipped / chances} if chances else {}
    said |= {"outputs_rms_share": math.sqrt(off / size)} if size else {}
    said |= {"first_differing_step": min(first)} if first else {}
    return said | _perplexities(each)


def _outputs(exact: Sequence[Floats], outputs: Sequence[Floats]) -> tuple[float, float, int | None]:
    """Squares of differences and of exact outputs, and from which step on there is a difference."""
    pairs = list(zip(exact, outputs, strict=True))
    off = (math.fsum(np.square(np.subtract(y, x, dtype=np.float64)).tolist()) for x, y in pairs)
    size = math.fsum(math.fsum(np.square(x, dtype=np.float64).tolist()) for x in exact)
    differing = (step for step, (x, y) in enumerate(pairs) if not np.array_equal(x, y))
    return math.fsum(off), size, next(differing, None)


def _perplexities(each: Sequence[Difference]) -> Report:
    scored = sum(one.scored for one in each)
    if not scored:
        return {}
    before, after = (
        math.fsum(sums) / scored for sums in zip(*((one.exact_nll, one.run_nll) for one in each), strict=True)
    )
    return {
        "exact_perplexity": float(exp(before)),
        "perplexity_change_share": float(exp(after - before)) - 1.0,
        "mean_nll_change_nat": after - before,
    }


def _losses(
    network: Network, exact: Sequence[Floats], outputs: Sequence[Floats], targets: list[int]
) -> tuple[float, float, int]:
    decoder = network.decoder
    if decoder is None or not targets:
        return 0.0, 0.0, 0
    return _loss(decoder, exact, targets), _loss(decoder, outputs, targets), len(outputs)


def _loss(decoder: Decoder, outputs: Sequence[Floats], targets: list[int]) -> float:
    return math.fsum(nll(decoder.logits(y), token) for y, token in zip(outputs, targets, strict=True))
