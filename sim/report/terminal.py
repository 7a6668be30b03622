"""The summary of a run as a person reads it: a few lines per section, each figure with its unit.

What is shown is a list of phrases with summary keys in them. A phrase whose key is absent is left out, and
the unit of each figure comes from the glossary, so the screen cannot disagree with the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.report.glossary import find
from sim.report.result import Result
from sim.units import PS_PER_NS, PS_PER_S, PS_PER_US

SECTIONS: dict[str, tuple[str, ...]] = {
    "time": (
        "{time.total_s} simulated; {time.steps} of {workload.steps} steps; throughput {time.steps_per_s}",
        "a step every {time.step_mean_s}; p50 {time.step_p50_s}; p95 {time.step_p95_s}; max {time.step_max_s}; "
        "through the layers in {time.latency_mean_s}",
        "layers {time.by_layer_s}",
    ),
    "work": (
        "{workload.events} events; {workload.macs} MACs; {workload.macs_needed} needed",
        "events {workload.events_by_layer}",
        "activity {workload.activity_by_layer}",
    ),
    "text": (
        "perplexity {workload.perplexity}; {workload.mean_nll_nat} per token; {workload.tokens} tokens; "
        "{workload.unknown_tokens} unknown",
        "{workload.generated_text}",
    ),
    "exactness": (
        "outputs off by {workload.against_exact.outputs_rms_share}; from step "
        "{workload.against_exact.first_differing_step} on; {workload.against_exact.events_differing} events differ; "
        "exact perplexity {workload.against_exact.exact_perplexity}; "
        "change {workload.against_exact.perplexity_change_share}",
    ),
    "gesture": (
        "class {workload.class}; right {workload.label}; most frames {workload.class_of_most_frames}",
        "{workload.input.events} camera events; {workload.input.events_per_s}; "
        "{workload.input.active_pixel_share} of the pixels in a frame",
    ),
    "real time": (
        "an input every {real_time.period_s}; result after {real_time.latency_s.mean} in the mean; "
        "p95 {real_time.latency_s.p95}; max {real_time.latency_s.max}; {real_time.deadlines_missed} deadlines missed",
    ),
    "formats": (
        "perplexity {workload.quantisation.perplexity}; in fp32 {workload.quantisation.exact_perplexity}; "
        "change {workload.quantisation.perplexity_change_share}",
        "{workload.quantisation.events_flipped} events flipped; {workload.quantisation.events_flipped_share} of all",
    ),
    "energy": (
        "{energy.total_j}; {energy.per_step_j} a step; {energy.mean_power_w} in the mean; "
        "at most {energy.peak_power_w} over {energy.power_window_us}",
        "static {energy.static_j}; dynamic {energy.dynamic_j}",
        "parts {energy.by_part_j}",
        "phases {energy.by_phase_j}",
        "PEs of layers {energy.by_layer_j}",
        "operating points of the PEs in use {energy.point_share}",
    ),
    "traffic": (
        "{traffic.pattern}; offered {traffic.offered_rate}; accepted {traffic.accepted_rate}; "
        "at the worst node {traffic.accepted_rate_worst_node}",
        "latency mean {traffic.latency_cycles.mean}; +- {traffic.latency_cycles.confidence95}; "
        "p50 {traffic.latency_cycles.p50}; p95 {traffic.latency_cycles.p95}; p99 {traffic.latency_cycles.p99}; "
        "max {traffic.latency_cycles.max}",
        "from the source queue on mean {traffic.network_latency_cycles.mean}; max {traffic.network_latency_cycles.max}",
        "saturated: {traffic.saturated}; source queues grow by {traffic.queue_growth_rate}; "
        "of {traffic.worst_source} by {traffic.queue_growth_rate_worst_source}",
        "asked most {traffic.highest_demand_link}; {traffic.highest_demand_share} of what it can carry",
    ),
    "stream": (
        "asked {stream.asked_bytes_per_s}; moved {stream.bytes_per_s}; {stream.peak_share} of the peak; "
        "{stream.outstanding_mean} under way",
        "latency mean {stream.latency_ns.mean}; p50 {stream.latency_ns.p50}; p95 {stream.latency_ns.p95}; "
        "p99 {stream.latency_ns.p99}; max {stream.latency_ns.max}",
    ),
    "network": (
        "{network.packets_injected} packets; for receivers {network.packets_sent} sent; "
        "{network.packets_delivered} delivered; {network.packets_lost} lost; {network.flit_hops} flit-hops",
        "latency mean {network.latency_ns.mean}; p50 {network.latency_ns.p50}; p95 {network.latency_ns.p95}; "
        "p99 {network.latency_ns.p99}; max {network.latency_ns.max}; "
        "queueing mean {network.queueing_ns.mean}",
        "busiest link {network.busiest_link} in use {network.busiest_link_share}",
        "router {network.router_lookups} lookups; {network.router_copies} copies; "
        "{network.router_entries} of {network.router_entry_limit} entries; "
        "receive FIFO at most {network.fifo_peak} packets; {network.packets_held_back} held back by a full one",
    ),
    "chips": (
        "{chips.used} of {chips.number} used; over links {chips.estimate.carried_packets_per_step} packets a step, "
        "foreseen {chips.estimate.packets_per_step}; {chips.estimate.carried_bits_per_step} a step, foreseen "
        "{chips.estimate.bits_per_step}",
        "foreseen busiest {chips.estimate.busiest_link} "
        "{chips.estimate.carried_busiest_link_packets_per_step} packets a step, foreseen "
        "{chips.estimate.busiest_link_packets_per_step}; activity {chips.estimate.activity}; "
        "busiest {chips.busiest_link} in use {chips.busiest_link_share}",
    ),
    "congestion": (
        "costs {congestion.cost_s}; {congestion.cost_share} of the run; "
        "of a packet's latency {congestion.latency_cost_ns_mean}",
        "highest demand on a link {congestion.highest_demand_share}",
    ),
    "path": (
        "compute {critical_path.compute_s}; network {critical_path.network_s}; DRAM {critical_path.dram_s}; "
        "links {critical_path.link_s}; sync {critical_path.sync_s}; host {critical_path.host_s}; "
        "other {critical_path.other_s}",
    ),
    "sync": (
        "waiting {sync.wait_share}; {sync.messages} messages; skew {sync.skew_us}; last most often {sync.straggler}",
        "a tick every {sync.period_s}; at most {sync.tick_used_max_s} of it at work; "
        "{sync.ticks_per_step} ticks to a step; {sync.overruns} overruns; "
        "packets late {sync.packets_late}; too late {sync.packets_missed}; share {sync.late_share}",
    ),
    "PEs": (
        "{pe.used} of {pe.available} used; compute {pe.compute_share}; receive {pe.receive_share}; "
        "send {pe.send_share}; sync {pe.sync_share}; DMA {pe.dma_share}; switch {pe.switch_share}; "
        "wait {pe.wait_share}; idle {pe.idle_share}",
        "copies of the network {mapping.replicas}; slices {mapping.slices}; cut {mapping.partition}; "
        "placed {mapping.place}",
    ),
    "memory": (
        "SRAM at most {memory.sram_max_bytes} of {memory.sram_limit_bytes}; mean {memory.sram_mean_bytes}; "
        "fullest {memory.fullest_slice}",
        "weights per PE {memory.weight_store_mean_bytes}",
        "in DRAM {memory.dram_bytes}",
    ),
    "DRAM": (
        "{dram.read_bytes} read; {dram.written_bytes} written; rows open {dram.row_hit_share}; bank closed "
        "{dram.row_miss_share}; other row open {dram.row_conflict_share}; {dram.refreshes} refreshes",
        "burst after {dram.latency_mean_ns}; busiest port {dram.busiest_port} in use {dram.busiest_port_share}",
    ),
    "host": (
        "{host.input_bits} in; link busy {host.input_link_share}; {host.output_bits} out; "
        "link busy {host.output_link_share}; decoding {host.decode_share}",
    ),
    "engine": (
        "{engine.cpu_s} CPU; {engine.wall_s} real time; events {engine.events_per_s}; "
        "flit-hops {engine.flit_hops_per_s}; memory {engine.peak_rss_mb}; network {engine.network}",
    ),
}

SECONDS = {"s": 1.0, "us": PS_PER_US / PS_PER_S, "ns": PS_PER_NS / PS_PER_S}
SCALED = {"bytes": "B", "bits": "bit", "per s": "/s", "bytes per s": "B/s", "J": "J", "W": "W"}
PREFIXES = {-5: "f", -4: "p", -3: "n", -2: "u", -1: "m", 0: "", 1: "k", 2: "M", 3: "G", 4: "T", 5: "P"}

_KEY = re.compile(r"\{([^}]+)\}")


def print_summary(result: Result, console: Console) -> None:
    """Show a result: what was run, its figures in sections, then warnings and where the files are."""
    summary = result.summary
    console.print(_heading(summary))
    console.print(_grid(summary))
    for warning in summary.get("warnings", []):
        console.print(Text(f"warning: {warning}", "yellow"))
    console.print(Text(f"result in {result.path}", "dim"), soft_wrap=True)


def quantity(value: object, unit: str) -> str:
    """A value of a glossary unit for people: (0.00243, "s") -> "2.43 ms", (0.25, "share") -> "25 %"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return str(value)
    if unit in SECONDS:
        return scaled(value * SECONDS[unit], "s")
    if unit in SCALED:
        return scaled(value, SCALED[unit])
    if unit == "share":
        return f"{100 * value:.3g} %"
    if unit == "count":
        return f"{value:,}"
    return f"{value:.5g}" if unit == "number" else f"{value:.4g} {unit}"


def scaled(value: float, unit: str) -> str:
    """`value` to three figures with the SI prefix that puts it between 1 and 1000; long times get none."""
    if value == 0:
        return f"0 {unit}"
    factor, prefix = prefix_of(value, PREFIXES[0] if unit == "s" else PREFIXES[max(PREFIXES)])
    return f"{_figures(value / factor)} {prefix}{unit}"


def prefix_of(value: float, largest: str = "P") -> tuple[float, str]:
    """The SI prefix, up to `largest`, that puts `value` between 1 and 1000, and what it stands for."""
    power = int(f"{value:.2e}".partition("e")[2]) // 3  # of the rounded value, so that 999.7 becomes 1 k
    most = next(power for power, prefix in PREFIXES.items() if prefix == largest)
    power = max(min(PREFIXES), min(power, most))
    return 1000.0**power, PREFIXES[power]


def _figures(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 999.5 else f"{value:,.0f}"


def _heading(summary: Mapping[str, Any]) -> Text:
    done = Text("completed", "green") if summary.get("completed") else Text("NOT COMPLETED", "bold red")
    name = Text(str(summary.get("scenario", "")), "bold")
    return Text.assemble(name, f"  seed {summary.get('seed', '?')}  ", done)


def _grid(summary: Mapping[str, Any]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold cyan", no_wrap=True)
    grid.add_column(overflow="fold")
    for section, lines in SECTIONS.items():
        _add(grid, section, filter(None, (_line(line, summary) for line in lines)))
    _add(grid, "books", _books(summary.get("books", {})))
    _add(grid, "basis", _basis(summary.get("assumed", [])))
    return grid


def _add(grid: Table, section: str, lines: Iterable[str | Text]) -> None:
    for number, line in enumerate(lines):
        grid.add_row("" if number else section, line if isinstance(line, Text) else Text(line))


def _line(line: str, summary: Mapping[str, Any]) -> str:
    phrases = (_phrase(phrase, summary) for phrase in line.split("; "))
    return ", ".join(phrase for phrase in phrases if phrase)


def _phrase(phrase: str, summary: Mapping[str, Any]) -> str:
    """The phrase with its keys replaced by their values, or nothing when one of them is absent."""
    values = {name: _value(name, summary) for name in _KEY.findall(phrase)}
    return _KEY.sub(lambda key: values[key[1]], phrase) if all(values.values()) else ""


def _value(name: str, summary: Mapping[str, Any]) -> str:
    value: Any = summary
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return _shown(name, value)


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "  ".join(f"{key}: {_shown(f'{name}.{key}', inner)}" for key, inner in value.items())
    term = find(name)
    return quantity(value, term.unit if term else "number")


def _books(books: Mapping[str, bool]) -> Iterator[Text]:
    wrong = [name for name, closes in books.items() if not closes]
    if wrong:
        yield Text(f"do not close: {', '.join(wrong)}", "bold red")
    elif books:
        yield Text(f"all {len(books)} close")


def _basis(assumed: list[str]) -> Iterator[str]:
    if assumed:
        yield f"{len(assumed)} assumed machine parameters, named in summary.json under assumed"
