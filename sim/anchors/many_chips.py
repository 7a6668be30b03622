"""The trained model over more and more chips: outputs to the last bit those of the network in one piece.

How layers are cut and laid on chips, and who tells whom that a step is over, moves times and packets about, but no sum
may notice: each is taken in index order over values that came in packets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from sim.anchors.row import Row
from sim.anchors.runs import SCENARIOS, Runs
from sim.measure.outputs import Outputs
from sim.scenario.load import load
from sim.workload.prepare import one_piece, prepare

MODEL, TOKENS = "lm_trained", 2
SIZES = (1, 2, 8, 48)
PARTITIONS = ("spread", "layer_per_chip", "cut")
PROTOCOLS = ("barrier", "tree", "markers")
ASKED = {"machine.topology": "spinnaker2_board", "workload.tokens": TOKENS, "mapping.pes_per_layer": [48, 48, 48]}
"""As many slices to a layer as a board has chips, so that each chip has work, and all of them still fit on one."""

EXACT = "the network in one piece, computed without a machine"

Ways = Sequence[tuple[str, str]]
"""How layers are laid on chips, and the protocol."""

EVERY: Ways = tuple(product(PARTITIONS, PROTOCOLS))
FEW: Mapping[int, Ways] = {
    1: [("spread", "tree")],
    2: [("layer_per_chip", "barrier")],
    8: [("cut", "tree")],
    48: [("spread", "markers")],
}


def many_chips(runs: Runs) -> Iterator[Row]:
    """Each size in one way."""
    return _rows(runs, FEW)


def every_way(runs: Runs) -> Iterator[Row]:
    """Each size in all ways."""
    return _rows(runs, dict.fromkeys(SIZES, EVERY))


def _rows(runs: Runs, ways: Mapping[int, Ways]) -> Iterator[Row]:
    exact = _outputs_sha256()
    for chips, asked in ways.items():
        made = [runs.summary(MODEL, _asked(chips, *way)) for way in asked]
        alike = sum(one["workload"]["outputs_sha256"] == exact for one in made)
        used = min(one["chips"]["used"] for one in made) if chips > 1 else 1
        note = f"{MODEL}, {TOKENS} tokens, on {_counted(used)}: " + ", ".join(map(" ".join, asked))
        figure = f"ways with the same outputs, {_counted(chips)}"
        yield Row(figure, "count", len(asked), EXACT, "predicted", 0.0, alike, note)


def _counted(chips: int) -> str:
    return f"{chips} chip{'s' * (chips > 1)}"


def _asked(chips: int, partition: str, protocol: str) -> dict[str, object]:
    return ASKED | {"machine.chips": chips, "mapping.chips": partition, "sync.protocol": protocol}


def _outputs_sha256() -> str:
    """Of the network in one piece."""
    last = one_piece(prepare(*load(SCENARIOS / f"{MODEL}.yaml", {"workload.tokens": TOKENS})))[-1]
    outputs = Outputs(last.shape[1])
    for step, values in enumerate(last):
        outputs.take(step, 0, values)
    return outputs.sha256()
