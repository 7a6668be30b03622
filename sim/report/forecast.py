"""What a step is foreseen to ask of the links between chips, in a line: said before a run, and without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.terminal import scaled

if TYPE_CHECKING:
    from sim.simulate import Forecast


def in_words(forecast: Forecast) -> str:
    """All links together, and the one that will be sending for the longest time."""
    foreseen, worst = forecast.foreseen, forecast.foreseen.busiest
    basis = "at the activity stated" if foreseen.stated else "at most, if all units fire"
    return (
        f"over links between chips, {basis}: {scaled(float(foreseen.packets.sum()), 'packets')}, "
        f"{scaled(float(foreseen.bits.sum()), 'bit')} a step; most over {forecast.links[worst]}: "
        f"{scaled(float(foreseen.packets[worst]), 'packets')}, {scaled(float(foreseen.bits[worst]), 'bit')}"
    )
