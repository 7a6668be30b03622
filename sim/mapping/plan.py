"""From a network and a machine to a mapping: partition, place, allocate keys, budget memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.machine.machine import Machine
from sim.mapping import keys, memory
from sim.mapping.mapping import Budget, Destinations, Group, Mapping, Slice
from sim.mapping.partition import nonzeros_per_unit, partition, pes_for_layers
from sim.mapping.place import place, spare
from sim.mapping.schedule import INPUT, PIPELINE_DEPTH, Schedule, plan
from sim.scenario.models import Scenario
from sim.workload.network import EgruLayer, Network


@dataclass(frozen=True, slots=True)
class Ends:
    """What stands at the ends of the network: does the host take the outputs, and do inputs depend on them?"""

    host_takes_output: bool
    feeds_back: bool


def map_network(network: Network, ends: Ends, machine: Machine, scenario: Scenario) -> Mapping:
    """The mapping `scenario` asks for; Refused where it cannot be had on `machine`."""
    pipelined = scenario.sync.schedule == "pipelined"
    schedule = plan(len(network.layers), output=ends.host_takes_output, feeds_back=ends.feeds_back, pipelined=pipelined)
    slices = _slices(network.layers, schedule, machine, scenario)
    budgets = _budgets(network.layers, slices, machine, scenario)
    routed = scenario.network.multicast == "event_router"
    barrier = scenario.sync.protocol == "barrier"
    scheduler = spare(machine, [s.pe for s in slices], scenario.mapping.place, routed=routed) if barrier else None
    input_packets = -(-network.layers[0].inputs // scenario.compute.values_per_packet)
    groups = _groups(schedule, slices, scheduler, input_packets)
    lines = [line for group in groups for line in keys.entries_of(group, _members(group, slices))]
    table = [line for line in lines if routed and line.destinations.count > 1]
    return Mapping(schedule, slices, budgets, scheduler, groups, keys.merge(table), len(table))


def _slices(layers: Sequence[EgruLayer], schedule: Schedule, machine: Machine, scenario: Scenario) -> tuple[Slice, ...]:
    wish = scenario.mapping
    available = len(machine.pes) - (scenario.sync.protocol == "barrier")
    pieces = pes_for_layers(layers, wish.pes_per_layer, available)
    routed = scenario.network.multicast == "event_router"
    talk = _talk(layers, pieces, schedule)
    places = place(machine, pieces, talk, wish.place, wish.sharing, routed=routed)
    slices: list[Slice] = []
    for number, layer in enumerate(layers):
        counts = nonzeros_per_unit(layer)
        for member, (start, stop) in enumerate(partition(layer, pieces[number], wish.partition)):
            stored = int(counts[start:stop].sum())
            slices.append(Slice(len(slices), number + 1, member, start, stop, places[number][member], stored))
    return tuple(slices)


def _talk(layers: Sequence[EgruLayer], pieces: Sequence[int], schedule: Schedule) -> list[float]:
    """Packets into and out of the PEs of each layer if every unit fired, per PE: what `traffic` places by."""
    units = [layer.units for layer in layers]
    talk = []
    for number in range(len(layers)):
        sources = [need.source for need in schedule.of(number + 1) if need.carries and need.source != INPUT]
        heard = sum(units[source - 1] for source in sources)
        talk.append(heard + units[number] / pieces[number])
    return talk


def _budgets(
    layers: Sequence[EgruLayer], slices: Sequence[Slice], machine: Machine, scenario: Scenario
) -> tuple[Budget, ...]:
    kernel = scenario.compute.kernel
    buffers = PIPELINE_DEPTH if scenario.sync.schedule == "pipelined" else 1
    budgets = tuple(memory.budget(layers[s.layer - 1], s.start, s.stop, s.nonzeros, kernel, buffers) for s in slices)
    remedies = {number: _remedy(layers[number - 1], machine, scenario, buffers) for number in {s.layer for s in slices}}
    memory.refuse_too_big(slices, budgets, machine.sram, remedies)
    return budgets


def _remedy(layer: EgruLayer, machine: Machine, scenario: Scenario, buffers: int) -> str:
    """How many PEs would hold the layer, in words."""
    room = memory.room_for_data(machine.sram)
    counts = nonzeros_per_unit(layer)
    pieces = 1
    while pieces <= layer.units:
        most = max(
            memory.budget(layer, a, b, int(counts[a:b].sum()), scenario.compute.kernel, buffers).total
            for a, b in partition(layer, pieces, scenario.mapping.partition)
        )
        if most <= room:
            return f"{pieces} PEs would hold this layer"
        pieces = max(pieces + 1, min(layer.units, pieces * most // (2 * room)))
    return "even one unit a PE is too big"


def _groups(
    schedule: Schedule, slices: Sequence[Slice], scheduler: int | None, input_packets: int
) -> tuple[Group, ...]:
    wanted: list[keys.Wanted] = []
    for population in schedule.populations:
        members = max(1, sum(piece.layer == population for piece in slices))
        consumers = _where(schedule, slices, schedule.consumers(population))
        if consumers.count:
            wanted.append(("events", population, consumers, members))
        if scheduler is None:
            waiting = _where(schedule, slices, schedule.waiting_on(population))
            if waiting.count and population != schedule.output:
                wanted.append(("markers", population, waiting, members))
        else:
            wanted.append(("release", population, _where(schedule, slices, (population,)), 1))
    if scheduler is not None:
        wanted.append(("done", INPUT, Destinations((scheduler,)), 1))
    return keys.allocate(wanted, max(input_packets, *(piece.units for piece in slices)))


def _where(schedule: Schedule, slices: Sequence[Slice], populations: Sequence[int]) -> Destinations:
    """Everybody who is part of one of `populations`."""
    pes = sorted({piece.pe for piece in slices if piece.layer in populations})
    return Destinations(tuple(pes), INPUT in populations or schedule.output in populations)


def _members(group: Group, slices: Sequence[Slice]) -> int:
    if group.kind in ("release", "done"):
        return 1
    return max(1, sum(piece.layer == group.population for piece in slices))
