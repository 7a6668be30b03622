"""Whether slices fit the memory of their processing elements, and what to do about it where they do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sim.machine.machine import Sram
from sim.mapping.fewest import Store, fewest_pes, fewest_shared
from sim.mapping.mapping import Budget, Slice
from sim.scenario.complaints import Complaint, Refused
from sim.workload.parts import Layer, grains

KEY = "mapping.pes_per_layer"
STREAM = "or have weights that do not fit streamed from DRAM, with mapping.weights: auto"
SMALLER = "use a sparser or smaller network, or leave more SRAM for data in machine.override.sram"


def refuse_too_big(
    layers: Sequence[Layer],
    slices: Sequence[Slice],
    budgets: Sequence[Budget],
    sram: Sram,
    store: Store,
    available: int,
    *,
    would_stream: bool = False,
) -> None:
    """Refuse slices that do not fit their PEs: one complaint for each layer, or for the fullest PE that several share.

    Each says which slice, what it needs, what there is and how many PEs would do; `available` PEs can hold slices. With
    `would_stream` all would fit if weights came from DRAM, and the last of them says so.
    """
    held: dict[int, list[Slice]] = {}
    for piece in slices:
        held.setdefault(piece.pe, []).append(piece)
    needs = {pe: sum(budgets[piece.index].total for piece in pieces) for pe, pieces in held.items()}
    over = sorted((pe for pe in needs if needs[pe] > store.room), key=lambda pe: (-needs[pe], pe))
    if not over:
        return
    if len(held) < len(slices):
        complaints = [_of_shared(layers, held[over[0]], needs[over[0]], sram, store, available)]
    else:
        worst: dict[int, int] = {}
        for pe in over:
            worst.setdefault(held[pe][0].layer, pe)
        complaints = [_of_layer(layers, slices, held[pe][0], needs[pe], sram, store) for _, pe in sorted(worst.items())]
        complaints += _of_all(layers, store, available)
    if would_stream:
        complaints[-1] = replace(complaints[-1], problem=f"{complaints[-1].problem}; {STREAM}")
    raise Refused(complaints)


def _of_layer(
    layers: Sequence[Layer], slices: Sequence[Slice], piece: Slice, need: int, sram: Sram, store: Store
) -> Complaint:
    """About the biggest slice of a layer that has its PEs to itself."""
    fewest = fewest_pes(layers[piece.layer - 1], store)
    now = sum(other.layer == piece.layer for other in slices)
    remedy = f"{fewest} PEs would hold layer {piece.layer}, it has {now}"
    if fewest is None:
        remedy = f"layer {piece.layer} fits on no number of PEs, since one unit alone is too big: {SMALLER}"
    return Complaint(f"{KEY}[{piece.layer - 1}]", f"{piece.name}: {_sizes(need, sram, store)}; {remedy}")


def _of_shared(
    layers: Sequence[Layer], pieces: Sequence[Slice], need: int, sram: Sram, store: Store, available: int
) -> Complaint:
    """About the fullest PE where PEs hold slices of several layers."""
    fewest = fewest_shared(layers, store, available)
    if fewest is None:
        remedy = f"all layers together fit on no number of PEs up to {available}; set mapping.sharing: exclusive, "
        remedy += f"or {SMALLER}"
    else:
        numbers = ", ".join(str(min(fewest, grains(layer))) for layer in layers)
        remedy = f"{fewest} PEs would hold all layers, {KEY}: [{numbers}]"
    names = " and ".join(piece.name for piece in pieces)
    return Complaint(KEY, f"{names} on one PE: {_sizes(need, sram, store)}; {remedy}")


def _of_all(layers: Sequence[Layer], store: Store, available: int) -> Iterator[Complaint]:
    """A word more where the machine is too small for the whole network, however its PEs are shared out."""
    fewest = [fewest_pes(layer, store) for layer in layers]
    known = [number for number in fewest if number is not None]
    if len(known) == len(fewest) and sum(known) > available:
        numbers = " + ".join(map(str, known))
        yield Complaint(
            KEY, f"all layers need {numbers} = {sum(known)} PEs or more, and {available} can hold slices; {SMALLER}"
        )


def _sizes(need: int, sram: Sram, store: Store) -> str:
    return (
        f"{need} bytes of SRAM for data needed, a PE has {store.room} ({sram.total_bytes} less {sram.code_bytes} code, "
        f"{sram.stack_bytes} stack, {sram.fifo_bytes} receive FIFO)"
    )
