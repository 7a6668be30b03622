"""The machine tool as a person runs it."""

import subprocess
import sys

import pytest

from sim.scenario.places import TOPOLOGIES

TOOL = TOPOLOGIES.parent / "tools" / "machine.py"


def run(*arguments, cwd=TOPOLOGIES.parent):
    return subprocess.run([sys.executable, str(TOOL), *map(str, arguments)], cwd=cwd, capture_output=True, text=True)


def test_it_prints_the_site_map_the_counts_and_every_basis(tmp_path):
    done = run(
        "spinnaker2_chip",
        "--draw",
        tmp_path / "chip.svg",
        "--graphml",
        tmp_path / "chip.graphml",
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "   4    4   4   4   R   4   4   M\n   3    4   4   4   R   4   4   M\n" in done.stdout
    assert "42 sites, 38 sites with PEs, 152 PEs, 142 links, 6 event router ports, 2 DRAM ports" in done.stdout
    assert "costs.csr_nonzero_cycles" in done.stdout
    assert "arXiv 2312.09084" in done.stdout
    assert (tmp_path / "chip.svg").exists()
    assert (tmp_path / "chip.graphml").exists()


def test_a_setting_changes_the_machine():
    done = run("mesh", "--set", "grid.width=16", "--set", "sites.plain=[[15, 7]]")
    assert done.returncode == 0
    assert "128 sites, 127 sites with PEs, 127 PEs, 464 links" in done.stdout


def test_a_path_counts_from_the_current_directory(tmp_path):
    (tmp_path / "mine.yaml").write_text((TOPOLOGIES / "mesh.yaml").read_text().replace("name: mesh", "name: mine"))
    assert run("mine.yaml", cwd=tmp_path).stdout.startswith("mine: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mehs"], "TOPOLOGY: no machine 'mehs', did you mean 'mesh'?"),
        (["./no.yaml"], "no such file"),
        (["mesh", "--set", "noc.hop_cycles=0"], "--set: noc.hop_cycles: 0 is too small"),
        (["mesh", "--set", "noc.hop=1"], "--set: noc.hop: unknown key"),
        (["mesh", "--set", "noc.hop_cycles"], "has no '='"),
        (["mesh", "--draw", "x.bmp"], "--draw: cannot draw to 'x.bmp'"),
    ],
)
def test_wrong_input_is_one_readable_line_and_exit_code_2(arguments, words):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_cannot_be_written_is_exit_code_1(tmp_path):
    done = run("mesh", "--graphml", tmp_path / "nowhere" / "mesh.graphml")
    assert done.returncode == 1
    assert "No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr
