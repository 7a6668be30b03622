"""What a machine is given to do, and who is told what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.hardware.host import Application
from sim.workload.decoder_layer import DecoderLayer
from sim.workload.firing import Firing
from sim.workload.parts import Layer
from sim.workload.sparse import Floats

Tap = Callable[[int, int, int, Floats], None]
"""Called with layer (from 1), step, first unit and outputs (units,) of every step of every slice."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """What the machine is to do: whole layers, what they are used for, how many steps, and who listens to outputs."""

    layers: tuple[Layer, ...]
    application: Application
    steps: int
    tap: Tap
    firing: Firing | None = None

    def taken(self, slices: int) -> int:
        """Values of a step that the host gets, where the last layer is in so many slices."""
        last = self.layers[-1]
        return last.width * slices if isinstance(last, DecoderLayer) else last.units
