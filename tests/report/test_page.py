"""The page of a result is one file with everything in it, and works in a browser that cannot reach anybody."""

import html
import json
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from sim.report.page_data import page_data
from sim.report.page_file import write_page
from sim.report.paper_figures import draw_figures
from sim.report.result import Result
from sim.simulate import run

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

HEAR = """<script>
window.errors = [];
window.addEventListener("error", event => window.errors.push(String(event.message)));
document.addEventListener("securitypolicyviolation", event => window.errors.push("blocked " + event.blockedURI));
</script>"""
CHECK = r"""<script>
const said = () => document.getElementById("said").textContent;
const found = { before: said(), sections: [...document.querySelectorAll("section")].map(one => one.id) };
const slider = document.getElementById("step");
found.steps = Number(slider.max);
slider.value = 2;
slider.dispatchEvent(new Event("input"));
found.after = said();
found.shapes = document.querySelectorAll("#maps rect title").length;
found.facts = [...document.querySelectorAll(".fact button")].map(one => one.textContent);
const tip = one => document.getElementById(one.getAttribute("aria-describedby"));
found.tips = [...document.querySelectorAll(".fact button")].every(one => tip(one).textContent.length > 20);
document.querySelector(".fact button").focus();
found.tip = getComputedStyle(document.querySelector(".fact .tip")).display;
const table = document.getElementById("table");
table.value = [...table.options].findIndex(one => one.textContent.startsWith("pe "));
table.dispatchEvent(new Event("change"));
const heading = [...document.querySelectorAll("#tables th button")].find(one => one.textContent === "compute_s");
heading.click(); heading.click();
const column = [...document.querySelectorAll("#tables th")].indexOf(heading.parentElement);
found.sorted = [...document.querySelectorAll("#tables tbody tr")]
  .filter(one => one.children.length > 1).map(one => Number(one.children[column].title));
found.direction = heading.parentElement.getAttribute("aria-sort");
const paper = getComputedStyle(document.body).backgroundColor;
document.getElementById("theme").click();
found.themes = [paper, getComputedStyle(document.body).backgroundColor];
const path = document.getElementById("pathstep");
path.value = 1; path.dispatchEvent(new Event("change"));
found.verdict = document.getElementById("verdict").textContent;
found.reachable = [...document.querySelectorAll("button, select, input, [tabindex]")].every(one => one.tabIndex >= 0);
found.wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
found.numbers = [1370.2, 1000.4, 1200, 0.50001, 12.3456, 0, 34567.8, 1e-7, 1.25e-7].map(short);
const figures = [...document.querySelectorAll("svg")];
found.figures = figures.length;
const off = one => Math.abs(one.getBoundingClientRect().width - one.viewBox.baseVal.width);
found.scaled = figures.filter(one => off(one) > 1).length;
const left = one => one.getBoundingClientRect().left;
found.cut = [...document.querySelectorAll("svg text")].filter(one => left(one) < left(one.ownerSVGElement) - 1)
  .map(one => one.textContent);
found.silent = figures.filter(one => {
  const said = one.closest("figure").querySelector(".said"), heard = [];
  for (const key of ["ArrowRight", "End"]) {
    one.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    heard.push(said.textContent);
  }
  return !heard.every(text => /[0-9]/.test(text)) || !one.querySelector(".mark.at");
}).map(one => one.getAttribute("aria-label"));
found.undefined = /undefined|NaN|Infinity|\[object/.test(document.body.innerText);
found.requests = performance.getEntriesByType("resource").map(one => one.name);
found.errors = window.errors;
document.body.append(Object.assign(document.createElement("pre"), { id: "found", textContent: JSON.stringify(found) }));
</script>"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    out = tmp_path_factory.mktemp("page")
    return Result(run(SCENARIOS / "smoke.yaml", {}, out / "r", trace=True))


@pytest.fixture(scope="module")
def page(ran):
    return write_page(page_data(ran), ran.path / "report.html")


def opened(page, directory, *options):
    """What the check finds when the page is opened in a browser; skipped where there is none."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip("no Chromium here to open the page in; Debian has one in the package chromium")
    text = page.read_text(encoding="utf-8")
    checked = directory / "checked.html"
    checked.write_text(text.replace("<head>", f"<head>{HEAR}", 1).replace("</body>", f"{CHECK}</body>", 1))
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom"]
    command += [f"--user-data-dir={directory / 'profile'}", "--enable-logging=stderr", *options, checked.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    dump = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert dump, done.stderr[-2000:]
    assert "CONSOLE" not in done.stderr, done.stderr[-2000:]
    return json.loads(html.unescape(dump[1]))


@pytest.mark.parametrize(("width", "theme"), [(1280, ()), (400, ("--force-dark-mode",))])
def test_the_page_works_in_a_browser_without_asking_anybody(page, tmp_path, width, theme):
    found = opened(page, tmp_path, f"--window-size={width},900", *theme)
    assert found["errors"] == [] and found["requests"] == []
    expected = ["headline", "maps", "distributions", "resources", "path", "tables", "scenario"]
    assert found["sections"] == expected
    assert (found["before"], found["after"], found["steps"]) == ("the whole run", "step 1", 6)
    assert found["shapes"] > 300 and found["figures"] >= 9
    assert found["scaled"] == 0 and found["cut"] == found["silent"] == [] and not found["undefined"]
    assert len(found["facts"]) > 12
    assert found["tips"] and found["tip"] == "block"
    assert found["direction"] == "descending"
    assert len(found["sorted"]) == 152 and found["sorted"] == sorted(found["sorted"], reverse=True)
    assert found["numbers"] == ["1370", "1000", "1,200", "0.5", "12.35", "0", "34,568", "1e-7", "1.25e-7"]
    assert found["themes"][0] != found["themes"][1]
    assert found["verdict"].startswith("step 0 took") and found["reachable"] and not found["wide"]


def test_chips_stand_on_the_page_as_on_their_board(tmp_path):
    board = {"machine": {"topology": "spinnaker2_board", "chips": 7}, "mapping.chips": "spread", "workload.tokens": 2}
    result = Result(run(SCENARIOS / "smoke.yaml", board, tmp_path / "r"))
    data = page_data(result)["board"]
    places = [(one["x"], one["y"]) for one in data["chips"]]
    assert len(set(places)) == 7 and len(data["links"]) >= 6
    for one in data["links"]:
        (x, y), (to_x, to_y) = places[one["source_chip"]], places[one["target_chip"]]
        assert (to_x - x, to_y - y) in {(1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1)}
    assert sum(one["packets"] for one in data["links"]) == result.summary["chips"]["packets_crossed"] > 0
    found = opened(write_page(page_data(result), tmp_path / "p.html"), tmp_path)
    assert found["errors"] == [] and "board" in found["sections"] and not found["wide"]


def test_nothing_in_the_page_leads_out_of_it(page):
    text = page.read_text(encoding="utf-8")
    outside = re.findall(r"https?://[^\s\"'<>]+", text)
    assert set(outside) <= {"http://www.w3.org/2000/svg"}  # the name of SVG, which nobody looks up
    assert "default-src 'none'" in text and "@import" not in text and "url(" not in text


def test_the_page_has_the_numbers_of_the_result(ran, page):
    data = json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', page.read_text(), re.DOTALL)[1])
    values = {fact["name"]: fact["value"] for fact in data["facts"]}
    assert values["time.total_s"] == ran.summary["time"]["total_s"]
    assert values["energy.total_j"] == ran.summary["energy"]["total_j"]
    busy = next(one for one in data["metrics"] if one["label"] == "PE busy")
    assert [frame["label"] for frame in busy["frames"]] == ["the whole run", *[f"step {step}" for step in range(6)]]
    times = ran.sql("SELECT (compute_s + receive_s + send_s + sync_s) AS busy FROM pe")["busy"]
    busiest = 100 * times.max() / ran.summary["time"]["total_s"]
    used = [value for value in busy["frames"][0]["values"] if value is not None]
    assert len(used) == 7 and max(used) == pytest.approx(busiest, rel=0.01)
    whole = data["path"][0]["spans"]
    assert whole[-1]["end"] == round(ran.summary["time"]["total_s"] * 1e12) and all(
        a["end"] == b["start"] for a, b in pairwise(whole)
    )
    assert sum(data["bars"][0]["items"][i]["value"] for i in range(len(data["bars"][0]["items"]))) == pytest.approx(
        ran.summary["energy"]["total_j"]
    )


def test_text_in_a_result_cannot_end_the_data(tmp_path):
    page = write_page({"title": "</script><b>x", "warnings": ["</script>"]}, tmp_path / "p.html").read_text()
    assert page.count("</script>") == 2 and "<title>&lt;/script&gt;" in page


def test_a_traffic_study_has_a_page_too(tmp_path):
    short = {"workload.warmup_cycles": 20, "workload.measure_cycles": 50}
    result = Result(run(SCENARIOS / "traffic_uniform.yaml", short, tmp_path / "t"))
    data = page_data(result)
    assert data["metrics"] and {one["name"] for one in data["facts"]} >= {"traffic.offered_rate"}
    assert write_page(data, tmp_path / "p.html").stat().st_size > 20_000


@pytest.mark.parametrize("ending", [".svg", ".png"])
def test_each_figure_can_be_had_on_its_own(ran, tmp_path, ending):
    made = draw_figures(ran, tmp_path / "figures", ending)
    energy = {"energy_by_part", "energy_by_phase"}
    times = {"time_step", "latency_packet"}
    assert {path.stem for path in made} == {"link_use", "critical_path", "memory", "pe_busy", *energy, *times}
    if ending == ".svg":
        texts = {path.stem: path.read_text() for path in made}
        assert "time of a step [us]" in texts["time_step"] and "SRAM in use [KiB]" in texts["memory"]
