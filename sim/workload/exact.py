"""How far what came out of a run is from what the network in one piece makes of the same inputs.

Only where values may count in another step than theirs can the two differ without a loss.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.workload.elementary import exp
from sim.workload.language_model import Decoder, nll
from sim.workload.network import Network
from sim.workload.sparse import Floats
from sim.workload.whole import Whole

Report = dict[str, Any]


def against_exact(
    network: Network, inputs: Sequence[Floats], sent: Sequence[Floats], outputs: Sequence[Floats], targets: list[int]
) -> Report:
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
    share = {"events_differing_share": flipped / chances} if chances else {}
    finals = [made[-1] for made in exact]
    return {
        "events_differing": flipped,
        **share,
        **_outputs(finals, outputs),
        **_losses(network, finals, outputs, targets),
    }


def _outputs(exact: Sequence[Floats], outputs: Sequence[Floats]) -> Report:
    """The relative difference, absent where the exact outputs are all zero, and from which step on there is one."""
    pairs = list(zip(exact, outputs, strict=True))
    off = [math.fsum(np.square(np.subtract(y, x, dtype=np.float64)).tolist()) for x, y in pairs]
    size = math.fsum(math.fsum(np.square(x, dtype=np.float64).tolist()) for x in exact)
    differing = [step for step, (x, y) in enumerate(pairs) if not np.array_equal(x, y)]
    said: Report = {"outputs_rms_share": math.sqrt(math.fsum(off) / size)} if size else {}
    return said | ({"first_differing_step": differing[0]} if differing else {})


def _losses(network: Network, exact: Sequence[Floats], outputs: Sequence[Floats], targets: list[int]) -> Report:
    decoder = network.decoder
    if decoder is None or not targets:
        return {}
    before, after = _mean_loss(decoder, exact, targets), _mean_loss(decoder, outputs, targets)
    return {
        "exact_perplexity": float(exp(before)),
        "perplexity_change_share": float(exp(after - before)) - 1.0,
        "mean_nll_change_nat": after - before,
    }


def _mean_loss(decoder: Decoder, outputs: Sequence[Floats], targets: list[int]) -> float:
    return math.fsum(nll(decoder.logits(y), token) for y, token in zip(outputs, targets, strict=True)) / len(outputs)
