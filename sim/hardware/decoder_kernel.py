"""What decoding costs on a processing element that has some of the words, and which of its weights a step reads.

The weights of a slice lie in DRAM. Read densely they come from end to end, and every product is made; by active columns
only those of units that fired, once all of them are known. Products are those of the other kernels' formats, or of the
MAC array. When the last weight is there, each score is finished: bias, comparison with the best, and where a text is
scored its exponential.
"""

from __future__ import annotations

from collections import defaultdict

from sim.engine.packet import Packet
from sim.hardware.kernels import Forms, Work
from sim.machine.machine import Costs
from sim.workload.decoder_layer import DecoderLayer


class DenseDecoder:
    """So many `words` of a decoder, all columns in every step."""

    def __init__(self, layer: DecoderLayer, words: int, costs: Costs, forms: Forms, *, on_array: bool) -> None:
        self._costs = costs
        self._words = words
        self._on_array = on_array
        self._set_up = costs.mac_array_setup_cycles if on_array else 0
        per_cycle = costs.mac_array_macs_per_cycle * costs.mac_array_use
        self._product = 1 / per_cycle if on_array else costs.fp32_mac_cycles + forms.weight(costs)
        self._value = costs.receive_value_cycles + (0 if on_array else forms.convert(costs, recurrent=False))
        self._after = words * (costs.score_word_cycles + forms.row(costs))
        self._all = self._of_columns(layer.inputs)

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work:
        return Work(self._costs.receive_packet_cycles + len(packet.values) * self._value, 0, 0)

    def on_step(self) -> Work:
        return self._all

    def _of_columns(self, columns: int) -> Work:
        macs = columns * self._words
        return Work(0, (self._set_up + macs * self._product) if macs else 0, macs, self._on_array, self._after)


class ActiveDecoder(DenseDecoder):
    """The same for the columns of units that fired, each `stride` bytes behind the one before."""

    def __init__(
        self, layer: DecoderLayer, words: int, costs: Costs, forms: Forms, stride: int, *, on_array: bool
    ) -> None:
        super().__init__(layer, words, costs, forms, on_array=on_array)
        self._stride = stride
        self._wanted: defaultdict[int, set[int]] = defaultdict(set)
        self._now = -1

    def on_arrival(self, packet: Packet, *, recurrent: bool) -> Work:
        places = packet.places or range(packet.start, packet.start + len(packet.values))
        self._wanted[packet.step] |= {place for place, value in zip(places, packet.values, strict=True) if value}
        return super().on_arrival(packet, recurrent=recurrent)

    def on_step(self) -> Work:
        self._now += 1
        return self._of_columns(len(self._wanted.get(self._now, ())))

    def runs(self) -> list[tuple[int, int]]:
        """Offsets and lengths, in bytes, of the columns that the step last begun has to read."""
        return [(column * self._stride, self._stride) for column in sorted(self._wanted.pop(self._now, ()))]
