"""One step of an event-based gated recurrent unit, in float32 and in a fixed order of operations.

The equations are those of the EvNN code: reset after the recurrent product, z keeps the old state, an
event when the state is strictly above the threshold, and the threshold taken off the state that fired.
Every unit is computed from its own rows alone, so slices of a layer give, bit for bit, what the whole
layer gives.
"""

from __future__ import annotations

import numpy as np

from sim.workload.elementary import sigmoid, tanh
from sim.workload.network import EgruLayer, Network
from sim.workload.sparse import Floats

State = tuple[Floats, Floats]


def step(layer: EgruLayer, x: Floats, y_before: Floats, h: Floats) -> State:
    """Outputs and carried state (y, h), each (units,), after one step of a layer or a slice of one.

    `x` (inputs,) is this step's input, `y_before` (units of the whole layer,) what the layer sent the step
    before, `h` (units,) the carried state; all float32 and finite.
    """
    return update(layer, layer.W.times(x), layer.R.times(y_before), h)


def update(layer: EgruLayer, from_input: Floats, from_events: Floats, h: Floats) -> State:
    """The gates, given both sums (3 x units,) without biases."""
    n = layer.units
    ax = from_input + layer.bx
    q = from_events + layer.br
    gates = sigmoid(ax[: 2 * n] + q[: 2 * n])
    z, r = gates[:n], gates[n:]
    g = tanh(ax[2 * n :] + r * q[2 * n :])
    c = _zoned_out(layer.zoneout, h, z * h + (np.float32(1) - z) * g)
    fired = c > layer.thr
    y = layer.events(np.where(fired, c, np.float32(0)))
    return y, np.where(fired, c - layer.thr, c)


def at_rest(network: Network) -> list[State]:
    """The state before the first step: nothing sent and nothing carried, for every layer."""
    widths = [layer.units for layer in network.layers]
    return [(np.zeros(n, np.float32), np.zeros(n, np.float32)) for n in widths]


def advance(network: Network, states: list[State], x: Floats) -> list[State]:
    """(y, h) of every layer one step later, each fed with what the one before sends in this step."""
    after = []
    for layer, state in zip(network.layers, states, strict=True):
        after.append(step(layer, x, *state))
        x = after[-1][0]
    return after


def run_whole(network: Network, inputs: Floats) -> list[Floats]:
    """The network in one piece, from rest, over `inputs` (steps, inputs): (steps, units) of each layer."""
    outputs = [np.zeros((len(inputs), layer.units), np.float32) for layer in network.layers]
    states = at_rest(network)
    for now, x in enumerate(inputs):
        states = advance(network, states, x)
        for sent, (y, _) in zip(outputs, states, strict=True):
            sent[now] = y
    return outputs


def _zoned_out(share: float, h: Floats, c: Floats) -> Floats:
    """The new state with `share` of the old one mixed in; untouched when there is no zoneout."""
    if share == 0.0:
        return c
    kept = np.float32(share)
    return kept * h + (np.float32(1) - kept) * c
