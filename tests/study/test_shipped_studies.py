"""Every shipped study of networks runs from end to end: fewer and smaller points, all its words and files."""

import json
from pathlib import Path

import pytest

from tools import sweep as tool

STUDIES = Path(__file__).resolve().parents[2] / "scenarios" / "studies"
SMALL = "workload.layers=[16, 24, 24]"
STEPS = "workload.steps=2"
REDUCED = {
    "activity": [SMALL, "replicas=2", "axes.workload.activity=[0.4]", "mapping.pes_per_layer=[2, 2]"],
    "batch": ["workload.tokens=2", "axes.mapping.replicas=[1, 2]"],
    "chips_strong": [SMALL, "axes.machine.chips=[1, 2]", "mapping.pes_per_layer=[2, 2]"],
    "chips_weak": [SMALL, "axes.machine.chips=[1, 4]", "mapping.pes_per_layer=[2, 2]"],
    "chips_weak_depth": ["workload.layers=[16, 24]", "axes.machine.chips=[1, 3]", "mapping.pes_per_layer=[2]"],
    "sparsity": [SMALL, "replicas=2", "axes.workload.sparsity=[0.9]", "mapping.pes_per_layer=[2, 2]"],
    "sync_protocols": [
        SMALL,
        "axes.sync.protocol=[tree, markers, timer]",
        "axes.machine.chips=[1, 2]",
        "mapping.pes_per_layer=[2, 2]",
    ],
}


@pytest.mark.parametrize("name", REDUCED)
def test_a_study_runs_from_end_to_end(name, tmp_path, capsys):
    asked = REDUCED[name] if name == "batch" else [*REDUCED[name], STEPS]
    settings = [word for setting in asked for word in ("--set", setting)]
    assert tool.main([str(STUDIES / f"{name}.yaml"), "--out", str(tmp_path), *settings]) == 0
    told = json.loads((tmp_path / "study.json").read_text())
    assert told["completed"] and not told["failures"]
    printed = " ".join(capsys.readouterr().out.split())
    if told["definition"]["scaling"]:
        sizes = [size for curve in told["scaling"] for size in curve["sizes"]]
        assert "scaling" in printed and all(0 < size["efficiency"]["mean"] < 3 and size["limited_by"] for size in sizes)
        assert (tmp_path / "scaling.svg").stat().st_size > 5000
    else:
        assert ("± 95 % confidence" in printed) == ("replicas=2" in asked) and (
            tmp_path / "figure.svg"
        ).stat().st_size > 5000


def test_all_shipped_studies_of_networks_are_here():
    there = {path.stem for path in STUDIES.glob("*.yaml") if "kind: statistical" in path.read_text()}
    assert there | {"batch"} == set(REDUCED)
