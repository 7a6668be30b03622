"""The figures that a page opens with and that a comparison shows first, each with a name for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.report.glossary import find
from sim.report.terminal import quantity

HEADLINE = {
    "time.total_s": "time in all",
    "time.step_mean_s": "time of a step, mean",
    "time.step_p95_s": "time of a step, p95",
    "real_time.latency_s.mean": "input to result, mean",
    "real_time.deadlines_missed": "deadlines missed",
    "workload.events": "events",
    "workload.perplexity": "perplexity",
    "energy.total_j": "energy in all",
    "energy.mean_power_w": "power, mean",
    "energy.per_step_j": "energy of a step",
    "network.packets_delivered": "packets delivered",
    "network.packets_lost": "packets lost",
    "network.latency_ns.mean": "packet latency, mean",
    "network.latency_ns.p99": "packet latency, p99",
    "network.busiest_link": "busiest link",
    "network.busiest_link_share": "use of the busiest link",
    "chips.packets_crossed": "packets between chips",
    "chips.busiest_link": "busiest link between chips",
    "chips.busiest_link_share": "use of that link",
    "pe.used": "PEs in use",
    "pe.compute_share": "PEs computing",
    "pe.idle_share": "PEs idle",
    "sync.wait_share": "PEs waiting for inputs",
    "memory.sram_max_bytes": "SRAM of the fullest PE",
    "traffic.offered_rate": "offered rate",
    "traffic.accepted_rate": "accepted rate",
    "traffic.latency_cycles.mean": "latency in cycles, mean",
    "traffic.saturated": "saturated",
    "stream.bytes_per_s": "bandwidth of a port",
    "stream.peak_share": "share of its peak",
    "stream.latency_ns.mean": "burst latency, mean",
    "stream.latency_ns.p99": "burst latency, p99",
    "dram.row_hit_share": "row hits",
    "dram.row_conflict_share": "row conflicts",
    "dram.busiest_port_share": "use of the busiest port",
    "congestion.cost_share": "cost of congestion",
    "engine.cpu_s": "CPU time of the run",
}


def facts(summary: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The headline figures that a summary has, with what they mean."""
    for name, label in HEADLINE.items():
        value: Any = summary
        for key in name.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        term = find(name)
        if value is not None and term:
            told = {"meaning": term.meaning, "formula": term.formula}
            yield {"name": name, "label": label, "value": value, "shown": quantity(value, term.unit), **told}
