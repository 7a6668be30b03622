"""Files of the project that the tests read, and a way from the text of a scenario to a workload."""

from pathlib import Path

import numpy as np
import pytest

from sim.scenario.complaints import Refused
from sim.scenario.load import load
from sim.workload.prepare import prepare

ROOT = Path(__file__).resolve().parents[2]
TEXT = "Wisdom is good.\nSo is folly, saith the man!\nThe end is better than the beginning.\n"


@pytest.fixture
def shipped():
    """The project's held-out text and trained weights, and the directory of reference data."""
    return {
        "text": ROOT / "scenarios" / "data" / "kjv_heldout.txt",
        "tiny_lm_A95": ROOT / "scenarios" / "data" / "tiny_lm_A95.npz",
        "tiny_lm_B_thr": ROOT / "tests" / "data" / "tiny_lm_B_thr.npz",
        "data": ROOT / "tests" / "data",
    }


@pytest.fixture
def prepared(tmp_path):
    """Makes the workload of a scenario given as the text of its workload section, one key a line."""

    def prepared(section: str, seed: int = 1, text: str = TEXT, formats: str = "weights: fp32"):
        (tmp_path / "words.txt").write_text(text)
        lines = "".join(f"  {line}\n" for line in section.strip().splitlines())
        path = tmp_path / "scenario.yaml"
        inner = formats.strip("{}")
        path.write_text(f"name: t\nseed: {seed}\nformats: {{{inner}}}\nworkload:\n{lines}")
        return prepare(*load(path))

    return prepared


@pytest.fixture
def said(prepared):
    """What is said about a workload that is refused: `path: problem` for each complaint."""

    def said(section: str, **others) -> list[str]:
        with pytest.raises(Refused) as caught:
            prepared(section, **others)
        return [f"{complaint.path}: {complaint.problem}" for complaint in caught.value.complaints]

    return said


@pytest.fixture
def arrays():
    """A language model of 5 words, 3 inputs and layers of 4 and 3 units, as the arrays of its file."""
    rng = np.random.default_rng(5)
    made = {"emb": rng.random((5, 3)), "dec_bias": rng.random(5)}
    for number, (inputs, units) in enumerate([(3, 4), (4, 3)]):
        shapes = {
            "W": (inputs, 3 * units),
            "R": (units, 3 * units),
            "bx": 3 * units,
            "br": 3 * units,
            "thr": units,
        }
        made |= {f"L{number}/{name}": rng.random(shape) for name, shape in shapes.items()}
    made = {name: array.astype(np.float32) for name, array in made.items()}
    return made | {"vocab": np.array("<unk>\nis\nthe\n.\n<eos>")}
