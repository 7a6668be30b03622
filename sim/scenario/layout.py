"""The arrays that a file of trained weights, or of recorded events, must hold, and their shapes.

Layer i is `L{i}/W` (inputs, 3 units), `L{i}/R` (units, 3 units), `L{i}/bx` and `L{i}/br` (3 units) and
`L{i}/thr` (units), columns in the order z, r, g; a language model has `emb` (words, inputs), `vocab` (one
text, a word a line) and, to decode, `dec_bias` (words). Recorded events of layer i are `L{i}` (steps, units), 0 where a
unit did not fire. Other arrays are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.scenario.complaints import did_you_mean
from sim.scenario.npz_header import Header

_Shape = tuple[int, ...]


def layer_count(arrays: Mapping[str, Header]) -> int:
    """How many layers there are: L0, L1, ... without a gap, counted by their matrix W or R."""
    count = 0
    while f"L{count}/W" in arrays or f"L{count}/R" in arrays:
        count += 1
    return count


def input_width(arrays: Mapping[str, Header]) -> int | None:
    """The number of inputs of the first layer, or None when its matrix is missing."""
    return _length(arrays, "L0/W", 0)


def most_columns(arrays: Mapping[str, Header]) -> int:
    """The largest number of sources that any matrix reads from."""
    names = (f"L{layer}/{matrix}" for layer in range(layer_count(arrays)) for matrix in "WR")
    return max((_length(arrays, name, 0) or 0 for name in names), default=0)


def layer_problems(arrays: Mapping[str, Header]) -> Iterator[str]:
    """What is wrong with the layers; nothing when they can be used."""
    count = layer_count(arrays)
    if count == 0:
        names = ", ".join(sorted(arrays)[:8]) or "no array at all"
        yield f"has no layers, expected arrays 'L0/W', 'L0/R', 'L0/bx', 'L0/br', 'L0/thr'; it has {names}"
    inputs = input_width(arrays)
    for layer in range(count):
        units = _length(arrays, f"L{layer}/thr", 0) or _length(arrays, f"L{layer}/R", 0)
        if units is not None:
            yield from _expected(arrays, _layer_shapes(layer, inputs, units))
        inputs = units
    yield from _gaps(arrays, count)


def language_problems(arrays: Mapping[str, Header], *, decodes: bool) -> Iterator[str]:
    """What keeps the layers from reading words, and from predicting them when the model `decodes`."""
    words, inputs = _length(arrays, "emb", 0), input_width(arrays)
    yield from _expected(arrays, {"emb": (words, inputs), "vocab": ()})
    if decodes:
        yield from _expected(arrays, {"dec_bias": (words,)})
        last = _length(arrays, f"L{layer_count(arrays) - 1}/thr", 0)
        if last is not None and inputs is not None and last != inputs:
            yield (
                f"the last layer has {last} units and the embedding {inputs} columns; the decoder uses the "
                "embedding and needs them equal, or set workload.decoder to none"
            )


def is_recorded(name: str) -> bool:
    """Whether an array of this name is a layer's recorded events."""
    return name[:1] == "L" and name[1:].isdecimal()


def recorded_problems(arrays: Mapping[str, Header]) -> Iterator[str]:
    """What is wrong with recorded events; nothing when they can be used."""
    count = sum(map(is_recorded, arrays))
    if not count:
        yield "has no array L0, L1, ... of events (steps, units)"
    for name in (f"L{layer}" for layer in range(count)):
        if name not in arrays:
            yield f"array '{name}' is missing; layers are numbered from 0 without a gap"
            return
        shape, kind = arrays[name].shape, arrays[name].dtype[1:2]
        if len(shape) != 2 or 0 in shape or kind not in "biuf":
            yield f"array '{name}' is {arrays[name]}, expected numbers (steps, units)"
        elif shape[0] != _length(arrays, "L0", 0):
            yield f"array '{name}' has {shape[0]} steps, but L0 has {_length(arrays, 'L0', 0)}"


def _layer_shapes(layer: int, inputs: int | None, units: int) -> dict[str, tuple[int | None, ...]]:
    gates = 3 * units
    shapes = {"W": (inputs, gates), "R": (units, gates), "bx": (gates,), "br": (gates,), "thr": (units,)}
    return {f"L{layer}/{name}": shape for name, shape in shapes.items()}


def _expected(arrays: Mapping[str, Header], shapes: Mapping[str, tuple[int | None, ...]]) -> Iterator[str]:
    for name, shape in shapes.items():
        if name not in arrays:
            yield f"array '{name}' is missing{did_you_mean(name, arrays)}"
        else:
            yield from _misfit(name, arrays[name], shape)


def _misfit(name: str, header: Header, shape: tuple[int | None, ...]) -> Iterator[str]:
    fits = len(shape) == len(header.shape) and all(
        want is None or want == there for want, there in zip(shape, header.shape, strict=True)
    )
    if not fits or 0 in header.shape:
        wanted = ", ".join("any" if length is None else str(length) for length in shape)
        yield f"array '{name}' has shape {header.shape}, expected ({wanted}{',' * (len(shape) == 1)})"
    text = name == "vocab"
    if not (header.dtype[1:2] == "U" if text else header.dtype[1:] in ("f4", "f2")):
        yield f"array '{name}' has type {header.dtype}, expected {'text' if text else 'float32'}"


def _gaps(arrays: Mapping[str, Header], count: int) -> Iterator[str]:
    beyond = [name for name in arrays if name.endswith("/W") and name[1:-2].isdecimal() and int(name[1:-2]) > count]
    for name in sorted(beyond):
        yield f"array '{name}' is there, but no layer L{count}; layers are numbered without a gap"


def _length(arrays: Mapping[str, Header], name: str, axis: int) -> int | None:
    shape: _Shape = arrays[name].shape if name in arrays else ()
    return shape[axis] if axis < len(shape) else None
