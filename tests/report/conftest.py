"""A made-up result with every key and column a run can leave, written and read through the real files."""

import copy
from pathlib import Path

import numpy as np
import pytest

from sim.measure.store import write_json, write_table, write_yaml
from sim.report.result import Result

PERCENTILES = {"mean": 41.5, "p50": 40.0, "p95": 63.3, "p99": 80.0, "max": 96.7}

SUMMARY = {
    "schema_version": 1,
    "scenario": "made_up",
    "seed": 1,
    "versions": {"s2sim": "0.1.0", "python": "3.11"},
    "completed": True,
    "time": {
        "total_s": 0.00243,
        "steps": 70,
        "step_mean_s": 3.47e-5,
        "step_p50_s": 3.4e-5,
        "step_p95_s": 4.1e-5,
        "step_max_s": 5.2e-5,
        "latency_mean_s": 3.4e-5,
        "by_layer_s": {"1": 1.2e-5, "2": 1.4e-5, "3": 0.8e-5},
    },
    "workload": {
        "steps": 70,
        "events": 36225,
        "events_by_layer": {"1": 14175, "2": 14175, "3": 7875},
        "activity_by_layer": {"1": 0.15, "2": 0.15, "3": 0.15},
        "macs": 12345678,
        "macs_needed": 2345678,
        "outputs_sha256": "ab" * 32,
        "perplexity": 84.2134,
        "mean_nll_nat": 4.43335,
        "tokens": 70,
        "unknown_tokens": 2,
        "generated_text": "the [red] cat <eos>",
    },
    "network": {
        "packets_injected": 36225,
        "packets_sent": 1811250,
        "packets_delivered": 1811248,
        "packets_lost": 2,
        "flit_hops": 2500000,
        "latency_ns": dict(PERCENTILES),
        "queueing_ns": {"mean": 1.5, "p50": 0.0, "p95": 12.0, "p99": 20.0, "max": 40.0},
        "busiest_link": "(4,3)->(3,3)",
        "busiest_link_share": 0.123,
        "router_lookups": 36225,
        "router_copies": 500000,
        "router_entries": 12,
        "router_entries_before_merging": 150,
        "router_entry_limit": 16384,
        "fifo_peak": 17,
    },
    "congestion": {
        "ideal_total_s": 0.0024,
        "cost_s": 0.00003,
        "cost_share": 0.0123,
        "ideal_latency_ns_mean": 40.0,
        "latency_cost_ns_mean": 1.5,
        "highest_demand_share": 1.25,
    },
    "energy": {
        "total_j": 0.0653,
        "mean_power_w": 0.384,
        "peak_power_w": 0.42,
        "peak_at_s": 0.0002,
        "power_window_us": 100.0,
        "static_j": 0.04,
        "dynamic_j": 0.0253,
        "per_step_j": 0.000933,
        "by_part_j": {"noc": 0.0003, "uncore": 0.013},
        "by_phase_j": {"compute": 0.02, "standby": 0.04},
        "by_layer_j": {"1": 0.01},
        "point_share": {"low": 0.9, "high": 0.1},
    },
    "sync": {"wait_share": 0.31, "messages": 21000, "skew_us": 1.25},
    "pe": {
        "used": 150,
        "available": 152,
        "compute_share": 0.5,
        "receive_share": 0.1,
        "send_share": 0.04,
        "sync_share": 0.05,
        "dma_share": 0.0,
        "switch_share": 0.0,
        "wait_share": 0.0,
        "idle_share": 0.31,
    },
    "memory": {
        "sram_max_bytes": 120000,
        "sram_limit_bytes": 131072,
        "sram_mean_bytes": 101234.5,
        "weight_store_mean_bytes": {"1": 68000.0, "2": 88300.0, "3": 44000.0},
        "fullest_slice": "2.17",
        "dram_bytes": 0,
    },
    "host": {
        "input_bits": 1680000,
        "input_link_share": 0.01,
        "output_bits": 1680000,
        "output_link_share": 0.02,
        "decode_share": 0.26,
    },
    "traffic": {
        "pattern": "hotspot, (3,2).0 x 8",
        "offered_rate": 0.1,
        "accepted_rate": 0.0999,
        "accepted_rate_worst_node": 0.091,
        "queue_growth_rate": 0.0001,
        "queue_growth_rate_worst_source": 0.004,
        "worst_source": "(3,2).0",
        "latency_cycles": {**PERCENTILES, "confidence95": 0.21},
        "network_latency_cycles": dict(PERCENTILES),
        "saturated": False,
    },
    "stream": {
        "asked_bytes_per_s": 4.2e9,
        "bytes_per_s": 4.1e9,
        "peak_share": 0.9,
        "latency_ns": dict(PERCENTILES),
        "outstanding_mean": 15.9,
    },
    "dram": {
        "read_bytes": 384,
        "written_bytes": 0,
        "row_hit_share": 0.5,
        "row_miss_share": 0.25,
        "row_conflict_share": 0.25,
        "refreshes": 12,
        "busiest_port": "dram0",
        "busiest_port_share": 0.1,
        "latency_mean_ns": 138.0,
    },
    "books": {
        "sent_equals_delivered_plus_lost": True,
        "busy_plus_idle_equals_elapsed": True,
        "use_at_most_one": True,
        "time_never_runs_back": True,
    },
    "mapping": {
        "partition": "equal",
        "place": "row_major",
        "slices": 150,
        "slices_by_layer": {"1": 50, "2": 50, "3": 50},
    },
    "assumed": ["sram.code_bytes", "host.latency_ns"],
    "engine": {
        "network": "process",
        "events": 8000000,
        "events_per_s": 410000.0,
        "flit_hops_per_s": 128000.0,
        "wall_s": 19.5,
        "cpu_s": 19.4,
        "peak_rss_mb": 312.5,
    },
    "warnings": ["2 of 1811250 packets were lost [dropped by a full receive FIFO]"],
}

COLUMNS = {
    "pe": "pe name site_x site_y role layer slice units nonzeros sram_bytes compute_s receive_s send_s sync_s switch_s "
    "wait_s sleep_s events_sent packets_received packets_lost fifo_peak energy_j",
    "link": "link name kind from_x from_y to_x to_y flits use_share waited_cycles_mean queue_peak demand_share",
    "node": "node name site_x site_y offered_rate entered_rate accepted_rate",
    "step": "pe layer slice step time_start_s time_ready_s time_done_s packets_received events_sent macs macs_needed "
    "compute_s receive_s send_s sync_s",
    "power": "time_s power_w noc_w uncore_w",
    "dram_port": "port read_bytes written_bytes row_hits row_misses row_conflicts activates refreshes use_share "
    "latency_mean_ns capacity_bytes",
    "layer_step": "layer step time_start_s time_done_s events activity skew_s",
    "path": "step unit activity part time_start_ps time_end_ps",
    "link_step": "link step steps flits use_share waited_cycles_mean queue_peak",
}


def write_result(directory: Path, summary: dict) -> Path:
    """A result directory with `summary` and tables of three rows."""
    for table, columns in COLUMNS.items():
        write_table(directory, table, {column: np.arange(3) * 1.5 for column in columns.split()})
    write_yaml(directory, "scenario", {"name": "made_up", "seed": 1})
    write_json(directory, "summary", summary)
    return directory


@pytest.fixture
def summary() -> dict:
    return copy.deepcopy(SUMMARY)


@pytest.fixture
def result(tmp_path: Path, summary: dict) -> Result:
    return Result(write_result(tmp_path, summary))
