"""Figures published for the whole chip: power in five states, arithmetic, events, network, router and memory ports."""

from __future__ import annotations

from collections.abc import Iterator

from sim.anchors.row import Row
from sim.anchors.runs import Runs
from sim.machine.build import load_machine
from sim.machine.description import read_topology
from sim.machine.machine import Machine
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES

CHIP = "arXiv 2607.24396"
IDLE = {
    "machine.topology": "spinnaker2_chip",
    "machine.override": {},
    "workload.rate": 1e-6,
    "workload.warmup_cycles": 0,
    "workload.measure_cycles": 1000,
}
BUSY = {
    "workload.weights.synthetic": {"layers": [16, 51, 50, 50], "sparsity": 0.5, "vocabulary": 4000},
    "workload.tokens": 2,
    "workload.decoder": "none",
    "mapping.pes_per_layer": [51, 50, 50],
    "compute.idle": "busy_wait",
}
"""Three layers on 151 PEs and a scheduler on the last, all polling when they wait."""


def power(runs: Runs) -> Iterator[Row]:
    """The five measured states; the power of a PE was derived from them, so these rows check the account."""
    states = [("all PEs off", "low", "off", 0.0752), ("all PEs asleep, 0.5 V", "low", "sleep", 0.2354)]
    states += [("all PEs asleep, 0.8 V", "high", "sleep", 0.5647)]
    for name, point, unused, watts in states:
        asked = IDLE | {"machine.operating_point": point, "machine.unused_pes": unused}
        drawn = runs.summary("traffic_uniform", asked)["energy"]["mean_power_w"]
        yield Row(f"power, {name}", "W", watts, CHIP, "input", 0.01, drawn)
    for name, point, watts in (("0.5 V, 150 MHz", "low", 0.4246), ("0.8 V, 300 MHz", "high", 1.2479)):
        drawn = runs.summary("smoke", BUSY | {"machine.operating_point": point})["energy"]["mean_power_w"]
        yield Row(f"power, all PEs run code, {name}", "W", watts, CHIP, "input", 0.01, drawn)


def arithmetic(runs: Runs) -> Iterator[Row]:
    """Peak and sustained rates of MAC arrays, and what a core does with events."""
    low, high = _machine("low"), _machine("high")
    peak = _operations(high)
    yield Row("int8 peak, 300 MHz", "op/s", 5.837e12, CHIP, "derived", 0.001, peak)
    yield Row(
        "int8 sustained, 300 MHz", "op/s", 4.563e12, CHIP, "derived", 0.005, 0.78 * peak, "at 78 % use, as published"
    )
    yield Row("int8 sustained, 150 MHz", "op/s", 2.281e12, CHIP, "derived", 0.005, 0.78 * _operations(low))
    asked = {"compute.kernel": "event_columns", "workload.tokens": 2}
    cycles = low.costs.event_nonzero_cycles
    rate = low.operating_point.clock.mhz * 1e6 / cycles
    yield Row("events of a core", "per s", 12e6, CHIP, "input", 0.01, rate, "clock and fan-out not published; 150 MHz")
    said = runs.summary("smoke", asked)["workload"]
    share = said["macs"] / said["macs_needed"]
    yield Row("products made per product needed", "number", 1.0, "event_columns by definition", "predicted", 0.0, share)


def network(runs: Runs) -> Iterator[Row]:
    """The mesh cut in two, and the event router's peaks."""
    chip = _machine("low")
    link = max(chip.packets.payload_bits) * chip.noc.clock.mhz / chip.noc.flit_cycles / 1000
    cuts = f"{_cut(chip, 'x') * link:g} between columns, {_cut(chip, 'y') * link:g} between rows, one way"
    eight = "which cut is meant is not published: it would be eight links of 38.4, no straight cut has as many"
    yield Row("bisection of the mesh", "Gbit/s", 307.2, CHIP, "predicted", 0.01, note=f"{eight}: {cuts}")
    yield Row("payload of a link", "Gbit/s", 307.2 / 8, f"{CHIP}: 307.2 / 8", "derived", 0.001, link)
    six = _cut(chip, "x") * link * 400 / chip.noc.clock.mhz
    yield Row(
        "bisection if links ran at 400 MHz", "Gbit/s", 307.2, CHIP, "derived", 0.001, six, "a reading, not the model"
    )
    router = chip.event_router
    assert router is not None
    out = len(router.port_sites) * chip.noc.flit_bits * router.clock.mhz / 1000
    yield Row("router's peak to links", "Gbit/s", 460.8, CHIP, "derived", 0.001, out)
    pes = len(chip.pes) / len({pe.site for pe in chip.pes})
    yield Row("router's peak to PEs", "Gbit/s", 1843.2, CHIP, "derived", 0.001, out * pes)


def memory(runs: Runs) -> Iterator[Row]:
    """The memory ports."""
    port = _machine("low").drams[0]
    yield Row("raw rate of a port", "bytes/s", 3.2e9, CHIP, "derived", 0.001, port.peak_bytes_per_s)


def _machine(point: str) -> Machine:
    return load_machine(read_topology(read(TOPOLOGIES / "spinnaker2_chip.yaml")), point)


def _operations(machine: Machine) -> float:
    """Operations per s of all arrays, two to a multiply-accumulate."""
    return 2 * len(machine.pes) * machine.costs.mac_array_macs_per_cycle * machine.operating_point.clock.mhz * 1e6


def _cut(machine: Machine, axis: str) -> int:
    """Links one way over the cut nearest the middle of the map, between columns or between rows."""
    places = sorted({getattr(site, axis) for site in machine.sites})
    middle = places[len(places) // 2 - 1]
    ends = [(getattr(machine.sites[c.source], axis), getattr(machine.sites[c.target], axis)) for c in machine.channels]
    return sum(source == middle and target == middle + 1 for source, target in ends)
