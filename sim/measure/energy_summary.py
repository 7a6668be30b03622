"""The section `energy`, the table of power and the energy of each processing element, from an account of joules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.measure.joules import STATIC, Account
from sim.units import ps_to_s, ps_to_us

Section = dict[str, Any]

AGREE = 1e-9
"""Two ways to sum an account agree to this share of it."""


def energy_section(account: Account, steps: int) -> Section:
    """What was drawn in all, by part and phase, and how fast; `steps` are those that were done."""
    parts, seconds = account.by_part(), ps_to_s(max(1, int(account.lengths.sum())))
    total, power = account.total, _total_power(account)
    static = math.fsum(parts.get(part, 0.0) for part in STATIC)
    section: Section = {
        "total_j": total,
        "mean_power_w": total / seconds,
        "peak_power_w": float(power.max()),
        "peak_at_s": ps_to_s(account.width * int(np.argmax(power))),
        "power_window_us": ps_to_us(account.width),
        "static_j": static,
        "dynamic_j": total - static,
        "by_part_j": parts,
        "by_phase_j": account.by_phase(),
    }
    return section | ({"per_step_j": total / steps} if steps else {})


def by_layer(account: Account, layers: Sequence[Sequence[str]]) -> Section:
    """Joules of the processing elements of each layer, given by their names."""
    return {
        f"layer{number}": math.fsum(account.of_unit(pe) for pe in dict.fromkeys(pes))
        for number, pes in enumerate(layers, 1)
    }


def power_table(account: Account) -> dict[str, np.ndarray]:
    """One row per window: when it begins, and the mean power in it, whole and by part."""
    starts = np.concatenate([[0], np.cumsum(account.lengths)[:-1]]).astype(np.float64)
    parts = {f"{part}_w": power for part, power in account.power().items()}
    return {"time_s": ps_to_s(starts), "power_w": sum(parts.values(), np.zeros(len(starts)))} | parts


def windows_agree(account: Account) -> bool:
    """Whether windows, parts and phases each sum to the total."""
    windows = math.fsum(math.fsum(joules) for joules in account.windows.values())
    sums = (windows, math.fsum(account.by_part().values()), math.fsum(account.by_phase().values()))
    return all(math.isclose(one, account.total, rel_tol=AGREE) for one in sums)


def _total_power(account: Account) -> np.ndarray:
    """Power by window, of whole windows only where there is one: the last may be too short to have a mean."""
    power: np.ndarray = sum(account.power().values(), np.zeros(len(account.lengths)))
    return power[:-1] if len(power) > 1 else power
