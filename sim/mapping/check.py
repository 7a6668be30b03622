"""An independent look at a finished mapping: it shares no code with the modules that made it.

Units are counted off against the layers, memory is added up from the stored weights, every PE's jobs are listed, and
`sim.mapping.deliver` follows the packets. Everything that is wrong is said at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sim.machine.machine import Machine
from sim.mapping.between import MachineRoutes
from sim.mapping.check_dense import misdealt, weights_of
from sim.mapping.deliver import misdelivered
from sim.mapping.mapping import Budget, Mapping, Slice
from sim.scenario.complaints import Complaint, Refused
from sim.scenario.formats import Formats
from sim.workload.network import EgruLayer
from sim.workload.parts import Layer
from sim.workload.sparse import SparseRows

FP32 = Formats()


def check_mapping(
    mapping: Mapping,
    machine: Machine,
    routes: MachineRoutes,
    *,
    exclusive: bool,
    routed: bool,
    layers: Sequence[Layer] | None = None,
    formats: Formats = FP32,
    dense: bool = False,
) -> None:
    """Refuse a mapping that is not whole; silent when it is.

    `exclusive`: no PE holds more than one slice; `routed`: packets to many are copied by the event router. Without the
    `layers` that were mapped, the number of units and of non-zeros is taken on trust. `formats` is how
    weights are stored, `dense` whether zeros are stored too.
    """
    problems = list(_misnumbered(mapping, machine))
    if layers is not None and len(layers) != mapping.schedule.layers:
        problems.append(f"the network has {len(layers)} layers, the mapping is for {mapping.schedule.layers}")
    if not problems:
        problems = [
            *_units_lost(mapping, layers),
            *_miscounted(mapping, layers or ()),
            *_jobs(mapping, exclusive=exclusive),
            *_memory(mapping, machine),
            *(_dense(mapping, layers or ()) if dense else _sparse(mapping, layers or (), formats)),
            *misdealt(mapping, layers or ()),
            *_table_size(mapping, machine),
            *_regions(mapping, machine),
            *misdelivered(mapping, machine, routes, routed=routed),
        ]
    if problems:
        raise Refused([Complaint("mapping", problem) for problem in problems])


def _misnumbered(mapping: Mapping, machine: Machine) -> Iterator[str]:
    """Numbers that lead nowhere; with such nothing else can be looked at."""
    pes = range(len(machine.pes))
    layers = range(1, mapping.schedule.layers + 1)
    if len(mapping.budgets) != len(mapping.slices):
        yield f"{len(mapping.slices)} slices have {len(mapping.budgets)} memory budgets"
    for place, piece in enumerate(mapping.slices):
        if piece.index != place:
            yield f"{piece.name} is slice {place} and says that it is slice {piece.index}"
        if piece.layer not in layers:
            yield f"{piece.name}: the network has layers 1 to {mapping.schedule.layers}"
    used = [piece.pe for piece in mapping.slices] + [pe for group in mapping.groups for pe in group.destinations.pes]
    scheduler = mapping.deputies if mapping.scheduler_pe is None else (mapping.scheduler_pe, *mapping.deputies)
    for pe in sorted({*used, *scheduler} - {*pes}):
        yield f"PE {pe} is used, {machine.name} has {len(pes)} from 0"


def _units_lost(mapping: Mapping, layers: Sequence[Layer] | None) -> Iterator[str]:
    """Every unit of every layer is in one slice, and members count the slices off."""
    for layer in range(1, mapping.schedule.layers + 1):
        pieces = sorted((piece for piece in mapping.slices if piece.layer == layer), key=lambda piece: piece.start)
        expected = 0
        for member, piece in enumerate(pieces):
            if piece.start != expected or piece.stop <= piece.start:
                yield f"{piece.name}: expected a slice from unit {expected} on"
            if piece.member != member:
                yield f"{piece.name} is member {member} of its layer and says that it is member {piece.member}"
            expected = piece.stop
        units = layers[layer - 1].units if layers else max(expected, 1)
        if expected != units:
            yield f"layer {layer} has {units} units, its slices hold {expected}"


def _miscounted(mapping: Mapping, layers: Sequence[Layer]) -> Iterator[str]:
    """The non-zeros a slice is said to store are those of its rows."""
    for piece in mapping.slices if layers else ():
        layer = layers[piece.layer - 1]
        if not 0 <= piece.start <= piece.stop <= layer.units:
            continue
        stored = _kept(layer, piece)
        if stored != piece.nonzeros:
            yield f"{piece.name} has {stored} non-zeros and says that it has {piece.nonzeros}"


def _kept(layer: Layer, piece: Slice) -> int:
    """Weights that the slice keeps."""
    if isinstance(layer, EgruLayer):
        return sum(_stored(matrix, layer.units, piece) for matrix in (layer.W, layer.R))
    return weights_of(layer, piece)


def _stored(matrix: SparseRows, units: int, piece: Slice) -> int:
    """Entries in the rows of a slice's units: one block of rows for each gate."""
    blocks = range(0, matrix.rows, units)
    return sum(int(matrix.indptr[block + piece.stop] - matrix.indptr[block + piece.start]) for block in blocks)


def _jobs(mapping: Mapping, *, exclusive: bool) -> Iterator[str]:
    """A PE has one slice, or one of each layer where they are shared; the scheduler has a PE to itself."""
    holders: dict[int, list[Slice]] = {}
    for piece in mapping.slices:
        holders.setdefault(piece.pe, []).append(piece)
    for pe, pieces in sorted(holders.items()):
        others = ["the scheduler"] * (pe == mapping.scheduler_pe) + ["a deputy"] * (pe in mapping.deputies)
        names = [piece.name for piece in pieces] + others
        one_of_each = len({piece.layer for piece in pieces}) == len(pieces) and not others
        if len(names) > 1 and (exclusive or not one_of_each):
            yield f"PE {pe} has several jobs: {', '.join(names)}"


def _memory(mapping: Mapping, machine: Machine) -> Iterator[str]:
    sram = machine.sram
    filled = dict.fromkeys((piece.pe for piece in mapping.slices), sram.code_bytes + sram.stack_bytes + sram.fifo_bytes)
    for piece, own in zip(mapping.slices, mapping.budgets, strict=True):
        filled[piece.pe] += own.weights + own.parameters + own.state + own.accumulators + own.inputs + own.blocks
    for pe, size in sorted(filled.items()):
        if size > sram.total_bytes:
            yield f"PE {pe} holds {size} bytes of {sram.total_bytes}"


def _sparse(mapping: Mapping, layers: Sequence[Layer], formats: Formats) -> Iterator[str]:
    """Each non-zero has its bytes, and each row of int8 its scale."""
    for piece, own in _recurrent(mapping, layers):
        each, scales = formats.indices // 8 + 4, 0
        if formats.weights == "int8":
            each, scales = formats.indices // 8 + 1, 24 * piece.units
        if own.weights < each * piece.nonzeros + scales and not own.blocks:
            beside = f" and {scales} bytes of scales" if scales else ""
            yield f"{piece.name} stores {piece.nonzeros} non-zeros of {each} bytes{beside} in {own.weights} bytes"


def _dense(mapping: Mapping, layers: Sequence[Layer]) -> Iterator[str]:
    """Each unit has a byte for each input and each unit of its layer in three rows, and six scales."""
    for piece, own in _recurrent(mapping, layers) if layers else ():
        layer = layers[piece.layer - 1]
        least = piece.units * (3 * (layer.inputs + layer.units) + 24)
        if own.weights < least and not own.blocks:
            yield f"{piece.name} stores dense matrices of {least} bytes in {own.weights} bytes"


def _recurrent(mapping: Mapping, layers: Sequence[Layer]) -> Iterator[tuple[Slice, Budget]]:
    """Slices of recurrent layers, and of layers that nothing is known of, with their budgets."""
    for piece, own in zip(mapping.slices, mapping.budgets, strict=True):
        if not layers or isinstance(layers[piece.layer - 1], EgruLayer):
            yield piece, own


def _regions(mapping: Mapping, machine: Machine) -> Iterator[str]:
    """What lies in DRAM lies apart, within its memory, and each slice with block buffers has its weights there."""
    ends = dict.fromkeys(range(len(machine.drams)), 0)
    for one in sorted(mapping.regions, key=lambda one: (one.port, one.start)):
        if one.port not in ends:
            yield f"{one.name} lies behind port {one.port}, {machine.name} has {len(machine.drams)} from 0"
            continue
        if one.start < ends[one.port]:
            yield f"{one.name} begins at byte {one.start} of port {one.port}, taken up to {ends[one.port]}"
        ends[one.port] = one.start + one.size
        if ends[one.port] > machine.drams[one.port].capacity_bytes:
            yield f"{one.name} ends behind the {machine.drams[one.port].capacity_bytes} bytes of port {one.port}"
    held = {one.slice for one in mapping.regions} - {None}
    for piece, own in zip(mapping.slices, mapping.budgets, strict=True):
        if (own.blocks > 0) != (piece.index in held):
            yield f"{piece.name} has {own.blocks} bytes of block buffers and {'no ' * (own.blocks > 0)}weights in DRAM"


def _table_size(mapping: Mapping, machine: Machine) -> Iterator[str]:
    """Each chip's table, counted apart; and every line is for PEs of its own chip."""
    limit = machine.event_router.table_entries if machine.event_router else 0
    used = Counter(entry.chip for entry in mapping.entries)
    for chip in machine.chips:
        if used[chip.index] > limit:
            where = f" of {chip.name}" if chip.name else ""
            problem = f"needs {used[chip.index]} entries, it has {limit}; use fewer slices, or multicast tree"
            yield f"the event router's table{where} {problem}"
    pes = machine.pes
    astray = [line for line in mapping.entries if any(pes[pe].chip != line.chip for pe in line.destinations.pes)]
    if astray:
        yield f"{len(astray)} lines lead to PEs of another chip, as that of key {astray[0].key:#x}"
