"""A trace is what happened: it changes no number, adds up, stays small, and keeps what was asked for."""

import builtins
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.kernel import Kernel
from sim.engine.packet import Packet
from sim.measure import trace
from sim.measure.trace_keep import FirstLoss
from sim.measure.trace_store import Block
from sim.report.result import Result
from sim.scenario.complaints import Refused
from sim.scenario.load import load
from sim.simulate import run, watching
from sim.simulate.setting import Setting
from sim.simulate.traffic_run import TrafficRun
from sim.simulate.watching import Unheard, cost_of_tracing, cost_of_watching
from tests.golden.test_whole_runs import numbers

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
TRACED = ["span", "packet", "hop", "passage", "wake", "level"]
SHORT = {"workload.warmup_cycles": 50, "workload.measure_cycles": 150, "workload.rate": 0.3}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    made: dict = {}

    def ran(scenario="smoke", overrides=None, shuffle=None, tracing=True) -> Result:
        key = scenario, repr(overrides), shuffle, tracing
        if key not in made:
            path = SCENARIOS / f"{scenario}.yaml"
            out = tmp_path_factory.mktemp("r")
            made[key] = Result(run(path, overrides or {}, out=out, shuffle=shuffle, trace=tracing))
        return made[key]

    return ran


def same(one: Result, other: Result, tables: list[str]) -> bool:
    pairs = ((one.table(table), other.table(table)) for table in tables)
    return all(
        list(first) == list(second)
        and all(np.array_equal(np.ma.filled(first[name], -1), np.ma.filled(second[name], -1)) for name in first)
        for first, second in pairs
    )


@pytest.mark.parametrize(
    ("scenario", "overrides"),
    [
        ("smoke", {}),
        ("smoke", {"network.multicast": "tree", "sync.protocol": "markers"}),
        ("smoke", {"network.multicast": "unicast", "network.virtual_channels": 2}),
        ("smoke", {"network.engine": "ideal"}),
        ("traffic_uniform", SHORT),
    ],
)
def test_tracing_changes_no_number_and_shuffling_changes_no_trace(ran, scenario, overrides):
    plain, traced = ran(scenario, overrides, tracing=False), ran(scenario, overrides)
    assert numbers(plain) == numbers(traced)
    assert same(plain, traced, plain.tables)
    assert sorted(traced.tables) == sorted([*plain.tables, *TRACED])
    assert same(traced, ran(scenario, overrides, shuffle=3), traced.tables)


@pytest.mark.parametrize("scenario", ["smoke", "traffic_uniform"])
def test_hops_and_packets_are_all_those_that_the_summary_counts(ran, scenario):
    result = ran(scenario, SHORT if scenario == "traffic_uniform" else None)
    network = result.summary["network"]
    assert len(result.table("hop")["packet"]) == network["flit_hops"]
    packets = result.table("packet")
    assert len(packets["packet"]) == network["packets_injected"]
    assert packets["delivered"].sum() == network["packets_delivered"]
    if scenario == "smoke":
        assert packets["latency_ps"].max() == round(network["latency_ns"]["max"] * 1000)


def test_spans_of_a_unit_do_not_overlap_and_fill_what_the_tables_say(ran):
    result = ran()
    rows = result.sql("SELECT * FROM span ORDER BY unit, time_start_ps")
    spans = list(zip(rows["unit"], rows["time_start_ps"], rows["time_end_ps"], strict=True))
    assert all(one[0] != next_[0] or one[2] <= next_[1] for one, next_ in pairwise(spans))
    by_unit = result.sql(
        "SELECT pe.name, compute_s, (SELECT sum(time_end_ps - time_start_ps) FROM span WHERE unit = pe.name AND "
        "activity = 'compute') AS traced FROM pe WHERE units > 0"
    )
    assert np.allclose(by_unit["compute_s"] * 1e12, by_unit["traced"].astype(float), rtol=1e-12)


def test_a_hop_is_at_most_twenty_bytes_on_disk(ran):
    result = ran("traffic_uniform", SHORT | {"workload.measure_cycles": 1000})
    hops = result.summary["network"]["flit_hops"]
    assert hops > 50_000
    assert sum((result.path / f"{table}.parquet").stat().st_size for table in ("hop", "packet")) <= 20 * hops


def test_blocks_on_disk_make_the_same_tables_and_leave_nothing(ran, monkeypatch, tmp_path):
    monkeypatch.setattr(trace, "ROWS_TO_A_BLOCK", 64)
    cut = Result(run(SCENARIOS / "smoke.yaml", {}, tmp_path / "cut", trace=True))
    assert same(cut, ran(), TRACED)
    assert not list(cut.path.glob(".*"))


def test_a_window_and_names_keep_what_touches_them(ran):
    some = ran("smoke", {"trace": {"window_us": [100, 2000.5], "units": ["(1,1).*"]}})
    spans, packets = some.table("span"), some.table("packet")
    assert set(spans["unit"]) == {f"(1,1).{core}" for core in range(4)} == set(packets["source"])
    assert (spans["time_end_ps"] >= 100e6).all() and (spans["time_start_ps"] <= 2000.5e6).all()
    assert ((packets["time_sent_ps"] >= 100e6) & (packets["time_sent_ps"] <= 2000.5e6)).all() and len(packets["packet"])
    assert set(some.table("hop")["packet"]) == set(packets["packet"])
    everything = ran().sql(
        "SELECT packet FROM packet WHERE source LIKE '(1,1).%' AND time_sent_ps BETWEEN 1e8 AND 2.0005e9"
    )
    assert set(packets["packet"]) == set(everything["packet"])


def test_a_trigger_keeps_what_is_around_the_slowest_step(ran, monkeypatch):
    monkeypatch.setattr(trace, "ROWS_TO_A_BLOCK", 16)
    kept = ran("smoke", {"trace": {"trigger": "slowest_step", "around_us": 5.0}})
    ends = kept.sql("SELECT max(time_done_s) AS t FROM layer_step GROUP BY step ORDER BY step")["t"] * 1e12
    lasted = np.diff(ends, prepend=0)
    slowest = int(np.argmax(lasted))
    first, last = ends[slowest] - lasted[slowest] - 5e6, ends[slowest] + 5e6
    packets = kept.table("packet")["time_sent_ps"]
    assert ((packets >= first - 1) & (packets <= last + 1)).all()
    whole = ran().sql(f"SELECT count(*) AS n FROM packet WHERE time_sent_ps BETWEEN {first} AND {last}")
    assert len(packets) == whole["n"][0] > 10
    assert set(kept.table("hop")["packet"]) == set(kept.table("packet")["packet"])


def test_a_trigger_keeps_what_is_around_the_first_loss(ran):
    lossy = {"network.receive_fifo": {"policy": "drop", "packets": 1}}
    around = ran("smoke", lossy | {"trace": {"trigger": "first_loss", "around_us": 2.0}})
    whole = ran("smoke", lossy)
    packets = whole.sql("SELECT packet, time_sent_ps FROM packet WHERE lost > 0 ORDER BY time_sent_ps LIMIT 1")
    assert int(packets["packet"][0]) in set(around.table("packet")["packet"])
    assert 0 < len(around.table("packet")["packet"]) < len(whole.table("packet")["packet"])
    nothing = ran("smoke", {"trace": {"trigger": "first_loss"}})
    assert [len(next(iter(nothing.table(table).values()))) for table in TRACED] == [0] * len(TRACED)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"trace": {"units": ["(9,9).1"]}}, r"trace.units\[0\]: '\(9,9\).1' matches no unit of spinnaker2_chip"),
        ({"trace": {"window_us": [5, 5]}}, "trace.window_us: from 5"),
        ({"trace": {"window_us": [5, 6], "trigger": "first_loss"}}, "trace.window_us: a trigger finds its own window"),
    ],
)
def test_what_cannot_be_recorded_is_refused(asked, told, tmp_path):
    with pytest.raises(Refused, match=told):
        run(SCENARIOS / "smoke.yaml", asked, tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_the_slowest_step_of_traffic_is_refused(tmp_path):
    with pytest.raises(Refused, match=r"trace\.trigger: traffic has no steps"):
        run(SCENARIOS / "traffic_uniform.yaml", {"trace": {"trigger": "slowest_step"}}, tmp_path / "r")


def test_a_run_that_nobody_hears_is_the_same_and_its_cost_can_be_told(monkeypatch):
    monkeypatch.setattr(watching, "PROCESSES", 2)
    monkeypatch.setattr(watching, "ROUNDS", 1)
    cost = cost_of_watching(SCENARIOS / "smoke.yaml", {"workload.tokens": 2})
    assert min(cost.statistics_share, cost.tracing_share) > -1 and cost.bytes_per_hop > 0


@given(st.lists(st.lists(st.integers(-1, 2**62), min_size=1, max_size=9), min_size=1, max_size=4))
def test_blocks_give_back_the_numbers_that_were_written_whatever_their_size(tmp_path_factory, blocks):
    place = tmp_path_factory.mktemp("blocks")
    written = [
        Block.written(place / str(number), np.array([block, block[::-1]], np.int64), 0, 1)
        for number, block in enumerate(blocks)
    ]
    assert [[column.tolist() for column in one.columns()] for one in written] == [[b, b[::-1]] for b in blocks]
    assert np.result_type(*(kind for one in written for kind in one.types)).kind in "iu"


def test_a_loss_with_no_arrival_near_it_is_kept_with_its_packet(tmp_path):
    kernel = Kernel()
    tracer = trace.Tracer(kernel, FirstLoss(1_000_000), [], ["sender"], [])
    tracer.spool.directory = tmp_path
    lone = Packet("events", 1, 64, 1, 0, sent_at=5_000_000)

    def lose(_):
        tracer.handed_over("sender", lone, kernel.now)
        tracer.sent(lone, 1)
        tracer.lost("receiver", lone, 1, "dropped")

    kernel.at(5_000_000, 0, lose)
    kernel.run()
    tracer.finish()
    tracer.spool.write(tmp_path)
    asked = "SELECT delivered, lost, time_last_arrived_ps FROM read_parquet(?)"
    assert duckdb.execute(asked, [str(tmp_path / "packet.parquet")]).fetchall() == [(0, 1, None)]


def test_what_is_told_of_a_cost_is_each_piece_of_a_run_at_its_best_the_runs_taken_in_turn(monkeypatch):
    took = iter([([1.0, 5.0], 0.0), ([2.0, 3.0, 9.0], 7.0), ([4.0, 3.0], 0.0), ([6.0, 1.0, 3.0], 9.0)])
    made = []
    here = nullcontext(builtins)  # which has a `map` too: the one process is this one
    monkeypatch.setattr(watching, "ProcessPoolExecutor", lambda *_, **__: here)
    monkeypatch.setattr(watching, "PROCESSES", 1)
    monkeypatch.setattr(watching, "ROUNDS", 2)
    monkeypatch.setattr(watching, "_took", lambda run: made.append((type(run), bool(run.tracer))) or next(took))
    cost = cost_of_tracing(SCENARIOS / "traffic_uniform.yaml", {"workload.measure_cycles": 10})
    assert cost == (2 + 1 + 3) / (1 + 3) - 1 and made == [(TrafficRun, False), (TrafficRun, True)] * 2


def test_without_listeners_a_run_takes_the_same_time(ran):
    scenario, document = load(SCENARIOS / "smoke.yaml")
    run_unheard = Unheard(Setting.of(scenario, document), Kernel())
    run_unheard.kernel.run_out(lambda: None)
    assert run_unheard.kernel.now == round(ran().summary["time"]["total_s"] * 1e12)
