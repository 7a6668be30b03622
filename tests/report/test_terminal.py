"""The screen shows what the file says, in units people read, and leaves out what is absent."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sim.measure.store import write_json
from sim.report.glossary import find
from sim.report.result import Result
from sim.report.terminal import SECTIONS, print_summary, quantity, scaled


def shown(result: Result, width: int = 110) -> str:
    stream = io.StringIO()
    print_summary(result, Console(file=stream, width=width))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.00243, "s", "2.43 ms"),
        (1250.0, "us", "1.25 ms"),
        (999.7, "ns", "1 us"),
        (999.4, "ns", "999 ns"),
        (4000.0, "s", "4,000 s"),
        (0.0, "s", "0 s"),
        (-0.002, "s", "-2 ms"),
        (88300, "bytes", "88.3 kB"),
        (1680000, "bits", "1.68 Mbit"),
        (410000.0, "per s", "410 k/s"),
        (0.1234, "share", "12.3 %"),
        (1234567, "count", "1,234,567"),
        (84.21341, "number", "84.213"),
        (21.06, "cycles", "21.06 cycles"),
        (True, "true or false", "yes"),
        ("(1,1)->(2,1)", "text", "(1,1)->(2,1)"),
    ],
)
def test_quantities_read_well(value, unit, text):
    assert quantity(value, unit) == text


@given(st.floats(min_value=1e-14, max_value=1e14))
def test_scaling_keeps_three_figures_of_any_value(value):
    number, unit = scaled(value, "B").split()
    power = 3 * ("fpnum kMGT".index(unit.removesuffix("B") or " ") - 5)
    assert 1 <= float(number) < 1000
    assert float(number) * 10.0**power == pytest.approx(value, rel=0.006)


def test_every_key_on_the_screen_is_in_the_glossary():
    keys = [key for lines in SECTIONS.values() for line in lines for key in re.findall(r"\{([^}]+)\}", line)]
    assert len(keys) > 50
    assert [key for key in keys if not find(key) and not find(f"{key}.x")] == []


def test_a_full_summary_shows_its_figures_with_units(result):
    text = " ".join(shown(result, width=400).split())
    for part in (
        "made_up seed 1 completed",
        "2.43 ms simulated, 70 of 70 steps",
        "a step every 34.7 us, p50 34 us, p95 41 us, max 52 us, through the layers in 34 us",
        "layers 1: 12 us 2: 14 us 3: 8 us",
        "perplexity 84.213, 4.433 nat per token, 70 tokens, 2 unknown",
        "the [red] cat <eos>",
        "36,225 packets, for receivers 1,811,250 sent, 1,811,248 delivered, 2 lost",
        "busiest link (4,3)->(3,3) in use 12.3 %",
        "costs 30 us, 1.23 % of the run, of a packet's latency 1.5 ns",
        "highest demand on a link 125 %",
        "65.3 mJ, 933 uJ a step, 384 mW in the mean, at most 420 mW over 100 us",
        "parts noc: 300 uJ uncore: 13 mJ",
        "1.68 Mbit in, link busy 1 %, 1.68 Mbit out, link busy 2 %, decoding 26 %",
        "SRAM at most 120 kB of 131 kB",
        "weights per PE 1: 68 kB 2: 88.3 kB 3: 44 kB",
        "offered 0.1 flits per node and cycle",
        "books all 4 close",
        "basis 2 assumed machine parameters",
    ):
        assert part in text


def test_warnings_and_the_place_of_the_files_come_last(result):
    lines = shown(result, width=400).splitlines()
    assert lines[-2] == "warning: 2 of 1811250 packets were lost [dropped by a full receive FIFO]"
    assert lines[-1] == f"result in {result.path}"


def test_what_is_absent_is_left_out_and_not_shown_as_zero(tmp_path, result, summary):
    del summary["workload"]["perplexity"], summary["traffic"], summary["books"], summary["warnings"]
    write_json(tmp_path, "summary", summary)
    text = shown(Result(tmp_path))
    assert "None" not in text
    assert not re.search("perplexity|traffic|books|warning|{", text)
    assert re.search(r"^text +4\.433 nat", text, re.MULTILINE)


def test_a_key_of_no_value_still_shows_its_zero(result):
    assert "in DRAM 0 B" in shown(result)


def test_an_unfinished_run_and_an_open_book_are_told(tmp_path, result, summary):
    summary["completed"] = False
    summary["books"]["use_at_most_one"] = False
    write_json(tmp_path, "summary", summary)
    text = shown(Result(tmp_path))
    assert "NOT COMPLETED" in text
    assert "do not close: use_at_most_one" in text


def test_a_summary_of_next_to_nothing_can_be_shown(tmp_path):
    write_json(tmp_path, "summary", {"schema_version": 1, "scenario": "little", "completed": False})
    assert shown(Result(tmp_path)).startswith("little  seed ?  NOT COMPLETED")


def test_the_screen_needs_no_more_than_ascii(result):
    assert shown(result).isascii()
