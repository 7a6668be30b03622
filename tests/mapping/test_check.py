"""The checker finds whatever is done to a good mapping."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.mapping.mapping import Destinations, Entry, Region
from sim.scenario.formats import Formats
from tests.mapping.spoilt import GOOD, MARKED, NET, WISH, complaints, look, mentions, with_part, without
from tests.mapping.toys import chip, mapped


@pytest.mark.parametrize("mapping", [GOOD, MARKED])
def test_a_good_mapping_passes(mapping):
    look(mapping)
    look(mapping, layers=None)


@pytest.mark.parametrize("mapping", [GOOD, MARKED], ids=["barrier", "markers"])
def test_any_missing_line_of_the_table_is_found(mapping):
    for place in range(len(mapping.entries)):
        assert mentions(complaints(without(mapping, "entries", place)), "it matches 0 lines")


@pytest.mark.parametrize("mapping", [GOOD, MARKED], ids=["barrier", "markers"])
def test_a_line_that_looks_at_one_bit_less_or_more_is_found(mapping):
    """Bits that decide between keys in use; a bit more is looked at as a 1, which it is in no key of member 0."""
    for place, line in enumerate(mapping.entries):
        narrower = next(bit for bit in range(32) if not line.mask >> bit & 1)
        bit = 1 << narrower
        texts = complaints(with_part(mapping, "entries", place, key=line.key | bit, mask=line.mask | bit))
        assert mentions(texts, "routed wrongly")


@given(place=st.integers(0, len(GOOD.entries) - 1), bit=st.integers(0, 31))
def test_a_wider_line_is_found_where_it_catches_keys_of_others(place, bit):
    line = GOOD.entries[place]
    wider = Entry(line.key & ~(1 << bit), line.mask & ~(1 << bit), line.destinations)
    sent = [(group, key) for group in GOOD.groups if group.destinations.count > 1 for key in sorted(keys_of(group))]
    harmless = all(wider.matches(key) == line.matches(key) for _, key in sent)
    spoilt = with_part(GOOD, "entries", place, key=wider.key, mask=wider.mask)
    if harmless:
        look(spoilt)
    else:
        assert mentions(complaints(spoilt), "routed wrongly")


def keys_of(group):
    """Keys that are sent: the host may use all of the first member's."""
    if group.kind == "release":
        return {group.key()}
    if group.population == 0:
        return {group.key(0, unit) for unit in range(1 << group.unit_bits)}
    return {group.key(piece.member, unit) for piece in GOOD.members(group.population) for unit in range(piece.units)}


def test_a_line_to_the_wrong_places_is_found():
    line = GOOD.entries[-1]
    fewer = Destinations(line.destinations.pes[1:], line.destinations.host)
    assert mentions(complaints(with_part(GOOD, "entries", -1, destinations=fewer)), "of which 0 lead to")


def test_a_second_line_for_the_same_keys_is_found():
    assert mentions(complaints(replace(GOOD, entries=(*GOOD.entries, GOOD.entries[0]))), "it matches 2 lines")


def test_a_slice_on_the_pe_of_another_is_found():
    moved = with_part(GOOD, "slices", 7, pe=GOOD.slices[0].pe)
    assert mentions(complaints(moved), "PE 0 has several jobs: layer 1 units 0-3, layer 2 units 10-14")


def test_two_slices_of_one_layer_on_a_pe_are_found_even_where_layers_share():
    moved = with_part(GOOD, "slices", 1, pe=GOOD.slices[0].pe)
    assert mentions(complaints(moved, exclusive=False), "PE 0 has several jobs: layer 1 units 0-3, layer 1 units 4-8")


def test_layers_may_share_a_pe_where_that_is_asked():
    shared = mapped(NET, chip(), mapping=WISH | {"sharing": "shared"})
    look(shared, exclusive=False)
    assert mentions(complaints(shared, exclusive=True), "PE 0 has several jobs")


@pytest.mark.parametrize("exclusive", [True, False])
def test_a_slice_on_the_schedulers_pe_is_found(exclusive):
    texts = complaints(with_part(GOOD, "slices", 3, pe=GOOD.scheduler_pe), exclusive=exclusive)
    assert mentions(texts, f"PE {GOOD.scheduler_pe} has several jobs", "the scheduler")


def test_a_moved_slice_no_longer_gets_its_packets():
    texts = complaints(with_part(GOOD, "slices", 0, pe=100))
    assert mentions(texts, "events of population 0 go to 5 PEs (0, 1, 2, 3, 4), expected 5 PEs (1, 2, 3, 4, 100)")


@pytest.mark.parametrize("place", range(len(GOOD.slices)))
def test_a_lost_unit_is_found_wherever_it_is(place):
    piece = GOOD.slices[place]
    at_end = complaints(with_part(GOOD, "slices", place, stop=piece.stop - 1))
    at_start = complaints(with_part(GOOD, "slices", place, start=piece.start + 1))
    assert mentions(at_start, f"expected a slice from unit {piece.start} on")
    assert mentions(at_end, f"expected a slice from unit {piece.stop - 1} on") or mentions(at_end, "its slices hold")


def test_a_unit_held_twice_is_found():
    piece = GOOD.slices[2]
    texts = complaints(with_part(GOOD, "slices", 2, stop=piece.stop + 1))
    assert mentions(texts, f"expected a slice from unit {piece.stop + 1} on")


def test_a_lost_slice_is_found():
    last = len(GOOD.slices) - 1
    lost = without(without(GOOD, "slices", last), "budgets", last)
    assert mentions(complaints(lost), "layer 3 has 18 units, its slices hold 12")


def test_a_layer_without_slices_is_found_without_knowing_the_layers():
    kept = sum(piece.layer < 3 for piece in GOOD.slices)
    lost = replace(GOOD, slices=GOOD.slices[:kept], budgets=GOOD.budgets[:kept])
    assert mentions(complaints(lost, layers=None), "layer 3 has 1 units, its slices hold 0")


def test_members_out_of_order_are_found():
    swapped = with_part(with_part(GOOD, "slices", 0, member=1), "slices", 1, member=0)
    assert mentions(complaints(swapped), "is member 0 of its layer and says that it is member 1")


def test_a_wrong_number_of_non_zeros_is_found():
    piece = GOOD.slices[4]
    texts = complaints(with_part(GOOD, "slices", 4, nonzeros=piece.nonzeros - 1))
    assert mentions(texts, f"{piece.name} has {piece.nonzeros} non-zeros and says that it has {piece.nonzeros - 1}")


def test_an_overfull_memory_is_found():
    assert mentions(complaints(with_part(GOOD, "budgets", 0, inputs=120_000)), "PE 0 holds", "of 131072")


def test_memory_is_added_up_over_the_slices_of_a_pe():
    shared = mapped(NET, chip(), mapping=WISH | {"sharing": "shared"})
    for place in (0, 5):
        shared = with_part(shared, "budgets", place, inputs=60_000)
    assert mentions(complaints(shared, exclusive=False), "PE 0 holds")


def test_weights_that_cannot_be_stored_in_their_bytes_are_found():
    piece = GOOD.slices[0]
    texts = complaints(with_part(GOOD, "budgets", 0, weights=8 * piece.nonzeros - 1))
    assert mentions(texts, f"stores {piece.nonzeros} non-zeros of 8 bytes in {8 * piece.nonzeros - 1} bytes")


def test_a_table_over_its_limit_is_found():
    machine = chip()
    router = replace(machine.event_router, table_entries=len(GOOD.entries) - 1)
    texts = complaints(GOOD, replace(machine, event_router=router))
    assert mentions(texts, f"table needs {len(GOOD.entries)} entries, it has {len(GOOD.entries) - 1}")
    look(GOOD, replace(machine, event_router=replace(router, table_entries=len(GOOD.entries))))


@pytest.mark.parametrize("mapping", [GOOD, MARKED], ids=["barrier", "markers"])
def test_any_missing_group_is_found(mapping):
    for place, group in enumerate(mapping.groups):
        texts = complaints(without(mapping, "groups", place))
        assert mentions(texts, f"0 groups for {group.kind} of population {group.population}, expected 1")


@pytest.mark.parametrize("mapping", [GOOD, MARKED], ids=["barrier", "markers"])
def test_a_receiver_left_out_of_group_and_table_alike_is_found(mapping):
    for place, group in enumerate(mapping.groups):
        if group.destinations.count < 2:
            continue
        fewer = Destinations(group.destinations.pes[1:], group.destinations.host)
        entries = tuple(
            replace(line, destinations=fewer) if line.matches(group.key()) else line for line in mapping.entries
        )
        texts = complaints(replace(with_part(mapping, "groups", place, destinations=fewer), entries=entries))
        assert mentions(texts, f"{group.kind} of population {group.population} go to")


def test_blocks_of_keys_that_overlap_are_found():
    texts = complaints(with_part(GOOD, "groups", 3, base=GOOD.groups[2].base + 4))
    assert mentions(texts, "overlap those of")


@pytest.mark.parametrize("fewer", [{"member_bits": 0}, {"unit_bits": 2}])
def test_slices_with_too_few_bits_of_key_are_found(fewer):
    place = GOOD.groups.index(GOOD.group("events", 2))
    texts = complaints(with_part(GOOD, "groups", place, **fewer))
    assert mentions(texts, "events of population 2 have", "too few for their slices")


def test_keys_beyond_32_bits_are_found():
    assert mentions(complaints(with_part(GOOD, "groups", -1, base=1 << 32)), "a key has 32 bits")


def test_numbers_that_lead_nowhere_are_found():
    assert mentions(complaints(with_part(GOOD, "slices", 0, pe=152)), "PE 152 is used", "has 152 from 0")
    assert mentions(complaints(with_part(GOOD, "slices", 0, index=9)), "says that it is slice 9")
    assert mentions(complaints(with_part(GOOD, "slices", 0, layer=4)), "the network has layers 1 to 3")
    assert mentions(complaints(without(GOOD, "budgets", 0)), "14 slices have 13 memory budgets")
    assert mentions(complaints(GOOD, layers=NET.layers[:2]), "the network has 2 layers, the mapping is for 3")


def test_everything_wrong_is_said_at_once():
    spoilt = with_part(with_part(GOOD, "budgets", 0, inputs=120_000), "slices", 7, pe=0)
    texts = complaints(without(spoilt, "entries", 0))
    assert mentions(texts, "holds") and mentions(texts, "several jobs") and mentions(texts, "routed wrongly")
    assert all(text.startswith("mapping: ") for text in texts)


def test_a_store_too_small_for_its_format_is_found():
    formats = {"weights": "int8", "indices": 16}
    narrow = mapped(NET, chip(), mapping=WISH, formats=formats)
    look(narrow, formats=Formats(**formats))
    assert mentions(complaints(narrow), "stores", "of 8 bytes")
    piece = narrow.slices[2]
    least = 3 * piece.nonzeros + 24 * piece.units
    short = with_part(narrow, "budgets", 2, weights=least - 1)
    texts = complaints(short, formats=Formats(**formats))
    assert mentions(texts, piece.name, "of 3 bytes", f"{24 * piece.units} bytes of scales")
    look(with_part(narrow, "budgets", 2, weights=least), formats=Formats(**formats))


def test_a_dense_store_too_small_is_found():
    formats = {"weights": "int8", "inputs": "int8", "events": "int8"}
    whole = mapped(NET, chip(), mapping=WISH, formats=formats, compute={"kernel": "mac_array"})
    look(whole, formats=Formats(**formats), dense=True)
    piece = whole.slices[2]
    short = with_part(whole, "budgets", 2, weights=piece.units * (3 * (10 + 24) + 24) - 1)
    assert mentions(complaints(short, formats=Formats(**formats), dense=True), piece.name, "dense matrices")


def test_what_lies_in_dram_overlapping_or_beyond_or_without_its_buffers_is_found():
    first, second = (Region(f"part {n}", 0, 64 * n, 100, n) for n in range(2))
    told = complaints(replace(GOOD, regions=(first, second)))
    assert mentions(told, "part 1 begins at byte 64 of port 0, taken up to 100")
    assert mentions(told, "0 bytes of block buffers and weights in DRAM")
    assert mentions(complaints(replace(GOOD, regions=(replace(first, start=1 << 30),))), "ends behind the 1073741824")
    assert mentions(complaints(replace(GOOD, regions=(replace(first, port=2),))), "behind port 2")
    unfed = (replace(GOOD.budgets[0], blocks=4096), *GOOD.budgets[1:])
    assert mentions(complaints(replace(GOOD, budgets=unfed)), "4096 bytes of block buffers and no weights in DRAM")


def test_by_a_timer_nobody_is_told_anything():
    timed = mapped(NET, chip(), mapping=WISH, sync={"protocol": "timer"})
    look(timed)
    assert {group.kind for group in timed.groups} == {"events"} and timed.scheduler_pe is None
    (markers,) = [group for group in MARKED.groups if (group.kind, group.population) == ("markers", 1)]
    problems = complaints(replace(timed, groups=(*timed.groups, replace(markers, base=1 << 31))))
    assert any("markers of population 1 go to" in problem and "expected no PE" in problem for problem in problems)
