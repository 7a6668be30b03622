"""The glossary and real runs: nothing a run writes goes undefined, and nothing is defined that no run writes."""

from pathlib import Path

import numpy as np
import pytest

from sim.report.glossary import find, terms, undefined
from sim.report.result import Result
from sim.report.terminal import SECTIONS
from sim.simulate import run

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SHORT = {
    "smoke": {},
    "lm_trained": {"workload.tokens": 2, "workload.embedding": "dram", "formats.weights": "int8"},
    "lm_generate": {"workload.tokens": 3, "workload.generate.prompt_tokens": 2},
    "dvs_events": {"workload.frames": 2},
    "memory_port": {"workload.measure_cycles": 3000},
    "traffic_uniform": {"workload.warmup_cycles": 100, "workload.measure_cycles": 300},
}
VARIANTS = {
    "mesh": {"machine.topology": "mesh", "network.multicast": "tree", "sync.protocol": "markers"},
    "columns": {"compute": {"kernel": "event_columns", "idle": "busy_wait"}, "workload.decoder": "none"},
    "congestion": {"network.congestion": True},
    "traced": {"trace": {}},
    "ideal": {"network.engine": "ideal"},
    "lossy": {"network.receive_fifo": {"policy": "drop", "packets": 1}},
    "two chips": {"machine.topology": "spinnaker2_board", "machine.chips": 2},
    "overwriting": {"network.receive_fifo": {"policy": "overwrite", "packets": 1}},
}
TIMED = {"workload.tokens": 2, "sync": {"protocol": "timer", "schedule": "pipelined", "period_us": 50.0}}
BATCH = {
    "lm_trained": TIMED | {"workload.tokens": 1, "mapping.replicas": 2},
    "lm_generate": SHORT["lm_generate"] | {"mapping.replicas": 2},
}
OVER_CHIPS = SHORT["traffic_uniform"] | {"machine": {"topology": "spinnaker2_board", "chips": 2}}
STATES = ("compute", "receive", "send", "sync", "dma", "switch", "wait", "sleep")


def written(result: Result) -> set[str]:
    """The names, as the glossary has them, of everything in a result."""
    names = [f"{table}.{column}" for table in result.tables for column in result.table(table)]
    return {term.name for term in map(find, [*names, *leaves(result.summary)]) if term}


def leaves(section, above=""):
    for key, value in section.items():
        yield from leaves(value, f"{above}{key}.") if isinstance(value, dict) else [f"{above}{key}"]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    asked = [
        *SHORT.items(),
        *(("smoke", overrides) for overrides in VARIANTS.values()),
        ("lm_trained", TIMED),
        *BATCH.items(),
        ("traffic_uniform", OVER_CHIPS | {"workload.rate": 0.002}),
    ]
    paths = (run(SCENARIOS / f"{name}.yaml", o, out=tmp_path_factory.mktemp(name)) for name, o in asked)
    return [Result(path) for path in paths]


def test_every_name_that_a_run_writes_is_defined(results):
    assert [name for result in results for name in undefined(result)] == []


def test_every_name_that_is_defined_is_written_by_some_run(results):
    assert set(terms()) - set().union(*map(written, results)) == set()


def test_every_figure_on_the_screen_is_one_that_some_run_has(results):
    shown = {key for lines in SECTIONS.values() for line in lines for key in keys(line)}
    names = {name for result in results for name in leaves(result.summary)}
    above = {name.rpartition(".")[0] for name in names}
    assert shown - names - above == set()


def test_what_the_definitions_say_of_sums_holds(results):
    for result in (one for one in results if "network" in one.summary):
        network, link = result.summary["network"], result.table("link")
        assert network["packets_sent"] == network["packets_delivered"] + network["packets_lost"]
        assert network["packets_injected"] <= network["packets_sent"]
        assert network["flit_hops"] == link["flits"].sum()
        assert network["busiest_link_share"] == link["use_share"].max()


def test_what_the_definitions_say_of_steps_holds(results):
    for result in (one for one in results if "workload" in one.summary):
        time, work = result.summary["time"], result.summary["workload"]
        step, layers = result.table("step"), result.table("layer_step")
        last = layers["layer"] == layers["layer"].max()
        assert time["steps"] == last.sum() == work["steps"]
        assert time["steps_per_s"] == pytest.approx(time["steps"] / time["total_s"])
        ends = [layers["time_done_s"][last & own].max() for own in copies(layers)]
        assert time["step_mean_s"] == pytest.approx(np.mean(ends) * len(ends) / time["steps"])
        through = layers["time_done_s"][last] - layers["time_start_s"][layers["layer"] == 1]
        assert time["latency_mean_s"] == pytest.approx(through.mean())
        assert (work["macs"], work["macs_needed"]) == (step["macs"].sum(), step["macs_needed"].sum())
        assert work["events"] == layers["events"].sum() == step["events_sent"].sum()
        waited = (step["time_ready_s"] - step["time_start_s"]).sum()
        assert result.summary["sync"]["wait_share"] == pytest.approx(
            waited / (result.summary["pe"]["used"] * time["total_s"])
        )


def test_what_the_definitions_say_of_pes_holds(results):
    for result in (one for one in results if "pe" in one.summary):
        pe, summary = result.table("pe"), result.summary
        states = sum(pe[f"{state}_s"] for state in STATES)
        assert states == pytest.approx([summary["time"]["total_s"]] * summary["pe"]["available"])
        assert summary["pe"]["used"] == (pe["units"] > 0).sum()
        assert summary["memory"]["sram_max_bytes"] == pe["sram_bytes"].max()
        assert pe["packets_received"].sum() == result.table("step")["packets_received"].sum()


def copies(layers) -> list:
    """Which rows are of each copy of the network."""
    replica = layers.get("replica", np.zeros(len(layers["layer"]), int))
    return [replica == number for number in np.unique(replica)]


def keys(line: str) -> list[str]:
    return [part.partition("}")[0] for part in line.split("{")[1:]]
