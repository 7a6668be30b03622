"""Whatever is written, the answer is a scenario or complaints, each with a place; never another error."""

import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario import yaml12
from sim.scenario.complaints import Refused
from sim.scenario.load import load
from sim.scenario.settings import parse_settings

same_directory = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
words = st.sampled_from(
    ["kind", "layers", "synthetic", "traffic", "language_model", "words.txt", "x", "", "a.b", "[0]"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def paths_in(data, above=()):
    yield above
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in inner:
        yield from paths_in(value, (*above, step))


def changed(data, path, value):
    if not path:
        return value
    result = copy.deepcopy(data)
    holder = result
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return result


@pytest.fixture(params=["language_model", "traffic"])
def full(request, model_text, traffic_text):
    """A scenario with a value in every section."""
    text = {"language_model": model_text, "traffic": traffic_text}[request.param]
    return yaml12.parse(text).data | {
        "machine": {"topology": "mesh", "override": {"grid": {"width": 8}}},
        "network": {"virtual_channels": 1, "allow_deadlock": False},
        "mapping": {"pes_per_layer": [1, 2]},
        "sync": {"schedule": "sequential"},
    }


@same_directory
@given(data=st.data())
def test_any_value_anywhere_is_answered(full, write, data):
    path = data.draw(st.sampled_from(sorted(paths_in(full), key=str)))
    answer(write(yaml12.written(changed(full, path, data.draw(values)))), {})


@same_directory
@given(texts=st.lists(st.text(max_size=20) | st.builds("{}={}".format, words, st.text(max_size=10)), max_size=3))
def test_any_settings_are_answered(write, traffic_text, texts):
    given, _ = parse_settings(texts)
    answer(write(traffic_text), given)


@same_directory
@given(content=st.binary() | st.text().map(str.encode))
def test_any_file_is_answered(write, content):
    answer(write(content), {})


def answer(path, overrides):
    try:
        load(path, overrides)
    except Refused as refused:
        assert refused.complaints
        for complaint in refused.complaints:
            assert complaint.problem
            assert complaint.file == "--set" or (complaint.file == str(path) and complaint.line > 0)
