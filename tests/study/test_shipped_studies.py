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


NETWORK = [
    "workload.weights.synthetic={layers: [16, 24, 16], vocabulary: 4000}",
    "workload.tokens=2",
    "mapping.pes_per_layer=[2, 2]",
]


def swept(name, tmp_path, *settings):
    """What `study.json` says of a study of the published run, on a small network."""
    options = [word for setting in (*NETWORK, *settings) for word in ("--set", setting)]
    assert tool.main([str(STUDIES / f"{name}.yaml"), "--out", str(tmp_path), *options]) == 0
    told = json.loads((tmp_path / "study.json").read_text())
    assert told["completed"] and not told["failures"]
    return told


def test_the_sensitivity_study_tells_a_tornado_and_an_interval_of_time_and_energy(tmp_path, capsys):
    few = "sensitivity.parameters=[costs.csr_*, host.latency_ns, energy.flit_hop_pj]"
    told = swept("sensitivity", tmp_path, few, "sensitivity.draws=3")
    time, energy = told["tornadoes"]
    assert (time["number"], energy["number"]) == ("time.total_s", "energy.total_j")
    swings = {bar["parameter"]: (bar["swing"] > 0, energy_bar["swing"] > 0) for bar, energy_bar in paired(time, energy)}
    assert swings.pop("energy.flit_hop_pj") == (False, True) and set(swings.values()) == {(True, True)}
    assert all(one["spread"]["draws"] == 3 and one["spread"]["least"] < one["spread"]["most"] for one in (time, energy))
    assert "all 3 assumed parameters drawn together, 3 draws" in " ".join(capsys.readouterr().out.split())
    assert (tmp_path / "tornado.svg").stat().st_size > 5000


def paired(one, other):
    """Bars of the same parameter."""
    bars = {bar["parameter"]: bar for bar in other["bars"]}
    return [(bar, bars[bar["parameter"]]) for bar in one["bars"]]


def test_the_published_run_stands_beside_what_it_could_have_been_and_a_gpu(tmp_path, capsys):
    told = swept("published", tmp_path)
    assert len(told["definition"]["references"]) == 2
    printed = " ".join(capsys.readouterr().out.split())
    assert "NVIDIA A100, batch 1, published" in printed and "event_columns" in printed
    assert "NVIDIA A100" in (tmp_path / "figure.svg").read_text()


def test_all_shipped_studies_of_networks_are_here():
    there = {path.stem for path in STUDIES.glob("*.yaml") if "kind: statistical" in path.read_text()}
    assert there | {"batch"} == set(REDUCED)
