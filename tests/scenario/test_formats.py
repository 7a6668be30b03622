"""Number formats that do not go together are refused at the key that is to be changed."""

import numpy as np
import pytest

from sim.scenario.formats import Formats, too_long
from sim.scenario.models import Compute
from tests.scenario.conftest import MODEL

LARGEST = 128


@pytest.mark.parametrize(
    ("formats", "values", "key", "remedy"),
    [
        ({}, 8, "compute.values_per_packet", "8 fp32 values take 256 bits, the largest payload of a packet has 128"),
        ({"inputs": "fp16"}, 16, "compute.values_per_packet", "set 8 or less"),
        ({"events_per_packet": 4}, 4, "formats.events_per_packet", "4 pairs of unit and fp32 values take 192 bits"),
        ({"events": "fp16", "events_per_packet": 8}, 4, "formats.events_per_packet", "set 4 or less"),
        ({"events": "int8", "events_per_packet": 8}, 4, "formats.events_per_packet", "set 4 or less"),
        ({"packing": "block", "events_per_packet": 8}, 4, "formats.events_per_packet", "8 neighbouring fp32 values"),
        ({"events": "fp16", "packing": "block", "events_per_packet": 16}, 4, "formats.events_per_packet", "set 8"),
    ],
)
def test_more_than_a_packet_holds_is_refused(formats, values, key, remedy):
    (complaint,) = too_long(Formats(**formats), values, LARGEST)
    assert complaint.path == key
    assert remedy in complaint.problem


@pytest.mark.parametrize(
    ("formats", "values"),
    [
        ({}, 4),
        ({"inputs": "fp16"}, 8),
        ({"inputs": "int8"}, 16),
        ({"events_per_packet": 2}, 1),
        ({"events": "fp16", "events_per_packet": 4}, 1),
        ({"events": "int8", "events_per_packet": 4}, 1),
        ({"packing": "block", "events_per_packet": 4}, 1),
        ({"events": "fp16", "packing": "block", "events_per_packet": 8}, 1),
        ({"events": "int8", "packing": "block", "events_per_packet": 16}, 1),
    ],
)
def test_what_fits_is_not(formats, values):
    assert list(too_long(Formats(**formats), Compute(values_per_packet=values).values_per_packet, LARGEST)) == []
    assert list(too_long(Formats(**formats), values, LARGEST // 4 - 1)) != []


def test_16_bits_of_index_reach_65536_columns_and_only_rows_need_them(said):
    def asked(units, kernel="csr_rows", indices=16):
        text = MODEL.replace("[4, 6, 4]", f"[4, {units}, 4]")
        return said(f"{text}formats: {{indices: {indices}}}\ncompute: {{kernel: {kernel}}}\n")

    assert asked(65_536) == asked(65_537, "event_columns") == asked(65_537, indices=32) == []
    (line,) = asked(65_537)
    assert line.startswith("s.yaml:7:11: formats.indices: 16 bits tell 65536 columns apart, and a matrix has 65537")


def test_trained_weights_are_judged_by_the_shapes_in_their_file(said, tmp_path):
    units = 65_537
    np.savez(tmp_path / "in.npz", x=np.zeros((2, units), np.float32))
    shapes = {"W": (units, 3), "R": (1, 3), "bx": (3,), "br": (3,), "thr": (1,)}
    np.savez(tmp_path / "net.npz", **{f"L0/{name}": np.zeros(shape, np.float32) for name, shape in shapes.items()})
    text = "name: v\nworkload: {kind: vectors, weights: net.npz, inputs: in.npz}\n"
    assert said(text) == []
    (line,) = said(text + "formats: {indices: 16}\n")
    assert line.startswith("s.yaml:3:11: formats.indices: 16 bits tell 65536")


@pytest.mark.parametrize("wrong", ["weights: fp16", "indices: 8", "indices: 16.0", "events: bf16", "packing: none"])
def test_other_formats_there_are_none(said, wrong):
    (line,) = said(f"{MODEL}formats: {{{wrong}}}\n")
    assert f"formats.{wrong.split(':')[0]}" in line


def test_the_mac_array_wants_bytes(said):
    asked = f"{MODEL}compute: {{kernel: mac_array}}\nformats: {{weights: int8, events: fp16}}\n"
    (line,) = said(asked)
    assert line.startswith("s.yaml:7:11: compute.kernel: mac_array multiplies 8-bit numbers only")
    assert "formats.inputs (fp32), formats.events (fp16)" in line and "formats.weights" not in line
    assert said(asked.replace("events: fp16", "events: int8, inputs: int8")) == []
