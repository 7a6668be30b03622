"""Putting slices on processing elements.

`row_major` takes the PEs in their order, `snake` turns round at the end of each row so that neighbours in the
list are neighbours on the chip, `traffic` starts at the middle of the talk (the event router where packets are copied
there, else the middle of the mesh) and gives the closest places to the layers that talk and listen most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.machine.graph_checks import some
from sim.machine.machine import Machine, PeSite
from sim.mapping.over_chips import over_chips
from sim.scenario.complaints import Refused


@dataclass(frozen=True, slots=True)
class OverChips:
    """How slices go to chips; packets that a slice of one layer says to one of another; PEs that are `kept` free; who
    cuts where chips are filled by a cut; whose the PEs are that are not kept."""

    how: str = "fill"
    said: Sequence[Sequence[float]] = ()
    kept: frozenset[int] = frozenset()
    cutter: str = "greedy"
    owner: str = "the machine"


ONE_CHIP = OverChips()


def place(
    machine: Machine,
    pieces: Sequence[int],
    talk: Sequence[float],
    method: str,
    sharing: str,
    over: OverChips = ONE_CHIP,
    *,
    routed: bool,
) -> list[list[int]]:
    """The PE of every slice, by layer. `pieces`: slices of each layer; `talk`: packets in and out of each layer;
    `routed`: whether packets are copied by the event router."""
    _refuse_too_few(pieces, f"{over.owner} has", len(machine.pes) - len(over.kept), sharing, _gone(machine))
    order = [pe for pe in _order(machine, method, routed=routed) if pe not in over.kept]
    layers = range(len(pieces))
    if machine.parts and over.how != "fill":
        return _over_chips(machine, order, pieces, over, shared=sharing == "shared")
    places: dict[int, list[int]] = {}
    taken = 0
    for layer in sorted(layers, key=lambda layer: (-talk[layer], layer)) if method == "traffic" else layers:
        first = 0 if sharing == "shared" else taken
        places[layer] = order[first : first + pieces[layer]]
        taken += pieces[layer]
    return [places[layer] for layer in layers]


def _over_chips(
    machine: Machine, order: Sequence[int], pieces: Sequence[int], over: OverChips, *, shared: bool
) -> list[list[int]]:
    """The PE of every slice when each chip is told how many of each layer it gets; on a chip they go in `order`."""
    on_chips: dict[int, list[int]] = {chip: [] for chip in sorted({machine.pes[pe].chip for pe in order})}
    for pe in order:
        on_chips[machine.pes[pe].chip].append(pe)
    queues = list(on_chips.values())
    room = [len(queue) for queue in queues]
    if shared:
        counts = [over_chips([count], room, over.how, [[0.0]], over.cutter)[0] for count in pieces]
    else:
        counts = over_chips(pieces, room, over.how, over.said, over.cutter)
    places, taken = [], [0] * len(room)
    for row in counts:
        ends = [first + count for first, count in zip(taken, row, strict=True)]
        places.append([pe for queue, a, b in zip(queues, taken, ends, strict=True) for pe in queue[a:b]])
        taken = taken if shared else ends
    return places


def spare(machine: Machine, used: Sequence[int], method: str, *, routed: bool) -> int:
    """The PE for the scheduler: the first in the order of placement that holds no slice."""
    busy = frozenset(used)
    for pe in _order(machine, method, routed=routed):
        if pe not in busy:
            return pe
    raise Refused.at(
        "sync.protocol",
        f"a barrier needs a PE for its scheduler, and all {len(machine.pes)} hold slices; "
        "use fewer PEs in mapping.pes_per_layer, or markers",
    )


def _order(machine: Machine, method: str, *, routed: bool) -> list[int]:
    if method == "snake":
        return [pe.index for pe in sorted(machine.pes, key=lambda pe: _snake(machine, pe))]
    if method == "traffic":
        centre = _centre(machine, routed=routed)
        near = {pe.index: (pe.chip, _distance(machine, pe, centre), pe.index) for pe in machine.pes}
        return sorted(near, key=lambda pe: near[pe])
    return [pe.index for pe in machine.pes]


def _snake(machine: Machine, pe: PeSite) -> tuple[int, int, int, int]:
    site = machine.sites[pe.site]
    return pe.chip, site.y, site.x if site.y % 2 == machine.sites[0].y % 2 else -site.x, pe.core


def _centre(machine: Machine, *, routed: bool) -> tuple[float, float]:
    routers = machine.event_router.port_sites if routed and machine.event_router else ()
    sites = [machine.sites[index] for index in routers] or list(machine.sites)
    return sum(site.x for site in sites) / len(sites), sum(site.y for site in sites) / len(sites)


def _distance(machine: Machine, pe: PeSite, centre: tuple[float, float]) -> float:
    site = machine.sites[pe.site]
    return abs(site.x - centre[0]) + abs(site.y - centre[1])


def _gone(machine: Machine) -> str:
    """What faults have taken, in words."""
    faults = machine.faults
    lists = {
        "dead chips": faults.dead_chips,
        "chips cut off": faults.cut_off_chips,
        "dead PEs": faults.dead_pes,
        "PEs cut off": faults.unreachable,
    }
    return "".join(f", {words} {some(names)}" for words, names in lists.items() if names)


def _refuse_too_few(pieces: Sequence[int], owned: str, available: int, sharing: str, gone: str) -> None:
    if sharing == "shared":
        largest = max(pieces)
        if largest > available:
            layer = pieces.index(largest)
            raise Refused.at(
                f"mapping.pes_per_layer[{layer}]",
                f"layer {layer + 1} asks for {largest} PEs, {owned} {available}{gone}; ask for {available} or fewer",
            )
    elif sum(pieces) > available:
        raise Refused.at(
            "mapping.pes_per_layer",
            f"{' + '.join(map(str, pieces))} = {sum(pieces)} PEs asked, {owned} {available}{gone}; "
            "ask for fewer, or set mapping.sharing: shared",
        )
