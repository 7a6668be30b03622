"""Bytes of a slice against numbers worked out by hand for the published network."""

from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mapping.memory import budget, room_for_data
from sim.mapping.partition import nonzeros_per_unit
from sim.scenario.formats import Formats
from tests.mapping.toys import chip, layer_with, mapped, network, said

ASKED = {"pes_per_layer": (50, 50, 50)}


def of_layer(mapping, layer):
    return [mapping.budgets[piece.index] for piece in mapping.members(layer)]


def test_the_weight_store_of_layer_2_is_as_large_as_published(published):
    """88.3 kB of 96 kB; 10 935 non-zeros of 8 bytes and two times 82 row pointers of 4 make 88.1 on average."""
    mapping = mapped(published, chip(), mapping=ASKED)
    stores = [own.weights for own in of_layer(mapping, 2)]
    assert mean(stores) == 10_935 * 8 + 2 * 82 * 4 == 88_136
    assert 88_100 <= mean(stores) <= 88_900
    assert sum(piece.nonzeros for piece in mapping.members(2)) == 546_750


def test_parameters_state_sums_and_inputs_of_layer_2_are_as_counted_by_hand(published):
    own = of_layer(mapped(published, chip(), mapping=ASKED), 2)[0]
    assert own.parameters == 27 * 7 * 4  # two biases for three gates, and a threshold
    assert own.state == 27 * 2 * 4  # cell state and output
    assert own.accumulators == 27 * 4 * 4
    assert own.inputs == (1350 + 1350) * 4
    assert own.total == own.weights + 756 + 216 + 432 + 10_800


def test_a_pipelined_layer_holds_a_second_input_vector(published):
    layer = published.layers[1]
    once, twice = (budget(layer, 0, 27, 10_935, "csr_rows", buffers) for buffers in (1, 2))
    assert twice.total - once.total == twice.inputs - once.inputs == 1350 * 4


@pytest.mark.parametrize("schedule", ["sequential", "pipelined"])
@pytest.mark.parametrize("kernel", ["csr_rows", "event_columns"])
def test_every_slice_of_the_published_network_fits_the_sram(published, schedule, kernel):
    machine = chip()
    mapping = mapped(published, machine, mapping=ASKED, sync={"schedule": schedule}, compute={"kernel": kernel})
    assert room_for_data(machine.sram) == 131_072 - 16_384 - 4_096 - 2_048 == 108_544
    assert max(own.total for own in mapping.budgets) <= 108_544
    assert len(mapping.budgets) == 150


def test_columns_need_a_pointer_for_every_source_and_no_dense_vector():
    layer = layer_with([6] * 10, 20)
    own = budget(layer, 2, 5, 18, "event_columns", 2)
    assert own.weights == 18 * 8 + (20 + 1 + 10 + 1) * 4
    assert own.inputs == 0
    assert own.accumulators == 2 * 3 * 4 * 4


@pytest.mark.parametrize(
    ("formats", "each", "scales"),
    [
        ({"indices": 16}, 4 + 2, 0),
        ({"weights": "int8"}, 1 + 4, 24),
        ({"weights": "int8", "indices": 16}, 1 + 2, 24),
        ({"events": "int8", "inputs": "fp16"}, 8, 0),
    ],
)
@pytest.mark.parametrize("kernel", ["csr_rows", "event_columns"])
def test_weights_and_indices_take_the_bytes_of_their_formats_and_an_int8_row_a_scale(formats, each, scales, kernel):
    layer = layer_with([6] * 10, 20)
    plain = budget(layer, 2, 5, 18, kernel, 1)
    own = budget(layer, 2, 5, 18, kernel, 1, Formats(**formats))
    assert own.weights - plain.weights == 18 * (each - 8) + 3 * scales
    assert own.total - plain.total == own.weights - plain.weights


def test_the_mac_array_needs_a_byte_for_each_weight_zero_or_not_and_for_each_value_of_a_vector():
    layer = layer_with([6] * 10, 20)
    bytes_only = Formats(weights="int8", inputs="int8", events="int8")
    own = budget(layer, 2, 5, 18, "mac_array", 2, bytes_only)
    assert own.weights == 3 * (3 * (20 + 10) + 24)
    assert own.inputs == 2 * 20 + 10
    assert own.accumulators == 3 * 4 * 4


def test_a_dense_layer_too_big_for_its_pes_says_how_many_would_do(published):
    formats = {"weights": "int8", "inputs": "int8", "events": "int8"}
    dense = {"compute": {"kernel": "mac_array"}, "formats": formats, "mapping": ASKED}
    texts = said(lambda: mapped(published, chip(), **dense))
    assert len(texts) == 3 and f"layer 2 units 0-26: {27 * (3 * 2700 + 24 + 28 + 8 + 16) + 2700} bytes" in texts[1]
    assert "all layers need" in texts[2] and "151 can hold slices" in texts[2]
    small = network(40, 60, 30)
    mapped(small, chip(), **dense | {"mapping": {"pes_per_layer": (1, 1)}})


def test_int8_weights_with_16_bit_indices_put_the_published_network_on_fewer_pes(published):
    wish = {"pes_per_layer": (15, 19, 8)}
    narrow = mapped(published, chip(), mapping=wish, formats={"weights": "int8", "indices": 16})
    assert max(own.total for own in narrow.budgets) <= room_for_data(chip().sram)
    assert len(said(lambda: mapped(published, chip(), mapping=wish))) == 3


@given(
    units=st.integers(1, 500),
    nonzeros=st.integers(0, 10_000),
    kernel=st.sampled_from(["csr_rows", "event_columns"]),
    buffers=st.integers(1, 2),
)
def test_bytes_are_a_constant_plus_so_much_for_each_unit_and_non_zero(units, nonzeros, kernel, buffers):
    layer = layer_with([3, 4], 9)

    def size(some_units, some_nonzeros):
        return budget(layer, 0, some_units, some_nonzeros, kernel, buffers).total

    assert size(units, nonzeros) - size(0, 0) == units * (size(1, 0) - size(0, 0)) + 8 * nonzeros


def test_a_slice_stores_the_non_zeros_of_its_units(published):
    layer = published.layers[0]
    counts = nonzeros_per_unit(layer)
    for piece in mapped(published, chip(), mapping=ASKED).members(1):
        assert piece.nonzeros == counts[piece.start : piece.stop].sum()
