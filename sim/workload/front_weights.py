"""The weights of a front end and a readout: drawn from the seed, or read from a file.

Drawn weights are uniform with the variance 2 over fan-in (He and others, 2015), which keeps values at one size through
layers with ReLU; biases are 0. In a file stage i is `F{i}/W` (channels out, channels in, kernel rows, kernel columns)
and `F{i}/b` (channels out); the readout is `readout/W` (units, classes) and `readout/b` (classes). A linear layer may
be (units, inputs), inputs in the order channel, row, column.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sim.scenario.complaints import Complaint, Refused, did_you_mean
from sim.scenario.gesture import Readout
from sim.scenario.outline import Outline
from sim.scenario.streams import stream
from sim.workload.npz import Array, number_problems
from sim.workload.readout import ReadoutLayer
from sim.workload.sparse import Floats
from sim.workload.stage import Stage


def drawn_stages(outlines: Sequence[Outline], seed: int) -> tuple[Stage, ...]:
    """The stages with weights drawn from the seed, each from a stream of its own."""
    return tuple(_stage(outline, *_drawn(outline, seed)) for outline in outlines)


def drawn_readout(asked: Readout, units: int, seed: int) -> ReadoutLayer:
    """A readout of `units` units with weights drawn from the seed."""
    bound = math.sqrt(3 / units)
    weights = _uniform(stream(seed, "workload", "readout"), (units, asked.classes), bound)
    return ReadoutLayer(weights, np.zeros(asked.classes, np.float32), asked.trace)


def read_stages(arrays: Mapping[str, Array], outlines: Sequence[Outline], key: str, path: object) -> tuple[Stage, ...]:
    """The stages with the weights of a file; Refused at `key` with everything that is wrong with them."""
    wanted = _wanted(outlines)
    _refuse(list(_problems(arrays, wanted)), key, path)
    return tuple(
        _stage(outline, _floats(arrays, f"F{number}/W", outline.kernel), _floats(arrays, f"F{number}/b", None))
        if outline.kernel
        else _stage(outline, None, None)
        for number, outline in enumerate(outlines)
    )


def read_readout(arrays: Mapping[str, Array], asked: Readout, units: int, key: str, path: object) -> ReadoutLayer:
    """The readout of a file for a layer of `units` units; Refused at `key`."""
    _refuse(
        list(_problems(arrays, {"readout/W": [(units, asked.classes)], "readout/b": [(asked.classes,)]})), key, path
    )
    return ReadoutLayer(_floats(arrays, "readout/W", None), _floats(arrays, "readout/b", None), asked.trace)


Shapes = Mapping[str, list[tuple[int, ...]]]


def _wanted(outlines: Sequence[Outline]) -> Shapes:
    """The arrays of a file and the shapes that each may have."""
    shapes: dict[str, list[tuple[int, ...]]] = {}
    for number, outline in enumerate(outlines):
        if outline.kernel:
            flat = [(outline.kernel[0], math.prod(outline.kernel[1:]))] if outline.linear else []
            shapes[f"F{number}/W"] = [outline.kernel, *flat]
            shapes[f"F{number}/b"] = [(outline.kernel[0],)]
    return shapes


def _problems(arrays: Mapping[str, Array], wanted: Shapes) -> Iterator[str]:
    for name, shapes in wanted.items():
        if name not in arrays:
            yield f"array '{name}' is missing{did_you_mean(name, arrays)}"
        elif arrays[name].shape not in shapes or arrays[name].dtype.kind != "f":
            expected = " or ".join(str(shape) for shape in shapes)
            yield f"array '{name}' is {arrays[name].dtype} {arrays[name].shape}, expected floats {expected}"
        else:
            yield from number_problems(name, arrays[name])


def _refuse(problems: list[str], key: str, path: object) -> None:
    if problems:
        raise Refused([Complaint(key, f"{path}: {problem}") for problem in problems])


def _floats(arrays: Mapping[str, Array], name: str, shape: tuple[int, ...] | None) -> Floats:
    values: Floats = np.ascontiguousarray(arrays[name], dtype=np.float32)
    return values.reshape(shape) if shape else values


def _drawn(outline: Outline, seed: int) -> tuple[Floats | None, Floats | None]:
    if outline.kernel is None:
        return None, None
    bound = math.sqrt(6 / math.prod(outline.kernel[1:]))
    weights = _uniform(stream(seed, "workload", "front end", outline.name), outline.kernel, bound)
    return weights, np.zeros(outline.kernel[0], np.float32)


def _uniform(rng: np.random.Generator, shape: tuple[int, ...], bound: float) -> Floats:
    return (rng.random(shape, dtype=np.float32) - np.float32(0.5)) * np.float32(2 * bound)


def _stage(outline: Outline, weights: Floats | None, bias: Floats | None) -> Stage:
    return Stage(
        outline.name,
        outline.inputs,
        outline.convolved,
        outline.outputs,
        outline.window,
        weights,
        bias,
        outline.relu,
        outline.pool,
        outline.linear,
    )
