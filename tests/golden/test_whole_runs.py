"""Whole runs: no number depends on the order of events within an instant, and a result runs itself again.

The smallest run is held number by number against a literal, so that no change of the model goes unnoticed.
"""

from pathlib import Path

import numpy as np
import pytest

from sim.report.glossary import undefined
from sim.report.result import Result

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SHORT = {
    "board48": {"machine.chips": 3, "workload.layers": [24, 24, 24, 24], "workload.steps": 2},
    "dvs_events": {"workload.frames": 2},
    "dvs_gesture": {"workload.frames": 1},
    "faults": {"workload.tokens": 3},
    "lm_decoder_dram": {"workload.tokens": 1},
    "lm_dvfs": {"workload.tokens": 2},
    "lm_event_driven": {"workload.tokens": 1},
    "lm_eight_chips": {
        "workload.tokens": 2,
        "workload.weights.synthetic.layers": [48, 72, 72, 48],
        "mapping.pes_per_layer": [12, 16, 12],
    },
    "lm_generate": {"workload.tokens": 12},
    "lm_batch": {"workload.tokens": 2},
    "lm_int8": {"workload.tokens": 3},
    "lm_published": {"workload.tokens": 2},
    "lm_one_chip": {"workload.tokens": 3},
    "lm_timer": {"workload.tokens": 12},
    "lm_trained": {"workload.tokens": 70},
    "lm_two_chips": {"workload.tokens": 2},
    "memory_port": {"workload.measure_cycles": 5000, "workload.warmup_cycles": 1000},
    "smoke": {},
    "traffic_uniform": {"workload.measure_cycles": 2000},
}
VARIANTS = {
    "markers, tree, pipelined": {
        "sync": {"protocol": "markers", "schedule": "pipelined"},
        "network.multicast": "tree",
    },
    "unicast, shared, by table": {
        "network.multicast": "unicast",
        "network.routing": "table",
        "network.allow_deadlock": True,
        "mapping.sharing": "shared",
    },
    "columns, DRAM, no decoder": {
        "compute.kernel": "event_columns",
        "workload.embedding": "dram",
        "workload.decoder": "none",
    },
    "int8, pairs": {
        "formats": {"weights": "int8", "indices": 16, "events": "int8", "events_per_packet": 4},
        "sync.protocol": "markers",
    },
    "fp16, blocks, columns": {
        "formats": {"inputs": "fp16", "events": "fp16", "packing": "block", "events_per_packet": 8},
        "compute": {"kernel": "event_columns", "values_per_packet": 8},
    },
    "dense on the MAC array": {
        "compute.kernel": "mac_array",
        "formats": {"weights": "int8", "inputs": "int8", "events": "int8"},
    },
    "adaptive, virtual channels": {
        "network.routing": "west_first",
        "network.virtual_channels": 4,
        "network.multicast": "tree",
    },
    "up and down a tree": {"network.routing": "up_down", "network.multicast": "tree", "mapping.place": "snake"},
    "three chips, deputies": {
        "machine": {"topology": "spinnaker2_board", "chips": 3, "override": {"links": {"error_rate": 0.1}}},
        "machine.clock_drift_ppm": 80.0,
        "machine.clock_skew_us": [0.0, 60.0, 15.0],
        "mapping.chips": "spread",
        "sync.protocol": "tree",
    },
    "timer": {"sync": {"protocol": "timer", "period_us": 100.0}, "workload.decoder": "none"},
    "timer, ideal network": {"sync": {"protocol": "timer", "period_us": 60.0}, "network.engine": "ideal"},
    "timer, pipelined, three chips": {
        "machine": {"topology": "spinnaker2_board", "chips": 3},
        "machine.clock_drift_ppm": 5000.0,
        "machine.clock_skew_us": 40.0,
        "mapping.chips": "spread",
        "sync": {"protocol": "timer", "period_us": 150.0, "schedule": "pipelined"},
    },
    "timer, shared, columns from DRAM": {
        "mapping": {"weights": "dram", "sharing": "shared", "block_bytes": 64, "pes_per_layer": [2, 2, 2]},
        "workload.tokens": 2,
        "compute": {"kernel": "event_columns", "dvfs": {"policy": "auto", "threshold_packets": 4}},
        "sync": {"protocol": "timer", "period_us": 150.0, "schedule": "pipelined"},
    },
    "three copies, two chips, ideal": {
        "machine": {"topology": "spinnaker2_board", "chips": 2},
        "mapping": {"replicas": 3, "pes_per_layer": [2, 2, 2]},
        "network.engine": "ideal",
        "sync": {"protocol": "timer", "period_us": 400.0},
    },
    "two copies, deputies, DRAM": {
        "machine": {"topology": "spinnaker2_board", "chips": 4},
        "mapping": {"replicas": 2, "chips": "spread", "weights": "dram", "pes_per_layer": [2, 2, 2]},
        "workload.tokens": 2,
        "workload.embedding": "dram",
        "sync.protocol": "tree",
    },
    "FIFO that drops": {"network.receive_fifo": {"policy": "drop", "packets": 2}},
    "FIFO that overwrites": {"network.receive_fifo": {"policy": "overwrite", "packets": 2}},
    "FIFO that stalls": {"network.receive_fifo": {"policy": "stall", "packets": 2}, "sync.protocol": "markers"},
    "weights from DRAM": {
        "mapping.weights": "dram",
        "workload.tokens": 2,
        "sync": {"protocol": "markers", "schedule": "pipelined"},
    },
    "columns from DRAM": {
        "mapping": {"weights": "dram", "sharing": "shared", "block_bytes": 64, "pes_per_layer": [2, 2, 2]},
        "workload.tokens": 2,
        "compute.kernel": "event_columns",
    },
    "decoder in DRAM": {
        "workload.decoder": "dram",
        "workload.weights.synthetic.vocabulary": 200,
        "workload.tokens": 3,
        "mapping.pes_per_layer": [2, 2, 2, 5],
    },
    "decoder that writes": {
        "workload.decoder": "dram",
        "workload.decoder_columns": "dense",
        "workload.mode": "generate",
        "workload.generate": {"prompt_tokens": 2, "sampling": "sample"},
        "workload.weights.synthetic.vocabulary": 1100,
        "workload.tokens": 3,
        "mapping": {"pes_per_layer": [2, 2, 2, 3], "sharing": "shared"},
        "sync.protocol": "markers",
    },
    "columns from DRAM, ideal network": {
        "mapping": {"weights": "dram", "block_bytes": 64, "pes_per_layer": [2, 2, 2]},
        "workload.tokens": 1,
        "compute.kernel": "event_columns",
        "network.engine": "ideal",
        "sync.protocol": "markers",
    },
    "ideal network": {"network.engine": "ideal"},
    "two operating points": {"compute.dvfs": {"policy": "auto", "threshold_packets": 4}},
    "cost of congestion": {"network.congestion": True},
    "small buffers, busy wait": {"network.buffer_flits": 1, "compute.idle": "busy_wait", "mapping.place": "traffic"},
}

SMOKE = {
    "total_ps": 4_497_443_332,
    "events_by_layer": {"layer1": 38, "layer2": 38, "layer3": 19},
    "macs": 39168,
    "macs_needed": 10787,
    "outputs_sha256": "c6d279b3be12075fa640626afba586c86b95b5393eaeb384e0c0e1e9e663887c",
    "packets_injected": 197,
    "packets_sent": 505,
    "packets_delivered": 505,
    "packets_lost": 0,
    "flit_hops": 2385,
    "messages": 78,
}
"""A change of any of these is a change of the model: say so in the commit that makes it."""


def numbers(result: Result) -> dict:
    """The summary without what the computer it ran on has to do with."""
    return {name: section for name, section in result.summary.items() if name != "engine"}


def assert_same(one: Result, other: Result) -> None:
    assert numbers(one) == numbers(other)
    assert one.tables == other.tables
    for table in one.tables:
        first, second = one.table(table), other.table(table)
        assert list(first) == list(second)
        for column in first:
            assert np.array_equal(np.ma.getmaskarray(first[column]), np.ma.getmaskarray(second[column])), column
            assert np.ma.filled(first[column] == second[column], True).all(), f"{table}.{column}"


def assert_order_does_not_matter(ran, scenario, overrides) -> None:
    plain = ran(scenario, overrides)
    assert plain.summary["completed"] and all(plain.summary["books"].values())
    assert undefined(plain) == []
    for shuffle in (1, 2):
        assert_same(plain, ran(scenario, overrides, shuffle))


def test_every_shipped_scenario_is_shuffled():
    assert sorted(SHORT) == sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


@pytest.mark.parametrize("scenario", SHORT)
def test_the_order_within_an_instant_changes_no_number(ran, scenario):
    assert_order_does_not_matter(ran, scenario, SHORT[scenario])


@pytest.mark.parametrize("variant", VARIANTS)
def test_nor_does_it_with_other_protocols_and_routes(ran, variant):
    assert_order_does_not_matter(ran, "smoke", VARIANTS[variant])


@pytest.mark.parametrize(
    "crowded",
    [
        {"workload.pattern": "tornado"},
        {"workload.pattern": "hotspot", "workload.hotspots": {"0": 20.0}, "network.virtual_channels": 2},
        {"workload.pattern": "bursty", "machine.override.grid.torus": True, "network.virtual_channels": 2},
    ],
    ids=["tornado", "hotspot", "bursty on a torus"],
)
def test_nor_does_it_near_saturation(ran, crowded):
    short = {"workload.rate": 0.3, "workload.measure_cycles": 150, "workload.warmup_cycles": 50}
    assert_order_does_not_matter(ran, "traffic_uniform", short | crowded)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["lm_one_chip", "lm_trained", "traffic_uniform"])
def test_the_order_changes_no_number_of_the_whole_run(ran, scenario):
    assert_order_does_not_matter(ran, scenario, {})


def test_smoke_gives_these_numbers(ran):
    summary = ran("smoke").summary
    found = summary["workload"] | summary["network"] | summary["sync"]
    found["total_ps"] = round(summary["time"]["total_s"] * 1e12)
    assert {name: found[name] for name in SMOKE} == SMOKE


@pytest.mark.parametrize("scenario", ["smoke", "lm_generate", "traffic_uniform"])
def test_a_result_runs_itself_again_with_the_same_numbers(ran, scenario, tmp_path, monkeypatch):
    first = ran(scenario, SHORT[scenario] | {"seed": 7})
    monkeypatch.chdir(tmp_path)
    again = ran(first.path / "scenario.yaml")
    assert_same(first, again)
    assert again.scenario == first.scenario


def test_another_seed_gives_other_numbers(ran):
    assert ran("smoke", {"seed": 2}).summary["workload"]["outputs_sha256"] != SMOKE["outputs_sha256"]
