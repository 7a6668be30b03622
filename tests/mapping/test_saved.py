"""A mapping written as JSON and read again is the same mapping."""

import json

import pytest
from hypothesis import given

from sim.mapping.saved import from_plain, to_plain
from tests.mapping.test_plan import NET, choices
from tests.mapping.toys import chip, mapped, said

MAPPING = mapped(NET, chip(), mapping={"pes_per_layer": (2, 2, 2)})


@given(choice=choices())
def test_a_mapping_comes_back_equal(choice):
    mapping = mapped(NET, chip(), **choice)
    assert from_plain(to_plain(mapping)) == mapping
    assert from_plain(json.loads(json.dumps(to_plain(mapping), sort_keys=True))) == mapping


def test_the_plain_form_is_what_json_keeps():
    plain = to_plain(MAPPING)
    assert json.loads(json.dumps(plain)) == plain
    assert plain["slices"][0] == {
        "index": 0, "layer": 1, "member": 0, "start": 0, "stop": 12, "pe": 0, "nonzeros": MAPPING.slices[0].nonzeros
    }  # fmt: skip
    assert plain["schedule"]["needs"][0] == {"source": 0, "target": 1, "delay": 0, "carries": True}
    assert plain["groups"][0]["destinations"] == {"pes": [], "host": True}
    assert plain["scheduler_pe"] == 6


def test_no_scheduler_is_kept_as_nothing():
    mapping = mapped(NET, chip(), sync={"protocol": "markers"})
    assert to_plain(mapping)["scheduler_pe"] is None
    assert from_plain(to_plain(mapping)).scheduler_pe is None


def spoilt(*path, value=None, drop=False):
    plain = to_plain(MAPPING)
    at = plain
    for part in path[:-1]:
        at = at[part]
    if drop:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return plain


@pytest.mark.parametrize(
    ("data", "path", "problem"),
    [
        (spoilt("slices", 3, "pe", value="two"), "mapping.slices[3].pe", "got 'two'"),
        (spoilt("slices", 3, "pe", value="2"), "mapping.slices[3].pe", "got '2'"),
        (spoilt("entries", 0, "mask", value=1.5), "mapping.entries[0].mask", "got 1.5"),
        (spoilt("groups", 1, "kind", value="rumours"), "mapping.groups[1].kind", "'markers'"),
        (spoilt("schedule", drop=True), "mapping.schedule", "is missing"),
        (spoilt("budgets", 0, "state", drop=True), "mapping.budgets[0].state", "is missing"),
        (spoilt("slices", value=7), "mapping.slices", "got 7"),
        (spoilt("colour", value=7), "mapping.colour", "unknown key"),
        (spoilt("slices", 1, "Pe", value=7), "mapping.slices[1].Pe", "unknown key"),
        ({}, "mapping.schedule", "is missing"),
        ([1, 2], "mapping", "got [1, 2]"),
        ({"slices": {1, 2}}, "mapping", "not plain data"),
    ],
)
def test_what_is_no_saved_mapping_is_refused_at_the_key(data, path, problem):
    texts = said(lambda: from_plain(data))
    assert any(text.startswith(f"{path}: ") and problem in text for text in texts), texts


def test_every_fault_is_named_at_once():
    data = spoilt("slices", 3, "pe", value="two") | {"entries_before_merging": None}
    assert len(said(lambda: from_plain(data))) == 2
