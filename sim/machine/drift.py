"""Clocks that are not quite alike: each chip of a machine has its own deviation from the nominal rate, from the
seed, and begins to work somewhat later than the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from sim.machine.machine import Chip, Machine, OperatingPoint
from sim.scenario.complaints import Refused
from sim.scenario.streams import stream
from sim.units import Clock, us_to_ps

SKEW = "machine.clock_skew_us"
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


def skewed(machine: Machine, skew_us: float | Sequence[float], seed: int) -> Machine:
    """The machine with the PEs of each chip, and their timers, beginning so much later than the host: as given for
    each chip, or evenly drawn from 0 to the number given.

    Refused when there is not one for each chip. A chip alone has nothing to differ from.
    """
    if isinstance(skew_us, Sequence):
        _refuse_miscounted(machine, skew_us)
    elif not skew_us or not machine.parts:
        return machine
    parts = [replace(chip, starts_at=us_to_ps(_skew_of(chip, skew_us, seed))) for chip in machine.parts]
    return replace(machine, parts=tuple(parts))


def _skew_of(chip: Chip, skew_us: float | Sequence[float], seed: int) -> float:
    if isinstance(skew_us, Sequence):
        return skew_us[chip.index]
    return float(stream(seed, "clocks", chip.name, "skew").uniform(0, skew_us))


def _refuse_miscounted(machine: Machine, skew_us: Sequence[float]) -> None:
    if not machine.parts:
        problem = f"{machine.name} has one chip, which has no other to differ from; leave it out"
        raise Refused.at(SKEW, problem)
    if len(skew_us) != len(machine.parts):
        problem = f"{len(skew_us)} entries for {len(machine.parts)} chips; give one for each, or one number"
        raise Refused.at(SKEW, problem)


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
