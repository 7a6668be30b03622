"""Gestures on the machine: what the network in one piece makes, on any mapping, and the published counts."""

import pytest
import yaml

from sim.scenario.complaints import Refused

SMALL = {
    "name": "small_gesture",
    "workload": {
        "kind": "gesture",
        "sensor": {"width": 48, "height": 40},
        "frames": 3,
        "front_end": [
            {"layer": "conv", "channels": 6, "kernel": 5, "stride": 3, "padding": 1, "pool": {"size": 2, "stride": 2}},
            {"layer": "conv", "channels": 9, "kernel": 3, "padding": 1},
            {"layer": "pool", "pool": {"size": 2, "stride": 2, "by": "mean"}},
            {"layer": "linear", "units": 24},
        ],
        "weights": {"synthetic": {"layers": [24, 30], "sparsity": 0.5, "activity": 0.2, "zoneout": 0.2}},
        "readout": {"classes": 5, "trace": 0.9},
    },
    "mapping": {"pes_per_layer": [2, 3, 1, 2, 4, 1]},
}
MAPPINGS = {
    "as it stands": {},
    "by rows, markers": {
        "mapping": {"split": "rows", "pes_per_layer": [3, 6, 2, 2, 5, 2], "place": "snake"},
        "sync.protocol": "markers",
    },
    "pipelined tree": {
        "mapping.pes_per_layer": [6, 9, 9, 24, 30, 5],
        "sync.schedule": "pipelined",
        "network.multicast": "tree",
    },
    "shared on few PEs": {"mapping": {"pes_per_layer": [2, 2, 2, 2, 2, 1], "sharing": "shared"}},
}


@pytest.fixture
def path(tmp_path):
    where = tmp_path / "small.yaml"
    where.write_text(yaml.safe_dump(SMALL))
    return where


@pytest.mark.parametrize("arithmetic", ["int8", "fp32"])
@pytest.mark.parametrize("mapping", MAPPINGS)
def test_outputs_are_those_of_the_network_in_one_piece(ran, in_one_piece, path, mapping, arithmetic):
    overrides = MAPPINGS[mapping] | {"workload.arithmetic": arithmetic}
    summary = ran(path, overrides).summary
    found = summary["workload"]["events_by_layer"], summary["workload"]["outputs_sha256"]
    assert found == in_one_piece(path, overrides)
    assert all(summary["books"].values())


def test_the_order_within_an_instant_changes_nothing(ran, path):
    plain, shuffled = ran(path), ran(path, {}, shuffle=3)
    for section in ("time", "workload", "network", "energy", "real_time", "critical_path"):
        assert plain.summary[section] == shuffled.summary[section]


def test_frames_come_as_the_camera_makes_them(ran, path):
    live, at_once = ran(path).summary, ran(path, {"workload.real_time": False}).summary
    assert live["real_time"]["period_s"] == 0.025
    assert 0 < live["real_time"]["latency_s"]["mean"] < 0.025
    assert live["real_time"]["deadlines_missed"] == 0
    assert live["time"]["total_s"] > 0.075 > at_once["time"]["total_s"]
    assert "real_time" not in at_once
    assert live["workload"]["outputs_sha256"] == at_once["workload"]["outputs_sha256"]


def test_what_cannot_keep_up_says_so(ran, path):
    late = ran(path, {"workload.frame_ms": 0.05, "workload.frames": 6}).summary["real_time"]
    assert late["deadlines_missed"] > 0
    assert not late["keeps_up"]
    assert late["latency_s"]["max"] > late["period_s"]


@pytest.mark.parametrize(
    "slower",
    [
        {"machine.override.costs.mac_array_conv_use": 0.1},
        {"machine.override.costs.mac_array_use": 0.01},
        {"machine.override.costs.stage_value_cycles": 40},
        {"machine.override.costs.dma_packet_cycles": 400},
        {"machine.override.costs.mac_array_setup_cycles": 4000},
        {"workload.arithmetic": "fp32"},
    ],
)
def test_each_cost_of_the_front_end_moves_the_latency(ran, path, slower):
    plain = ran(path).summary["real_time"]["latency_s"]["mean"]
    assert ran(path, slower).summary["real_time"]["latency_s"]["mean"] > 1.01 * plain


def test_floats_on_the_core_cost_what_they_cost(ran, path):
    fast, slow = (
        ran(path, {"workload.arithmetic": "fp32", "machine.override.costs.fp32_mac_cycles": cycles}).summary
        for cycles in (3, 8)
    )
    assert slow["real_time"]["latency_s"]["mean"] > fast["real_time"]["latency_s"]["mean"]
    assert slow["energy"]["total_j"] > fast["energy"]["total_j"]


def test_the_reference_network_makes_the_published_number_of_products(ran, in_one_piece):
    summary = ran("dvs_gesture", {"workload.frames": 4}).summary
    front, recurrent, readout = 117_759_552, 3 * 795 * (512 + 795), 795 * 11
    assert summary["workload"]["macs"] == 4 * (front + recurrent + readout)
    assert summary["workload"]["outputs_sha256"] == in_one_piece("dvs_gesture", {"workload.frames": 4})[1]


def test_weights_of_stages_can_be_streamed_and_change_nothing_but_time(ran, in_one_piece, path):
    kept, streamed = ran(path).summary, ran(path, {"mapping.weights": "dram", "mapping.block_bytes": 256}).summary
    assert streamed["workload"]["outputs_sha256"] == kept["workload"]["outputs_sha256"]
    assert streamed["dram"]["read_bytes"] > 0
    assert streamed["memory"]["sram_max_bytes"] < kept["memory"]["sram_max_bytes"]
    assert streamed["real_time"]["latency_s"]["mean"] > kept["real_time"]["latency_s"]["mean"]
    assert ran(path, {"mapping.weights": "dram"}, shuffle=2).summary["workload"] == kept["workload"]


def test_stages_that_do_not_fit_are_streamed_where_the_scenario_allows_it(ran):
    few = {"workload.frames": 1, "mapping.pes_per_layer": [5, 64, 4, 10, 7, 2, 34, 1], "mapping.weights": "auto"}
    summary = ran("dvs_gesture", few).summary
    assert summary["dram"]["read_bytes"] >= 384 * 192 * 9
    assert summary["memory"]["sram_max_bytes"] <= summary["memory"]["sram_limit_bytes"]


def test_what_does_not_fit_is_refused_with_numbers(ran):
    with pytest.raises(Refused, match=r"layer 3 .* bytes of SRAM .* 7 PEs would hold layer 3, it has 2"):
        ran("dvs_gesture", {"mapping.pes_per_layer": [5, 64, 2, 10, 7, 2, 34, 1]})
