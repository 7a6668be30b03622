"""What is told of a run adds up: packets hop by hop, the Perfetto file by rules of its own, predictions when run."""

import gzip
import json
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sim.measure.critical_path import PART_OF
from sim.report.names import instant, packet_called, unit_called
from sim.report.packet_view import hops_of, packet_view, way_of
from sim.report.path_views import critical_path, step_view
from sim.report.perfetto import content, estimated_bytes, write
from sim.report.result import Result
from sim.report.trace_views import between, busiest, timeline
from sim.report.verdict import SAYS, slowest, step_times, verdict
from sim.report.what_if import BALANCE, COMPUTE, CONTENTION, LINKS, guesses, what_if
from sim.scenario.complaints import Refused
from sim.simulate import run

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
EVER = 1 << 62


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """Runs with a trace: the smallest run, by each way of multicast, and traffic near saturation."""
    crowded = {"workload.warmup_cycles": 50, "workload.measure_cycles": 100, "workload.rate": 0.35}
    asked = {
        "router": ("smoke", {}),
        "tree": ("smoke", {"network.multicast": "tree", "sync.protocol": "markers", "workload.tokens": 3}),
        "unicast": ("smoke", {"network.multicast": "unicast", "workload.tokens": 3}),
        "traffic": ("traffic_uniform", crowded),
        "chips": ("smoke", {"machine": {"topology": "spinnaker2_board", "chips": 2}, "workload.tokens": 2}),
        "ideal": ("smoke", {"network.engine": "ideal", "workload.tokens": 2}),
        "lossy": ("smoke", {"network.receive_fifo": {"policy": "drop", "packets": 1}, "workload.tokens": 3}),
        "memory": ("memory_port", {"workload.warmup_cycles": 50, "workload.measure_cycles": 300}),
    }
    out = tmp_path_factory.mktemp("traced")
    return {
        name: Result(run(SCENARIOS / f"{scenario}.yaml", overrides, out / name, trace=True))
        for name, (scenario, overrides) in asked.items()
    }


@pytest.mark.parametrize("name", ["router", "tree", "unicast", "traffic", "chips", "ideal", "lossy"])
def test_waits_and_hops_of_a_packet_sum_to_its_latency_in_the_table(traced, name):
    result = traced[name]
    packets = result.sql("SELECT packet, time_sent_ps AS sent, latency_ps FROM packet WHERE receivers > 0 LIMIT 90")
    kinds = set()
    arrived = 0
    for packet, sent, latency in zip(*packets.values(), strict=True):
        hops = hops_of(result, int(packet), int(sent))
        if latency is np.ma.masked:
            assert way_of(hops, None)[-1].out == max(hop.out for hop in hops)
            continue
        arrived += 1
        way = way_of(hops, int(sent) + int(latency))
        assert way[0].came == sent and all(one.out == after.came for one, after in pairwise(way))
        assert sum(hop.waited for hop in way) + sum(hop.out - hop.granted for hop in way) == latency
        assert all(hop.waited >= 0 for hop in way)
        kinds.update(hop.kind for hop in way)
    assert ("lookup" in kinds, "chip link" in kinds) == (
        name in ("router", "chips", "ideal", "lossy"),
        name == "chips",
    )
    assert 0 < arrived < len(packets["packet"]) if name == "lossy" else arrived == len(packets["packet"])
    (told,) = [line for line in packet_view(result, int(packets["packet"][0])) if line.startswith("waits")]
    waited, moved, whole, table = map(int, re.findall(r"(\d+) ps", told))
    assert waited + moved == whole == table


def test_a_unit_has_its_timeline_by_any_of_its_names(traced):
    result = traced["router"]
    names = {unit_called(result, said) for said in ("(1,1).1", "pe(1,1).1", "chip0.pe(1,1).1")}
    assert names == {"(1,1).1"}
    told = timeline(result, "(1,1).1", 0, EVER)
    assert any("compute" in line for line in told) and any("host input#0 (events of step 0)" in line for line in told)
    with pytest.raises(Refused, match=r"--unit: no unit is called '\(1,1\).7', did you mean '\(1,1\)"):
        unit_called(result, "(1,1).7")


def test_a_packet_has_a_number_and_a_name(traced):
    result = traced["router"]
    assert packet_called(result, "(1,1).1#0") == packet_called(result, str(packet_called(result, "pe(1,1).1#0")))
    for said, why in (("seven", "is no packet"), ("(1,1).1#9999", "was recorded")):
        with pytest.raises(Refused, match=why):
            packet_called(result, said)


def test_instants_have_units():
    assert [instant(said, "") for said in ("10us", "2.5 ms", "800ns", "3ps", "1s")] == [
        10**7,
        2_500_000_000,
        800_000,
        3,
        10**12,
    ]
    with pytest.raises(Refused, match="is no instant"):
        instant("10", "--between")


def test_steps_and_the_run_are_told_in_words(traced):
    result = traced["router"]
    step = slowest(result)
    assert step == 0 and step_times(result)[0] == max(step_times(result).values())
    took = f"{step_times(result)[0] / 1e6:,.3f}".replace(".", r"\.")
    words = rf"step 0 took {took} us, \d\.\d\d x the median: PE \(\d,\d\)\.\d of layer \d had .* % compute"
    assert re.match(words, verdict(result, 0))
    whole = str(round(result.summary["time"]["total_s"] * 1e12))
    assert any(line.startswith("sum") and whole in line for line in critical_path(result))
    assert step_view(result, 2)[0].startswith("step 2 took")
    assert busiest(result)[0] == "busiest PEs" and "activities" in between(result, 10**8, 2 * 10**8)
    with pytest.raises(Refused, match="no step 99 was finished; there are 6"):
        step_view(result, 99)


def test_every_activity_on_a_path_has_words():
    assert set(SAYS) == set(PART_OF)


def events_of(path):
    with gzip.open(path, "rt") as file:
        data = json.load(file)["traceEvents"]
    return [event for event in data if event["ph"] != "M"], [event for event in data if event["ph"] == "M"]


@pytest.mark.parametrize(
    ("name", "most"),
    [("router", 10**9), ("router", 100_000), ("ideal", 10**9), ("chips", 10**9), ("chips", 60_000), ("memory", 10**9)],
)
def test_the_perfetto_file_is_monotone_balanced_and_every_arrow_hangs_on_slices(traced, tmp_path, name, most):
    """Read with rules of its own: one slice at a time on a track, and one under way where an arrow begins or ends."""
    shown = content(traced[name], 0, EVER)
    paths = write(shown, tmp_path / "t.json.gz", most)
    assert (len(paths) > 1) is (most < 10**6)
    slices = flows = size = 0
    for path in paths:
        events, named = events_of(path)
        times = [event["ts"] for event in events]
        assert times == sorted(times)
        threads = {(event["pid"], event["tid"]) for event in named if event["name"] == "thread_name"}
        depth, ends = defaultdict(int), defaultdict(list)
        for event in events:
            track = event["pid"], event.get("tid")
            if event["ph"] in "BE":
                assert track in threads
                depth[track] += 1 if event["ph"] == "B" else -1
                assert depth[track] in (0, 1)
                slices += event["ph"] == "B"
            elif event["ph"] in "sf":
                assert depth[track] == 1
                ends[event["id"]].append((event["ph"], event["ts"]))
        assert not any(depth.values())
        assert all([kind for kind, _ in pair] == ["s", "f"] and pair[0][1] <= pair[1][1] for pair in ends.values())
        flows += len(ends)
        size += len(gzip.decompress(path.read_bytes()))
    assert slices >= len(shown.slices) and (slices == len(shown.slices) or len(paths) > 1)
    assert flows == len(shown.flows) or len(paths) > 1
    assert size == pytest.approx(estimated_bytes(shown), rel=0.15)
    assert {event["ph"] for event in events} <= set("BECsf")


def test_a_run_without_trace_says_how_to_make_one(traced, tmp_path):
    plain = Result(run(SCENARIOS / "smoke.yaml", {"workload.tokens": 1}, tmp_path / "r"))
    with pytest.raises(Refused, match=r"record one with run\.py --trace"):
        content(plain, 0, EVER)
    assert "recorded with --trace" in timeline(plain, "(1,1).1", 0, EVER)[0]


BOARD = {"machine": {"topology": "spinnaker2_board", "chips": 4}, "mapping.chips": "spread"}


@pytest.mark.parametrize(
    ("scenario", "overrides"),
    [
        ("smoke", {"network.multicast": "unicast", "workload.tokens": 3}),
        ("smoke", BOARD | {"workload.tokens": 2}),
        ("smoke", {"compute.kernel": "event_columns", "workload.tokens": 3}),
        ("lm_two_chips", {"workload.tokens": 2}),
    ],
)
def test_what_the_path_predicts_is_what_a_run_with_it_takes(scenario, overrides, tmp_path):
    """What is gained is foreseen within 5 %, or 0.02 % of the run's time: PEs go on at edges of their clocks only."""
    result = Result(run(SCENARIOS / f"{scenario}.yaml", overrides, tmp_path / "r"))
    whole = round(result.summary["time"]["total_s"] * 1e12)
    found = {one.change: one for one in guesses(result)}
    assert list(found) == [LINKS, CONTENTION, COMPUTE, BALANCE]
    for change in (LINKS, COMPUTE):
        one = found[change]
        assert one.found < whole
        assert whole - one.predicted == pytest.approx(whole - one.found, rel=0.05, abs=2e-4 * whole)
    assert abs(found[CONTENTION].error) < 0.001
    assert abs(found[BALANCE].error) < 0.01 and found[BALANCE].predicted <= whole


def test_what_cannot_be_run_says_why(tmp_path):
    streamed = {"mapping.weights": "dram", "workload.tokens": 1}
    result = Result(run(SCENARIOS / "smoke.yaml", streamed, tmp_path / "r"))
    lines = what_if(result)
    assert any(line.startswith("perfect balance") and "cannot be run" in line for line in lines)
    assert "compute.balance: 'perfect' asked" in lines[-1]


def test_what_is_not_on_the_path_changes_nothing(traced, tmp_path):
    """DRAM serves nobody here, and the event router nobody in unicast."""
    overrides = {"network.multicast": "unicast", "workload.tokens": 3}
    faster = {"machine.override.dram.controller_clocks": 1, "machine.override.event_router.clock_mhz": 800}
    again = Result(run(SCENARIOS / "smoke.yaml", overrides | faster, tmp_path / "r"))
    assert again.summary["time"] == traced["unicast"].summary["time"]
    assert again.summary["critical_path"] == traced["unicast"].summary["critical_path"]
