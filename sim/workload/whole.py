"""The network in one piece: what every population sends in each step, without a machine.

Populations in order are the stages of a front end, the recurrent layers, and the readout, as far as the network has
them. A machine that loses nothing makes the same values, bit for bit, however the populations are cut up.
"""

from __future__ import annotations

import numpy as np

from sim.workload.egru import advance, at_rest
from sim.workload.network import Network
from sim.workload.sparse import Floats


class Whole:
    """A network at rest; each `step` takes it one step on."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._states = at_rest(network)
        self._trace = np.zeros(network.layers[-1].units, np.float32)

    def step(self, x: Floats) -> list[Floats]:
        """What each population sends, flat, given the input (inputs,) of the step."""
        maps = self._maps(x)
        self._states = advance(self._network, self._states, maps[-1] if maps else x)
        sent = [y for y, _ in self._states]
        return [*maps, *sent, *self._scores(sent[-1])]

    def _maps(self, x: Floats) -> list[Floats]:
        front = self._network.front_end
        if front is None:
            return []
        frame = x.reshape(front.inputs.channels, front.inputs.rows, front.inputs.columns)
        return [made.reshape(-1) for made in front.maps(frame)]

    def _scores(self, y: Floats) -> list[Floats]:
        readout = self._network.readout
        if readout is None:
            return []
        self._trace = readout.trace(self._trace, y)
        return [readout.scores(self._trace)]
