"""Scalars, places and faults of YAML text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario import yaml12


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1e6", 1e6),
        ("1.5e-3", 0.0015),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("+7", 7),
        ("on", "on"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("12:30:45", "12:30:45"),
        ("2001-01-01", "2001-01-01"),
        ("1_000", "1_000"),
        ("true", True),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("e6", "e6"),
        (".", "."),
    ],
)
def test_scalars_follow_yaml_1_2(written, meant):
    data = yaml12.parse(f"a: {written}").data["a"]
    assert (data, type(data)) == (meant, type(meant))


def test_not_a_number_is_read_as_such():
    assert math.isnan(yaml12.parse("a: .nan").data["a"])


def test_every_key_and_entry_has_its_line_and_column():
    tree = yaml12.parse("a: 1\nb:\n  c: [x, y]\n  d:\n  - e: 2\n")
    assert tree.data == {"a": 1, "b": {"c": ["x", "y"], "d": [{"e": 2}]}}
    assert tree.marks == {
        (): (1, 1),
        ("a",): (1, 1),
        ("b",): (2, 1),
        ("b", "c"): (3, 3),
        ("b", "c", 0): (3, 7),
        ("b", "c", 1): (3, 10),
        ("b", "d"): (4, 3),
        ("b", "d", 0): (5, 5),
        ("b", "d", 0, "e"): (5, 5),
    }


def test_an_anchor_may_be_used_twice():
    assert yaml12.parse("a: &one [1]\nb: *one\n").data == {"a": [1], "b": [1]}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1\nb: 2\na: 3\n", "3:1: a: given twice, first on line 1"),
        ("a: {b: 1, b: 2}", "1:11: a.b: given twice, first on line 1"),
        ("a:\n\t- 1\n", "2:1: cannot be read as YAML: a tab"),
        ("a: [1\n", "2:1: cannot be read as YAML: while parsing a flow sequence"),
        ("a: *b\n", "1:4: cannot be read as YAML: found undefined alias"),
        ("a: 1\n---\nb: 2\n", "2:1: cannot be read as YAML: expected a single document"),
        ("a: \x01", "1:4: character 0x01 is not allowed"),
        ("a: !!python/object:x y", "1:4: a: the tag '!!python/object:x' is not known"),
        ("a: [1, !unit 3]", "1:8: a[1]: the tag '!unit' is not known"),
        ("a: !!int x", "1:4: a: 'x' does not fit its tag '!!int'"),
        ("a: &x [*x]", "1:4: a[0]: the alias stands for something that contains it"),
        ("a: " + "9" * 5000, "1:4: a: a whole number of 5000 digits"),
        ("1: a", "1:1: a key must be a word; '1' would need quotes"),
        ("? [a]\n: b", "1:3: a key must be a word, not a list"),
        ("a: " + "[" * 60, "1:53: cannot be read as YAML: nested more than 50 deep"),
        ("- " * 100_000, "1:101: cannot be read as YAML: nested more than 50 deep"),
    ],
)
def test_what_cannot_be_meant_is_a_complaint_with_its_place(text, complaint):
    (found,) = yaml12.parse(text).complaints
    told = ": ".join(part for part in (found.path, found.problem) if part)
    assert f"{found.line}:{found.column}: {told}".startswith(complaint)


def test_nesting_without_end_is_the_same_complaint_wherever_the_library_stops_reading():
    (found,) = yaml12.parse("a: " + "[" * 100_000).complaints
    assert found.problem == "cannot be read as YAML: nested more than 50 deep" and found.line == 1


def test_aliases_that_multiply_are_stopped():
    bomb = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
    )
    (found,) = yaml12.parse(bomb).complaints
    assert "more than 200000 values" in found.problem


@given(st.text())
def test_any_text_is_read_or_complained_about(text):
    yaml12.parse(text)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), plain))
def test_what_is_written_reads_the_same(data):
    assert yaml12.parse(yaml12.written(data)).data == data


def test_words_that_look_like_numbers_are_quoted():
    assert yaml12.written({"name": "1e6", "on": "0o7"}) == "name: '1e6'\n'on': '0o7'\n"


@given(st.lists(st.from_regex(r"[a-z]{1,4}", fullmatch=True) | st.integers(0, 9), min_size=1))
def test_a_printed_path_is_parted_again(steps):
    assert yaml12.parted(yaml12.printed(tuple(steps))) == tuple(steps)
