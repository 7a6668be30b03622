"""The tables of a run as columns: one row for each PE, each link, each step of a PE, each step of a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.ma as ma
import numpy.typing as npt

from sim.hardware.mesh import LinkFact
from sim.machine.machine import Machine
from sim.mapping.mapping import Slice
from sim.measure.columns import Column, Table
from sim.measure.network import LinkUse
from sim.measure.ran import Ran
from sim.measure.steps import SPENT
from sim.units import Clock, ps_to_s

ACTIVITIES = ("compute", "receive", "send", "sync", "dma", "switch", "wait", "sleep")


def pe_table(ran: Ran) -> Table:
    """One row per PE; the time after its last step counts as the state in which it waits, that of a PE with nothing to
    do as sleep."""
    machine = ran.machine
    table: Table = {
        "pe": np.arange(len(machine.pes)),
        "name": np.array([pe.name for pe in machine.pes], dtype=object),
        "chip": np.array([pe.chip for pe in machine.pes]),
        "site_x": np.array([machine.sites[pe.site].x for pe in machine.pes]),
        "site_y": np.array([machine.sites[pe.site].y for pe in machine.pes]),
    }
    return table | _held(ran) | _times(ran) | _traffic(ran) | _energy(ran)


def latency_table(counts: Mapping[int, int]) -> Table:
    """One row per latency (ps) that occurred, shortest first, with how often it did."""
    values = sorted(counts)
    times = [counts[value] for value in values]
    return {"latency_ps": np.array(values, dtype=np.int64), "number": np.array(times, dtype=np.int64)}


def link_table(links: Sequence[LinkFact], use: LinkUse, machine: Machine, elapsed: int) -> Table:
    """One row per link of the network."""
    noc = machine.noc
    flits = use.flits
    waited = np.array(use.waited, dtype=np.float64)
    return {
        "link": np.array([link.index for link in links]),
        "name": np.array([link.name for link in links], dtype=object),
        "kind": np.array([link.kind for link in links], dtype=object),
        "chip": np.array([link.chip for link in links]),
        **_ends(links, machine),
        "flits": flits,
        "use_share": use_shares(use.flits, noc.clock, noc.flit_cycles, elapsed),
        "waited_cycles_mean": ma.masked_array(waited / np.maximum(flits, 1), mask=flits == 0),
        "queue_peak": ma.masked_array(
            np.array(use.highest(), dtype=np.int64), mask=[link.room is None for link in links]
        ),
    }


def step_table(ran: Ran) -> Table:
    """One row per step of each slice."""
    rows = ran.recorder.steps.columns()
    slices = ran.mapping.slices
    layer, replica = np.array([piece.layer for piece in slices])[rows["slice"]], ran.replica_of[rows["slice"]]
    return {
        "pe": np.array([piece.pe for piece in slices])[rows["slice"]],
        "layer": layer,
        **_replica(ran, replica),
        "slice": np.array([piece.member for piece in slices])[rows["slice"]],
        "step": rows["step"],
        "time_start_s": ps_to_s(rows["start"].astype(np.float64)),
        "time_ready_s": ps_to_s(rows["ready"].astype(np.float64)),
        "time_done_s": ps_to_s(rows["done"].astype(np.float64)),
        "slack_s": _slack(layer + (len(ran.layers) + 1) * replica, rows),
        "packets_received": rows["packets_received"],
        "events_sent": rows["events_sent"],
        "macs": rows["macs"],
        "macs_needed": rows["macs_needed"],
        **_spent(np.array([piece.pe for piece in slices])[rows["slice"]], rows),
        **(ran.recorder.lateness.columns(rows) if ran.recorder.lateness else {}),
    }


def _slack(layers: npt.NDArray[np.int64], rows: dict[str, npt.NDArray[np.int64]]) -> Column:
    """How much earlier than the last slice of its layer each slice had done its step, in s."""
    moments = np.stack([layers, rows["step"]])
    found, which = np.unique(moments, axis=1, return_inverse=True)
    last = np.zeros(found.shape[1], np.int64)
    np.maximum.at(last, which.reshape(-1), rows["done"])
    return ps_to_s((last[which.reshape(-1)] - rows["done"]).astype(np.float64))


def layer_step_table(ran: Ran) -> Table:
    """One row per layer and step that all slices of the layer have finished, of each copy of the network where there
    are several; times in ps are exact."""
    rows = ran.recorder.steps.columns()
    layer_of = np.array([piece.layer for piece in ran.mapping.slices])[rows["slice"]]
    replica = ran.replica_of[rows["slice"]]
    parts = [
        _by_step(ran, (number, layer), rows, (layer_of == layer) & (replica == number))
        for layer in range(1, len(ran.layers) + 1)
        for number in range(len(ran.mappings))
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _ends(links: Sequence[LinkFact], machine: Machine) -> Table:
    """Where each link comes from and goes to."""
    table: Table = {}
    for end, numbers in (("from", [link.source for link in links]), ("to", [link.target for link in links])):
        sites = [None if number is None else machine.sites[number] for number in numbers]
        outside = [site is None for site in sites]
        table[f"{end}_x"] = ma.masked_array([site.x if site else 0 for site in sites], mask=outside)
        table[f"{end}_y"] = ma.masked_array([site.y if site else 0 for site in sites], mask=outside)
    return table


def use_shares(flits: npt.NDArray[np.int64], clock: Clock, flit_cycles: int, elapsed: int) -> npt.NDArray[np.float64]:
    """Share of the time each link was moving flits."""
    return np.array([clock.edge(count * flit_cycles) / elapsed for count in flits.tolist()])


def _spent(pes: npt.NDArray[np.int64], rows: dict[str, npt.NDArray[np.int64]]) -> Table:
    """What each PE did since it had finished the row before, from what it had done in all by then."""
    order = np.lexsort((rows["done"], pes))
    first = np.diff(pes[order], prepend=-1) != 0
    table: Table = {}
    for activity in SPENT:
        so_far = rows[activity][order]
        since = so_far - np.where(first, 0, np.roll(so_far, 1))
        column = np.empty(len(order))
        column[order] = ps_to_s(since.astype(np.float64))
        table[f"{activity}_s"] = column
    return table


def _by_step(
    ran: Ran, which: tuple[int, int], rows: dict[str, npt.NDArray[np.int64]], mine: npt.NDArray[np.bool_]
) -> Table:
    """The steps of `which` copy of the network and layer of it, in the rows that are `mine`."""
    number, layer = which
    pes = np.array([piece.pe for piece in ran.mappings[number].members(layer)])
    members = len(pes)
    step = rows["step"][mine]
    whole = np.flatnonzero(np.bincount(step) == members) if len(step) else np.zeros(0, np.int64)
    kept = np.isin(step, whole)
    shape = (len(whole), members)
    names = ("start", "ready", "done", "events_sent")
    start, ready, done, events = (rows[name][mine][kept].reshape(shape) for name in names)
    return {
        "layer": np.full(len(whole), layer),
        **_replica(ran, np.full(len(whole), number)),
        "step": whole,
        "time_start_s": ps_to_s(ready.min(axis=1).astype(np.float64)),
        "time_done_s": ps_to_s(done.max(axis=1).astype(np.float64)),
        "events": events.sum(axis=1),
        "activity": events.sum(axis=1) / ran.layers[layer - 1].units,
        "skew_s": ps_to_s((done.max(axis=1) - done.min(axis=1)).astype(np.float64)),
        "straggler_pe": pes[done.argmax(axis=1)],
        "wait_share": (ready - start).sum(axis=1) / np.maximum(1, (done - start).sum(axis=1)),
        "sync_messages": ran.recorder.deliveries.messages.about(ran.mappings, number, layer, whole),
    } | _late(ran, rows, mine, kept, shape)


def _replica(ran: Ran, numbers: Column) -> Table:
    """The copy of the network that rows are about, where there are several."""
    return {"replica": numbers} if len(ran.mappings) > 1 else {}


def _late(
    ran: Ran,
    rows: dict[str, npt.NDArray[np.int64]],
    mine: npt.NDArray[np.bool_],
    kept: npt.NDArray[np.bool_],
    shape: tuple[int, int],
) -> Table:
    """Late packets of the layer in each step, where a timer drives the steps."""
    if ran.recorder.lateness is None:
        return {}
    late = ran.recorder.lateness.columns(rows)["packets_late"]
    return {"packets_late": late[mine][kept].reshape(shape).sum(axis=1)}


def _held(ran: Ran) -> Table:
    """What each PE holds; layer and slice are those of its first slice."""
    held: dict[int, list[Slice]] = {}
    for piece in ran.mapping.slices:
        held.setdefault(piece.pe, []).append(piece)
    pieces = [held.get(pe.index, []) for pe in ran.machine.pes]
    empty = [not own for own in pieces]
    roles = ["slices" if own else "" for own in pieces]
    for scheduler in [one.scheduler_pe for one in ran.mappings if one.scheduler_pe is not None]:
        roles[scheduler] = "scheduler"
    for pe in ran.mapping.deputies:
        roles[pe] = "deputy"
    return {
        **_replica(ran, _copies(ran, pieces)),
        "role": ma.masked_array(np.array(roles, dtype=object), mask=[not role for role in roles]),
        "layer": ma.masked_array([own[0].layer if own else 0 for own in pieces], mask=empty),
        "slice": ma.masked_array([own[0].member if own else 0 for own in pieces], mask=empty),
        "units": np.array([sum(piece.units for piece in own) for own in pieces]),
        "nonzeros": np.array([sum(piece.nonzeros for piece in own) for own in pieces]),
        "sram_bytes": np.array([_sram(ran, own) if role else 0 for own, role in zip(pieces, roles, strict=True)]),
    }


def _copies(ran: Ran, pieces: list[list[Slice]]) -> Column:
    return ma.masked_array([ran.replica_of[own[0].index] if own else 0 for own in pieces], [not own for own in pieces])


def _sram(ran: Ran, pieces: list[Slice]) -> int:
    return ran.fixed_bytes + sum(ran.mapping.budgets[piece.index].total for piece in pieces)


def _times(ran: Ran) -> Table:
    busy = ran.recorder.busy
    names = [pe.name for pe in ran.machine.pes]
    table = {f"{a}_s": np.array([busy.of(name, a) for name in names], dtype=np.float64) for a in ACTIVITIES}
    rest = np.array([ran.total_ps - busy.busy(name) for name in names], dtype=np.float64)
    polls = np.array([ran.busy_waits and busy.busy(name) > 0 for name in names])
    table["wait_s"] += np.where(polls, rest, 0)
    table["sleep_s"] += np.where(polls, 0, rest)
    return {name: ps_to_s(column) for name, column in table.items()}


def _energy(ran: Ran) -> Table:
    if ran.account is None:
        return {}
    return {"energy_j": np.array([ran.account.of_unit(pe.name) for pe in ran.machine.pes])}


def _traffic(ran: Ran) -> Table:
    rows = ran.recorder.steps.columns()
    pes = np.array([piece.pe for piece in ran.mapping.slices])[rows["slice"]]
    count = len(ran.machine.pes)
    return {
        "events_sent": np.bincount(pes, rows["events_sent"], count).astype(np.int64),
        "packets_received": np.bincount(pes, rows["packets_received"], count).astype(np.int64),
        "packets_lost": np.array([ran.recorder.deliveries.lost_at[pe.name] for pe in ran.machine.pes]),
        "packets_held_back": np.array([ran.recorder.deliveries.held_back_at[pe.name] for pe in ran.machine.pes]),
        "fifo_peak": np.array([ran.recorder.peaks.highest["fifo"].get(pe.name, 0) for pe in ran.machine.pes]),
    } | _untimely(ran, rows, pes)


def _untimely(ran: Ran, rows: dict[str, npt.NDArray[np.int64]], pes: npt.NDArray[np.int64]) -> Table:
    """Late packets and steps begun after their ticks, where a timer drives the steps."""
    if ran.recorder.lateness is None:
        return {}
    count, late = len(ran.machine.pes), ran.recorder.lateness.columns(rows)["packets_late"]
    return {
        "packets_late": np.bincount(pes, late, count).astype(np.int64),
        "overruns": np.bincount(pes, rows["overrun"] > 0, count).astype(np.int64),
    }
