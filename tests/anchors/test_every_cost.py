"""Every number of the chip that has a range does something: moved up, it moves a named figure of a run as it should."""

from pathlib import Path

import pytest

from sim.machine.description import read_topology
from sim.machine.parameters import parameters
from sim.report.result import Result
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES
from sim.simulate import run

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
RANGED = {
    number.name: number
    for number in parameters(read_topology(read(TOPOLOGIES / "spinnaker2_chip.yaml")))
    if number.low is not None and number.high is not None
}
SMALL = {"workload.tokens": 2}
COLUMNS = SMALL | {"compute.kernel": "event_columns"}
DRAM = SMALL | {"workload.embedding": "dram"}
LONG = DRAM | {
    "workload.decoder": "none",
    "workload.weights.synthetic": {"layers": [2048, 8], "vocabulary": 4000},
    "mapping.pes_per_layer": [2],
    "machine.override.costs.receive_packet_cycles": 0,
    "machine.override.costs.receive_value_cycles": 0,
}
"""Input vectors of many bursts, which PEs take in at once."""
INT8 = SMALL | {"formats.weights": "int8"}
PACKED = SMALL | {"formats.events": "fp16", "formats.events_per_packet": 4}
BYTES = {"formats.weights": "int8", "formats.inputs": "int8", "formats.events": "int8"}
ARRAY = SMALL | BYTES | {"compute.kernel": "mac_array"}
DECODES = SMALL | {"workload.decoder": "dram", "mapping.pes_per_layer": [2, 2, 2, 2]}
DECODES |= {"workload.weights.synthetic.vocabulary": 200}
GESTURE = {"scenario": "dvs_gesture", "workload.frames": 1}
RAISED = COLUMNS | {"compute.dvfs": {"policy": "auto", "threshold_packets": 1}}
CROWDED = {
    "workload.tokens": 2,
    "workload.decoder": "none",
    "workload.weights.synthetic": {"layers": [64, 240], "activity": 0.9, "vocabulary": 4000},
    "mapping.pes_per_layer": [60],
}
"""Sixty PEs whose events come to the event router at once."""
SENDING = {"scenario": "traffic_uniform", "machine.topology": "spinnaker2_chip", "workload.rate": 0.05}
SENDING |= {"workload.warmup_cycles": 50, "workload.measure_cycles": 100}
CHIPS = {"workload.tokens": 1, "machine": {"topology": "spinnaker2_board", "chips": 2}, "mapping.chips": "spread"}
BURSTS = {"scenario": "memory_port", "machine.override": {}, "workload.outstanding": 64}
BURSTS |= {"workload.warmup_cycles": 2000, "workload.measure_cycles": 20000}
FEW_ROWS = BURSTS | {"machine.override.dram.rows": 2}
MIXED = BURSTS | {"workload.read_share": 0.5}
SERVED = "stream.latency_ns.mean"
TIME = "time.total_s"
PARTS = "energy.by_part_j"
MOVES = {
    "dvfs.switch_ns": (RAISED, TIME, 1),
    "noc.injection_cycles": (SMALL, "network.latency_ns.mean", 1),
    "noc.ejection_cycles": (SMALL, "network.latency_ns.mean", 1),
    "noc.local_ports": (SENDING, "network.latency_ns.mean", -1),
    "noc.credit_cycles": (CROWDED | {"network.buffer_flits": 1}, "network.latency_ns.mean", 1),
    "event_router.issue_slots": (CROWDED, "network.latency_ns.mean", -1),
    "sram.code_bytes": (SMALL, "memory.sram_max_bytes", 1),
    "sram.fifo_bytes": (SMALL, "memory.sram_max_bytes", 1),
    "dram.queue_bursts": (BURSTS, SERVED, -1),
    "dram.bank_queue_bursts": (BURSTS, SERVED, -1),
    "dram.row_hits": (FEW_ROWS, SERVED, -1),
    "dram.write_drain": (MIXED, SERVED, -1),
    "dram.controller_clocks": (BURSTS, SERVED, 1),
    "dram.dma_bytes_per_s": (LONG, TIME, -1),
    "dram.timing.rtw": (MIXED, SERVED, 1),
    "dram.timing.rfc": (MIXED, SERVED, 1),
    "host.latency_ns": (SMALL, TIME, 1),
    "host.macs_per_s": (SMALL, TIME, -1),
    "costs.receive_packet_cycles": (SMALL, "pe.receive_share", 1),
    "costs.receive_value_cycles": (SMALL, "pe.receive_share", 1),
    "costs.update_neuron_cycles": (SMALL, TIME, 1),
    "costs.emit_event_cycles": (SMALL, "pe.send_share", 1),
    "costs.sync_message_cycles": (SMALL, "pe.sync_share", 1),
    "costs.csr_nonzero_cycles": (SMALL, TIME, 1),
    "costs.csr_row_cycles": (SMALL, TIME, 1),
    "costs.event_cycles": (COLUMNS, TIME, 1),
    "costs.event_nonzero_cycles": (COLUMNS, TIME, 1),
    "costs.pack_value_cycles": (PACKED, "pe.send_share", 1),
    "costs.convert_value_cycles": (PACKED, "pe.send_share", 1),
    "costs.int8_nonzero_cycles": (INT8, TIME, 1),
    "costs.int8_row_cycles": (INT8, TIME, 1),
    "costs.mac_array_setup_cycles": (ARRAY, TIME, 1),
    "costs.mac_array_use": (ARRAY, TIME, -1),
    "costs.mac_array_conv_use": (GESTURE, "real_time.latency_s.mean", -1),
    "costs.stage_value_cycles": (GESTURE, "real_time.latency_s.mean", 1),
    "costs.dma_packet_cycles": (GESTURE, "real_time.latency_s.mean", 1),
    "costs.fp32_mac_cycles": (GESTURE, "real_time.latency_s.mean", 1),
    "costs.score_word_cycles": (DECODES, TIME, 1),
    "costs.dma_setup_cycles": (SMALL | {"mapping.weights": "dram"}, TIME, 1),
    "energy.pe.low.sleep_mw": (SMALL, "energy.static_j", 1),
    "energy.pe.low.active_mw": (SMALL, f"{PARTS}.pe_dynamic", 1),
    "energy.pe.high.sleep_mw": (RAISED, "energy.static_j", 1),
    "energy.pe.high.active_mw": (RAISED, f"{PARTS}.pe_dynamic", 1),
    "energy.pe.low.mac_pj": (ARRAY, f"{PARTS}.mac_array", 1),
    "energy.pe.high.mac_pj": (ARRAY | {"machine.operating_point": "high"}, f"{PARTS}.mac_array", 1),
    "energy.exp_pj": (SMALL, f"{PARTS}.exp_unit", 1),
    "energy.flit_hop_pj": (SMALL, f"{PARTS}.noc", 1),
    "energy.lookup_pj": (SMALL, f"{PARTS}.event_router", 1),
    "energy.host_link_pj_per_bit": (SMALL, f"{PARTS}.host_link", 1),
    "energy.chip_link_pj_per_bit": (CHIPS, f"{PARTS}.chip_links", 1),
    "energy.dram_pj_per_bit": (DRAM, f"{PARTS}.dram_dynamic", 1),
    "energy.dram_idle_mw": (DRAM, f"{PARTS}.dram_static", 1),
    "energy.host_idle_w": (SMALL | {"measure.energy_of_host": True}, f"{PARTS}.host_static", 1),
    "energy.host_busy_w": (SMALL | {"measure.energy_of_host": True}, f"{PARTS}.host_dynamic", 1),
}
"""For each number: what to run, the figure that follows it, and whether up (1) or down (-1)."""
DOWN = {
    "event_router.issue_slots",
    "dram.queue_bursts",
    "dram.bank_queue_bursts",
    "dram.timing.rtw",
}
"""Moved down: of queues there is enough, and a much longer turnaround gathers more writes before it is paid."""


@pytest.fixture(scope="module")
def figure(tmp_path_factory):
    """A figure of a run by its dotted name; a run that was made already is not made again."""
    made = {}

    def figure(name, overrides):
        key = repr(sorted(overrides.items()))
        if key not in made:
            asked = dict(overrides)
            scenario = SCENARIOS / f"{asked.pop('scenario', 'smoke')}.yaml"
            made[key] = Result(run(scenario, asked, out=tmp_path_factory.mktemp("run"))).summary
        value = made[key]
        for part in name.split("."):
            value = value[part]
        return value

    return figure


def test_every_number_with_a_range_has_a_figure_that_follows_it():
    assert sorted(MOVES) == sorted(RANGED)


@pytest.mark.parametrize("name", MOVES)
def test_a_figure_follows_the_number(figure, name):
    overrides, key, direction = MOVES[name]
    number = RANGED[name]
    up = number.high > number.value and name not in DOWN  # else its value is as high as it goes, and it is moved down
    moved = number.high if up else number.low
    change = figure(key, overrides | {f"machine.override.{name}": moved}) - figure(key, overrides)
    assert change * (1 if up else -1) * direction > 0
