"""What a result says it rests on: a number that is not among it can be another one, and no figure changes."""

import pytest

from sim.machine.description import read_topology
from sim.machine.parameters import parameters
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES

TOKENS = {"workload.tokens": 2}
BYTES = {"formats": {"weights": "int8", "inputs": "int8", "events": "int8"}}
BOARD = {"machine": {"topology": "spinnaker2_board", "chips": 2}}
SHORT = {"workload.warmup_cycles": 100, "workload.measure_cycles": 500}
RUNS = {
    "rows": ("smoke", TOKENS),
    "columns, no decoder": ("smoke", TOKENS | {"compute.kernel": "event_columns", "workload.decoder": "none"}),
    "array, tree": ("smoke", TOKENS | BYTES | {"compute.kernel": "mac_array", "network.multicast": "tree"}),
    "weights from DRAM": ("smoke", TOKENS | {"mapping.weights": "dram", "measure.energy_of_host": True}),
    "decoder in DRAM": ("lm_decoder_dram", {"workload.tokens": 1}),
    "gesture": ("dvs_gesture", {"workload.frames": 1}),
    "two chips": ("smoke", TOKENS | BOARD | {"mapping.chips": "spread"}),
    "two chips, lossy": ("smoke", TOKENS | BOARD | {"mapping.chips": "spread", "network.chip_links.full": "drop"}),
    "traffic": ("traffic_uniform", SHORT | {"machine.topology": "spinnaker2_chip"}),
    "traffic on two chips": ("traffic_uniform", SHORT | BOARD | {"workload.rate": 0.002}),
    "memory": ("memory_port", SHORT | {"machine.override": {}}),
}
ABOUT_THE_COMPUTER = {"engine", "versions", "assumed", "scenario"}


def assumed(topology):
    found = parameters(read_topology(read(TOPOLOGIES / f"{topology}.yaml")))
    return {number.name: number for number in found if number.basis == "assumed"}


def other(number):
    """Another value it may well have; None where it is no number with a range."""
    if number.low is None or number.high is None:
        return None
    return number.high if number.high > number.value else number.low


@pytest.mark.parametrize("name", RUNS)
def test_numbers_that_a_result_does_not_rest_on_may_be_others(ran, name):
    scenario, asked = RUNS[name]
    before = ran(scenario, asked).summary
    known = assumed("spinnaker2_board" if "chips" in name else "spinnaker2_chip")
    left_out = {one: other(number) for one, number in known.items() if one not in before["assumed"]}
    moved = {f"machine.override.{one}": value for one, value in left_out.items() if value is not None}
    assert set(before["assumed"]) <= set(known) and len(moved) > 3
    after = ran(scenario, asked | moved).summary
    assert {key for key in before if before[key] != after[key]} <= ABOUT_THE_COMPUTER


def test_a_result_of_one_part_names_no_other(ran):
    rests = {
        name: set(ran(*RUNS[name]).summary["assumed"]) for name in ("rows", "weights from DRAM", "traffic", "memory")
    }
    sections = {name: {one.split(".")[0] for one in numbers} for name, numbers in rests.items()}
    assert sections["memory"] == {"dram"} and sections["traffic"] == {"noc", "sram", "energy"}
    assert "dram" in sections["weights from DRAM"] and "dram" not in sections["rows"]
    assert rests["weights from DRAM"] - rests["rows"] >= {"energy.dram_idle_mw", "energy.host_idle_w", "sites.memory"}
    assert {"host.macs_per_s", "costs.csr_row_cycles", "event_router.issue_slots"} <= rests["rows"]
