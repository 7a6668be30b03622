"""Every number a run can leave is defined, with the unit its name says."""

from importlib import resources
from pathlib import Path

import pytest

from sim.measure.store import write_json, write_table
from sim.report.glossary import explain, find, terms, undefined
from sim.report.result import Result
from sim.scenario.complaints import Refused
from sim.scenario.document import read

SUFFIXES = {
    "_s": {"s"},
    "_us": {"us"},
    "_ps": {"ps"},
    "_ns": {"ns"},
    "_cycles": {"cycles"},
    "_bytes": {"bytes"},
    "_bits": {"bits"},
    "_share": {"share"},
    "_rate": {"flits per node and cycle"},
    "_per_s": {"per s", "bytes per s"},
    "_mb": {"MB"},
    "_nat": {"nat"},
    "_j": {"J"},
    "_w": {"W"},
}
PLAIN = {"count", "number", "index", "text", "true or false", "share", "bits", "flits per node and cycle"}


def promised_unit(name: str) -> set[str]:
    """The unit a name says it has, in its last part or one above; any plain one when it says none."""
    for part in reversed(name.split(".")):
        for suffix in sorted(SUFFIXES, key=len, reverse=True):
            if part.endswith((suffix, f"{suffix}_mean", f"{suffix}_worst_node")):
                return SUFFIXES[suffix]
    return PLAIN


def test_every_key_and_column_of_a_full_result_is_defined(result):
    assert undefined(result) == []


def test_a_key_and_a_column_without_definition_are_found(tmp_path, summary, result):
    summary["time"]["elapsed_s"] = 1.0
    summary["network"]["latency_ns"]["p42"] = 1.0
    write_json(tmp_path, "summary", summary)
    columns = result.table("link")
    write_table(tmp_path, "link", columns | {"colour": columns["link"]})
    assert undefined(Result(tmp_path)) == ["time.elapsed_s", "network.latency_ns.p42", "link.colour"]


def test_no_name_is_defined_twice():
    data = read(Path(str(resources.files("sim.report") / "glossary.yaml"))).data  # refuses repeated keys
    columns = [f"{table}.{name}" for table, has in data["tables"].items() for name in has["columns"]]
    assert len(terms()) == len(data["summary"]) + len(columns)


@pytest.mark.parametrize("term", terms().values(), ids=lambda term: term.name)
def test_each_term_has_the_unit_its_name_promises_and_one_sentence(term):
    assert term.unit in promised_unit(term.name)
    assert term.meaning.endswith(".") and ". " not in term.meaning.replace("such as (3,2).1.", "")
    assert not term.formula.endswith(".")


def test_keys_that_depend_on_the_run_are_found_by_their_pattern():
    assert find("workload.activity_by_layer.17").name == "workload.activity_by_layer.*"
    assert find("workload.activity_by_layer") is None
    assert find("time.steps.more") is None


def test_explaining_a_full_name_gives_unit_sentence_formula_and_place():
    told = explain("time.step_p95_s")
    assert told.splitlines()[0] == "time.step_p95_s  [s]  in summary.json"
    assert "95 of 100 steps" in told and "= 95th percentile" in told


def test_explaining_a_last_part_gives_every_number_of_that_name():
    told = explain("packets_received")
    assert "pe.packets_received" in told and "step.packets_received" in told
    assert "workload.activity_by_layer.*" in explain("activity_by_layer")


def test_explaining_a_table_says_what_a_row_is_and_which_figures_the_chip_records_too():
    told = " ".join(explain("step").split())
    assert told.startswith("table step One row per slice and step.")
    assert "time_done_s and packets_received are the two figures that the chip's own software records" in told
    assert "step.macs" in told


def test_explaining_a_section_gives_its_keys():
    assert explain("network.queueing_ns").count("[ns]") == 5


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(Refused, match=r"no number is called 'step_p59_s', did you mean 'step_p95_s'\?"):
        explain("step_p59_s")
