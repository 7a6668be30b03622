"""What does not fit is refused with numbers, and the number of PEs that is offered is the smallest that works."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.mapping.fewest import Store, fewest_pes, fewest_shared
from sim.mapping.memory import budget
from sim.mapping.partition import nonzeros_per_unit, partition
from tests.mapping.toys import chip, layer_with, mapped, mesh, network, said

METHODS = st.sampled_from(["equal", "nonzeros"])
KERNELS = st.sampled_from(["csr_rows", "event_columns"])


def sizes(layer, pieces, store):
    counts = nonzeros_per_unit(layer)
    return [
        budget(layer, start, stop, int(counts[start:stop].sum()), store.kernel, store.buffers).total
        for start, stop in partition(layer, pieces, store.method)
    ]


def by_trying(layer, store):
    """The smallest number of PEs that works, found the long way."""
    good = (pieces for pieces in range(1, layer.units + 1) if max(sizes(layer, pieces, store)) <= store.room)
    return next(good, None)


def offered(text):
    return int(re.search(r"(\d+) PEs would hold", text)[1])


@given(
    counts=st.lists(st.integers(0, 300), min_size=1, max_size=40),
    method=METHODS,
    kernel=KERNELS,
    room=st.integers(300, 6000),
)
def test_the_number_of_pes_is_the_smallest_that_works(counts, method, kernel, room):
    layer, store = layer_with(counts, 11), Store(method, kernel, 1, room)
    assert fewest_pes(layer, store) == by_trying(layer, store)


@settings(max_examples=30)
@given(heavy=st.sets(st.integers(0, 199), max_size=20), room=st.integers(5000, 12_000))
def test_the_number_is_exact_where_a_few_heavy_units_must_be_kept_apart(heavy, room):
    counts = [500 if unit in heavy else 1 for unit in range(200)]
    layer, store = layer_with(counts, 11), Store("equal", "csr_rows", 1, room)
    assert fewest_pes(layer, store) == by_trying(layer, store)


@settings(max_examples=40)
@given(
    layers=st.lists(st.lists(st.integers(0, 200), min_size=1, max_size=12), min_size=1, max_size=3),
    method=METHODS,
    room=st.integers(500, 8000),
)
def test_the_number_of_shared_pes_is_the_smallest_that_works(layers, method, room):
    built = [layer_with(counts, 5) for counts in layers]
    store = Store(method, "csr_rows", 1, room)

    def fits(pes):
        held = [0] * pes
        for layer in built:
            for place, size in enumerate(sizes(layer, min(pes, layer.units), store)):
                held[place] += size
        return max(held) <= room

    assert fewest_shared(built, store, 10) == next((pes for pes in range(1, 11) if fits(pes)), None)


def test_the_published_layers_need_as_many_pes_as_their_weights_fill(published):
    for layer in published.layers:
        for method in ("equal", "nonzeros"):
            assert fewest_pes(layer, Store(method, "csr_rows", 1, 20_000)) > 50


@pytest.mark.parametrize("method", ["equal", "nonzeros"])
@pytest.mark.parametrize("shape", ["rising", "one in fifty", "two neighbours"])
def test_the_number_for_an_uneven_layer_of_2000_units_is_enough_and_one_fewer_is_not(shape, method):
    units = np.arange(2000)
    uneven = {
        "rising": units // 2,
        "one in fifty": np.where(units % 50 == 0, 4000, 1),
        "two neighbours": np.where((units == 1200) | (units == 1201), 8000, 1),
    }
    layer = layer_with(uneven[shape].tolist(), 100)
    store = Store(method, "csr_rows", 1, 108_544)
    pes = fewest_pes(layer, store)
    assert max(sizes(layer, pes, store)) <= store.room < max(sizes(layer, pes - 1, store))


@pytest.mark.parametrize("method", ["equal", "nonzeros"])
@pytest.mark.parametrize("schedule", ["sequential", "pipelined"])
def test_too_big_is_refused_with_a_number_that_works_while_one_fewer_does_not(published, method, schedule):
    def try_with(pes):
        wish = {"pes_per_layer": (50, pes, 40), "partition": method}
        return mapped(published, chip(), mapping=wish, sync={"schedule": schedule})

    (text,) = said(lambda: try_with(30))
    assert text.startswith("mapping.pes_per_layer[1]: layer 2 units ")
    assert "a PE has 108544 (131072 less 16384 code, 4096 stack, 2048 receive FIFO)" in text
    assert "it has 30" in text
    number = offered(text)
    try_with(number)
    (again,) = said(lambda: try_with(number - 1))
    assert offered(again) == number


def test_the_slice_named_is_the_biggest_and_needs_what_is_said(published):
    (text,) = said(lambda: mapped(published, chip(), mapping={"pes_per_layer": (50, 40, 40)}))
    start, stop, need = map(int, re.search(r"units (\d+)-(\d+): (\d+) bytes", text).groups())
    layer = published.layers[1]
    biggest = max(sizes(layer, 40, Store("equal", "csr_rows", 1, 0)))
    stored = int(nonzeros_per_unit(layer)[start : stop + 1].sum())
    assert need == budget(layer, start, stop + 1, stored, "csr_rows", 1).total == biggest


def test_every_layer_that_is_too_big_is_named_at_once(published):
    complaints = said(lambda: mapped(published, chip(), mapping={"pes_per_layer": (20, 20, 20)}))
    assert [text.split(":")[0] for text in complaints] == [f"mapping.pes_per_layer[{n}]" for n in range(3)]
    numbers = tuple(offered(text) for text in complaints)
    mapped(published, chip(), mapping={"pes_per_layer": numbers})


def test_a_machine_too_small_for_all_layers_is_told_so(published):
    machine = mesh(8, 8)
    *complaints, last = said(
        lambda: mapped(published, machine, network={"multicast": "tree"}, mapping={"pes_per_layer": None})
    )
    numbers = [offered(text) for text in complaints]
    assert len(numbers) == 3
    assert last.startswith(
        f"mapping.pes_per_layer: all layers need {' + '.join(map(str, numbers))} = {sum(numbers)} PEs or more, "
        "and 63 can hold slices"
    )
    assert "machine.override.sram" in last


@pytest.mark.parametrize(("more", "complaints"), [(0, 4), (1, 3)])
def test_a_machine_that_just_holds_all_layers_is_not_called_too_small(published, more, complaints):
    """One PE is the scheduler's."""

    def try_with(pes, machine):
        return mapped(published, machine, network={"multicast": "tree"}, mapping={"pes_per_layer": pes})

    numbers = [offered(text) for text in said(lambda: try_with((20, 20, 20), chip()))]
    machine = mesh(sum(numbers) + more, 1)
    assert len(said(lambda: try_with((20, 20, 20), machine))) == complaints
    if more:
        assert try_with(tuple(numbers), machine).scheduler_pe == sum(numbers)


STREAM = "or have weights that do not fit streamed from DRAM, with mapping.weights: auto"


def test_streaming_is_offered_where_it_would_do(published):
    wish = {"pes_per_layer": (20, 20, 20)}
    complaints = said(lambda: mapped(published, chip(), mapping=wish))
    assert [text.endswith(STREAM) for text in complaints] == [False, False, True]
    mapped(published, chip(), mapping=wish | {"weights": "auto"})


def test_streaming_is_not_offered_where_there_is_no_memory_or_it_would_not_do():
    net, asked = network(200, 40, stored=9000), {"mapping": {"pes_per_layer": (1,)}, "network": {"multicast": "tree"}}
    texts = {
        machine.name: said(lambda machine=machine: mapped(net, machine, **asked)) for machine in (chip(), mesh(2, 2))
    }
    assert [STREAM in text[-1] for text in texts.values()] == [True, False]
    assert STREAM not in said(lambda: mapped(net, chip(code_bytes=120_000), **asked))[-1]


def test_a_unit_too_big_by_itself_is_refused_without_a_number():
    net = network(30_000, 4)
    (text,) = said(lambda: mapped(net, chip(), mapping={"pes_per_layer": (2,)}))
    assert "layer 1 fits on no number of PEs, since one unit alone is too big" in text
    assert "would hold" not in text


def test_a_room_that_holds_no_unit_at_all_is_refused_without_a_number():
    (text,) = said(lambda: mapped(network(10, 4), chip(code_bytes=124_900), mapping={"pes_per_layer": (2,)}))
    assert "a PE has 28 (131072 less 124900 code" in text
    assert "fits on no number of PEs" in text


def test_slices_that_share_a_pe_are_added_up_and_a_number_is_offered_that_works(published):
    def try_with(*pes):
        return mapped(published, chip(), mapping={"pes_per_layer": pes, "sharing": "shared"})

    (text,) = said(lambda: try_with(80, 80, 80))
    assert re.match(r"mapping.pes_per_layer: layer 1 .* and layer 2 .* and layer 3 .* on one PE: \d+ bytes", text)
    number = offered(text)
    assert f"mapping.pes_per_layer: [{number}, {number}, {number}]" in text
    try_with(number, number, number)
    assert offered(said(lambda: try_with(number - 1, number - 1, number - 1))[0]) == number


def test_layers_that_can_never_share_a_pe_are_told_so(published):
    small = chip(code_bytes=90_000)
    (text,) = said(lambda: mapped(published, small, mapping={"pes_per_layer": (150, 150, 150), "sharing": "shared"}))
    assert "all layers together fit on no number of PEs up to 151" in text
    assert "mapping.sharing: exclusive" in text
