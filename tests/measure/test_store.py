"""What is written can be read back, appears whole, and overwrites nothing."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measure import store
from sim.measure.store import new_directory, write_json, write_table, write_yaml
from sim.report.result import Result
from sim.scenario.complaints import Refused
from sim.scenario.document import read


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_directories_of_one_scenario_are_numbered_and_never_shared(here):
    names = [new_directory(None, "smoke", "0123456789abcdef").name for _ in range(3)]
    assert names == ["smoke-01234567", "smoke-01234567-2", "smoke-01234567-3"]
    assert sorted(path.name for path in (here / "results").iterdir()) == names


def test_many_runs_at_once_get_a_directory_each(here):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: new_directory(None, "a", "b" * 8), range(40)))
    assert len(set(made)) == 40


def test_out_is_made_with_its_parents_and_may_be_empty(here):
    (here / "empty").mkdir()
    assert new_directory(here / "empty", "a", "b") == here / "empty"
    assert new_directory(here / "new" / "deep", "a", "b").is_dir()


def test_out_in_use_is_refused_and_left_alone(here):
    (here / "mine").write_text("thesis")
    with pytest.raises(Refused, match=r"--out: .*mine is a file"):
        new_directory(here / "mine", "a", "b")
    with pytest.raises(Refused, match=r"--out: .*is not empty"):
        new_directory(here, "a", "b")
    with pytest.raises(Refused, match="--out: cannot make the directory"):
        new_directory(here / "mine" / "below", "a", "b")
    assert (here / "mine").read_text() == "thesis"


def written_and_read(directory, columns):
    write_table(directory, "t", columns)
    write_json(directory, "summary", {"schema_version": store.SCHEMA_VERSION})
    return Result(directory).table("t")


def test_a_table_keeps_values_types_and_row_order(tmp_path):
    columns = {
        "count": np.arange(100_000)[::-1].copy(),
        "time_s": np.random.default_rng(1).random(100_000),
        "small": np.arange(100_000, dtype=np.int32),
        "closes": np.arange(100_000) % 3 == 0,
    }
    back = written_and_read(tmp_path, columns)
    assert list(back) == list(columns)
    for name, values in columns.items():
        assert back[name].dtype == values.dtype
        assert np.array_equal(back[name], values)


def test_texts_come_back_however_they_are_held(tmp_path):
    columns = {"a": np.array(["(1,1).0", "é"]), "b": np.array(["x", None], dtype=object)}
    back = written_and_read(tmp_path, columns)
    assert back["a"].tolist() == ["(1,1).0", "é"]
    assert back["b"].tolist() == ["x", None]


def test_what_is_absent_stays_absent(tmp_path):
    masked = np.ma.masked_array([1, 2, 3], mask=[False, True, False])
    words = np.ma.masked_array(["a", "b", "c"], mask=[False, True, False])
    back = written_and_read(tmp_path, {"n": masked, "w": words})
    assert back["n"].tolist() == [1, None, 3]
    assert back["w"].tolist() == ["a", None, "c"]


def test_a_table_without_rows_keeps_its_columns(tmp_path):
    back = written_and_read(tmp_path, {"n": np.array([], dtype=float), "w": np.array([], dtype="U4")})
    assert [len(values) for values in back.values()] == [0, 0]
    described = Result(tmp_path).sql("SELECT column_type FROM (DESCRIBE t)")
    assert described["column_type"].tolist() == ["DOUBLE", "VARCHAR"]


def test_columns_that_make_no_table_are_an_error_and_leave_nothing(tmp_path):
    with pytest.raises(ValueError, match="one length"):
        write_table(tmp_path, "t", {"a": np.arange(2), "b": np.arange(3)})
    with pytest.raises(TypeError, match="texts or None, got int"):
        write_table(tmp_path, "t", {"a": np.array([1, None], dtype=object)})
    assert list(tmp_path.iterdir()) == []


def test_json_keeps_order_and_the_last_digit_and_takes_numpy(tmp_path):
    data = {"z": 0.1 + 0.2, "a": np.float64(1 / 3), "n": np.int64(7), "v": np.arange(3), "f": np.bool_(True)}
    text = write_json(tmp_path, "summary", data).read_text()
    assert list(json.loads(text)) == ["z", "a", "n", "v", "f"]
    assert json.loads(text) == {"z": 0.30000000000000004, "a": 1 / 3, "n": 7, "v": [0, 1, 2], "f": True}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_json_refuses_what_is_no_number_and_keeps_the_old_file(tmp_path, value):
    write_json(tmp_path, "summary", {"a": 1})
    with pytest.raises((ValueError, TypeError)):
        write_json(tmp_path, "summary", {"a": value})
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]
    assert json.loads((tmp_path / "summary.json").read_text()) == {"a": 1}


def test_a_file_that_could_not_be_finished_leaves_the_old_one_and_no_scrap(tmp_path, monkeypatch):
    write_json(tmp_path, "summary", {"a": 1})

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(store.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_json(tmp_path, "summary", {"a": 2})
    with pytest.raises(OSError, match="disk full"):
        write_table(tmp_path, "t", {"a": np.arange(2)})
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]
    assert json.loads((tmp_path / "summary.json").read_text()) == {"a": 1}


TRAPS = ["1e6", "on", "12:30:45", "010", "0o17", "0x1F", ".5", "1_000", "~", "", "nan", ".inf", "-", "a: b"]
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(TRAPS)
PLAIN = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False) | TEXTS
NESTED = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=8)


@given(st.dictionaries(TEXTS, NESTED))
def test_yaml_comes_back_from_a_reader_of_yaml_1_2(tmp_path_factory, data):
    file = write_yaml(tmp_path_factory.mktemp("yaml"), "scenario", data)
    assert read(file).data == data
    assert list(read(file).data) == list(data)
