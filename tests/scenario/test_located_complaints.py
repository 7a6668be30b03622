"""Files to documents, and what is said about values that do not fit, each at its line."""

import pytest

from sim.scenario.complaints import Complaint, Refused
from sim.scenario.document import Document, read
from sim.scenario.models import Scenario
from sim.scenario.validate import validate


def refusal(path):
    with pytest.raises(Refused) as caught:
        read(path)
    return [str(complaint).replace(f"{path.parent}/", "") for complaint in caught.value.complaints]


def test_a_missing_file_is_told_with_the_nearest_name(write):
    path = write("name: x", "smoke.yaml")
    assert refusal(path.with_name("smok.yaml")) == ["smok.yaml: no such file, did you mean 'smoke.yaml'?"]


def test_a_missing_directory_is_told(tmp_path):
    (line,) = refusal(tmp_path / "no" / "s.yaml")
    assert "no such file, nor its directory" in line


def test_a_directory_is_no_scenario(tmp_path):
    (tmp_path / "here").mkdir()
    assert refusal(tmp_path / "here") == ["here: is a directory, expected a file"]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "s.yaml:1:1: the file is empty, expected keys and values such as 'name: my_run'"),
        (b"# only this\n", "s.yaml:1:1: the file is empty, expected keys and values such as 'name: my_run'"),
        (b"- a\n", "s.yaml:1:1: expected keys and values such as 'name: my_run', got a list of 1"),
        (b"hello\n", "s.yaml:1:1: expected keys and values such as 'name: my_run', got text 'hello'"),
        (b"\x89PNG\r\n\x1a\n\x00", "s.yaml:1:1: byte 0x89 is not UTF-8; expected a text file"),
        (b"a: 1\nname: caf\xe9\n", "s.yaml:2:10: byte 0xe9 is not UTF-8; expected a text file"),
        (b"\xff\xfea\x00", "s.yaml:1:1: byte 0xff is not UTF-8; expected a text file"),
        (b"a: \x00", "s.yaml:1:4: character 0x00 is not allowed in YAML; is this a text file?"),
    ],
)
def test_a_file_that_holds_no_keys_is_told_with_its_place(write, content, line):
    assert refusal(write(content)) == [line]


def test_a_byte_order_mark_and_windows_lines_do_no_harm(write):
    assert read(write(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")).data == {"a": 1, "b": 2}


def test_a_complaint_is_placed_at_the_nearest_key_above_it(tmp_path):
    marks = {(): (1, 1), ("a",): (2, 1), ("a", "b"): (3, 3)}
    document = Document(tmp_path / "s.yaml", {}, marks, frozenset({("a", "c")}))
    refused = Refused(
        [
            Complaint("a.b[2].x", "1"),
            Complaint("a.q", "2"),
            Complaint("z", "3"),
            Complaint("a.c.d", "4"),
            Complaint("--out", "5"),
            Complaint("a.b", "6", "other", 7, 8),
        ]
    )
    found = [(c.file.replace(f"{tmp_path}/", ""), c.line, c.column) for c in document.located(refused).complaints]
    assert found == [
        ("s.yaml", 3, 3),
        ("s.yaml", 2, 1),
        ("s.yaml", 1, 1),
        ("--set", 0, 0),
        ("", 0, 0),
        ("other", 7, 8),
    ]


def test_a_document_that_fits_becomes_the_model(write):
    assert validate(read(write("name: t\nworkload: {kind: traffic, rate: 1}\n")), Scenario).workload.rate == 1.0


def test_every_wrong_value_is_told_at_its_line_in_order(said):
    text = """\
name: two words
seed: -1
sed: 3
machine: {chips: true, override: 3}
network:
  virtual_channels: 9
  multicast: tre
  buffer_flits: 8 flits
  allow_deadlock: yes
compute:
mapping: {pes_per_layer: 50}
workload:
  kind: language_model
  weights: {synthetic: {layers: [3, 1.5, 0], sparsity: 1, activity: [0.1, .nan], vocabulary: 1e6}}
  text: 3
  txt: words.txt
"""
    assert [line.split(" (")[0] for line in said(text)] == [
        "s.yaml:1:1: name: text 'two words' has characters that cannot be used",
        "s.yaml:2:1: seed: -1 is too small, expected 0 or more",
        "s.yaml:3:1: sed: unknown key, did you mean 'seed'?",
        "s.yaml:4:11: machine.chips: expected a whole number, got true",
        "s.yaml:4:24: machine.override: expected keys and values, got 3",
        "s.yaml:6:3: network.virtual_channels: 9 is too large, expected 8 or less",
        "s.yaml:7:3: network.multicast: text 'tre' is not known, expected one of: event_router, tree, "
        "unicast, did you mean 'tree'?",
        "s.yaml:8:3: network.buffer_flits: expected a whole number, got text '8 flits'; write the number "
        "alone, without unit, quotes or '_'",
        "s.yaml:9:3: network.allow_deadlock: expected true or false, got text 'yes'",
        "s.yaml:10:1: compute: expected keys and values, got nothing",
        "s.yaml:11:11: mapping.pes_per_layer: expected a list, got 50",
        "s.yaml:14:37: workload.weights.synthetic.layers[1]: expected a whole number, got 1.5",
        "s.yaml:14:42: workload.weights.synthetic.layers[2]: 0 is too small, expected 1 or more",
        "s.yaml:14:46: workload.weights.synthetic.sparsity: 1 is too large, expected less than 1",
        "s.yaml:14:75: workload.weights.synthetic.activity[1]: expected a finite number, got nan",
        "s.yaml:14:82: workload.weights.synthetic.vocabulary: expected a whole number, got 1000000.0; write 1000000",
        "s.yaml:15:3: workload.text: expected text, got 3; put it in quotes to make it text",
        "s.yaml:16:3: workload.txt: unknown key, did you mean 'text'?",
    ]


def test_a_complaint_tells_meaning_unit_and_range(said, traffic_text):
    (line,) = said(traffic_text.replace("0.1", "1.5"))
    assert line == (
        "s.yaml:2:27: workload.rate: 1.5 is too large, expected 1 or less "
        "(offered load in flits per node and cycle, 0 to 1; not used by trace)"
    )


@pytest.mark.parametrize(
    ("workload", "line"),
    [
        (
            "{rate: 1}",
            "2:1: workload.kind: is missing, expected one of: gesture, language_model, memory, replay, statistical, "
            "traffic, vectors",
        ),
        (
            "{kind: trafic}",
            "2:12: workload.kind: text 'trafic' is not known, expected one of: language_model, vectors, "
            "gesture, statistical, replay, traffic, memory, did you mean 'traffic'?",
        ),
        ("{kind: [a]}", "2:12: workload.kind: a list of 1 is not known, expected one of"),
        ("4", "2:1: workload: expected keys and values, got 4"),
        ("{kind: traffic, rate: 1e999}", "2:27: workload.rate: expected a finite number, got inf"),
        ("{kind: traffic, rate: 1" + "0" * 39 + "}", "2:27: workload.rate: 1000"),
        (
            "{kind: traffic, rate: '0.1'}",
            "2:27: workload.rate: expected a number, got text '0.1'; write",
        ),
        ("{kind: traffic, rate: 0.1, warmup_us: 3}", "2:38: workload.warmup_us: unknown key"),
    ],
)
def test_a_workload_that_is_none_is_one_complaint(said, workload, line):
    (found,) = said(f"name: x\nworkload: {workload}\n")
    assert found.startswith(f"s.yaml:{line}")


@pytest.mark.parametrize("value", ["true", "1.0", "'1'", "3", "[1]"])
def test_a_choice_of_numbers_takes_only_those_numbers(said, traffic_text, value):
    (line,) = said(f"{traffic_text}compute: {{values_per_packet: {value}}}\n")
    assert line.startswith("s.yaml:3:11: compute.values_per_packet: ")


def test_faults_of_writing_and_of_meaning_are_told_together(said, model_text):
    text = model_text + "seed: 1\nseed: 2\nsync: {schedule: pipelind}\n" + "1: x\n"
    assert [line.split(": ")[1] for line in said(text)] == [
        "seed",
        "sync.schedule",
        "a key must be a word; '1' would need quotes",
    ]
