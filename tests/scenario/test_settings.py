"""Values from the command line and from Python."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from sim.scenario.complaints import Refused
from sim.scenario.load import load
from sim.scenario.settings import parse_setting, parse_settings


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("workload.tokens=10", ("workload.tokens", 10)),
        ("workload.rate = 1e-1", ("workload.rate", 0.1)),
        ("mapping.pes_per_layer=[1, 2]", ("mapping.pes_per_layer", [1, 2])),
        ("machine.override={grid: {width: 8}}", ("machine.override", {"grid": {"width": 8}})),
        ("description=a=b", ("description", "a=b")),
        ("name=on", ("name", "on")),
        ("mapping.pes_per_layer=", ("mapping.pes_per_layer", None)),
    ],
)
def test_a_setting_is_a_key_and_a_yaml_value(text, setting):
    assert parse_setting(text) == setting


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tokens", "--set: 'tokens' has no '=', expected KEY=VALUE"),
        ("=3", "--set: '' is not a key"),
        ("a..b=3", "--set: 'a..b' is not a key"),
        ("a b=3", "--set: 'a b' is not a key"),
        ("a[x]=3", "--set: 'a[x]' is not a key"),
        ("seed=[1", "--set: seed: value '[1': cannot be read as YAML"),
        ("seed={a: 1, a: 2}", "--set: seed: value '{a: 1, a: 2}': given twice"),
        ("seed=!x 3", "--set: seed: value '!x 3': the tag '!x' is not known"),
    ],
)
def test_a_setting_that_cannot_be_read_is_told(text, complaint):
    with pytest.raises(Refused) as caught:
        parse_setting(text)
    assert str(caught.value).startswith(complaint)


def test_all_bad_settings_are_told_and_the_last_of_equal_keys_counts():
    settings, complaints = parse_settings(["a=1", "b", "c=2", "a=3", "=4"])
    assert list(settings.items()) == [("c", 2), ("a", 3)]
    assert len(complaints) == 2


def test_an_override_takes_the_place_of_what_the_file_says(write, model_text):
    path = write(model_text)
    scenario, _ = load(
        path, {"workload.tokens": 2, "workload.weights.synthetic.layers[1]": 9, "sync.protocol": "markers"}
    )
    assert scenario.workload.tokens == 2
    assert scenario.workload.weights.synthetic.layers == (4, 9, 4)
    assert scenario.sync.protocol == "markers"
    assert load(path)[0].workload.tokens == 3


def test_values_from_numpy_and_paths_are_welcome(write, model_text):
    path = write(model_text)
    given = {
        "seed": np.int64(5),
        "workload.weights.synthetic.sparsity": np.float64(0.5),
        "mapping.pes_per_layer": (1, 2),
        "workload.text": Path("words.txt"),
    }
    scenario, _ = load(path, given)
    assert (scenario.seed, scenario.workload.weights.synthetic.sparsity) == (5, 0.5)
    assert scenario.mapping.pes_per_layer == (1, 2)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("workload.tokns", 3, "--set: workload.tokns: unknown key, did you mean 'tokens'?"),
        ("wrkload.tokens", 3, "--set: wrkload: unknown key, did you mean 'workload'?"),
        (
            "workload.tokens",
            "3",
            "--set: workload.tokens: expected a whole number, got text '3'; write the number",
        ),
        ("workload.tokens", 0, "--set: workload.tokens: 0 is too small, expected 1 or more"),
        (
            "workload.tokens.x",
            3,
            "--set: workload.tokens.x: workload.tokens is the single value 3 and has no key 'x'",
        ),
        ("workload[0]", 3, "--set: workload[0]: workload is keys and values and has no entry [0]"),
        (
            "workload.weights.synthetic.layers[7]",
            3,
            "--set: workload.weights.synthetic.layers[7]: workload.weights.synthetic.layers has 3 entries",
        ),
        ("workload.weights", {"synthetic": {}}, "--set: workload.weights.synthetic.layers: is missing"),
        ("machine", {"chips": 0}, "--set: machine.chips: 0 is too small"),
        ("", 3, "--set: '' is not a key"),
        ("seed", Fraction(1, 3), "--set: seed: expected a whole number, got Fraction(1, 3)"),
    ],
)
def test_a_complaint_about_an_override_is_placed_there(said, model_text, key, value, complaint):
    (line,) = said(model_text, {key: value})
    assert line.startswith(complaint)


def test_an_override_can_mend_the_file(said, model_text):
    broken = model_text.replace("tokens: 3", "tokens: three")
    assert said(broken)
    assert not said(broken, {"workload.tokens": 3})
