"""A network over many chips computes what it computes on one, to the last bit, whatever its mapping and protocol."""

from pathlib import Path

import pytest

from sim.anchors.many_chips import SIZES, every_way
from sim.anchors.runs import Runs
from sim.report.result import Result
from sim.simulate import run

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"

TRAINED = {"machine.topology": "spinnaker2_board", "workload.tokens": 2, "mapping.pes_per_layer": [8, 9, 8]}
WAYS = [
    (2, "spread", "markers"),
    (2, "layer_per_chip", "tree"),
    (8, "spread", "barrier"),
    (8, "cut", "markers"),
    (8, "fill", "barrier"),
    (48, "layer_per_chip", "tree"),
    (48, "cut", "markers"),
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """What a run of the trained model with such settings put out."""

    def of(**settings) -> Result:
        asked = TRAINED | {key.replace("__", "."): value for key, value in settings.items()}
        return Result(run(SCENARIOS / "lm_trained.yaml", asked, out=tmp_path_factory.mktemp("chips")))

    return of


@pytest.fixture(scope="module")
def alone(outputs):
    return outputs(machine__chips=1)


def test_one_chip_of_a_board_runs_as_the_chip_does(outputs, alone):
    chip = outputs(machine__topology="spinnaker2_chip", machine__chips=None)
    for section in ("time", "network", "energy", "critical_path", "sync"):
        assert chip.summary[section] == alone.summary[section]


@pytest.mark.parametrize(("number", "chips", "protocol"), WAYS)
def test_the_outputs_are_those_of_one_chip(outputs, alone, number, chips, protocol):
    result = outputs(machine__chips=number, mapping__chips=chips, sync__protocol=protocol)
    assert result.summary["workload"]["outputs_sha256"] == alone.summary["workload"]["outputs_sha256"]
    assert all(result.summary["books"].values())
    assert result.summary["chips"]["packets_crossed"] > 0
    assert (result.summary["chips"]["used"] == 1) == (chips == "fill")


@pytest.mark.parametrize(
    "settings",
    [
        {"network__multicast": "unicast", "mapping__pes_per_layer": [3, 4, 3]},
        {"network__multicast": "tree", "machine__override.links": {"buffer_packets": 2}},
        {"network__engine": "ideal"},
        {"sync__protocol": "markers", "sync__schedule": "pipelined"},
        {"workload__embedding": "dram"},
        {"machine__clock_drift_ppm": 100.0},
        {"machine__override.links": {"error_rate": 0.2, "buffer_packets": 2}},
        {"network__chip_links": {"full": "drop", "reinject": True}, "machine__override.links": {"timeout_ns": 1}},
    ],
    ids=["unicast", "tree", "ideal", "pipelined", "dram", "drift", "broken links", "put back"],
)
def test_nor_do_links_or_ways_change_them(outputs, alone, settings):
    result = outputs(machine__chips=3, mapping__chips="spread", **settings)
    assert result.summary["workload"]["outputs_sha256"] == alone.summary["workload"]["outputs_sha256"]


def test_meshes_that_copy_carry_fewer_flits_than_event_routers_send(outputs):
    hops = [
        outputs(machine__chips=2, mapping__chips="spread", network__multicast=how).summary["network"]["flit_hops"]
        for how in ("tree", "event_router", "unicast")
    ]
    assert hops == sorted(set(hops))


def test_links_take_their_part_of_the_critical_path(outputs):
    short, long = (
        outputs(machine__chips=2, mapping__chips="spread", **{"machine__override.links.latency_ns": latency})
        for latency in (100, 2000)
    )
    assert 0 < short.summary["critical_path"]["link_s"] < long.summary["critical_path"]["link_s"]
    assert short.summary["time"]["total_s"] < long.summary["time"]["total_s"]


@pytest.mark.slow
def test_every_partition_and_protocol_on_every_size_gives_the_outputs_of_one_piece(tmp_path):
    rows = list(every_way(Runs(tmp_path, print)))
    assert {row.verdict for row in rows} == {"ok"}
    assert [row.published for row in rows] == [9] * 4
    assert all(f"on {chips} chip" in row.note for row, chips in zip(rows, SIZES, strict=True))
