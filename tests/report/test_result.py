"""A result read back is what was written, and what is not there is said so."""

import shutil

import pytest

from sim.measure.store import SCHEMA_VERSION, write_json
from sim.report.result import Result
from sim.scenario.complaints import Refused


def test_summary_scenario_and_tables_come_back_as_written(result, summary):
    assert result.summary == summary
    assert result.scenario == {"name": "made_up", "seed": 1}
    assert result.tables == ["dram_port", "layer_step", "link", "link_step", "node", "path", "pe", "power", "step"]
    assert result.table("step")["time_done_s"].tolist() == [0.0, 1.5, 3.0]


def test_sql_sees_every_table_by_its_name(result):
    answer = result.sql("SELECT max(use_share) AS top, count(*) AS n FROM link JOIN pe ON link.link = pe.pe")
    assert (answer["top"][0], answer["n"][0]) == (3.0, 3)


def test_a_directory_may_be_named_with_letters_that_mean_something_to_a_glob(result, tmp_path):
    odd = tmp_path / "run [1] 'a*"
    odd.mkdir()
    for file in tmp_path.glob("*.*"):
        shutil.copy(file, odd)
    assert len(Result(odd).table("pe")["pe"]) == 3


def test_a_table_that_is_not_there_names_those_that_are(result):
    with pytest.raises(Refused) as refused:
        result.table("steps")
    there = "dram_port, layer_step, link, link_step, node, path, pe, power, step"
    told = f"no table 'steps', did you mean 'step'? (tables here: {there})"
    assert str(refused.value) == f"{result.path}: {told}"


def test_a_wrong_query_is_refused_in_the_words_of_the_database(result):
    with pytest.raises(Refused, match="nonsense"):
        result.sql("SELECT nonsense FROM pe")


def test_a_directory_without_a_summary_is_no_result(tmp_path):
    with pytest.raises(Refused, match=r"not a result directory: it has no summary\.json"):
        Result(tmp_path)
    with pytest.raises(Refused, match="not a result directory: it does not exist"):
        Result(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="not a result directory: it is a file"):
        Result(tmp_path / "file")


@pytest.mark.parametrize("text", ["{", "[]", '{"schema_version": "1"}', "{}"])
def test_a_broken_summary_is_refused(tmp_path, text):
    (tmp_path / "summary.json").write_text(text)
    with pytest.raises(Refused, match=r"summary\.json"):
        Result(tmp_path)


def test_a_result_of_a_newer_version_is_refused(tmp_path, summary):
    write_json(tmp_path, "summary", summary | {"schema_version": SCHEMA_VERSION + 1})
    with pytest.raises(Refused, match=f"reads results up to version {SCHEMA_VERSION}"):
        Result(tmp_path)
