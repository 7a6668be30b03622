"""The checker knows what the machine has: what a run would refuse for want of it is refused without a run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LARGE = ("[16, 32, 16]", "[160, 160, 160]")
MESH = "machine: {topology: mesh}"


def lines_of(ended) -> list[str]:
    assert (ended.code, ended.out) == (2, "")
    return ended.err.splitlines()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("mapping: {pes_per_layer: [100, 53]}", r"153 PEs asked, spinnaker2_chip has 152; ask for fewer, or set"),
        ("mapping: {pes_per_layer: [100, 52]}", r"all 152 PEs of spinnaker2_chip asked, and the scheduler of the"),
        (
            "mapping: {pes_per_layer: [20, 153], sharing: shared}",
            r"153 PEs asked, spinnaker2_chip has 152; ask for fewer$",
        ),
    ],
)
def test_more_pes_than_there_are_are_refused(tool, write, keys, message):
    path = write("mapping: {pes_per_layer: [2, 2]}", keys)
    path.write_text(path.read_text().replace(*LARGE))
    (line,) = lines_of(tool("check.py", path))
    assert re.search(rf"^{re.escape(str(path))}:7:11: mapping\.pes_per_layer: {message}", line)


@pytest.mark.parametrize(
    "keys",
    [
        "mapping: {pes_per_layer: [100, 51]}",
        "mapping: {pes_per_layer: [100, 52]}\nsync: {protocol: markers}",
        "mapping: {pes_per_layer: [100, 52]}\nsync: {protocol: timer}",
        "mapping: {pes_per_layer: [151, 151], sharing: shared}",
        "mapping: {pes_per_layer: [100, 90]}\nmachine: {override: {sites: {pes_per_site: 8}}}",
    ],
)
def test_as_many_pes_as_there_are_are_not(tool, write, keys):
    path = write("mapping: {pes_per_layer: [2, 2]}", keys)
    path.write_text(path.read_text().replace(*LARGE))
    ended = tool("check.py", path)
    assert (ended.code, ended.err) == (0, "")


def test_parts_that_the_machine_lacks_are_all_told(tool, write):
    path = write("mapping:", f"network: {{multicast: event_router}}\n{MESH}\nmapping:")
    path.write_text(path.read_text().replace("  tokens: 4", "  tokens: 4\n  embedding: dram\n  decoder: dram"))
    path.write_text(path.read_text().replace("[2, 2]", "[2, 2, 2]"))
    assert lines_of(tool("check.py", path)) == [
        f"{path}:7:3: workload.embedding: 'dram' asked, but mesh has no DRAM; expected host",
        f"{path}:8:3: workload.decoder: 'dram' asked, but mesh has no DRAM; expected host",
        f"{path}:9:11: network.multicast: 'event_router' asked, but mesh has none; expected tree or unicast",
    ]


def test_weights_cannot_come_from_a_memory_that_is_not_there(tool, write):
    path = write("mapping: {", f"network: {{multicast: tree}}\n{MESH}\nmapping: {{weights: dram, ")
    (line,) = lines_of(tool("check.py", path))
    assert line.endswith("mapping.weights: mesh has no DRAM to stream weights from; set mapping.weights: sram")


@pytest.mark.parametrize(
    "change", [f"network: {{multicast: event_router}}\n{MESH}", "mapping: {pes_per_layer: [2, 200]}"]
)
def test_what_is_refused_here_a_run_refuses_too(tool, write, change):
    path = write("mapping: {pes_per_layer: [2, 2]}", change)
    path.write_text(path.read_text().replace("[16, 32, 16]", "[160, 32, 320]"))
    path.write_text(path.read_text().replace("  tokens: 4", "  tokens: 4\n  decoder: none"))
    checked, run = (tool(name, path) for name in ("check.py", "run.py"))
    keys = [[line.split(": ")[1] for line in lines_of(ended)] for ended in (checked, run)]
    assert keys[0] == keys[1] and len(keys[0]) == 1


def test_the_checker_loads_nothing_heavy():
    program = f"""
import runpy, sys
sys.argv = ["check.py", {str(ROOT / "scenarios/lm_one_chip.yaml")!r}]
try:
    runpy.run_path({str(ROOT / "tools/check.py")!r}, run_name="__main__")
except SystemExit as ended:
    print([name for name in ("numpy", "simpy", "networkx", "duckdb", "rich") if name in sys.modules], ended.code)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[] 0"


def test_what_links_between_chips_will_carry_is_told(tool):
    told = tool("check.py", ROOT / "scenarios" / "lm_eight_chips.yaml")
    assert told.code == 0
    assert re.search(
        r"^over links between chips, at the activity stated: \S+ kpackets, \S+ kbit a step; "
        r"most over chip\d+->chip\d+: \d+ packets, \S+ kbit$",
        told.out.splitlines()[-1],
    )
    trained = tool("check.py", ROOT / "scenarios" / "lm_two_chips.yaml")
    assert "over links between chips, at most, if all units fire: " in trained.out
    assert "chips" not in tool("check.py", ROOT / "scenarios" / "smoke.yaml").out


def test_a_mapping_that_cannot_be_had_on_several_chips_is_refused_at_its_line(tool):
    path = ROOT / "scenarios" / "lm_eight_chips.yaml"
    (line, *_) = lines_of(tool("check.py", path, "--set", "mapping.pes_per_layer=[10, 200, 100]"))
    assert "mapping.pes_per_layer[0]: layer 1 units " in line
    assert "10" in line
