"""The tools that look at results, as a user has them: answers, and readable refusals with exit code 2."""

import csv
import json
import re
import shutil

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


RECORDINGS = {
    "short": "(1,1).0,0,1.0,4\n",
    "twice": '"(1,1).0",0,1.0,4\n"chip0.pe(1,1).0",0,2.0,4\n',
    "never": "0,0,inf,4\n",
    "far": "9999,0,1.0,4\n",
    "other": '"chip7.pe(1,1).0",0,1.0,4\n',
}


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
        (["trace.py", "a", "--between", "9s", "10s"], "--between: 9s asked, but the run was over after"),
        (["trace.py", "a", "--packet", "(1,1).9#1"], r"--packet: no unit is called '\(1,1\)\.9', did you mean"),
        (["report.py", "nowhere"], "not a result directory"),
        (["report.py", "a", "--out", "."], "--out: .: is a directory; expected a file"),
        (["report.py", "a", "--out", "none/x.html"], "--out: none/x.html: there is no directory none"),
        (["compare.py", "words.csv", "a"], "A: words.csv is a recording; expected the run first"),
        (["compare.py", "a", "short.csv"], r"short.csv:2: step: '1\)\.0' cannot be read; expected a whole number"),
        (["compare.py", "a", "twice.csv"], r"twice.csv:3: PE \(1,1\)\.0 and step 0 stand here for the second time"),
        (["compare.py", "a", "never.csv"], "never.csv:2: time_done: 'inf' is no instant"),
        (["compare.py", "a", "far.csv"], "far.csv:2: pe: 9999 asked, but the run has PEs 0 to 151"),
        (["compare.py", "a", "bytes.csv"], "bytes.csv: cannot be read as text with commas"),
        (["compare.py", "a", "empty.csv"], "empty.csv: it is empty; expected pe,step,time_done,packets_received"),
        (["compare.py", "a", "other.csv"], "no PE and step of it is in the run: it has chip7"),
        (["compare.py", "a", "none.csv"], "none.csv: cannot be read: No such file"),
        (
            ["compare.py", "a", "words.csv"],
            "words.csv:1: no column pe; expected pe,step,time_done,packets_rec",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(tool, made_once, tmp_path, command, told):
    (tmp_path / "words.csv").write_text("one,two\n1,2\n")
    for name, rows in RECORDINGS.items():
        (tmp_path / f"{name}.csv").write_text(f"pe,step,time_done,packets_received\n{rows}")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    ended = tool(command[0], *[made_once / word if word in ("a", "b") else word for word in command[1:]])
    assert (ended.code, ended.out) == (2, "") and re.search(told, ended.err), ended.err


def _cut(path):
    path.write_bytes(path.read_bytes()[:500])


BROKEN = {
    "a cut table": (
        lambda at: _cut(at / "pe.parquet"),
        "trace.py",
        "pe.parquet: cannot be read as Parquet; was it",
    ),
    "no scenario": (
        lambda at: (at / "scenario.yaml").unlink(),
        "report.py",
        "scenario.yaml: no such file",
    ),
    "no path": (
        lambda at: (at / "path.parquet").unlink(),
        "trace.py --critical-path",
        "there is no table 'path'; the",
    ),
    "a cut summary": (lambda at: _cut(at / "summary.json"), "report.py", "summary.json: cannot be read"),
    "a newer version": (lambda at: _say(at, schema_version=2), "report.py", "schema_version: is 2; this s2sim reads"),
    "no version": (lambda at: _say(at, schema_version=True), "report.py", "schema_version: is True"),
    "no section": (lambda at: _say(at, memory=3, warnings="x"), "report.py", "memory: is 3, expected a section"),
    "no time": (lambda at: _say(at, time={}), "compare.py", "time.total_s: is missing"),
}


def _say(at, **keys):
    file = at / "summary.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | keys))


@pytest.mark.parametrize("how", BROKEN)
def test_a_result_that_is_not_whole_is_refused_in_words(tool, made_once, tmp_path, how):
    spoil, command, told = BROKEN[how]
    shutil.copytree(made_once / "a", tmp_path / "spoilt")
    spoil(tmp_path / "spoilt")
    name, *more = command.split()
    second = [made_once / "b"] if name == "compare.py" else []
    ended = tool(name, tmp_path / "spoilt", *second, *more)
    assert (ended.code, ended.out) == (2, "") and told in ended.err, ended.err
    assert not (tmp_path / "spoilt" / "report.html").exists()


def test_links_ports_and_routers_have_timelines_traced_or_not(tool, made_once):
    traced = tool("trace.py", made_once / "a", "--unit", "(1,1)->(2,1)").out
    assert re.search(r"^\(1,1\)->\(2,1\): \d+ packets$", traced, re.MULTILINE) and "waited ns" in traced
    assert "what it carried" in tool("trace.py", made_once / "b", "--unit", "(1,1)->(2,1)").out
    assert re.search(r"packet \(\d,\d\)\.\d#\d", tool("trace.py", made_once / "a", "--unit", "event router").out)
    assert "--trace" in tool("trace.py", made_once / "b", "--unit", "dram0").out


def test_a_study_of_memory_ports_can_be_looked_into(tool, tmp_path):
    from sim.simulate import run
    from tests.tools.conftest import ROOT

    short = {"workload.warmup_cycles": 20, "workload.measure_cycles": 400}
    run(ROOT / "scenarios" / "memory_port.yaml", short, tmp_path / "ports", trace=True)
    assert "memory ports" in tool("trace.py", tmp_path / "ports").out
    assert re.search(
        r"^dram0 .*read", tool("trace.py", tmp_path / "ports", "--between", "0us", "1us").out, re.MULTILINE
    )
    assert re.search(r"^dram +\d+ +9\d\.", tool("trace.py", tmp_path / "ports", "--critical-path").out, re.MULTILINE)
    figures = tool("report.py", tmp_path / "ports", "--svg", tmp_path / "figures")
    assert figures.code == 0 and (tmp_path / "figures" / "latency_burst.svg").stat().st_size > 5000
    refused = tool("trace.py", tmp_path / "ports", "--what-if")
    assert refused.code == 2 and "a study makes its load by rule" in refused.err


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
