"""From a network and a machine to a mapping: partition, place, allocate keys, budget memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.machine.machine import Machine
from sim.mapping import keys, memory, spill
from sim.mapping.between import ChipRoutes, by_routers
from sim.mapping.fewest import Store
from sim.mapping.fit import refuse_too_big
from sim.mapping.mapping import Budget, Destinations, Mapping, Slice
from sim.mapping.partition import partition, pes_for_layers
from sim.mapping.place import OverChips, place, spare
from sim.mapping.schedule import INPUT, PIPELINE_DEPTH, Schedule, plan
from sim.mapping.tables import tables
from sim.scenario.complaints import Refused
from sim.scenario.formats import MOST_OF_16_BITS
from sim.scenario.models import Scenario
from sim.workload.network import GATES
from sim.workload.parts import Layer, kinds, outputs, stored_weights


@dataclass(frozen=True, slots=True)
class Ends:
    """What stands at the ends of the network: does the host take the outputs, and do inputs depend on them? And how
    many rows does an embedding have that lies in DRAM?"""

    host_takes_output: bool
    feeds_back: bool
    embedding_rows: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """What others leave of a machine to its `owner`: PEs that are not theirs to take are `outside`, blocks of keys and
    bytes of each memory port that are taken come first."""

    outside: frozenset[int] = frozenset()
    groups: int = 0
    filled: tuple[int, ...] = ()
    owner: str = "the machine"


WHOLE = Room()


def map_network(
    layers: Sequence[Layer], ends: Ends, machine: Machine, scenario: Scenario, room: Room = WHOLE
) -> Mapping:
    """The mapping `scenario` asks for, in what `room` there is; Refused where it cannot be had on `machine`."""
    schedule = plan(
        len(layers),
        output=ends.host_takes_output,
        feeds_back=ends.feeds_back,
        pipelined=scenario.sync.schedule == "pipelined",
        recurrent=kinds(layers),
        timed=scenario.sync.protocol == "timer",
    )
    slices = _slices(layers, schedule, machine, scenario, room)
    stored = _stored(layers, slices, scenario)
    budgets = _budgets(layers, slices, stored, machine, scenario, room)
    routed = by_routers(scenario.network.multicast, machine)
    kept, barrier = _kept(machine, scenario, room), scenario.sync.scheduled
    busy = [*(piece.pe for piece in slices), *kept.values(), *room.outside]
    scheduler = spare(machine, busy, scenario.mapping.place, routed=routed) if barrier else None
    deputies = tuple(sorted({kept[machine.pes[piece.pe].chip] for piece in slices})) if kept else ()
    wanted = [*_wanted(schedule, slices, scheduler), *_gathered(machine, deputies)]
    largest = max(_input_packets(layers, scenario), *(piece.units for piece in slices))
    groups = keys.allocate(wanted, largest, room.groups)
    between = ChipRoutes(machine, scenario.network.chip_links.routing)
    copied = tables(machine, groups if routed else (), slices, scheduler, between)
    embedding = ends.embedding_rows * layers[0].inputs
    placed = spill.regions(embedding, slices, budgets, stored, machine, scenario, room.filled)
    table = copied.entries, copied.before_merging, copied.defaulted
    return Mapping(schedule, slices, budgets, scheduler, groups, *table, deputies, placed)


def _slices(
    layers: Sequence[Layer], schedule: Schedule, machine: Machine, scenario: Scenario, room: Room
) -> tuple[Slice, ...]:
    wish = scenario.mapping
    pieces = pes_for_layers(layers, wish.pes_per_layer, _available(machine, scenario, room), wish.sharing)
    routed = by_routers(scenario.network.multicast, machine)
    talk = _talk(layers, pieces, schedule, _input_packets(layers, scenario))
    said = _said(layers, pieces, schedule)
    kept = room.outside | frozenset(_kept(machine, scenario, room).values())
    over = OverChips(wish.chips, said, kept, wish.cut, room.owner)
    places = place(machine, pieces, talk, wish.place, wish.sharing, over, routed=routed)
    slices: list[Slice] = []
    for number, layer in enumerate(layers):
        for member, (start, stop) in enumerate(partition(layer, pieces[number], wish.partition)):
            stored = stored_weights(layer, start, stop)
            slices.append(Slice(len(slices), number + 1, member, start, stop, places[number][member], stored))
    return tuple(slices)


def _available(machine: Machine, scenario: Scenario, room: Room) -> int:
    """PEs that can hold slices: all but those of the barrier's scheduler and its deputies."""
    inside = len(machine.pes) - len(room.outside)
    return inside - scenario.sync.scheduled - len(_kept(machine, scenario, room))


def _kept(machine: Machine, scenario: Scenario, room: Room) -> dict[int, int]:
    """The PE of each chip with any that is kept for a deputy, the last one; none where there are no deputies."""
    if scenario.sync.protocol != "tree":
        return {}
    return {pe.chip: pe.index for pe in machine.pes if pe.index not in room.outside}


def _gathered(machine: Machine, deputies: Sequence[int]) -> list[keys.Wanted]:
    """What slices tell the deputy of their chip, by the number of the chip."""
    return [("gather", machine.pes[pe].chip, Destinations((pe,)), 1) for pe in deputies]


def _input_packets(layers: Sequence[Layer], scenario: Scenario) -> int:
    """Packets of a whole input vector."""
    return -(-layers[0].inputs // scenario.compute.values_per_packet)


def _talk(layers: Sequence[Layer], pieces: Sequence[int], schedule: Schedule, input_packets: int) -> list[float]:
    """Packets into and out of each PE of each layer if every unit fired: what `traffic` places by."""
    sent = [input_packets, *map(outputs, layers)]
    heard = [
        sum(sent[need.source] for need in schedule.of(number) if need.carries) for number in range(1, len(layers) + 1)
    ]
    return [arriving + outputs(layer) / count for arriving, layer, count in zip(heard, layers, pieces, strict=True)]


def _said(layers: Sequence[Layer], pieces: Sequence[int], schedule: Schedule) -> list[list[float]]:
    """Packets from a slice of each layer to a slice of each layer if every unit fired."""
    numbers = range(1, len(layers) + 1)
    return [
        [outputs(layers[one - 1]) / pieces[one - 1] if other in schedule.consumers(one) else 0.0 for other in numbers]
        for one in numbers
    ]


def _budgets(
    layers: Sequence[Layer],
    slices: Sequence[Slice],
    stored: Sequence[int],
    machine: Machine,
    scenario: Scenario,
    room: Room,
) -> tuple[Budget, ...]:
    kernel = scenario.compute.kernel
    ahead = scenario.sync.schedule == "pipelined" or scenario.sync.protocol == "timer"
    buffers = PIPELINE_DEPTH if ahead else 1
    formats = scenario.formats
    _refuse_short_indices(slices, scenario)
    blocks = spill.BUFFERS * scenario.mapping.block_bytes
    budgets = tuple(
        memory.budget(layers[s.layer - 1], s.start, s.stop, s.nonzeros, kernel, buffers, formats, blocks)
        for s in slices
    )
    store = Store(scenario.mapping.partition, kernel, buffers, memory.room_for_data(machine.sram), formats, blocks)
    held = spill.streamed(slices, budgets, stored, store.room, scenario.mapping)
    would_stream = bool(machine.drams) and spill.would_fit(slices, budgets, stored, store.room, scenario.mapping)
    available = _available(machine, scenario, room)
    refuse_too_big(layers, slices, held, machine.sram, store, available, would_stream=would_stream)
    return held


def _refuse_short_indices(slices: Sequence[Slice], scenario: Scenario) -> None:
    """16 bits must tell the rows of a slice apart where weights are stored by column, and its units in pairs."""
    formats, largest = scenario.formats, max(slices, key=lambda piece: piece.units)
    rows = scenario.compute.kernel == "event_columns" and formats.indices == 16
    if rows and GATES * largest.units > MOST_OF_16_BITS:
        problem = f"16 bits tell {MOST_OF_16_BITS} rows apart, and {largest.name} has {GATES * largest.units}"
        raise Refused.at("formats.indices", f"{problem}; set formats.indices to 32, or use more PEs")
    pairs = formats.packing == "pairs" and formats.events_per_packet > 1
    if pairs and largest.units > MOST_OF_16_BITS:
        problem = f"pairs tell {MOST_OF_16_BITS} units apart, and {largest.name} has {largest.units}"
        raise Refused.at("formats.packing", f"{problem}; set formats.packing to block, or use more PEs")


def _stored(layers: Sequence[Layer], slices: Sequence[Slice], scenario: Scenario) -> list[int]:
    """Bytes of each slice's weights that can be streamed."""
    kernel, formats = scenario.compute.kernel, scenario.formats
    return [memory.stored_bytes(layers[piece.layer - 1], piece, kernel, formats) for piece in slices]


def _wanted(schedule: Schedule, slices: Sequence[Slice], scheduler: int | None) -> list[keys.Wanted]:
    """The groups of packets that the schedule's needs ask for, and the messages of the sync protocol."""
    wanted: list[keys.Wanted] = []
    for population in schedule.populations:
        members = max(1, sum(piece.layer == population for piece in slices))
        consumers = _where(schedule, slices, schedule.consumers(population))
        if consumers.count:
            wanted.append(("events", population, consumers, members))
        if scheduler is None and schedule.stride is None:
            waiting = _where(schedule, slices, schedule.waiting_on(population))
            if waiting.count and population != schedule.output:
                wanted.append(("markers", population, waiting, members))
        elif scheduler is not None:
            wanted.append(("release", population, _where(schedule, slices, (population,)), 1))
    if scheduler is not None:
        wanted.append(("done", INPUT, Destinations((scheduler,)), 1))
    return wanted


def _where(schedule: Schedule, slices: Sequence[Slice], populations: Sequence[int]) -> Destinations:
    """Everybody who is part of one of `populations`."""
    pes = sorted({piece.pe for piece in slices if piece.layer in populations})
    return Destinations(tuple(pes), INPUT in populations or schedule.output in populations)
