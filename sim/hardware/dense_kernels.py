"""What dense work costs on a processing element: a front end's stage on the MAC array or on the core, and a readout.

Maps arrive by DMA, straight into the buffer they belong in, so a packet of them costs the core nothing but the words of
the sync protocol. The MAC array does its products at the rate of its cells times a utilisation, which is lower for
linear layers than for convolutions, since each of their weights is used once (arXiv 2607.24396). What comes after the
products, scaling, ReLU and pooling, is software.
"""

from __future__ import annotations

from sim.engine.packet import Packet
from sim.hardware.kernels import Work
from sim.machine.machine import Costs
from sim.mapping.mapping import Slice
from sim.workload.convolve import Int8
from sim.workload.readout import ReadoutLayer
from sim.workload.stage_layer import StageLayer

BY_DMA = Work(0, 0, 0)


class StageKernel:
    """A block of a stage: products, then each value before pooling once more."""

    def __init__(self, piece: Slice, layer: StageLayer, costs: Costs) -> None:
        stage, block = layer.stage, layer.block(piece.start, piece.stop)
        macs = stage.macs_of(block)
        each = _mac_cycles(layer, costs)
        after = stage.convolved_values_of(block) * costs.stage_value_cycles
        on_array = isinstance(layer.arithmetic, Int8) and macs > 0
        set_up = costs.mac_array_setup_cycles if on_array else 0
        self._step = Work(0, set_up + macs * each + after, macs, on_array)

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work:
        return BY_DMA

    def on_step(self) -> Work:
        return self._step


class ReadoutKernel:
    """A readout's classes: a trace for each unit, and all products."""

    def __init__(self, layer: ReadoutLayer, costs: Costs) -> None:
        self._costs = costs
        macs = layer.inputs * layer.units
        self._step = Work(0, layer.inputs * costs.receive_value_cycles + macs * costs.fp32_mac_cycles, macs)

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work:
        values = len(packet.values) * self._costs.receive_value_cycles
        return Work(self._costs.receive_packet_cycles + values, 0, 0)

    def on_step(self) -> Work:
        return self._step


def _mac_cycles(layer: StageLayer, costs: Costs) -> float:
    """Cycles of one product and its sum."""
    if not isinstance(layer.arithmetic, Int8):
        return costs.fp32_mac_cycles
    share = costs.mac_array_use if layer.stage.linear else costs.mac_array_conv_use
    return 1 / (costs.mac_array_macs_per_cycle * share)
