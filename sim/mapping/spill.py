"""What lies in DRAM: weights of slices that are streamed instead of kept, and the embedding.

A streamed slice keeps its pointers and scales in SRAM, and two buffers of a block each: one is worked on while the
other is filled. Slices take the memory ports of their chip in turn, so that
all of them are asked for about as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sim.machine.machine import Machine
from sim.mapping.mapping import Budget, Region, Slice
from sim.scenario.complaints import Refused
from sim.scenario.formats import VALUE_BITS
from sim.scenario.models import Mapping as Wishes
from sim.scenario.models import Scenario

BUFFERS = 2
ALIGNED = 64
"""Regions begin at a multiple of this many bytes."""

KEY = "mapping.weights"


def streamed(
    slices: Sequence[Slice], budgets: Sequence[Budget], stored: Sequence[int], room: int, asked: Wishes
) -> tuple[Budget, ...]:
    """The budgets with `stored` bytes of weights of each slice moved to DRAM where the scenario wants it.

    With `mapping.weights: auto` those are the slices of PEs whose data would need more than `room` bytes. A decoder's
    weights are not in its budget to begin with.
    """
    needs = _needs(slices, budgets)
    blocks = BUFFERS * asked.block_bytes

    def moved(piece: Slice) -> Budget:
        own = budgets[piece.index]
        if own.blocks:
            return own
        if not stored[piece.index] or asked.weights == "sram" or (asked.weights == "auto" and needs[piece.pe] <= room):
            return own
        return replace(own, weights=own.weights - stored[piece.index], blocks=blocks)

    return tuple(moved(piece) for piece in slices)


def would_fit(
    slices: Sequence[Slice], budgets: Sequence[Budget], stored: Sequence[int], room: int, asked: Wishes
) -> bool:
    """Whether weights kept in SRAM are all that is too much, so that `mapping.weights: auto` would do."""
    auto = asked.model_copy(update={"weights": "auto"})
    fits = max(_needs(slices, streamed(slices, budgets, stored, room, auto)).values()) <= room
    return asked.weights == "sram" and fits


def _needs(slices: Sequence[Slice], budgets: Sequence[Budget]) -> dict[int, int]:
    """Bytes of each PE that holds slices."""
    needs: dict[int, int] = {}
    for piece in slices:
        needs[piece.pe] = needs.get(piece.pe, 0) + budgets[piece.index].total
    return needs


def regions(
    embedding: int,
    slices: Sequence[Slice],
    budgets: Sequence[Budget],
    stored: Sequence[int],
    machine: Machine,
    scenario: Scenario,
    taken: Sequence[int] = (),
) -> tuple[Region, ...]:
    """Where in which port's memory everything lies, an embedding of so many values first; Refused where there is too
    little of it or none. Others have `taken` so many bytes of each port's."""
    spilled = [piece for piece in slices if budgets[piece.index].blocks]
    wanted: list[tuple[str, int, int | None, int]] = [
        (piece.name, stored[piece.index], piece.index, machine.pes[piece.pe].chip) for piece in spilled
    ]
    host = machine.host
    if embedding and host:
        size = embedding * VALUE_BITS[scenario.formats.inputs] // 8
        wanted.insert(0, ("embedding", size, None, machine.sites[host.site].chip))
    ports = _ports(machine)
    if wanted and not all(ports):
        raise Refused.at(KEY, f"{machine.name} has no DRAM to stream weights from; set {KEY}: sram")
    turns = [0] * len(ports)
    filled = list(taken) or [0] * len(machine.drams)
    placed: list[Region] = []
    for name, size, piece, chip in wanted:
        port = ports[chip][turns[chip] % len(ports[chip])]
        turns[chip] += 1
        placed.append(Region(name, port, filled[port], size, piece))
        filled[port] += -(-size // ALIGNED) * ALIGNED
    for port, size in enumerate(filled):
        if size > machine.drams[port].capacity_bytes:
            there = f"{machine.drams[port].name} holds {machine.drams[port].capacity_bytes}"
            raise Refused.at(
                KEY if spilled else "workload.embedding",
                f"{size} bytes to be kept in DRAM, {there}; use a smaller network or vocabulary, or more dram.rows",
            )
    return tuple(placed)


def end_of(regions: Sequence[Region], port: int) -> int:
    """The first byte behind the regions of a port where another can begin."""
    ends = [one.start + one.size for one in regions if one.port == port]
    return -(-max(ends, default=0) // ALIGNED) * ALIGNED


def _ports(machine: Machine) -> list[list[int]]:
    """The numbers of the ports of each chip."""
    homes = [machine.sites[dram.site].chip for dram in machine.drams]
    return [[number for number, home in enumerate(homes) if home == chip.index] for chip in machine.chips]
