"""The work of a slice put together by the kind of its layer: program, compute kernel, and how outputs are sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sim.hardware.decoder_kernel import ActiveDecoder, DenseDecoder
from sim.hardware.dense_kernels import ReadoutKernel, StageKernel
from sim.hardware.kernels import KERNELS, ComputeKernel, Forms, StreamedColumns
from sim.hardware.packing import Answers, Blocks, Packing, Sending
from sim.hardware.program import DecoderProgram, EgruProgram, FiringProgram, Program, ReadoutProgram, StageProgram
from sim.machine.machine import Machine
from sim.mapping.dense_memory import column_bytes
from sim.mapping.mapping import Slice
from sim.mapping.memory import WEIGHT_BYTES, nonzero_bytes
from sim.scenario.models import Scenario
from sim.workload.convolve import Int8
from sim.workload.decoder_layer import DecoderLayer
from sim.workload.firing import Firing
from sim.workload.network import EgruLayer, slice_layer
from sim.workload.parts import Layer
from sim.workload.stage_layer import StageLayer

BYTE_BITS: Final = 8
FLOAT_BITS: Final = 32


@dataclass(frozen=True, slots=True, eq=False)
class SliceWork:
    """What a task needs of the kind of its layer; `by_dma` where its inputs are put into memory without the core.

    Outputs are those of the slice's units, of which others than zero are events; or where a slice answers with a few
    numbers for all of its units, they stand in its population from number `answers_at` on.
    """

    program: Program
    kernel: ComputeKernel
    sending: Sending
    by_dma: bool = False
    answers_at: int | None = None


def work_of(
    piece: Slice, layer: Layer, machine: Machine, scenario: Scenario, firing: Firing | None, *, streamed: bool = False
) -> SliceWork:
    """The work of a slice of the whole `layer`; with `firing` recurrent units fire as that says;
    `streamed` weights come from DRAM."""
    if isinstance(layer, StageLayer):
        return _of_stage(piece, layer, machine)
    if isinstance(layer, DecoderLayer):
        return _of_words(piece, layer, machine, scenario)
    if isinstance(layer, EgruLayer):
        return _of_units(piece, layer, machine, scenario, firing, streamed=streamed)
    classes = layer.part(piece.start, piece.stop)
    kernel = ReadoutKernel(classes, machine.costs)
    return SliceWork(ReadoutProgram(piece, classes), kernel, _blocks(machine, FLOAT_BITS))


def _of_words(piece: Slice, layer: DecoderLayer, machine: Machine, scenario: Scenario) -> SliceWork:
    forms, array = _forms(piece, scenario), scenario.compute.kernel == "mac_array"
    stride = column_bytes(layer, piece.units, WEIGHT_BYTES[scenario.formats.weights])
    words = piece.units
    kernel = DenseDecoder(layer, words, machine.costs, forms, on_array=array)
    if layer.columns == "active":
        kernel = ActiveDecoder(layer, words, machine.costs, forms, stride, on_array=array)
    sending = Answers(max(machine.packets.payload_bits) // FLOAT_BITS, FLOAT_BITS)
    return SliceWork(DecoderProgram(piece, layer), kernel, sending, answers_at=piece.member * layer.width)


def _of_stage(piece: Slice, layer: StageLayer, machine: Machine) -> SliceWork:
    bits = BYTE_BITS if isinstance(layer.arithmetic, Int8) else FLOAT_BITS
    kernel = StageKernel(piece, layer, machine.costs)
    return SliceWork(StageProgram(piece, layer), kernel, _blocks(machine, bits), by_dma=True)


def _of_units(
    piece: Slice, layer: EgruLayer, machine: Machine, scenario: Scenario, firing: Firing | None, *, streamed: bool
) -> SliceWork:
    own = slice_layer(layer, piece.start, piece.stop)
    program = EgruProgram(piece, own) if firing is None else FiringProgram(piece, own, firing)
    name, forms = scenario.compute.kernel, _forms(piece, scenario)
    kernel: ComputeKernel = KERNELS[name](own, machine.costs, forms)
    if streamed and name == "event_columns":
        kernel = StreamedColumns(own, machine.costs, forms, nonzero_bytes(scenario.formats, name))
    return SliceWork(program, kernel, Packing(scenario.formats))


def _forms(piece: Slice, scenario: Scenario) -> Forms:
    formats = scenario.formats
    return Forms(formats.weights, formats.inputs if piece.layer == 1 else formats.events, formats.events)


def _blocks(machine: Machine, bits: int) -> Blocks:
    """As many values to a packet as its largest payload holds."""
    return Blocks(max(machine.packets.payload_bits) // bits, bits)
