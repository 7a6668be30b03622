"""Traffic studies of several chips against what the links between them can carry, and what cannot be studied."""

from pathlib import Path

import numpy as np
import pytest

from sim.report.packet_view import packet_view
from sim.report.page_maps import maps
from sim.scenario.complaints import Refused
from sim.study.run import run_study

STUDIES = Path(__file__).resolve().parents[2] / "scenarios" / "studies"
LINK_PER_S = 1e9 / 16
"""Packets a second over a link of a board: 96 bits in 16 ns."""
CLOCK_HZ = 300e6
CHIPS = {"machine": {"topology": "spinnaker2_board", "chips": 2}, "workload.warmup_cycles": 300}
CHIPS |= {"workload.measure_cycles": 2000}


def trace(path, packets):
    """A file with (cycle, source, destinations), and the settings that have it sent."""
    lines = [f"{cycle},{source},{' '.join(map(str, goals))}" for cycle, source, goals in packets]
    path.write_text("\n".join(["time_cycles,source,destinations", *lines]), encoding="utf-8")
    return CHIPS | {"workload.pattern": "trace", "workload.trace": str(path)}


@pytest.fixture
def pipe(tmp_path):
    """16 PEs of chip 0 each send a packet to chip 1 every 40 cycles: 1.92 x what the link carries."""
    rng = np.random.default_rng(1)
    return trace(
        tmp_path / "pipe.csv",
        [(cycle + node, node, [152 + rng.integers(152)]) for cycle in range(0, 2400, 40) for node in range(16)],
    )


def test_a_pipe_of_two_chips_in_saturation_delivers_62_5_million_packets_a_second(ran, pipe):
    result = ran("traffic_uniform", pipe)
    accepted = result.table("node")["accepted_rate"]
    assert accepted[:152].sum() == 0
    assert accepted[152:].sum() * CLOCK_HZ == pytest.approx(LINK_PER_S, rel=2 / 416)
    links = result.table("chip_link")
    assert links["demand_share"].tolist() == pytest.approx([16 / 40 * CLOCK_HZ / LINK_PER_S, 0])
    assert links["use_share"].tolist() == pytest.approx([1, 0], abs=0.003)
    (warning,) = (text for text in result.summary["warnings"] if "saturated" in text)
    assert "link chip0->chip1 (between chips) is offered 1.92 x its capacity" in warning
    assert result.summary["traffic"]["saturated"] and result.summary["chips"]["packets_crossed"] == 960
    assert result.summary["critical_path"]["link_s"] > 0


def test_packets_of_two_link_packets_halve_what_a_pipe_delivers(ran, pipe):
    accepted = ran("traffic_uniform", pipe | {"workload.payload_bits": 128}).table("node")["accepted_rate"]
    assert accepted.sum() * CLOCK_HZ == pytest.approx(LINK_PER_S / 2, rel=2 / 208)


@pytest.mark.parametrize("share", [0.7, 1.2, 2.0])
def test_uniform_traffic_between_two_chips_is_borne_up_to_what_the_links_carry_and_no_further(ran, share):
    """Half of what a chip's nodes send crosses the one link that leaves it: the bound of the bisection."""
    bound = 2 * LINK_PER_S / 152 / CLOCK_HZ
    result = ran("traffic_uniform", CHIPS | {"workload.rate": share * bound})
    said, links = result.summary["traffic"], result.table("chip_link")
    assert all(result.summary["books"].values()) and links["use_share"].max() <= 1
    assert said["saturated"] == (share > 1)
    if share < 1:
        assert said["accepted_rate"] == pytest.approx(said["offered_rate"], rel=0.05)
        return
    assert links["use_share"].min() > 0.98
    worst = links["name"][np.argmax(links["demand_share"])]
    assert f"link {worst} (between chips) is offered" in result.summary["warnings"][0]


@pytest.mark.slow
def test_the_shipped_study_finds_what_the_bisection_of_two_chips_bears(tmp_path):
    fewer = {"axes": {"machine.chips": [2], "workload.rate": [0.001]}, "workload.measure_cycles": 3000}
    (found,) = run_study(STUDIES / "latency_load_chips.yaml", fewer, tmp_path / "out", 1).thresholds
    assert found.together.mean == pytest.approx(2 * LINK_PER_S / 152 / CLOCK_HZ, rel=0.12)


def test_every_link_of_a_patch_carries_its_rate_at_most(ran):
    short = {"machine.chips": 3, "workload.rate": 0.01, "workload.measure_cycles": 300}
    result = ran("traffic_uniform", CHIPS | short)
    assert 0.95 < result.table("chip_link")["use_share"].max() <= 1
    assert result.summary["books"]["use_at_most_one"] and result.summary["traffic"]["saturated"]


def test_what_a_link_drops_is_counted_and_told(ran, pipe):
    impatient = {"machine.override": {"links": {"buffer_packets": 1, "timeout_ns": 300}}}
    result = ran("traffic_uniform", pipe | impatient | {"network.chip_links": {"full": "drop"}})
    network = result.summary["network"]
    assert network["packets_lost"] > 50
    assert network["packets_delivered"] + network["packets_lost"] == network["packets_sent"]
    assert "packets were lost" in result.summary["warnings"][0]
    again = ran("traffic_uniform", pipe | impatient | {"network.chip_links": {"full": "drop", "reinject": True}})
    assert again.summary["network"]["packets_lost"] == 0 < again.summary["chips"]["reinjected"]


def test_a_study_of_chips_can_be_looked_into(ran, pipe):
    result = ran("traffic_uniform", pipe | {"workload.measure_cycles": 60, "trace": {}})
    board = maps(result)["board"]
    assert [chip["packets_in"] for chip in board["chips"]] == [0, board["links"][0]["packets"]]
    crossed = result.sql("SELECT packet FROM passage WHERE unit = 'chip0->chip1' ORDER BY packet")["packet"]
    shown = "\n".join(packet_view(result, int(crossed[0])))
    assert "chip0->chip1" in shown and "chip1.event router" in shown


@pytest.mark.parametrize("chips", [1, 3])
def test_packets_to_many_cost_the_less_the_later_they_are_copied(ran, tmp_path, chips):
    rng, nodes = np.random.default_rng(2), 152 * chips
    sent = [(node, node, rng.choice(nodes, 8, replace=False).tolist()) for node in range(0, nodes, 16)]
    asked = trace(tmp_path / "many.csv", sent) | {"machine.chips": chips, "workload.warmup_cycles": 0}
    ways = ("tree", "event_router", "unicast")
    all_three = [ran("traffic_uniform", asked | {"network.multicast": how}).summary for how in ways]
    assert [said["network"]["packets_delivered"] for said in all_three] == 3 * [8 * len(sent)]
    hops = [said["network"]["flit_hops"] for said in all_three]
    assert hops == sorted(set(hops))
    if chips > 1:
        trees, routers, apart = (said["chips"] for said in all_three)
        assert trees["link_packets"] == routers["link_packets"] < apart["link_packets"]
        assert trees["router_entries_max"] == routers["router_entries_max"] > 0 == apart["router_entries_max"]


def test_without_contention_a_link_may_be_asked_for_more_than_it_has(ran, tmp_path):
    crowd = [(0, node, [152 + node % 8]) for node in range(152)]
    asked = trace(tmp_path / "crowd.csv", crowd) | {"workload.warmup_cycles": 0, "workload.measure_cycles": 300}
    said = ran("traffic_uniform", asked | {"network.engine": "ideal"}).summary
    assert said["network"]["packets_delivered"] == 152 and all(said["books"].values())


def test_every_pattern_on_numbers_can_be_had_on_several_chips(ran):
    short = {"workload.warmup_cycles": 0, "workload.measure_cycles": 100, "workload.rate": 0.02}
    for pattern in ("tornado", "hotspot", "bursty"):
        asked = {"workload.pattern": pattern, "workload.hotspots": {"chip1.(1,1).0": 50}}
        said = ran("traffic_uniform", CHIPS | short | asked).summary
        assert all(said["books"].values()) and said["network"]["packets_lost"] == 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"workload.pattern": "bit_reverse"}, "power of two of nodes, the machine has 304"),
        ({"workload.pattern": "transpose"}, "square number of nodes, the machine has 304"),
        ({"workload.payload_bits": 48}, "48 asked, packets of .* have 0, 32, 64, 128"),
        ({"machine.clock_drift_ppm": 10}, "counts the cycles of one clock"),
        ({"machine.clock_skew_us": 1}, "all chips begin at once"),
        (
            {"machine.chips": 96, "network.chip_links": {"virtual_channels": 1}},
            r"can deadlock: chip\d+->chip\d+ waits for",
        ),
    ],
)
def test_what_cannot_be_had_is_refused(ran, asked, words):
    with pytest.raises(Refused, match=words):
        ran("traffic_uniform", CHIPS | asked)
