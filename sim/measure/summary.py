"""The summary of a network's run, section by section; every key is defined in the glossary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.hardware.fifo import ENTRY_BYTES
from sim.hardware.host import TAKING, called
from sim.measure.arrivals import Latency
from sim.measure.columns import Table
from sim.measure.critical_path import seconds
from sim.measure.crossings import chip_link_table, chip_table, chips_section, estimate_section
from sim.measure.dram import dram_section, dram_table
from sim.measure.energy_summary import by_layer, energy_section, power_table
from sim.measure.joules import Account
from sim.measure.network import Deliveries, scaled, spread
from sim.measure.path_tables import link_step_table, path_table
from sim.measure.ran import Ran
from sim.measure.tables import ACTIVITIES, latency_table, layer_step_table, link_table, pe_table, step_table
from sim.measure.timer import late_warning, timer_section
from sim.units import ps_to_ns, ps_to_s
from sim.workload.parts import last_of_units

Section = dict[str, Any]


def tables(ran: Ran) -> dict[str, Table]:
    """Every table of the run, by name."""
    power = {"power": power_table(ran.account)} if ran.account else {}
    ports, pes = ran.machine.drams, pe_table(ran)
    memory = {"dram_port": dram_table(ports, ran.recorder.dram, ran.recorder.busy, ran.elapsed)} if ports else {}
    return {
        **power,
        "pe": pes,
        "link": link_table(ran.links, ran.recorder.links, ran.machine, ran.elapsed),
        "latency": latency_table(ran.recorder.latency.taken.counts),
        "step": step_table(ran),
        "layer_step": layer_step_table(ran),
        "path": path_table(ran.recorder.path.end(ran.total_ps), ran.recorder.path.steps()),
        "link_step": link_step_table(ran.recorder.link_steps.intervals, ran.links, ran.machine.noc),
        **memory,
        **_chip_tables(ran, pes),
    }


def _chip_tables(ran: Ran, pes: Table) -> dict[str, Table]:
    """The tables of chips and of links between them, where there are any."""
    if ran.foreseen is None:
        return {}
    links = chip_link_table(ran.machine.chip_links, ran.recorder.crossings, ran.elapsed, ran.foreseen)
    return {"chip": chip_table(ran.machine.chips, ran.mapping, links, pes), "chip_link": links}


def sections(ran: Ran, made: dict[str, Table]) -> Section:
    """All sections that come from listeners and mapping."""
    return {
        "time": _time(ran, made["layer_step"]),
        **({"energy": _energy(ran, ran.account)} if ran.account else {}),
        "memory": _memory(ran, made["pe"]),
        "workload": _workload(ran, made),
        "network": network(ran.recorder.deliveries, ran.recorder.latency, made["link"]) | _router(ran),
        "sync": _sync(ran, made),
        "pe": _pe(ran, made["pe"]),
        "host": _host(ran),
        "critical_path": seconds(ran.recorder.path.end(ran.total_ps)),
        "mapping": _mapping(ran),
    } | _some(ran, made)


def _some(ran: Ran, made: dict[str, Table]) -> Section:
    """The memory ports, where the machine has any and something was asked of them, and the chips, where several are."""
    memory = dram_section(made["dram_port"]) if "dram_port" in made else {}
    section: Section = {"dram": memory} if memory else {}
    if ran.foreseen:
        section["chips"] = chips_section(made["chip"], made["chip_link"], ran.mapping, ran.recorder.crossings)
        if estimate := estimate_section(made["chip_link"], ran.foreseen, ran.outputs.steps):
            section["chips"]["estimate"] = estimate
    return section


def network(deliveries: Deliveries, latency: Latency, links: Table) -> Section:
    """What the network carried; latencies are absent where nothing was delivered."""
    section: Section = {
        "packets_injected": deliveries.injected,
        "packets_sent": deliveries.sent_to_receivers,
        "packets_delivered": deliveries.received,
        "packets_lost": deliveries.losses.total(),
        "flit_hops": int(links["flits"].sum()),
    }
    if whole := spread(latency.taken.counts):
        section["latency_ns"] = scaled(asdict(whole), ps_to_ns)
    if queueing := spread(latency.queueing.counts):
        section["queueing_ns"] = scaled(asdict(queueing), ps_to_ns)
    busiest = int(np.argmax(links["use_share"]))
    return section | {
        "busiest_link": str(links["name"][busiest]),
        "busiest_link_share": float(links["use_share"][busiest]),
    }


def warnings(ran: Ran) -> list[str]:
    """What a reader should know before trusting the run."""
    said = []
    if lost := ran.recorder.deliveries.lost_in_words():
        said.append(f"{lost}: outputs are affected, they are not those of the whole network")
    room = ran.machine.sram.fifo_bytes // ENTRY_BYTES
    peaks = ran.recorder.peaks.highest["fifo"]
    over = [unit for unit, peak in peaks.items() if peak > room]
    if over:
        fullest = min(over, key=lambda unit: (-peaks[unit], unit))
        said.append(
            f"the receive FIFOs of {len(over)} PEs held more than the {room} packets of sram.fifo_bytes; the fullest, "
            f"PE {fullest}, held {peaks[fullest]}"
        )
    return said + late_warning(ran)


def _time(ran: Ran, layer_step: Table) -> Section:
    ends = [_column(ran, layer_step, "time_done_s", len(ran.layers), number) for number in range(len(ran.mappings))]
    steps = sum(map(len, ends))
    section: Section = {"total_s": ps_to_s(ran.total_ps), "steps": steps}
    if not steps:
        return section
    lasting = np.concatenate([np.diff(own, prepend=0.0) for own in ends])
    begins = [_column(ran, layer_step, "time_start_s", 1, number)[: len(own)] for number, own in enumerate(ends)]
    return section | {
        "steps_per_s": steps / ps_to_s(ran.elapsed),
        "step_mean_s": float(lasting.mean()),
        "step_p50_s": _percentile(lasting, 50),
        "step_p95_s": _percentile(lasting, 95),
        "step_max_s": float(lasting.max()),
        "latency_mean_s": float(np.concatenate([end - begin for end, begin in zip(ends, begins, strict=True)]).mean()),
        "by_layer_s": _by_layer(ran, lambda layer: _mean_duration(layer_step, layer)),
    }


def _column(ran: Ran, layer_step: Table, name: str, layer: int, number: int) -> npt.NDArray[np.float64]:
    """A column of the steps of one layer of one copy of the network."""
    mine = layer_step["layer"] == layer
    if len(ran.mappings) > 1:
        mine &= layer_step["replica"] == number
    return np.asarray(layer_step[name][mine], dtype=np.float64)


def _percentile(values: npt.NDArray[np.float64], percent: float) -> float:
    """The smallest value that `percent` of all do not exceed."""
    return float(np.percentile(values, percent, method="inverted_cdf"))


def _mean_duration(layer_step: Table, layer: int) -> float:
    mine = layer_step["layer"] == layer
    return float(np.mean(layer_step["time_done_s"][mine] - layer_step["time_start_s"][mine]))


def _energy(ran: Ran, account: Account) -> Section:
    names = [[ran.machine.pes[piece.pe].name for piece in ran.mapping.members(layer)] for layer in _layers(ran)]
    section = energy_section(account, ran.outputs.steps)
    heard = ran.recorder.energy
    shares = {"point_share": heard.point_shares(ran.total_ps)} if heard else {}
    return section | {"by_layer_j": by_layer(account, names)} | shares


def _workload(ran: Ran, made: dict[str, Table]) -> Section:
    layer_step, step = made["layer_step"], made["step"]
    firing = range(1, last_of_units(ran.layers) + 1)
    events = {layer: int(layer_step["events"][layer_step["layer"] == layer].sum()) for layer in firing}
    done = {layer: int((layer_step["layer"] == layer).sum()) for layer in firing}
    return {
        "steps": ran.steps,
        "events": sum(events.values()),
        "events_by_layer": {f"layer{layer}": events[layer] for layer in firing},
        "activity_by_layer": {
            f"layer{layer}": events[layer] / max(1, ran.layers[layer - 1].units * done[layer]) for layer in firing
        },
        "macs": int(step["macs"].sum()),
        "macs_needed": int(step["macs_needed"].sum()),
        "outputs_sha256": ran.outputs.sha256(),
    }


def _memory(ran: Ran, pes: Table) -> Section:
    held = pes["sram_bytes"][pes["units"] > 0]
    budgets = ran.mapping.budgets
    fullest = max(ran.mapping.slices, key=lambda piece: (budgets[piece.index].total, -piece.index))
    section: Section = {
        "sram_max_bytes": int(held.max()),
        "sram_limit_bytes": ran.machine.sram.total_bytes,
        "sram_mean_bytes": float(held.mean()),
        "weight_store_mean_bytes": _by_layer(
            ran, lambda layer: float(np.mean([budgets[s.index].weights for s in ran.mapping.members(layer)]))
        ),
        "fullest_slice": fullest.name,
        "dram_bytes": sum(region.size for region in ran.mapping.regions),
    }
    return section


def _router(ran: Ran) -> Section:
    fifos = {"packets_held_back": ran.recorder.deliveries.held_back_at.total(), "fifo_peak": _fifo_peak(ran)}
    if ran.machine.event_router is None:
        return fifos
    return fifos | {
        "router_lookups": ran.recorder.deliveries.lookups,
        "router_copies": ran.recorder.deliveries.copies,
        "router_entries": len(ran.mapping.entries),
        "router_entries_before_merging": ran.mapping.entries_before_merging,
        "router_entry_limit": ran.machine.event_router.table_entries,
    }


def _fifo_peak(ran: Ran) -> int:
    return max(ran.recorder.peaks.highest["fifo"].values(), default=0)


def _sync(ran: Ran, made: dict[str, Table]) -> Section:
    step, skew = made["step"], made["layer_step"]["skew_s"]
    waited = float(np.sum(step["time_ready_s"] - step["time_start_s"]))
    used = len({piece.pe for piece in ran.mapping.slices})
    section: Section = {
        "wait_share": waited / (used * ps_to_s(ran.elapsed)),
        "messages": ran.recorder.deliveries.messages.count(),
    }
    if len(skew):
        times = np.bincount(made["layer_step"]["straggler_pe"])
        section |= {
            "skew_us": float(np.mean(skew)) * 1e6,
            "straggler": ran.machine.pes[int(times.argmax())].name,
            "straggler_share": float(times.max() / times.sum()),
        }
    return section | timer_section(ran, step)


def _pe(ran: Ran, pes: Table) -> Section:
    used = np.asarray(pes["units"]) > 0
    whole = used.sum() * ps_to_s(ran.elapsed)
    section: Section = {"used": int(used.sum()), "available": len(ran.machine.pes)}
    names = {activity: "idle_share" if activity == "sleep" else f"{activity}_share" for activity in ACTIVITIES}
    return section | {name: float(pes[f"{activity}_s"][used].sum() / whole) for activity, name in names.items()}


def _host(ran: Ran) -> Section:
    busy, bits = ran.recorder.busy, ran.recorder.peaks.total
    section: Section = {}
    for way, name in (("down", "input"), ("up", "output")):
        section[f"{name}_bits"] = bits.get((f"host link {way}", "bits"), 0)
        section[f"{name}_link_share"] = busy.busy(f"host link {way}") / ran.elapsed
    decoding = sum(busy.busy(called(TAKING, number)) for number in range(len(ran.mappings)))
    return section | {"decode_share": decoding / ran.elapsed}


def _mapping(ran: Ran) -> Section:
    return {
        "replicas": len(ran.mappings),
        "slices": len(ran.mapping.slices),
        "slices_by_layer": _by_layer(ran, lambda layer: len(ran.mapping.members(layer))),
    }


def _layers(ran: Ran) -> Sequence[int]:
    return range(1, len(ran.layers) + 1)


def _by_layer(ran: Ran, value: Callable[[int], Any]) -> Section:
    return {f"layer{layer}": value(layer) for layer in _layers(ran)}
