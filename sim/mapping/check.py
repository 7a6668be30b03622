"""An independent look at a finished mapping: it shares no code with the modules that made it.

Keys are looked up in the merged table bit by bit, routes are walked channel by channel, memory is added up from the
stored weights, and every delivery that the network's structure demands is counted off.
"""

from __future__ import annotations

from sim.machine.machine import Machine
from sim.mapping.mapping import Group, Mapping, Slice
from sim.mapping.ports import port_for
from sim.mapping.route import Routes
from sim.scenario.complaints import Complaint, Refused


def check_mapping(mapping: Mapping, machine: Machine, routes: Routes, *, exclusive: bool, routed: bool) -> None:
    """Refuse a mapping that is not whole; silent when it is."""
    problems = [
        *_units_covered(mapping),
        *(_shared_pes(mapping) if exclusive else []),
        *_memory(mapping, machine),
        *_table_size(mapping, machine),
        *_table_says(mapping, routed=routed),
        *_reachable(mapping, machine, routes),
    ]
    if problems:
        raise Refused([Complaint("mapping", problem) for problem in problems])


def _units_covered(mapping: Mapping) -> list[str]:
    problems = []
    for layer in range(1, mapping.schedule.layers + 1):
        expected = 0
        for piece in sorted((s for s in mapping.slices if s.layer == layer), key=lambda s: s.start):
            if piece.start != expected or piece.stop <= piece.start:
                problems.append(f"{piece.name} does not follow unit {expected - 1}")
            expected = piece.stop
    return problems


def _shared_pes(mapping: Mapping) -> list[str]:
    holders: dict[int, list[str]] = {}
    for piece in mapping.slices:
        holders.setdefault(piece.pe, []).append(piece.name)
    if mapping.scheduler_pe is not None:
        holders.setdefault(mapping.scheduler_pe, []).append("the scheduler")
    return [f"PE {pe} has several jobs: {', '.join(names)}" for pe, names in holders.items() if len(names) > 1]


def _memory(mapping: Mapping, machine: Machine) -> list[str]:
    sram = machine.sram
    filled = dict.fromkeys((piece.pe for piece in mapping.slices), sram.code_bytes + sram.stack_bytes + sram.fifo_bytes)
    for piece in mapping.slices:
        own = mapping.budgets[piece.index]
        filled[piece.pe] += own.weights + own.parameters + own.state + own.accumulators + own.inputs
        if own.weights < 8 * piece.nonzeros:
            return [f"{piece.name} stores {piece.nonzeros} non-zeros in {own.weights} bytes"]
    return [
        f"PE {pe} holds {size} bytes of {sram.total_bytes}" for pe, size in filled.items() if size > sram.total_bytes
    ]


def _table_size(mapping: Mapping, machine: Machine) -> list[str]:
    limit = machine.event_router.table_entries if machine.event_router else 0
    used = len(mapping.entries)
    return [f"the router's table needs {used} entries, it has {limit}"] if used > limit else []


def _table_says(mapping: Mapping, *, routed: bool) -> list[str]:
    """Every key that will be sent through the router finds one meaning, the right one."""
    problems = []
    for group in mapping.groups:
        if not routed or len(group.destinations.pes) + group.destinations.host < 2:
            continue
        for key in _keys_sent(group, mapping.slices):
            found = [e.destinations for e in mapping.entries if not (key ^ e.key) & e.mask]
            if found != [group.destinations]:
                problems.append(
                    f"key {key:#x} ({group.kind} of population {group.population}) matches {len(found)} entries"
                )
    return problems


def _keys_sent(group: Group, slices: tuple[Slice, ...]) -> list[int]:
    if group.kind in ("release", "done"):
        return [group.base]
    members = [s for s in slices if s.layer == group.population]
    if not members:
        return [group.base]
    units = [0] if group.kind == "markers" else None
    return [
        group.base + (s.member << group.unit_bits) + unit
        for s in members
        for unit in (units or range(s.stop - s.start))
    ]


def _reachable(mapping: Mapping, machine: Machine, routes: Routes) -> list[str]:
    """Walk from every sender to every receiver, through the router's ports where there are some."""
    problems = []
    senders = {s.pe for s in mapping.slices} | ({mapping.scheduler_pe} - {None})
    receivers = {pe for group in mapping.groups for pe in group.destinations.pes}
    router = machine.event_router
    goals = {machine.pes[pe].site for pe in receivers} | ({machine.host.site} if machine.host else set())
    for start in sorted({machine.pes[pe].site for pe in senders if pe is not None}):
        doors = {router.port_sites[port_for(machine, router, start)]} if router else set()
        problems += [
            f"no route from {machine.sites[start].name} to {machine.sites[goal].name}"
            for goal in sorted(goals | doors)
            if not _walk(machine, routes, start, goal)
        ]
    return problems


def _walk(machine: Machine, routes: Routes, start: int, goal: int) -> bool:
    seen = set()
    while start != goal:
        if start in seen:
            return False
        seen.add(start)
        channel = machine.channels[routes.channel(start, goal)]
        if channel.source != start:
            return False
        start = channel.target
    return True
