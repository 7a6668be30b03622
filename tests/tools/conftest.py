"""The command line as a user has it: a process of its own, in a directory with a small scenario and its files."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = """\
name: small
workload:
  kind: language_model
  weights: {synthetic: {layers: [16, 32, 16], sparsity: 0.5, activity: 0.2, vocabulary: 100}}
  text: words.txt
  tokens: 4
mapping: {pes_per_layer: [2, 2]}
"""
VECTORS = """\
name: vectors
workload:
  kind: vectors
  weights: net.npz
  inputs: in.npz
"""


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def tool(tmp_path):
    """Runs a tool with arguments, in the directory of the files; no traceback may ever be seen."""

    def tool(name, *arguments) -> Ended:
        command = [sys.executable, str(ROOT / "tools" / name), *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
        assert "Traceback" not in done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)

    return tool


@pytest.fixture
def arrays():
    """A network of 3 inputs and 4 units, as the arrays of its file."""
    shapes = {"W": (3, 12), "R": (4, 12), "bx": (12,), "br": (12,), "thr": (4,)}
    return {f"L0/{name}": np.full(shape, 0.5, np.float32) for name, shape in shapes.items()}


@pytest.fixture
def write(tmp_path, arrays):
    """Writes the files, with what one calls it with in the scenario's text or the arrays replaced."""

    def write(old="", new="", scenario=SCENARIO, **changed) -> Path:
        assert old in scenario
        (tmp_path / "words.txt").write_text("the quick brown fox jumps over the lazy dog\n")
        np.savez(tmp_path / "net.npz", **arrays | changed.get("net", {}))
        np.savez(tmp_path / "in.npz", x=changed.get("x", np.ones((5, 3), np.float32)))
        path = tmp_path / "s.yaml"
        path.write_text(scenario.replace(old, new) if old else scenario)
        return path

    return write


@pytest.fixture
def vectors(write):
    """Writes the scenario that is fed with vectors."""

    def vectors(**changed) -> Path:
        return write(scenario=VECTORS, **changed)

    return vectors
