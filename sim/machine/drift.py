"""Clocks that are not quite alike: each chip of a machine has its own deviation from the nominal rate, from the
seed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from sim.machine.machine import Machine, OperatingPoint
from sim.scenario.streams import stream
from sim.units import Clock

PARTS_PER_MILLION = 1_000_000


def drifting(machine: Machine, most_ppm: float, seed: int) -> Machine:
    """The machine with all clocks of each chip fast or slow by up to `most_ppm` parts per million, evenly drawn.

    A chip alone has nothing to differ from and stays as it is.
    """
    if not most_ppm or not machine.parts:
        return machine
    parts = tuple(
        replace(chip, die=_slower(chip.die, stream(seed, "clocks", chip.name).uniform(-most_ppm, most_ppm)))
        for chip in machine.parts
    )
    return replace(machine, parts=parts)


def _slower(die: Machine, ppm: float) -> Machine:
    """A chip whose periods are longer by so many parts per million."""
    stretch = 1 + Fraction(round(ppm * 1000), 1000 * PARTS_PER_MILLION)
    router = die.event_router
    return replace(
        die,
        noc=replace(die.noc, clock=_stretched(die.noc.clock, stretch)),
        event_router=replace(router, clock=_stretched(router.clock, stretch)) if router else None,
        operating_point=_point(die.operating_point, stretch),
        operating_points={name: _point(point, stretch) for name, point in die.operating_points.items()},
    )


def _point(point: OperatingPoint, stretch: Fraction) -> OperatingPoint:
    return replace(point, clock=_stretched(point.clock, stretch))


def _stretched(clock: Clock, stretch: Fraction) -> Clock:
    period = Fraction(clock.numerator, clock.denominator) * stretch
    return Clock(period.numerator, period.denominator)
