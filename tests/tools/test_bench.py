"""The benchmark command: small cases, as a table and as JSON."""

import json

import pytest


def test_a_case_is_printed_with_its_target(tool):
    ended = tool("bench.py", "--only", "smoke")
    assert ended.code == 0
    assert "CPU time" in ended.out and "<= 2" in ended.out


def test_json_holds_every_figure_with_its_target(tool):
    figures = json.loads(tool("bench.py", "--only", "smoke", "--only", "check", "--repeat", "2", "--json").out)
    assert [(one["case"], one["unit"], one["target"]["bound"]) for one in figures] == [
        ("smoke", "s", 2),
        ("check", "s", 0.5),
    ]
    assert all(one["met"] == (0 < one["value"] <= one["target"]["bound"]) for one in figures)


@pytest.mark.parametrize("arguments", [["--only", "nonsense"], ["--repeat", "0"]])
def test_wrong_options_end_with_code_two(tool, arguments):
    assert tool("bench.py", *arguments).code == 2
