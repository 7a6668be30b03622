"""Everything that can be wrong with a topology is told in one sentence at the right key and line."""

import subprocess
import sys

import pytest

from sim.machine.description import read_topology
from sim.scenario.complaints import Refused
from sim.scenario.document import read
from sim.scenario.places import TOPOLOGIES

CHIP = TOPOLOGIES / "spinnaker2_chip.yaml"
POWER = {"sleep_mw": 1, "active_mw": 2, "mac_pj": 0.5}


def complaints(document, override=None):
    with pytest.raises(Refused) as refused:
        read_topology(document, override)
    return refused.value.complaints


def changed(tmp_path, old, new):
    """The chip's file with one piece of text replaced, and the line that piece is in."""
    text = CHIP.read_text()
    assert text.count(old) == 1
    path = tmp_path / "changed.yaml"
    path.write_text(text.replace(old, new))
    return read(path), text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("override", "path", "problem"),
    [
        (
            {"noc": {"clock_mhz": -300}},
            "noc.clock_mhz",
            "-300 is too small, expected more than 0 (router clock in MHz)",
        ),
        ({"noc": {"hop_cycle": 4}}, "noc.hop_cycle", "unknown key, did you mean 'hop_cycles'?"),
        ({"noc": {"hop_cycles": 2.5}}, "noc.hop_cycles", "expected a whole number, got 2.5"),
        ({"noc": {"hop_cycles": 0}}, "noc.hop_cycles", "0 is too small"),
        ({"noc": {"hop_cycles": True}}, "noc.hop_cycles", "expected a whole number, got true"),
        ({"noc": {"clock_mhz": float("inf")}}, "noc.clock_mhz", "expected a finite number"),
        ({"noc": {"clock_mhz": "300 MHz"}}, "noc.clock_mhz", "expected a number, got text '300 MHz'"),
        ({"noc": None}, "noc", "expected keys and values, got nothing"),
        ({"rooter": {"a": 1}}, "rooter", "unknown key"),
        ({"grid": {"width": 100_000}}, "grid.width", "expected 256 or less"),
        ({"grid": {"origin": 2}}, "grid.origin", "expected one of: 0, 1"),
        ({"grid": {"torus": 1}}, "grid.torus", "expected true or false, got 1"),
        ({"host": {"site": [8, 1]}}, "host.site", "site (8,1) is outside the grid of x 1 to 7, y 1 to 6"),
        ({"host": {"site": [0, 0]}}, "host.site", "site (0,0) is outside the grid"),
        ({"host": {"site": [1]}}, "host.site[1]", "is missing"),
        ({"host": {"site": "middle"}}, "host.site", "expected a list"),
        ({"sites": {"plain": [[4, 3]]}}, "sites.plain[0]", "site (4,3) is taken by sites.event_router[0]"),
        ({"sites": {"plain": [[1, 1], [1, 1]]}}, "sites.plain[1]", "site (1,1) is taken by sites.plain[0]"),
        ({"sites": {"memory": [[7, 9]]}}, "sites.memory[0]", "site (7,9) is outside the grid"),
        ({"sites": {"memory": []}}, "sites.memory", "no site for the memory ports"),
        ({"sites": {"event_router": []}}, "sites.event_router", "no site for the event router"),
        ({"sites": {"pes_per_site": 0}}, "sites.pes_per_site", "0 is too small, expected 1 or more"),
        ({"energy": {"uncore_mw": -1}}, "energy.uncore_mw", "-1 is too small"),
        ({"energy": {"pe": {"lo": POWER}}}, "energy.pe.lo", "no operating point of that name, did you mean 'low'?"),
        ({"energy": {"pe": {"low": {"sleep_mw": 5}}}}, "energy.pe.low.sleep_mw", "5 mW is above active_mw of 2.299"),
        ({"energy": {"host_idle_w": 61}}, "energy.host_idle_w", "61 W is above host_busy_w of 60"),
        ({"sram": {"code_bytes": 131_072}}, "sram.code_bytes", "no room for data in total_bytes 131072"),
        (
            {"packets": {"payload_bits": [0, 256]}},
            "packets.payload_bits",
            "make 296 bits, but noc.flit_bits is 192",
        ),
        ({"packets": {"payload_bits": [64, 32]}}, "packets.payload_bits", "[64, 32]: sizes must rise"),
        ({"packets": {"payload_bits": []}}, "packets.payload_bits", "too short"),
        ({"dram": {"dma_bytes_per_s": 4e9}}, "dram.dma_bytes_per_s", "4e+09 bytes/s is above the 3.2e+09"),
        ({"dram": {"rows": 65535}}, "dram.rows", "65535 is no power of two"),
        ({"dram": {"burst_length": 2048}}, "dram.burst_length", "expected an even part of the 1024 columns"),
        ({"dram": {"data_bits": 15}}, "dram.data_bits", "bursts of 240 bits: expected whole packets of 128 bits"),
        ({"dram": {"address_order": "rochraba"}}, "dram.address_order", "expected ro, ch, ra, ba, bg, co"),
        ({"dram": {"timing": {"cl": 0}}}, "dram.timing.cl", "0 is too small"),
        (
            {"dram": {"timing": {"refi": 296}}},
            "dram.timing.refi",
            "one takes rfc, 224, and closing and opening rows 72",
        ),
        (
            {"dram": {"scheduling": "fcfs", "timing": {"refi": 320}}},
            "dram.timing.refi",
            "one takes rfc, 224, and closing and opening rows 128",
        ),
        ({"costs": {"event_cycles": {"low": 101}}}, "costs.event_cycles.low", "101 is above the value 100"),
        ({"costs": {"event_cycles": {"high": 99}}}, "costs.event_cycles.high", "99 is below the value 100"),
        (
            {"costs": {"event_cycles": {"basis": "guessed"}}},
            "costs.event_cycles.basis",
            "derived, fitted, assumed",
        ),
        (
            {"costs": {"event_cycles": {"value": 1, "hihg": 2}}},
            "costs.event_cycles.hihg",
            "did you mean 'high'?",
        ),
        ({"operating_points": {"mid": {"voltage_v": 0.6}}}, "operating_points.mid.clock_mhz", "is missing"),
    ],
)
def test_a_wrong_override_is_told_at_its_key_without_a_place(override, path, problem):
    (complaint,) = complaints(read(CHIP), override)
    assert complaint.path == f"machine.override.{path}"
    assert problem in complaint.problem
    assert (complaint.file, complaint.line) == ("", 0)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("{value: 400, basis", "{value: -400, basis", "event_router.clock_mhz.value"),
        ("{value: 400, basis: measured", "{value: 400, bassis: measured", "event_router.clock_mhz.bassis"),
        ("  engines:", "  enginse:", "event_router.enginse"),
        ("torus: false", "torus: 'no'", "grid.torus"),
        ("[[7, 3], [7, 4]]", "[[7, 3], [7, 7]]", "sites.memory.value[1]"),
        ("[[7, 3], [7, 4]]", "[[7, 3], [4, 4]]", "sites.memory.value[1]"),
        ("site: {value: [1, 1]", "site: {value: [1, 0]", "host.site"),
    ],
)
def test_a_wrong_file_is_told_at_its_line(tmp_path, old, new, path):
    document, line = changed(tmp_path, old, new)
    told = {complaint.path: complaint for complaint in complaints(document)}
    assert (told[path].file, told[path].line) == (str(document.path), line)


def test_an_operating_point_without_its_power_is_told():
    (complaint,) = complaints(read(CHIP), {"operating_points": {"mid": {"voltage_v": 0.6, "clock_mhz": 200}}})
    assert complaint.path == "energy.pe" and "nothing for the operating point 'mid'" in complaint.problem


def test_all_complaints_come_at_once():
    override = {"noc": {"clock_mhz": 0, "flit_cycles": 0}, "sites": {"pes_per_site": 65}}
    told = [complaint.path.removeprefix("machine.override.") for complaint in complaints(read(CHIP), override)]
    assert sorted(told) == ["noc.clock_mhz", "noc.flit_cycles", "sites.pes_per_site"]


def test_a_smaller_grid_is_told_at_the_sites_that_no_longer_fit():
    told = complaints(read(CHIP), {"grid": {"width": 5}})
    assert [complaint.path for complaint in told] == ["sites.memory.value[0]", "sites.memory.value[1]"]
    assert all(complaint.file == str(CHIP) and complaint.line for complaint in told)


def test_a_machine_without_any_processing_element_is_refused(tmp_path):
    path = tmp_path / "mesh.yaml"
    path.write_text((TOPOLOGIES / "mesh.yaml").read_text())
    override = {"grid": {"width": 1, "height": 1}, "sites": {"plain": [[0, 0]]}}
    (complaint,) = complaints(read(path), override)
    assert complaint.path == "sites"
    assert "all 1 sites are special" in complaint.problem


def test_reading_a_topology_needs_neither_networkx_nor_numpy():
    code = "import sys, sim.machine.description; print({'networkx', 'numpy', 'matplotlib'} & set(sys.modules))"
    root = str(TOPOLOGIES.parent)
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
