"""The tools that look at results, as a user has them: answers, and readable refusals with exit code 2."""

import csv
import re

import pytest

from sim.report.compare import differences
from sim.report.hardware import of_run
from sim.report.result import Result


@pytest.fixture
def made(tool, write):
    """Two runs of the small scenario that differ in their placement, the first traced."""
    path = write()
    assert tool("run.py", path, "--out", "a", "--trace", "--quiet").code == 0
    assert tool("run.py", path, "--out", "b", "--quiet", "--set", "mapping.place=snake", "--seed", "2").code == 0


def test_the_tools_answer_about_results(tool, made, tmp_path):
    told = tool("trace.py", "a", "--step", "1", "--critical-path", "--sql", "SELECT count(*) AS n FROM packet")
    assert (
        (told.code, told.err) == (0, "") and "step 1 took" in told.out and re.search(r"^ *n$", told.out, re.MULTILINE)
    )
    assert "what there is" not in told.out and "busiest PEs" in tool("trace.py", "a").out
    written = tool("trace.py", "a", "--perfetto", "t.json.gz", "--between", "1us", "90us")
    assert written.code == 0 and (tmp_path / "t.json.gz").stat().st_size > 500
    assert tool("report.py", "a").out.strip() == "a/report.html"
    assert (tmp_path / "a" / "report.html").read_text().startswith("<!doctype html>")
    compared = tool("compare.py", "a", "b").out
    assert re.search(r"^mapping\.place +row_major +snake$", compared, re.MULTILINE)
    assert re.search(r"^time\.total_s .* x$", compared, re.MULTILINE) and "engine." not in compared
    same = tool("compare.py", "a", "a").out.split("\n")
    assert same[:2] == ["parameters that differ", "none"] and same[4] == "none"


def test_a_recording_of_the_chip_is_laid_beside_a_run(tool, made, tmp_path):
    """Recorded on a clock that starts 5 us later and runs 1 % slow, one packet count off."""
    rows = of_run(Result(tmp_path / "a"))
    with (tmp_path / "chip.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["pe", "step", "time_done", "packets_received"])
        for number, ((pe, step), (seconds, packets)) in enumerate(sorted(rows.items())):
            writer.writerow([pe, step, 1e6 * (1.01 * seconds + 5e-6), packets + (number == 0)])
    told = tool("compare.py", "a", "chip.csv", "--time-unit", "us")
    assert told.code == 0
    values = dict(re.findall(r"^(\S.*?) {2,}([\d.,]+)$", told.out, re.MULTILINE))
    assert float(values["recorded time / simulated time"]) == pytest.approx(1.01)
    assert float(values["offset of the clocks, us"]) == pytest.approx(5.0)
    assert float(values["error of a time, root mean square, us"]) < 0.01
    assert values["packet counts that differ"] == "1" and values["PEs and steps in both"] == str(len(rows))


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["trace.py", "nowhere"], "not a result directory: it does not exist"),
        (["trace.py", "b", "--packet", "1"], "there is no table 'packet'; record one with run.py --trace"),
        (["trace.py", "a", "--packet", "x"], "--packet: 'x' is no packet"),
        (["trace.py", "a", "--unit", "(9,9).9"], r"--unit: no unit is called '\(9,9\)\.9'"),
        (["trace.py", "a", "--step", "77"], "--step: no step 77 was finished; there are 4"),
        (["trace.py", "a", "--between", "5", "9us"], "--between: '5' is no instant"),
        (["trace.py", "a", "--between", "9us", "5us"], "--between: 9us is not before 5us"),
        (["trace.py", "a", "--sql", "SELECT nothing FROM pe"], "SQL: "),
        (["trace.py", "a", "--perfetto", "t.json"], "--perfetto: t.json asked, expected a name that ends in .json.gz"),
        (["report.py", "nowhere"], "not a result directory"),
        (["compare.py", "a", "none.csv"], "none.csv: cannot be read: No such file"),
        (["compare.py", "a", "words.csv"], "words.csv: no column pe; expected pe, step, time_done, packets_received"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(tool, made_once, tmp_path, command, told):
    (tmp_path / "words.csv").write_text("one,two\n1,2\n")
    ended = tool(command[0], *[made_once / word if word in ("a", "b") else word for word in command[1:]])
    assert (ended.code, ended.out) == (2, "") and re.search(told, ended.err), ended.err


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    from sim.simulate import run
    from tests.tools.conftest import ROOT, SCENARIO

    place = tmp_path_factory.mktemp("once")
    (place / "words.txt").write_text("the quick brown fox jumps over the lazy dog\n")
    (place / "s.yaml").write_text(SCENARIO)
    run(place / "s.yaml", {}, place / "a", trace=True)
    run(place / "s.yaml", {}, place / "b")
    assert ROOT.exists()
    return place


def test_differences_are_of_leaves_and_absent_is_told():
    found = differences({"a": {"x": 1, "y": 2}, "z": 0}, {"a": {"x": 1, "y": 3}, "w": 5})
    assert [(one.name, one.first, one.second, one.ratio) for one in found] == [
        ("a.y", 2, 3, 1.5),
        ("z", 0, None, None),
        ("w", None, 5, None),
    ]
