"""A trained network from an `.npz` file, in the layout that `sim.scenario.layout` describes.

Matrices in the file are dense, sources by targets (row vectors times matrix), blocks z | r | g. Shapes are
checked by the same rules as when the scenario was read; here the numbers themselves are looked at too, all
of them before anything is built, so that a file with several faults is told all of them.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sim.scenario import layout
from sim.scenario.complaints import Complaint, Refused
from sim.scenario.document import unopened
from sim.scenario.npz_header import Header
from sim.workload.language_model import Decoder, TableEmbedding
from sim.workload.network import EgruLayer, Network
from sim.workload.sparse import Floats, SparseRows
from sim.workload.text import Vocabulary

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]

LAYER_ARRAYS: Final = ("W", "R", "bx", "br", "thr")
# A bound that no sensible weight comes near, and below which no float32 sum of products can overflow.
LARGEST: Final = 1e15


def load(path: Path, key: str = "workload.weights", *, language: bool = False, decodes: bool = False) -> Network:
    """The network in the file at `path`; Refused at `key` with everything that is wrong with it.

    With `language` the embedding and the vocabulary are read too, and when it `decodes` the tied decoder.
    `L{i}/zoneout`, a scalar of at least 0 and below 1, is optional in each layer.
    """
    arrays = read_arrays(path, key, lambda name: name[:1] == "L" or name in ("emb", "vocab", "dec_bias"))
    problems = list(_problems(arrays, language, decodes))
    if problems:
        raise Refused([Complaint(key, f"{path}: {problem}") for problem in problems])
    layers = tuple(_layer(arrays, f"L{number}") for number in range(layout.layer_count(headers_of(arrays))))
    return _with_ends(layers, arrays, decodes) if language else Network(layers)


def read_arrays(path: Path, key: str, wanted: Callable[[str], bool]) -> dict[str, Array]:
    """The arrays of an `.npz` file whose names are `wanted`; Refused at `key` if it cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files if wanted(name)}
    except OSError as error:
        raise Refused.at(key, f"{path}: {unopened(path, error)}") from None
    except (ValueError, EOFError, TypeError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        raise Refused.at(key, f"{path}: is not an .npz archive of plain arrays: {error}") from None


def number_problems(name: str, array: Array) -> Iterator[str]:
    """The first value of `array` that is NaN, infinite or too large to compute with, if there is one."""
    wrong = np.flatnonzero(~(np.abs(array.reshape(-1), dtype=np.float32) <= LARGEST))
    if len(wrong):
        place = tuple(int(i) for i in np.unravel_index(wrong[0], array.shape))
        more = f" ({len(wrong)} such values)" if len(wrong) > 1 else ""
        found = f"array '{name}' has {array[place]:g} at index {place}{more}"
        yield f"{found}, expected finite numbers no larger than {LARGEST:g}"


def _problems(arrays: Arrays, language: bool, decodes: bool) -> Iterator[str]:
    """What is wrong with names, types and shapes; only when nothing is, with the numbers."""
    found = headers_of(arrays)
    misfits = list(layout.layer_problems(found))
    if language:
        misfits += layout.language_problems(found, decodes=decodes)
    yield from misfits
    if not misfits:
        for number in range(layout.layer_count(found)):
            yield from _layer_problems(arrays, f"L{number}")
        yield from _language_problems(arrays, decodes) if language else ()


def _layer_problems(arrays: Arrays, prefix: str) -> Iterator[str]:
    for name in LAYER_ARRAYS:
        yield from number_problems(f"{prefix}/{name}", arrays[f"{prefix}/{name}"])
    negative = np.flatnonzero(arrays[f"{prefix}/thr"] < 0)
    if len(negative):
        least = arrays[f"{prefix}/thr"][negative[0]]
        yield f"array '{prefix}/thr' has {least} at index {negative[0]}, expected thresholds of 0 or more"
    zoneout = arrays.get(f"{prefix}/zoneout", np.zeros(()))
    if zoneout.shape != () or zoneout.dtype.kind not in "fiu" or not 0 <= zoneout < 1:
        yield f"array '{prefix}/zoneout' is {zoneout}, expected one number, at least 0 and below 1"


def _language_problems(arrays: Arrays, decodes: bool) -> Iterator[str]:
    for name in ("emb", "dec_bias") if decodes else ("emb",):
        yield from number_problems(name, arrays[name])
    words, rows = _words(arrays), len(arrays["emb"])
    if len(words) != rows:
        yield f"array 'vocab' has {len(words)} words, expected {rows}: one for each row of array 'emb'"
    if len(set(words)) != len(words):
        twice = next(word for number, word in enumerate(words) if word in words[:number])
        yield f"array 'vocab' has the word '{twice}' twice, expected every word once"


def _with_ends(layers: tuple[EgruLayer, ...], arrays: Arrays, decodes: bool) -> Network:
    """The layers with embedding, vocabulary and decoder; embedding and decoder share one table."""
    columns = np.ascontiguousarray(_floats(arrays["emb"]).T)
    decoder = Decoder(columns, _floats(arrays["dec_bias"])) if decodes else None
    return Network(layers, TableEmbedding(columns.T), decoder, Vocabulary(_words(arrays)))


def _layer(arrays: Arrays, prefix: str) -> EgruLayer:
    W, R, bx, br, thr = (_floats(arrays[f"{prefix}/{name}"]) for name in LAYER_ARRAYS)
    zoneout = float(arrays.get(f"{prefix}/zoneout", np.zeros(())))
    return EgruLayer(len(W), len(thr), SparseRows.from_dense(W.T), SparseRows.from_dense(R.T), bx, br, thr, zoneout)


def _words(arrays: Arrays) -> tuple[str, ...]:
    return tuple(str(arrays["vocab"]).split("\n"))


def headers_of(arrays: Arrays) -> dict[str, Header]:
    """Types and shapes alone, as the rules of `sim.scenario.layout` take them."""
    return {name: Header(array.dtype.str, array.shape) for name, array in arrays.items()}


def _floats(array: Array) -> Floats:
    return np.ascontiguousarray(array, dtype=np.float32)
