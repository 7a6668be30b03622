"""A network that stands still while other things go on: a window that is yet to end, a camera, timers.

Packets that wait for one another for ever leave nothing to happen on their own account, but a run may have a long time
of something else before it. So progress is looked for twice a simulated second: none since the last look, with packets
in the network, is called stuck, at most a second after the last flit moved.
"""

from __future__ import annotations

from sim.simulate.experiment import Experiment
from sim.units import PS_PER_S

BETWEEN_LOOKS_PS = PS_PER_S // 2


class Standstill:
    """The guard of one experiment."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._moved = -1

    def look(self, due: int, following: int) -> int:
        """Raise Stuck where no flit has moved since the last look and some wait; else when to look again."""
        experiment, moved = self._experiment, self._experiment.flit_hops()
        if moved != self._moved:
            self._moved = moved
            return due + BETWEEN_LOOKS_PS
        held_up = [held for held in experiment.held_up() if held[1].since < due]  # a packet may be yet to be made
        if held_up:
            experiment.kernel.refuse_stuck(held_up, experiment.lost(), due)
        return following + BETWEEN_LOOKS_PS
