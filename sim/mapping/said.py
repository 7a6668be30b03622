"""How many packets are sent in a step, told from the mapping and from the share of units that fire.

Shares are means, and units are taken to fire independently of each other; where one event makes one packet that does
not matter. What is sent whole whatever it holds (maps of a front end, scores, answers of a decoder) is known exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sim.machine.machine import PacketFormat
from sim.mapping.mapping import Slice
from sim.scenario.formats import VALUE_BITS, Formats
from sim.scenario.models import Scenario
from sim.workload.convolve import Int8
from sim.workload.decoder_layer import DecoderLayer
from sim.workload.network import EgruLayer
from sim.workload.parts import Layer
from sim.workload.stage_layer import StageLayer
from sim.workload.stated import Stated

Said = Mapping[int, float]
"""Bits of a packet -> packets of that size in a step, in the mean."""

BYTE, WORD = 8, 32


@dataclass(frozen=True, slots=True, eq=False)
class Talk:
    """What the host says of the inputs of a step, and each slice, by its number, of its outputs; `stated` where the
    scenario says how active the network is, else it is what is said when all units fire."""

    inputs: Said
    slices: tuple[Said, ...]
    stated: bool = True


def talk(
    layers: Sequence[Layer], slices: Sequence[Slice], packets: PacketFormat, stated: Stated, scenario: Scenario
) -> Talk:
    """What is said in a step of a network of `layers` in these formats."""
    formats, together = scenario.formats, scenario.compute.values_per_packet
    width = VALUE_BITS[formats.inputs]
    inputs = blocks(layers[0].inputs, together, width, stated.inputs)
    shares = _by_layer(layers, stated)
    said = (_of_slice(layers[one.layer - 1], one, packets, shares[one.layer - 1], formats) for one in slices)
    return Talk(sized(inputs, packets), tuple(sized(one, packets) for one in said), stated.known)


def sized(payloads: Said, packets: PacketFormat) -> Said:
    """Packets by their bits, given those by what they have to hold: the smallest payload there is that holds it."""
    whole: defaultdict[int, float] = defaultdict(float)
    for bits, count in payloads.items():
        fitting = [size for size in packets.payload_bits if size >= bits]
        whole[packets.header_bits + (fitting[0] if fitting else max(packets.payload_bits))] += count
    return whole


def blocks(values: int, together: int, width: int, share: float) -> Said:
    """Neighbouring `values` of `width` bits, `together` in a packet that is sent if any of them is not zero."""
    last = values % together
    said = {together * width: (values // together) * _any(together, share)}
    return said | ({last * width: _any(last, share)} if last else {})


@cache
def pairs(units: int, together: int, width: int, share: float) -> Said:
    """Events of `width` bits each, `together` in each packet but the last."""
    said: defaultdict[int, float] = defaultdict(float)
    for fired, chance in enumerate(_chances(units, share)):
        said[together * width] += chance * (fired // together)
        if fired % together:
            said[fired % together * width] += chance
    return said


def _of_slice(layer: Layer, piece: Slice, packets: PacketFormat, share: float, formats: Formats) -> Said:
    if isinstance(layer, EgruLayer):
        return _events(piece.units, share, formats)
    values = layer.width if isinstance(layer, DecoderLayer) else piece.units
    width = BYTE if isinstance(layer, StageLayer) and isinstance(layer.arithmetic, Int8) else WORD
    return blocks(values, max(packets.payload_bits) // width, width, 1.0)


def _events(units: int, share: float, formats: Formats) -> Said:
    together, width = formats.events_per_packet, formats.event_bits
    if together == 1:
        return {VALUE_BITS[formats.events]: units * share}
    return pairs(units, together, width, share) if formats.packing == "pairs" else blocks(units, together, width, share)


def _by_layer(layers: Sequence[Layer], stated: Stated) -> list[float]:
    """The share of each layer's units that fire; all of those that are not recurrent."""
    left = iter(stated.layers)
    return [next(left, 1.0) if isinstance(layer, EgruLayer) else 1.0 for layer in layers]


def _any(values: int, share: float) -> float:
    """The chance that any of so many is not zero."""
    return 1.0 - (1.0 - share) ** values


def _chances(units: int, share: float) -> list[float]:
    """The chances that 0, 1, ... `units` of them fire."""
    chances = [1.0]
    for _ in range(units):
        more = [chance * share for chance in chances]
        none = [chance * (1.0 - share) for chance in chances]
        chances = [a + b for a, b in zip([*none, 0.0], [0.0, *more], strict=True)]
    return chances
