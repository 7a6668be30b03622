"""A scenario file in an empty directory, and what is said about it."""

from pathlib import Path

import pytest

from sim.scenario.complaints import Refused
from sim.scenario.load import load

TRAFFIC = "name: t\nworkload: {kind: traffic, rate: 0.1}\n"
MODEL = """\
name: m
workload:
  kind: language_model
  weights: {synthetic: {layers: [4, 6, 4]}}
  text: words.txt
  tokens: 3
"""


@pytest.fixture
def write(tmp_path):
    """Writes a scenario, and the text that the one above names; answers the path."""

    def write(text: str | bytes, name: str = "s.yaml") -> Path:
        (tmp_path / "words.txt").write_text("Wisdom is good.\nSo is folly!\n")
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def said(write, tmp_path):
    """The complaints about a scenario as lines, without the directory; none when it is accepted."""

    def said(text: str | bytes, overrides=None) -> list[str]:
        try:
            load(write(text), overrides or {})
        except Refused as refused:
            return [str(complaint).replace(f"{tmp_path}/", "") for complaint in refused.complaints]
        return []

    return said


@pytest.fixture
def model_text():
    """A small language model with drawn weights."""
    return MODEL


@pytest.fixture
def traffic_text():
    """The shortest scenario there is."""
    return TRAFFIC
