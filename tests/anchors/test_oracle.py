"""The outputs recorded from the reference implementation of the network, met by the whole simulator.

A case's weights become a file of one layer, its inputs a file of vectors: no event may be flipped, and the outputs are
those of the network in one piece, which other tests hold against the recorded values.
"""

import numpy as np
import pytest

CASES = ["default", "lmthr", "sparse90", "zoneout"]
"""All cases of the file but `carry_y0`: a run starts from rest."""

SCENARIO = """\
name: oracle
workload: {kind: vectors, weights: weights.npz, inputs: inputs.npz}
"""
MAPPINGS = {
    "barrier": {"mapping.pes_per_layer": [5]},
    "markers": {"mapping.pes_per_layer": [16], "sync.protocol": "markers", "network.multicast": "tree"},
    "columns": {"compute.kernel": "event_columns", "sync.schedule": "pipelined", "mapping.partition": "nonzeros"},
}


def written(directory, data, name, sequence):
    """The scenario of one sequence of a case, and the events that were recorded for it."""
    archive = np.load(data / "oracle_small_32x64.npz")
    case = {key.split("/")[1]: archive[key] for key in archive.files if key.startswith(f"{name}/")}
    layer = {f"L0/{part}": case[part] for part in ("W", "R", "bx", "br", "thr")}
    zoneout = {"L0/zoneout": np.float32(0.2319)} if name == "zoneout" else {}
    np.savez(directory / "weights.npz", **layer, **zoneout)
    np.savez(directory / "inputs.npz", x=case["x"][:, sequence])
    (directory / "oracle.yaml").write_text(SCENARIO)
    return directory / "oracle.yaml", case["o"][:, sequence] != 0


@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("case", CASES)
def test_a_run_fires_the_recorded_events_and_has_the_outputs_of_one_piece(
    ran, in_one_piece, data, tmp_path, case, mapping
):
    scenario, fired = written(tmp_path, data, case, 1)
    result = ran(scenario, MAPPINGS[mapping])
    work = result.summary["workload"]
    assert result.table("layer_step")["events"].tolist() == fired.sum(axis=1).tolist()
    assert work["events"] > 0
    assert (work["events_by_layer"], work["outputs_sha256"]) == in_one_piece(scenario, {})
