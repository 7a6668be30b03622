"""Where a byte of a memory port lies: the address cut into row, bank group, bank and column.

The order of the fields, most significant first, is a string of two-letter codes as DRAMsim3 has it ("rochrababgco").
Columns are counted in bursts, so neighbouring bytes share one.
"""

from __future__ import annotations

from collections.abc import Callable

from sim.machine.memory import FIELDS, Dram

Place = tuple[int, int]
"""Bank, counted group by group, and row."""


def placing(what: Dram) -> Callable[[int], Place]:
    """The function from an address in bytes (taken modulo the capacity) to its bank and row."""
    sizes = {
        "ro": what.rows,
        "ch": 1,
        "ra": 1,
        "ba": what.banks_per_group,
        "bg": what.bank_groups,
        "co": what.columns // what.burst_length,
    }
    places: dict[str, tuple[int, int]] = {}
    below = what.burst_bytes
    for name in reversed(fields(what.address_order)):
        places[name] = below, sizes[name]
        below *= sizes[name]
    (row_at, rows), (group_at, groups), (bank_at, banks) = (places[name] for name in ("ro", "bg", "ba"))

    def place(address: int) -> Place:
        bank = address // group_at % groups * banks + address // bank_at % banks
        return bank, address // row_at % rows

    return place


def fields(order: str) -> list[str]:
    """The codes of an address order, most significant first; ValueError unless each is there once."""
    codes = [order[place : place + 2] for place in range(0, len(order), 2)]
    if sorted(codes) != sorted(FIELDS):
        raise ValueError(f"{order!r} is no order of {', '.join(FIELDS)}")
    return codes
