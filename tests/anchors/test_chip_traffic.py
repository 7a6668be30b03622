"""What links between chips will carry is told before a run, and the run carries it."""

from itertools import product

import numpy as np
import pytest

from sim.anchors.runs import SCENARIOS
from sim.hardware.packing import Packing
from sim.machine.machine import PacketFormat
from sim.mapping.said import blocks, pairs, sized
from sim.report.result import Result
from sim.scenario.formats import Formats
from sim.scenario.load import load
from sim.simulate import run
from sim.simulate.foreseen import chip_traffic, mapped, outline, told_before
from sim.simulate.setting import Setting

UNITS, STEPS = (24, 18, 12), 3
BOARD = {"machine": {"topology": "spinnaker2_board", "chips": 5}, "mapping": {"pes_per_layer": [9, 6, 4]}}
SMALL = {"machine.chips": 3, "workload.layers": [60, 60, 60, 60], "mapping.pes_per_layer": [20, 20, 20]}


@pytest.fixture
def replayed(tmp_path):
    """A scenario that replays events: each unit fires once, in one of the steps."""
    rng = np.random.default_rng(5)
    steps = np.arange(STEPS)[:, np.newaxis]
    np.savez(
        tmp_path / "events.npz", **{f"L{n}": rng.integers(0, STEPS, size) == steps for n, size in enumerate(UNITS)}
    )
    path = tmp_path / "replayed.yaml"
    path.write_text("name: replayed\nworkload: {kind: replay, events: events.npz, inputs: 10}\n")
    return path


@pytest.mark.parametrize(
    "how",
    [
        {"mapping.chips": "spread"},
        {"mapping.chips": "spread", "sync.protocol": "markers", "sync.schedule": "pipelined"},
        {"mapping.chips": "layer_per_chip", "sync.protocol": "tree"},
        {"mapping.chips": "cut", "mapping.place": "snake"},
        {"mapping.chips": "spread", "network.multicast": "tree"},
        {"mapping.chips": "spread", "network.multicast": "unicast", "sync.protocol": "markers"},
        {"mapping.chips": "spread", "network.multicast": "unicast", "compute.values_per_packet": 4},
        {"mapping.chips": "spread", "sync.protocol": "timer", "sync.period_us": 300},
        {"mapping.chips": "spread", "formats.events": "fp16", "machine.override.links.payload_bits": 72},
    ],
    ids=lambda how: " ".join(map(str, how.values())),
)
def test_traffic_of_recorded_events_is_foreseen_exactly_link_by_link(ran, replayed, how):
    links = ran(replayed, BOARD | how).table("chip_link")
    assert links["packets"].sum() > 100
    assert links["foreseen_packets_per_step"] * STEPS == pytest.approx(links["packets"])
    assert links["foreseen_bits_per_step"] * STEPS == pytest.approx(links["bits"])


def test_traffic_of_drawn_events_is_foreseen_within_a_tenth(ran):
    result = ran("board48", SMALL | {"workload.steps": 40})
    told = result.summary["chips"]["estimate"]
    assert told["activity"] == "stated"
    for what in ("packets_per_step", "bits_per_step", "busiest_link_packets_per_step", "busiest_link_bits_per_step"):
        assert told[f"carried_{what}"] == pytest.approx(told[what], rel=0.1)
    links = result.table("chip_link")
    crossed = links["packets"] > 40 * 5
    assert crossed.any()
    assert links["foreseen_packets_per_step"][crossed] * 40 == pytest.approx(links["packets"][crossed], rel=0.2)
    assert told["busiest_link"] == result.summary["chips"]["busiest_link"]


def test_links_that_send_again_carry_more_bits_as_foreseen(ran):
    noisy = SMALL | {"workload.steps": 40, "machine.override.links.error_rate": 0.3}
    told = ran("board48", noisy).summary["chips"]["estimate"]
    assert told["carried_bits_per_step"] == pytest.approx(told["bits_per_step"], rel=0.1)
    assert told["bits_per_step"] > 1.3 * 96 * told["packets_per_step"]


@pytest.mark.parametrize(
    ("scenario", "settings"),
    [
        ("board48", SMALL | {"workload.steps": 1}),
        ("lm_eight_chips", {"workload.weights.synthetic.layers": [48, 72, 72, 48], "mapping.pes_per_layer": [9, 9, 9]}),
        ("lm_two_chips", {}),
    ],
)
def test_what_is_told_without_a_run_is_what_the_run_says_was_foreseen(ran, scenario, settings):
    told = told_before(*load(SCENARIOS / f"{scenario}.yaml", settings))
    assert told is not None
    short = {} if scenario == "board48" else {"workload.tokens": 1}
    links = ran(scenario, settings | short).table("chip_link")
    assert told.links == tuple(links["name"])
    assert told.foreseen.packets.tolist() == links["foreseen_packets_per_step"].tolist()
    assert told.foreseen.bits.tolist() == links["foreseen_bits_per_step"].tolist()


def test_a_run_tells_it_beforehand_and_one_of_a_single_chip_has_nothing_to_tell(tmp_path):
    told = []
    for chips in (2, 1):
        settings = {"machine.chips": chips, "workload.tokens": 1}
        run(SCENARIOS / "lm_two_chips.yaml", settings, tmp_path / str(chips), before=told.append)
    (forecast,) = told
    links = Result(tmp_path / "2").table("chip_link")
    assert forecast.links == tuple(links["name"])
    assert forecast.foreseen.packets.tolist() == links["foreseen_packets_per_step"].tolist()


def test_where_nobody_states_the_activity_the_estimate_is_a_bound(ran):
    chips = ran("lm_two_chips", {"workload.tokens": 4}).summary["chips"]
    assert chips["estimate"]["activity"] == "all units fire"
    assert 0 < chips["estimate"]["carried_packets_per_step"] < chips["estimate"]["packets_per_step"]


@pytest.mark.parametrize("packing", ["pairs", "block"])
@pytest.mark.parametrize("together", [2, 4])
def test_packets_of_several_events_are_foreseen_as_the_mean_over_all_that_can_fire(packing, together):
    formats = Formats(events="int8", packing=packing, events_per_packet=together)
    share, units, found = 0.3, 5, {}
    for fired in product((0, 1), repeat=units):
        chance = np.prod([share if one else 1 - share for one in fired])
        for content in Packing(formats).contents(np.array(fired, np.float32)):
            found[content.bits] = found.get(content.bits, 0) + chance
    rule = pairs if packing == "pairs" else blocks
    expected = rule(units, together, formats.event_bits, share)
    assert {bits: count for bits, count in expected.items() if count} == pytest.approx(found)


def test_a_packet_takes_the_smallest_payload_that_holds_it():
    assert sized({32: 2.0, 20: 1.0, 65: 4.0}, PacketFormat()) == {72: 3.0, 168: 4.0}


def test_a_full_board_uses_all_of_its_processing_elements_and_no_link_is_near_its_rate():
    scenario, document = load(SCENARIOS / "board48.yaml", {})
    setting = Setting.of(scenario, document)
    layers = outline(scenario)
    assert layers is not None
    (mapping,) = mapped(setting, layers, None)
    used = {piece.pe for piece in mapping.slices} | {mapping.scheduler_pe, *mapping.deputies}
    assert used == set(range(48 * 152))
    assert sum(piece.units for piece in mapping.slices) >= 40_000
    told = chip_traffic(setting, layers, [mapping], None)
    assert told is not None
    assert 0 < told.line_ps[told.busiest] < 100_000_000  # 0.1 ms of line for a step, which takes several times that


@pytest.mark.slow
def test_a_full_board_runs_and_carries_what_was_foreseen(ran):
    summary = ran("board48").summary
    assert summary["completed"]
    assert all(summary["books"].values())
    scheduler, deputies = 1, 48
    assert summary["pe"]["used"] + scheduler + deputies == summary["pe"]["available"] == 48 * 152
    told = summary["chips"]["estimate"]
    assert told["carried_packets_per_step"] == pytest.approx(told["packets_per_step"], rel=0.05)
    assert told["carried_bits_per_step"] == pytest.approx(told["bits_per_step"], rel=0.05)
    assert not any("FIFO" in warning for warning in summary["warnings"])
