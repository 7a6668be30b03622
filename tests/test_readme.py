"""What the README tells a user to do is what is tested, and what it names is there."""

import re
from pathlib import Path

import sim
from sim.scenario.load import load
from sim.scenario.models import Scenario

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_continuous_integration_runs_the_test_command_as_it_is_written():
    _, tests = blocks("sh")
    assert "pytest" in tests
    assert f'bash -c "{tests.strip()}"' in (ROOT / ".ci" / "run").read_text()


def test_the_scenarios_and_tools_it_lists_are_those_there_are():
    about_scenarios = README.partition("## Scenarios")[2].partition("##")[0]
    scenarios = set(re.findall(r"^\| `(\w+\.yaml)` \|", about_scenarios, re.MULTILINE))
    tools = set(re.findall(r"^\| `tools/(\w+\.py)", README, re.MULTILINE))
    assert scenarios == {path.name for path in (ROOT / "scenarios").glob("*.yaml")}
    studies = README.partition("## Studies")[2].partition("##")[0].partition("| --- | --- |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+\.yaml)`", studies)) == {
        path.name for path in (ROOT / "scenarios" / "studies").glob("*.yaml")
    }
    assert tools == {path.name for path in (ROOT / "tools").glob("*.py")}


def test_the_example_is_a_scenario_that_loads(tmp_path):
    (example,) = blocks("yaml")
    (tmp_path / "mine.yaml").write_text(example.replace("data/", f"{ROOT}/scenarios/data/"))
    scenario, _ = load(tmp_path / "mine.yaml")
    assert isinstance(scenario, Scenario) and scenario.name == "mine"


def test_the_python_it_shows_runs(tmp_path, monkeypatch):
    (lines,) = blocks("python")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    names: dict = {}
    exec(lines, names)
    assert names["result"].summary["completed"] and names["result"].path.is_relative_to("results")
    assert names["sim"] is sim


def test_files_it_names_are_there():
    names = re.findall(r"`((?:scenarios|tests|tools|sim|topologies|\.ci)/[\w./{}-]*)`", README)
    assert len(names) > 6
    assert [name for name in names if not (ROOT / name).exists()] == []
