"""Layers that fire as drawn or as recorded, on the machine: the same events on every mapping, and what they cost."""

import numpy as np
import yaml

DRAWN = {
    "name": "drawn",
    "workload": {"kind": "statistical", "layers": [12, 80, 60], "activity": [0.1, 0.3], "steps": 5, "sparsity": 0.8},
    "mapping": {"pes_per_layer": [4, 3]},
}


def written(tmp_path, scenario):
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump(scenario))
    return path


def test_the_same_units_fire_on_every_mapping(ran, tmp_path):
    path = written(tmp_path, DRAWN)
    one = ran(path).summary["workload"]
    other = ran(path, {"mapping.pes_per_layer": [7, 8], "sync.protocol": "markers", "network.multicast": "tree"})
    assert other.summary["workload"]["outputs_sha256"] == one["outputs_sha256"]
    assert other.summary["workload"]["events_by_layer"] == one["events_by_layer"]


def test_what_was_recorded_is_what_is_sent(ran, tmp_path):
    rng = np.random.default_rng(1)
    fired = [rng.random((4, units)) < 0.2 for units in (40, 30)]
    np.savez(tmp_path / "e.npz", L0=fired[0], L1=fired[1])
    replay = {"kind": "replay", "events": "e.npz", "inputs": 9}
    summary = ran(written(tmp_path, DRAWN | {"workload": replay})).summary
    assert summary["workload"]["events_by_layer"] == {"layer1": int(fired[0].sum()), "layer2": int(fired[1].sum())}


def test_activity_costs_packets_and_sparsity_costs_products(ran, tmp_path):
    path = written(tmp_path, DRAWN)
    plain = ran(path).summary
    busier = ran(path, {"workload.activity": 0.6}).summary
    denser = ran(path, {"workload.sparsity": 0.2}).summary
    quieter = ran(path, {"workload.input_activity": 0.1}).summary
    assert busier["network"]["packets_sent"] > 1.5 * plain["network"]["packets_sent"]
    assert denser["workload"]["macs"] > 3 * plain["workload"]["macs"]
    assert denser["network"]["packets_sent"] == plain["network"]["packets_sent"]
    assert quieter["network"]["packets_sent"] < plain["network"]["packets_sent"]
