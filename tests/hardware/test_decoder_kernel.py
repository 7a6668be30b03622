"""What decoding costs a processing element, and which bytes of its weights a step reads."""

from dataclasses import replace

import numpy as np
import pytest

from sim.hardware.decoder_kernel import ActiveDecoder, DenseDecoder
from sim.hardware.kernels import FP32, Forms
from sim.workload.decoder_layer import DecoderLayer
from sim.workload.language_model import Decoder
from tests.hardware.toys import machine, packet

COSTS = machine().costs
WORDS = 5


def layer(columns="active", units=7):
    return DecoderLayer(Decoder(np.zeros((units, WORDS), np.float32), np.zeros(WORDS, np.float32)), columns)


def dense(costs=COSTS, forms=FP32, on_array=False):
    return DenseDecoder(layer("dense"), WORDS, costs, forms, on_array=on_array)


def active(on_array=False):
    return ActiveDecoder(layer(), WORDS, COSTS, FP32, 64, on_array=on_array)


def test_dense_makes_every_product_whatever_arrives():
    kernel = dense()
    for work in (kernel.on_step(), kernel.on_step()):
        assert (work.compute, work.macs) == (7 * WORDS * COSTS.fp32_mac_cycles, 7 * WORDS)
        assert work.after == WORDS * COSTS.score_word_cycles


def test_only_columns_of_values_that_arrived_are_read_and_multiplied():
    kernel = active()
    kernel.on_arrival(packet(step=0, start=4, values=(0.5,)), recurrent=False)
    kernel.on_arrival(packet(step=0, start=1, values=(0.0, 2.0)), recurrent=False)
    kernel.on_arrival(packet(step=1, start=6, values=(1.0,)), recurrent=False)
    work = kernel.on_step()
    assert (work.compute, work.macs) == (2 * WORDS * COSTS.fp32_mac_cycles, 2 * WORDS)
    assert kernel.runs() == [(2 * 64, 64), (4 * 64, 64)]
    assert (kernel.on_step().macs, kernel.runs()) == (WORDS, [(6 * 64, 64)])
    silent = kernel.on_step()
    assert (silent.compute, silent.macs, kernel.runs()) == (0, 0, [])
    assert silent.after == work.after


def test_int8_costs_its_conversion_and_its_scales():
    forms = Forms("int8", "fp16", "fp16")
    plain, narrow = dense().on_step(), dense(forms=forms).on_step()
    assert narrow.compute - plain.compute == 7 * WORDS * COSTS.int8_nonzero_cycles
    assert narrow.after - plain.after == WORDS * COSTS.int8_row_cycles
    came = [dense(forms=form).on_arrival(packet(values=(1.0,)), recurrent=False).receive for form in (FP32, forms)]
    assert came[1] - came[0] == COSTS.convert_value_cycles


@pytest.mark.parametrize("kernel", [dense(on_array=True), active(on_array=True)])
def test_the_mac_array_makes_the_products_at_its_own_rate(kernel):
    for unit in range(7):
        kernel.on_arrival(packet(step=0, start=unit, values=(1.0,)), recurrent=False)
    work = kernel.on_step()
    rate = COSTS.mac_array_macs_per_cycle * COSTS.mac_array_use
    assert work.on_array and work.compute == COSTS.mac_array_setup_cycles + 7 * WORDS / rate


def test_finishing_a_score_has_its_own_cost():
    slow = dense(replace(COSTS, score_word_cycles=100)).on_step()
    assert slow.after == 100 * WORDS
