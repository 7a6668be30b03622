"""From what was heard to joules: a price for every state and every count, and sums of them by whatever is asked.

A price says which part of the machine draws the energy and in which phase of the work, so that parts, phases and
windows of time are three ways to add up the same account. Static is what flows whatever is done: the uncore, the sleep
power of processing elements that are not off, DRAM ports in use, the idle host. Everything else is dynamic.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.machine.machine import Energy
from sim.measure.energy import ASLEEP, EXP_CALLS, FLIT_HOPS, LOOKUPS, MACS_TOLD, EnergyUse, State
from sim.measure.windows import Windows, window_lengths
from sim.units import J_PER_MW_PS, J_PER_PJ, ps_to_s

Joules = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

STATIC = ("uncore", "pe_static", "dram_static", "host_static")
PHASES = {
    "compute": "compute",
    "receive": "communicate",
    "send": "communicate",
    "sync": "sync",
    "wait": "wait",
    "switch": "switch",
    "dma": "memory",
}
"""The phase that an activity of a processing element belongs to, over and above its sleep power."""
MW_PER_W = 1000


@dataclass(frozen=True, slots=True)
class Price:
    """Joules for one of something (a ps, a packet, a bit), by part and phase."""

    part: str
    phase: str
    joules: float


@dataclass(frozen=True, slots=True)
class Terms:
    """What is paid for: the figures, whether processing elements that hold nothing are off, whether those in use poll
    when they wait, whether the host computer counts, and the time (ps)."""

    energy: Energy
    unused_off: bool
    busy_waits: bool
    with_host: bool
    total: int


class Account:
    """Joules by part and phase, of each unit by its name, and by window of `width` ps."""

    def __init__(self, total: int, width: int) -> None:
        self.width = width
        self.lengths = lengths = window_lengths(total, width)
        self.windows: defaultdict[str, Joules] = defaultdict(lambda: np.zeros(len(lengths)))
        self._entries: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
        self._by_unit: defaultdict[str, list[float]] = defaultdict(list)

    def pay(self, price: Price, amount: int, unit: str | None = None) -> None:
        """Put `amount` at `price` into the account, and into that of a unit where it is one's own."""
        joules = amount * price.joules
        self._entries[price.part, price.phase].append(joules)
        if unit is not None:
            self._by_unit[unit].append(joules)

    def spread(self, price: Price, amounts: Times | Joules) -> None:
        """The same by window."""
        self.windows[price.part] += amounts * price.joules

    @property
    def total(self) -> float:
        return math.fsum(joules for paid in self._entries.values() for joules in paid)

    def by_part(self) -> dict[str, float]:
        return _summed((part, paid) for (part, _), paid in self._entries.items())

    def by_phase(self) -> dict[str, float]:
        return _summed((phase, paid) for (_, phase), paid in self._entries.items())

    def of_unit(self, name: str) -> float:
        return math.fsum(self._by_unit.get(name, ()))

    def power(self) -> dict[str, Joules]:
        """Mean power (W) of each part in each window."""
        seconds = ps_to_s(np.maximum(self.lengths, 1).astype(np.float64))
        return {part: joules / seconds for part, joules in sorted(self.windows.items())}


def account(heard: EnergyUse, terms: Terms) -> Account:
    """The account of a run up to `terms.total`.

    Totals are summed unit by unit, windows from what was counted by window; that the two agree is one of the books.
    """
    made = Account(terms.total, heard.wide_enough(terms.total))
    _pay_states(made, heard, terms)
    _pay_counts(made, heard, terms.energy)
    for price, held in _lasting(heard, terms, made.width):
        amounts = held.amounts(len(made.lengths), made.width)
        made.pay(price, int(amounts.sum()))
        made.spread(price, amounts)
    return made


def state_prices(energy: Energy, state: State) -> list[Price]:
    """The prices of a picosecond of one processing element: its sleep power, and what activity adds to it."""
    point, activity = state
    power = energy.pe[point]
    floor = Price("pe_static", "standby", power.sleep_mw * J_PER_MW_PS)
    if activity == ASLEEP:
        return [floor]
    phase = PHASES.get(activity, "other")
    return [floor, Price("pe_dynamic", phase, (power.active_mw - power.sleep_mw) * J_PER_MW_PS)]


def count_prices(energy: Energy) -> dict[str, Price]:
    """The price of one of everything that is counted."""
    prices = {
        FLIT_HOPS: Price("noc", "communicate", energy.flit_hop_pj * J_PER_PJ),
        LOOKUPS: Price("event_router", "communicate", energy.lookup_pj * J_PER_PJ),
        "chip_link_bits": Price("chip_links", "communicate", energy.chip_link_pj_per_bit * J_PER_PJ),
        "host_link_bits": Price("host_link", "communicate", energy.host_link_pj_per_bit * J_PER_PJ),
        "dram_bits": Price("dram_dynamic", "memory", energy.dram_pj_per_bit * J_PER_PJ),
        EXP_CALLS: Price("exp_unit", "compute", energy.exp_pj * J_PER_PJ),
    }
    return prices | {
        f"{MACS_TOLD} {point}": Price("mac_array", "compute", power.mac_pj * J_PER_PJ)
        for point, power in energy.pe.items()
    }


def _pay_states(made: Account, heard: EnergyUse, terms: Terms) -> None:
    """The processing elements, each with the state it stays in after its last span."""
    windows = len(made.lengths)
    for state, amounts in heard.states(windows, made.width).items():
        for price in state_prices(terms.energy, state):
            made.spread(price, amounts)
    tails: dict[State, Windows] = {}
    used = set(heard.used)
    for pe in heard.board.pes:
        tail, since = _rest(heard, terms, pe, pe in used), heard.ended(pe)
        for state, time in (*heard.spent(pe).items(), *([(tail, terms.total - since)] if tail else [])):
            for price in state_prices(terms.energy, state):
                made.pay(price, time, pe)
        if tail:
            tails.setdefault(tail, Windows(made.width)).add(since, terms.total)
    for state, held in tails.items():
        for price in state_prices(terms.energy, state):
            made.spread(price, held.amounts(windows, made.width))


def _rest(heard: EnergyUse, terms: Terms, pe: str, used: bool) -> State | None:
    """The state of a processing element from its last span on; None when it is off."""
    if used:
        return heard.point(pe), "wait" if terms.busy_waits else ASLEEP
    return None if terms.unused_off else (heard.point(pe), ASLEEP)


def _pay_counts(made: Account, heard: EnergyUse, energy: Energy) -> None:
    prices = count_prices(energy)
    for unit, counts in heard.told_by.items():
        for name, count in counts.items():
            made.pay(prices[name], count, unit)
    for name, count in heard.shared_counts().items():
        made.pay(prices[name], count)
    for name, amounts in heard.counts_by_window(len(made.lengths), made.width).items():
        made.spread(prices[name], amounts)


def _lasting(heard: EnergyUse, terms: Terms, width: int) -> Iterator[tuple[Price, Windows]]:
    """What draws power all the time or for stretches of it, beside processing elements."""
    energy, whole = terms.energy, Windows(width)
    whole.add(0, terms.total)
    yield Price("uncore", "standby", energy.uncore_mw * J_PER_MW_PS), whole
    if heard.ports:
        yield Price("dram_static", "standby", heard.ports * energy.dram_idle_mw * J_PER_MW_PS), whole
    if terms.with_host:
        idle, busy = MW_PER_W * energy.host_idle_w, MW_PER_W * energy.host_busy_w
        yield Price("host_static", "standby", idle * J_PER_MW_PS), whole
        yield Price("host_dynamic", "host", (busy - idle) * J_PER_MW_PS), heard.decoding


def _summed(entries: Iterable[tuple[str, list[float]]]) -> dict[str, float]:
    sums: defaultdict[str, list[float]] = defaultdict(list)
    for key, paid in entries:
        sums[key] += paid
    return {key: math.fsum(paid) for key, paid in sorted(sums.items())}
