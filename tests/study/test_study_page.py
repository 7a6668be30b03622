"""The page of a study has its curves with error bars, the knee, and every point."""

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


def test_a_directory_without_points_is_refused(tmp_path):
    with pytest.raises(Refused, match="the study has no points yet"):
        study_page(tmp_path)
