"""From the names of the reference code to those of a weight file: a trained gesture network, array by array.

The reference code (EvNN, benchmarks/dvs_gesture) saves `conv.N.weight` and `.bias` of its front end, `layers.N.kernel`,
`.recurrent_kernel`, `.bias`, `.recurrent_bias` and `.thr` of its recurrent layers, and `fc.weight` and `.bias`. Kernels
of recurrent layers are sources by targets there as here; the readout's is turned. Thresholds are held within 0 to 1
when that code runs, so they are here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from sim.workload.npz import Array
from sim.workload.sparse import Floats

RECURRENT = {"kernel": "W", "recurrent_kernel": "R", "bias": "bx", "recurrent_bias": "br", "thr": "thr"}
FRONT = re.compile(r"conv\.(\d+)\.(weight|bias)$")
LAYER = re.compile(r"layers\.(\d+)\.(\w+)$")
UNUSED = ("dampening_factor", "pseudo_derivative_support", "alpha")


class NotThatNetwork(ValueError):  # noqa: N818 - says what the arrays are not
    """The arrays are not those of a gesture network of the reference code."""


def converted(state: Mapping[str, Array], zoneout: float = 0.0) -> dict[str, Floats]:
    """The arrays of a weight file from those of a state dict; `zoneout` is not saved there and goes into each layer.

    NotThatNetwork says what is missing or not known.
    """
    plain = {name.removeprefix("module."): np.asarray(array, np.float32) for name, array in state.items()}
    made = {**_front(plain), **_layers(plain, zoneout), **_readout(plain)}
    left = sorted(name for name in plain if not _known(name))
    if left:
        raise NotThatNetwork(f"'{left[0]}' is no array of that network" + (f" ({len(left)} such)" * (len(left) > 1)))
    return made


def _front(plain: Mapping[str, Floats]) -> dict[str, Floats]:
    numbers = sorted({int(found[1]) for name in plain if (found := FRONT.match(name))})
    made: dict[str, Floats] = {}
    for stage, number in enumerate(numbers):
        made[f"F{stage}/W"] = _needed(plain, f"conv.{number}.weight")
        made[f"F{stage}/b"] = _needed(plain, f"conv.{number}.bias")
    return made


def _layers(plain: Mapping[str, Floats], zoneout: float) -> dict[str, Floats]:
    numbers = sorted({int(found[1]) for name in plain if (found := LAYER.match(name))})
    if numbers != list(range(len(numbers))) or not numbers:
        raise NotThatNetwork(f"recurrent layers are numbered {numbers}, expected 0, 1, ... and at least one")
    made: dict[str, Floats] = {}
    for number in numbers:
        for theirs, ours in RECURRENT.items():
            made[f"L{number}/{ours}"] = _needed(plain, f"layers.{number}.{theirs}")
        made[f"L{number}/thr"] = np.clip(made[f"L{number}/thr"], np.float32(0), np.float32(1))
        made[f"L{number}/zoneout"] = np.array(zoneout, np.float32)
    return made


def _readout(plain: Mapping[str, Floats]) -> dict[str, Floats]:
    weights = np.ascontiguousarray(_needed(plain, "fc.weight").T)
    return {"readout/W": weights, "readout/b": _needed(plain, "fc.bias")}


def _needed(plain: Mapping[str, Floats], name: str) -> Floats:
    if name not in plain:
        raise NotThatNetwork(f"'{name}' is missing")
    return plain[name]


def _known(name: str) -> bool:
    layer = LAYER.match(name)
    return bool(FRONT.match(name) or name in ("fc.weight", "fc.bias") or (layer and layer[2] in (*RECURRENT, *UNUSED)))
