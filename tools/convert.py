"""Weights of a gesture network trained with the reference code, as a file that scenarios can name:
`python tools/convert.py STATE OUT.npz [--zoneout P]`.

STATE is a PyTorch state dict (.pt or .pth, needs torch), a .safetensors file (needs safetensors), or an .npz of its
arrays under their names.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Python puts tools/ on its path, but `sim` stands beside it when the project is not installed.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sim.report.command import DONE, exit_code
from sim.scenario.complaints import Refused
from sim.scenario.document import unopened

KEY = "STATE"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when the file was written, 2 when the input is wrong."""
    asked = _parser().parse_args(arguments)
    return exit_code(lambda: _convert(asked.state, asked.out, asked.zoneout))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="convert.py", description=__doc__)
    parser.add_argument("state", type=Path, metavar="STATE", help="state dict: .pt, .pth, .safetensors or .npz")
    parser.add_argument("out", type=Path, metavar="OUT", help="the .npz file to write")
    parser.add_argument("--zoneout", type=float, default=0.0, metavar="P", help="share of the old state kept, 0 to 1")
    return parser


def _convert(state: Path, out: Path, zoneout: float) -> int:
    import numpy as np

    from sim.workload.state_dict import NotThatNetwork, converted

    if not 0 <= zoneout < 1:
        raise Refused.at("--zoneout", f"{zoneout:g} is no share, expected 0 to below 1")
    try:
        arrays = converted(_read(state), zoneout)
    except NotThatNetwork as error:
        raise Refused.at(KEY, f"{state}: {error}") from None
    try:
        with out.open("xb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    except OSError as error:
        raise Refused.at("OUT", f"{out}: {unopened(out, error)}") from None
    print(f"{out}: {len(arrays)} arrays, {sum(array.size for array in arrays.values()):,} numbers")
    return DONE


def _read(path: Path) -> Mapping[str, Any]:
    readers = {".npz": _from_npz, ".safetensors": _from_safetensors, ".pt": _from_torch, ".pth": _from_torch}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise Refused.at(KEY, f"{path}: ends in '{path.suffix}', expected one of {', '.join(readers)}")
    if not path.is_file():
        raise Refused.at(KEY, f"{path}: no such file")
    try:
        return reader(path)
    except ImportError as error:
        raise Refused.at(KEY, f"{path}: reading {path.suffix} needs the package '{error.name}'; install it") from None
    except Exception as error:
        raise Refused.at(KEY, f"{path}: is no {path.suffix} file of plain arrays: {error}") from None


def _from_npz(path: Path) -> Mapping[str, Any]:
    from sim.workload.npz import read_arrays

    return read_arrays(path, KEY, lambda name: True)


def _from_safetensors(path: Path) -> Mapping[str, Any]:
    from safetensors.numpy import load_file

    return dict(load_file(path))


def _from_torch(path: Path) -> Mapping[str, Any]:
    import torch

    loaded = torch.load(path, map_location="cpu", weights_only=True)
    state = loaded.get("state_dict", loaded)
    return {name: tensor.numpy() for name, tensor in state.items()}


if __name__ == "__main__":
    sys.exit(main())
