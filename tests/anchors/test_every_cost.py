"""Every number of the topologies that is no shape does something: moved, it moves a named figure of a run as it should.

One that has a range goes to an end of it, any other is doubled.
"""

from pathlib import Path

import pytest

from sim.machine.description import read_topology
from sim.machine.parameters import parameters
from sim.report.result import Result
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES
from sim.simulate import run

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SHAPE = ("grid.", "sites.", "board.", "host.site", "links.per_chip", "packets.payload_bits")
"""How names of what the machine is made of begin; other tests are about that."""

SAID = {"operating_points.low.voltage_v", "operating_points.high.voltage_v", "noc.flit_bits"}
"""Told to people, and judged when a topology is read: a voltage costs what energy.pe says, and packets are one flit."""

NUMBERS = {
    number.name: number
    for number in parameters(read_topology(read(TOPOLOGIES / "spinnaker2_board.yaml")))
    if not number.name.startswith(SHAPE) and number.name not in SAID
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
ONE_BURST = BURSTS | {"workload.outstanding": 1}
FEW_BURSTS = BURSTS | {"workload.outstanding": 4}
FEW_ROWS = BURSTS | {"machine.override.dram.rows": 2}
MIXED = BURSTS | {"workload.read_share": 0.5}
HIGH = SMALL | {"machine.operating_point": "high"}
SLOW_ROUTER = CROWDED | {"machine.override.event_router.clock_mhz": 5}
LINKED = {"scenario": "traffic_uniform", "machine": {"topology": "spinnaker2_board", "chips": 2}}
LINKED |= {"workload.warmup_cycles": 100, "workload.measure_cycles": 1500, "workload.rate": 0.002}
LOADED = LINKED | {"workload.rate": 0.02}
DROPPED = LOADED | {"network.chip_links.full": "drop", "machine.override.links.buffer_packets": 1}
PUT_BACK = DROPPED | {"network.chip_links.reinject": True, "machine.override.links.timeout_ns": 200}
PAIRS = {"rows": [[0, 1]], "tiling": [[2, 0], [0, 1]], "host_chip": 0}
BOARDS = {"workload.tokens": 1, "mapping": {"chips": "spread", "pes_per_layer": [4, 4, 4]}}
BOARDS |= {"machine": {"topology": "spinnaker2_board", "chips": 4, "override": {"board": PAIRS}}}
"""Two boards of two chips."""
MOVED = "stream.bytes_per_s"
LATENCY = "network.latency_ns.mean"
CYCLES = "traffic.latency_cycles.mean"
SERVED = "stream.latency_ns.mean"
TIME = "time.total_s"
PARTS = "energy.by_part_j"
MOVES = {
    "dvfs.switch_ns": (RAISED, TIME, 1),
    "noc.injection_cycles": (SMALL, LATENCY, 1),
    "noc.ejection_cycles": (SMALL, LATENCY, 1),
    "noc.local_ports": (SENDING, LATENCY, -1),
    "noc.credit_cycles": (CROWDED | {"network.buffer_flits": 1}, LATENCY, 1),
    "event_router.issue_slots": (CROWDED, LATENCY, -1),
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
    "energy.uncore_mw": (SMALL, f"{PARTS}.uncore", 1),
    "operating_points.low.clock_mhz": (SMALL, TIME, -1),
    "operating_points.high.clock_mhz": (HIGH, TIME, -1),
    "noc.clock_mhz": (SMALL, LATENCY, -1),
    "noc.hop_cycles": (SMALL, LATENCY, 1),
    "noc.flit_cycles": (CROWDED, LATENCY, 1),
    "packets.header_bits": (SMALL, f"{PARTS}.host_link", 1),
    "event_router.clock_mhz": (SMALL, LATENCY, -1),
    "event_router.stages": (SMALL, LATENCY, 1),
    "event_router.engines": (SLOW_ROUTER, LATENCY, -1),
    "event_router.table_entries": (SMALL, "network.router_entry_limit", 1),
    "event_router.ports_per_site": (CROWDED, LATENCY, -1),
    "sram.total_bytes": (SMALL, "memory.sram_limit_bytes", 1),
    "sram.stack_bytes": (SMALL, "memory.sram_max_bytes", 1),
    "costs.mac_array_macs_per_cycle": (ARRAY, TIME, -1),
    "host.gbit_per_s": (SMALL, TIME, -1),
    "host.frame_overhead_bits": (SMALL, TIME, 1),
    "host.frame_bytes": (SMALL, TIME, -1),
    "dram.clock_mhz": (ONE_BURST, SERVED, -1),
    "dram.data_bits": (BURSTS, MOVED, 1),
    "dram.burst_length": (BURSTS, MOVED, 1),
    "dram.bank_groups": (FEW_BURSTS, MOVED, 1),
    "dram.banks_per_group": (FEW_BURSTS, MOVED, 1),
    "dram.rows": (BURSTS | {"machine.override.dram.rows": 1}, SERVED, 1),
    "dram.columns": (ONE_BURST | {"workload.pattern": "sequential"}, SERVED, -1),
    "dram.timing.cl": (ONE_BURST, SERVED, 1),
    "dram.timing.rcd": (ONE_BURST, SERVED, 1),
    "dram.timing.rp": (ONE_BURST, SERVED, 1),
    "dram.timing.refi": (BURSTS, MOVED, 1),
    **{
        f"dram.timing.{name}": (BURSTS, SERVED, 1) for name in ("ras", "rrd_s", "rrd_l", "faw", "rtp", "ccd_s", "ccd_l")
    },
    **{f"dram.timing.{name}": (MIXED, SERVED, 1) for name in ("cwl", "wr", "wtr_s", "wtr_l")},
    "links.packet_bits": (CHIPS, f"{PARTS}.chip_links", 1),
    "links.payload_bits": (CHIPS, f"{PARTS}.chip_links", -1),
    "links.packet_ns": (LINKED, CYCLES, 1),
    "links.latency_ns": (LINKED, CYCLES, 1),
    "links.buffer_packets": (LOADED, CYCLES, -1),
    "links.error_rate": (LOADED, CYCLES, 1),
    "links.timeout_ns": (DROPPED, "network.packets_lost", -1),
    "links.reinject_ns": (PUT_BACK, CYCLES, 1),
    "links.between_boards.gbit_per_s": (BOARDS, TIME, -1),
    "links.between_boards.line_bits_per_byte": (BOARDS, TIME, 1),
    "links.between_boards.latency_ns": (BOARDS, TIME, 1),
}
"""For each number: what to run, the figure that follows it, and whether up (1) or down (-1)."""
ELSEWHERE = {
    "packets.header_bits": 64,
    "event_router.engines": 1,
    "host.frame_bytes": 64,
    "links.timeout_ns": 200.0,
    "dram.rows": 4,
}
"""Where a number goes if neither an end of its range nor twice as much shows anything, or if that cannot be."""

DOWN = {
    "event_router.issue_slots",
    "dram.queue_bursts",
    "dram.bank_queue_bursts",
    "links.buffer_packets",
}
"""Moved down, for there is enough of them."""


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


def test_every_number_has_a_figure_that_follows_it():
    assert sorted(MOVES) == sorted(NUMBERS)


@pytest.mark.parametrize("name", MOVES)
def test_a_figure_follows_the_number(figure, name):
    overrides, key, direction = MOVES[name]
    was = overrides.get(f"machine.override.{name}", NUMBERS[name].value)
    moved = elsewhere(name)
    change = figure(key, overrides | {f"machine.override.{name}": moved}) - figure(key, overrides)
    assert change * (moved - was) * direction > 0


def elsewhere(name):
    """Another value of a number: the upper end of its range where that is not the value itself, else the lower one."""
    number = NUMBERS[name]
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    if number.low is None or number.high is None:
        return 2 * number.value
    return number.high if number.high > number.value and name not in DOWN else number.low
