"""A scenario in one line, as it was understood."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from sim.scenario.models import (
    Gesture,
    LanguageModel,
    MemoryStream,
    Replay,
    Scenario,
    Statistical,
    SyntheticBox,
    Traffic,
)


def understood(scenario: Scenario) -> str:
    """What is run on which machine, in one line."""
    machine, work = scenario.machine, scenario.workload
    where = f"on {machine.topology} at {machine.operating_point}"
    if isinstance(work, Traffic):
        load = f"{work.rate:g} flits per node and cycle for {work.measure_cycles} cycles"
        return f"{work.pattern} traffic, {load} {where}"
    if isinstance(work, MemoryStream):
        load = f"{work.outstanding} outstanding" if work.outstanding else f"at {work.rate:g} of the peak"
        return f"{work.pattern} bursts {load} at the memory ports for {work.measure_cycles} clocks {where}"
    if isinstance(work, Statistical | Replay):
        steps = f"{work.steps or 'all'} steps"
        what = _chain(work.layers) if isinstance(work, Statistical) else Path(work.events).name
        return f"{work.kind} activity {what}, {steps} {where}"
    net = _chain(work.weights.synthetic.layers) if isinstance(work.weights, SyntheticBox) else Path(work.weights).name
    if isinstance(work, LanguageModel):
        return f"language model {net}, {work.mode} {work.tokens} tokens of {Path(work.text).name} {where}"
    if isinstance(work, Gesture):
        front = f"{len(work.front_end)} layers, then " if work.front_end else ""
        return f"gesture, {front}recurrent {net}, {work.frames} frames of {work.frame_ms:g} ms {where}"
    return f"network {net}, {work.steps or 'all'} steps of {Path(work.inputs).name} {where}"


def _chain(sizes: Sequence[int]) -> str:
    """Sizes of layers in order, those of several alike said once."""
    alike = ((size, len(list(same))) for size, same in groupby(sizes))
    return " -> ".join(f"{count} x {size}" if count > 2 else " -> ".join([str(size)] * count) for size, count in alike)
