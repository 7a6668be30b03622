"""The page of a study has its curves with error bars, the knee, and every point."""

import json
import re
import shutil
import subprocess

import pytest

from sim.report.page_file import write_page
from sim.scenario.complaints import Refused
from sim.study.page import study_page
from sim.study.run import run_study

TEXT = """\
name: knee
base: base.yaml
axes: {workload.rate: [0.1, 0.3, 0.9], network.buffer_flits: [2, 8]}
replicas: 2
bisect: {key: workload.rate, low: 0.3, high: 0.9, until: traffic.saturated, tolerance: 0.2}
figure: {x: workload.rate, y: [traffic.accepted_rate]}
"""


def test_the_page_of_a_study_has_curves_error_bars_and_the_knee(write, tmp_path):
    text = TEXT.replace("axes: {workload.rate: [0.1, 0.3, 0.9], ", "axes: {").replace(
        "figure: {x: workload.rate", "figure: {x: network.buffer_flits"
    )
    result = run_study(write(TEXT.replace("bisect:", "#bisect:")), {}, tmp_path / "out")
    data = study_page(result.path)
    (panel,) = data["panels"]
    assert [one["name"] for one in panel["curves"]] == ["network.buffer_flits = 2", "network.buffer_flits = 8"]
    for curve in panel["curves"]:
        assert [point["x"] for point in curve["points"]] == [0.1, 0.3, 0.9]
        assert all(point["half"] > 0 for point in curve["points"])
    assert len(data["tables"][0]["rows"]) == 12 and "knee" in data["title"]
    assert write_page(data, tmp_path / "p.html").stat().st_size > 20_000
    searched = study_page(run_study(write(text), {}, tmp_path / "searched").path)
    assert searched["sentences"] and all("traffic.saturated" in one for one in searched["sentences"])


def test_a_scaling_study_has_its_speed_ups_and_knee_on_its_page(write, tmp_path):
    text = """\
name: grown
base: base.yaml
axes: {network.buffer_flits: [1, 2, 4], workload.rate: [0.1, 0.3]}
replicas: 2
scaling: {axis: network.buffer_flits, kind: weak, of: traffic.latency_cycles.mean}
"""
    result = run_study(write(text), {}, tmp_path / "out")
    data = study_page(result.path)
    told = json.loads((result.path / "study.json").read_text())["scaling"]
    assert [panel["y"] for panel in data["panels"]][-2:] == ["speed_up", "efficiency"]
    speed_ups = data["panels"][-2]["curves"]
    assert [one["name"] for one in speed_ups] == ["workload.rate = 0.1", "workload.rate = 0.3"]
    for curve, shown in zip(told, speed_ups, strict=True):
        assert [point["y"] for point in shown["points"]] == [size["speed_up"]["mean"] for size in curve["sizes"]]
        assert [point["half"] for point in shown["points"]] == [s["speed_up"]["half_width"] for s in curve["sizes"]]
    scaling, points = data["tables"]
    assert scaling["name"] == "scaling" and len(scaling["rows"]) == 6 and len(points["rows"]) == 12
    assert all(len(row) == len(scaling["columns"]) for row in scaling["rows"])
    assert len(data["sentences"]) == 2 and all("knee" in one for one in data["sentences"])


def test_the_page_of_a_study_works_in_a_browser_and_draws_what_doubles_on_logarithmic_axes(write, tmp_path):
    """The page goes on to its last section, and sizes that double stand equally far apart."""
    browser = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
    if browser is None:
        pytest.skip("no Chromium here to open the page in")
    text = "name: doubling\nbase: base.yaml\naxes: {network.buffer_flits: [1, 2, 4]}\n"
    result = run_study(write(text + "figure: {x: network.buffer_flits, y: [time.total_s]}\n"), {}, tmp_path / "out")
    data = study_page(result.path)
    (panel,) = data["panels"]
    assert panel["log_x"] and not panel["log_y"] and panel["unit"] in ("us", "ns") and panel["y"] == "time.total"
    page = write_page(data, tmp_path / "p.html")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "--enable-logging=stderr"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in done.stderr, done.stderr[-2000:]
    assert 'id="tables"' in done.stdout and 'id="scenario"' in done.stdout
    left, middle, right = (float(one) for one in re.findall(r'<circle cx="([0-9.]+)"', done.stdout))
    assert middle - left == pytest.approx(right - middle)


def test_a_directory_without_points_is_refused(tmp_path):
    with pytest.raises(Refused, match="the study has no points yet"):
        study_page(tmp_path)
