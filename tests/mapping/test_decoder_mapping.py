"""A decoder on processing elements: its place in DRAM, what it keeps in SRAM, and what is said when it does not fit."""

from dataclasses import replace

import numpy as np
import pytest

from sim.mapping.fewest import Store, fewest_pes
from sim.workload.decoder_layer import DecoderLayer
from sim.workload.language_model import Decoder
from sim.workload.parts import parts
from tests.mapping.spoilt import complaints, look, mentions
from tests.mapping.toys import chip, mapped, network, said

WORDS, UNITS = 100, 18
TARGETS = (3, 99, 98, 3)
WISH = {"pes_per_layer": (5, 6, 4)}
INT8 = {"weights": "int8", "indices": 16}


def net(columns="active", words=WORDS):
    decoder = Decoder(np.ones((UNITS, words), np.float32), np.zeros(words, np.float32))
    return replace(network(10, 24, UNITS, stored=20), dealt=DecoderLayer(decoder, columns, targets=TARGETS))


def decoder_of(mapping):
    """Slices of the decoder, their budgets and their regions."""
    pieces = mapping.members(3)
    regions = {region.slice: region for region in mapping.regions}
    return [(piece, mapping.budgets[piece.index], regions[piece.index]) for piece in pieces]


def test_weights_lie_in_dram_and_all_that_a_slice_keeps_is_counted():
    found = decoder_of(mapped(net(), chip(), mapping=WISH | {"block_bytes": 256}))
    assert [piece.units for piece, *_ in found] == [25] * 4
    for piece, own, region in found:
        own_targets = sum(piece.start <= word < piece.stop for word in TARGETS)
        assert (own.weights, own.state, own.blocks) == (0, 0, 2 * 256)
        assert own.parameters == 4 * 25 + 4 * own_targets
        assert (own.accumulators, own.inputs) == (4 * 25, 4 * UNITS)
        assert region.size == UNITS * 128  # 25 words of 4 bytes, up to a multiple of 64
    assert {region.port for *_, region in found} == {0, 1}


def test_int8_takes_a_byte_a_word_and_a_scale_in_sram():
    for _, own, region in decoder_of(mapped(net(), chip(), mapping=WISH, formats=INT8)):
        assert (own.weights, region.size) == (4 * 25, UNITS * 64)


def test_a_dense_matrix_is_stored_without_gaps():
    regions = [region.size for *_, region in decoder_of(mapped(net("dense"), chip(), mapping=WISH))]
    assert regions == [UNITS * 25 * 4] * 4


@pytest.mark.parametrize("weights", ["sram", "auto", "dram"])
def test_where_other_weights_are_does_not_matter(weights):
    mapping = mapped(net(), chip(), mapping=WISH | {"weights": weights})
    assert [region.size for *_, region in decoder_of(mapping)] == [UNITS * 128] * 4
    look(mapping, layers=parts(net(), "channels"))


def test_a_pipeline_holds_two_steps_of_inputs():
    own = decoder_of(mapped(net(), chip(), mapping=WISH, sync={"schedule": "pipelined"}))[0][1]
    assert own.inputs == 2 * 4 * UNITS


def test_a_region_too_small_for_the_weights_is_found():
    mapping = mapped(net(), chip(), mapping=WISH)
    cut = tuple(replace(one, size=1000) if one.slice == 11 else one for one in mapping.regions)
    texts = complaints(replace(mapping, regions=cut), layers=parts(net(), "channels"))
    assert mentions(texts, "has 1800 bytes of weights, and 1000 bytes of DRAM")
    without = tuple(one for one in mapping.regions if one.slice != 12)
    texts = complaints(replace(mapping, regions=without), layers=parts(net(), "channels"))
    assert mentions(texts, "0 bytes of DRAM")


def test_too_few_pes_are_refused_with_how_many_would_do():
    small = chip(total_bytes=8192, code_bytes=0, stack_bytes=0, fifo_bytes=0)
    wish = {"mapping": {"pes_per_layer": (5, 6, 1), "block_bytes": 64}}
    (problem,) = said(lambda: mapped(net(words=2000), small, **wish))
    assert problem.startswith("mapping.pes_per_layer[2]: layer 3 units 0-1999: ") and "SRAM" in problem
    fits = 8 * 1000 + 4 * 2 + 4 * UNITS + 128  # two of four targets are on either side
    assert fits > 8192 and problem.endswith("3 PEs would hold layer 3, it has 1")
    assert len(decoder_of(mapped(net(words=2000), small, mapping={"pes_per_layer": (5, 6, 3), "block_bytes": 64}))) == 3


def test_a_word_that_does_not_fit_ends_the_search_at_once():
    layer = net(words=30_000).dealt
    assert fewest_pes(layer, Store("equal", "csr_rows", 1, room=100, blocks=4096)) is None
