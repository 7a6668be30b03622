"""Whatever a user gets wrong ends in readable messages, at the line where it stands, and leaves nothing behind."""

import re

import numpy as np
import pytest

SYNTHETIC = "{synthetic: {layers: [16, 32, 16], sparsity: 0.5, activity: 0.2, vocabulary: 100}}"
NOT_A_NUMBER = np.full((4, 12), np.nan, np.float32)

IN_THE_FILE = {
    "wrong key": ("mapping: {pes", "maping: {pes", r"7:1: maping: unknown key, did you mean 'mapping'\?"),
    "wrong type": ("tokens: 4", "tokens: many", r"6:3: workload\.tokens: expected a whole number, got text 'many'"),
    "wrong unit": ("tokens: 4", "tokens: 4 us", r"6:3: workload\.tokens: .*write the number alone, without unit"),
    "out of range": ("0.5,", "1.5,", r"4:47: workload\.weights\.synthetic\.sparsity: 1\.5 is too large"),
    "missing text": ("words.txt", "wrds.txt", r"5:3: workload\.text: .*no such file, did you mean 'words\.txt'\?"),
    "missing weights": (SYNTHETIC, "ne.npz", r"4:3: workload\.weights: .*no such file, did you mean 'net\.npz'\?"),
    "no such machine": (
        "mapping:",
        "machine: {topology: spinaker}\nmapping:",
        r"7:11: machine\.topology: no machine 'spinaker'",
    ),
    "too many PEs": (
        SYNTHETIC + "\n  text: words.txt\n  tokens: 4\nmapping: {pes_per_layer: [2, 2]}",
        SYNTHETIC.replace("16, 32, 16", "160, 160, 160")
        + "\n  text: words.txt\n  tokens: 4\nmapping: {pes_per_layer: [100, 100]}",
        r"7:\d+: mapping\.pes_per_layer.*: .*200.*15[12]",
    ),
    "more PEs than units": ("[2, 2]", "[2, 17]", r"7:\d+: mapping\.pes_per_layer\[1\]: .*17 PEs.* 16 units"),
    "too big for a PE": (
        "[16, 32, 16], sparsity: 0.5",
        "[16, 600, 16], sparsity: 0.1",
        r"7:\d+: mapping\.pes_per_layer.*: layer 1 units 0-299.* bytes of SRAM .*\d+ PEs would hold",
    ),
    "small vocabulary": ("vocabulary: 100", "vocabulary: 3", r"4:\d+: workload\.weights\.synthetic\.vocabulary: 3 "),
    "no router": (
        "mapping:",
        "network: {multicast: event_router}\nmachine: {topology: mesh}\nmapping:",
        r"7:11: network\.multicast: 'event_router' asked, but mesh has none; expected tree or unicast",
    ),
    "no DRAM": (
        "mapping:",
        "network: {multicast: tree}\nmachine: {topology: mesh}\nmapping:",
        r"3:3: workload\.embedding: 'dram' asked, but mesh has no DRAM; expected host",
    ),
    "no words": ("words.txt", "empty.txt", r"5:3: workload\.text: .*the file has no word in it"),
    "too few words": ("tokens: 4", "tokens: 40", r"6:3: workload\.tokens: 40 asked, but .* has 10 tokens"),
    "repeated key": ("tokens: 4", "tokens: 4\n  tokens: 5", r"7:3: workload\.tokens: "),
    "no YAML": ("mapping: {", "mapping: [", r"7:\d+: "),
}


def assert_refused(ended, tmp_path, message):
    assert (ended.code, ended.out) == (2, "")
    assert re.search(message, ended.err), ended.err
    assert not (tmp_path / "results").exists()
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize("error", IN_THE_FILE)
def test_an_error_in_the_file_is_told_at_its_line(tool, write, tmp_path, error):
    old, new, message = IN_THE_FILE[error]
    path = write(old, new)
    (tmp_path / "empty.txt").write_text("\n\n")
    if error == "no DRAM":
        path.write_text(path.read_text().replace("kind: language_model", "kind: language_model\n  embedding: dram"))
        message = message.replace("3:3", "4:3")
    ended = tool("run.py", path, "--out", "there")
    assert_refused(ended, tmp_path, f"^{re.escape(str(path))}:{message}")
    assert all(line.startswith(f"{path}:") for line in ended.err.splitlines())
    assert len(ended.err.splitlines()) <= 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"net": {"L0/R": np.zeros((4, 11), np.float32)}}, r"array 'L0/R' has shape \(4, 11\), expected \(4, 12\)"),
        ({"net": {"L0/R": NOT_A_NUMBER}}, r"array 'L0/R' has nan at index \(0, 0\) \(48 such values\)"),
        ({"net": {"L0/W": np.zeros((3, 12), np.int64)}}, r"array 'L0/W' has type <i8, expected float32"),
        ({"net": {"L0/thr": np.full(4, -1, np.float32)}}, r"array 'L0/thr' has -1\.0 at index 0, expected thresholds"),
    ],
)
def test_wrong_weights_are_told_at_the_key_that_names_them(tool, vectors, tmp_path, changed, message):
    path = vectors(**changed)
    ended = tool("run.py", path)
    assert_refused(ended, tmp_path, rf"^{re.escape(str(path))}:4:3: workload\.weights: {tmp_path}/net\.npz: {message}")


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((5, 4), np.float32), "array 'x' has 4 columns, but the first layer has 3 inputs"),
        (np.full((5, 3), np.inf, np.float32), r"array 'x' has inf at index \(0, 0\)"),
        (np.ones(3, np.float32), r"array 'x' is <f4 \(3,\), expected float32 \(steps, inputs\)"),
    ],
)
def test_wrong_inputs_are_told_at_the_key_that_names_them(tool, vectors, tmp_path, x, message):
    path = vectors(x=x)
    assert_refused(tool("run.py", path), tmp_path, rf"^{re.escape(str(path))}:5:3: workload\.inputs: .*{message}")


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("mapping.plce=snake", r"mapping\.plce: unknown key, did you mean 'place'\?"),
        ("network.buffer_flits=8kB", r"network\.buffer_flits: .*write the number alone, without unit"),
    ],
)
def test_an_error_in_a_setting_is_told_as_such(tool, write, tmp_path, setting, message):
    assert_refused(tool("run.py", write(), "--set", setting), tmp_path, f"^--set: {message}")


def test_what_a_setting_makes_impossible_is_told_where_it_stands_in_the_file(tool, write, tmp_path):
    path = write("mapping: {", "sync: {schedule: pipelined}\nmapping: {")
    settings = ["--set", "workload.mode=generate", "--set", "workload.generate.prompt_tokens=2"]
    message = r"7:8: sync\.schedule: pipelined needs all inputs beforehand"
    assert_refused(tool("run.py", path, *settings), tmp_path, f"^{re.escape(str(path))}:{message}")


def test_all_errors_are_told_at_once(tool, write, tmp_path):
    path = write("tokens: 4", "tokens: four\n  txt: x")
    ended = tool("run.py", path, "--set", "sed=1")
    assert_refused(ended, tmp_path, "")
    assert len(ended.err.splitlines()) == 3


@pytest.mark.parametrize(("name", "message"), [("no.yaml", "no such file"), (".", "is a directory")])
def test_a_scenario_that_is_not_there_is_told(tool, tmp_path, name, message):
    assert_refused(tool("run.py", name), tmp_path, message)


def test_an_output_directory_in_use_is_refused_and_left_alone(tool, write, tmp_path):
    used = tmp_path / "used"
    used.mkdir()
    (used / "letter.txt").write_text("dear")
    ended = tool("run.py", write(), "--out", used)
    assert_refused(ended, tmp_path, rf"^--out: {used} is not empty and no result is overwritten")
    assert [file.name for file in used.iterdir()] == ["letter.txt"]


def test_a_token_beyond_the_embedding_is_refused():
    from sim.scenario.complaints import Refused
    from sim.workload.language_model import SeededEmbedding

    with pytest.raises(Refused, match=r"workload\.text: token 7 is out of range: the embedding has rows 0 to 6"):
        SeededEmbedding(7, 3, 1).row(7)
