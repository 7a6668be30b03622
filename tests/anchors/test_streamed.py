"""Weights in DRAM: the same numbers, what it costs in bytes and time, and what does not fit."""

import pytest

from sim.scenario.complaints import Refused

BIG = {"workload.weights": {"synthetic": {"layers": [16, 96, 16], "sparsity": 0.0, "activity": 0.2, "vocabulary": 50}}}
BIG |= {"workload.tokens": 2, "workload.decoder": "none", "mapping.pes_per_layer": [1, 1]}
DRAM = {"mapping.weights": "dram", "workload.tokens": 2}


@pytest.fixture
def said(ran):
    return lambda **more: ran("smoke", DRAM | more.get("more", {})).summary


@pytest.mark.parametrize(
    "more",
    [
        {"sync": {"protocol": "markers", "schedule": "pipelined"}, "network.multicast": "tree"},
        {"compute.kernel": "event_columns", "mapping.sharing": "shared"},
        {
            "formats": {"weights": "int8"},
            "mapping.block_bytes": 512,
            "compute.kernel": "mac_array",
            "formats.inputs": "int8",
            "formats.events": "int8",
        },
    ],
    ids=["rows", "columns", "MAC array"],
)
def test_outputs_do_not_depend_on_where_weights_lie(ran, more):
    from_dram, kept = (ran("smoke", DRAM | more | {"mapping.weights": where}).summary for where in ("dram", "sram"))
    assert from_dram["workload"]["outputs_sha256"] == kept["workload"]["outputs_sha256"]
    assert from_dram["memory"]["sram_max_bytes"] < kept["memory"]["sram_max_bytes"]
    assert from_dram["memory"]["dram_bytes"] > 0 == kept["memory"]["dram_bytes"]
    assert from_dram["critical_path"]["dram_s"] > 0 == kept["critical_path"]["dram_s"]
    assert all(from_dram["books"].values())


def test_rows_read_everything_in_each_step_and_columns_what_fired(said):
    rows, columns = said(), said(more={"compute.kernel": "event_columns"})
    whole = rows["memory"]["dram_bytes"]
    assert rows["dram"]["read_bytes"] == pytest.approx(2 * whole, rel=0.01)
    assert columns["memory"]["dram_bytes"] == whole
    assert columns["dram"]["read_bytes"] < 1.2 * whole


def test_what_does_not_fit_is_refused_or_streamed(ran):
    with pytest.raises(Refused, match=r"bytes of SRAM for data needed"):
        ran("smoke", BIG)
    summary = ran("smoke", BIG | {"mapping.weights": "auto"}).summary
    slices = summary["memory"]["weight_store_mean_bytes"]
    assert slices["layer1"] < 5000 < slices["layer2"]
    assert summary["memory"]["dram_bytes"] == 8 * 3 * 96 * (16 + 96)


def test_a_memory_that_is_too_small_or_not_there_is_refused(ran):
    with pytest.raises(Refused, match=r"bytes to be kept in DRAM, dram0 holds 16384"):
        ran("smoke", DRAM | {"machine.override.dram": {"rows": 1, "columns": 1024}})
    with pytest.raises(Refused, match="mesh has no DRAM"):
        ran("smoke", DRAM | {"machine.topology": "mesh", "network.multicast": "tree"})


FAST = {
    f"machine.override.costs.{name}": cycles
    for name, cycles in {"csr_nonzero_cycles": 0.5, "csr_row_cycles": 1, "update_neuron_cycles": 10}.items()
}


@pytest.mark.parametrize(
    "slower",
    [
        {"machine.override.dram.dma_bytes_per_s": 0.2e9},
        {"machine.override.dram.controller_clocks": 1000},
        {"machine.override.costs.dma_setup_cycles": 3000},
        {"mapping.block_bytes": 64},
    ],
    ids=lambda slower: next(iter(slower)),
)
def test_slower_ways_to_the_weights_take_longer_where_the_memory_sets_the_pace(said, slower):
    assert said(more=FAST | slower)["time"]["total_s"] > said(more=FAST)["time"]["total_s"]


def test_fetching_hides_behind_work_where_work_sets_the_pace(ran):
    """Two buffers: with slow arithmetic only the first block of all is waited for."""
    slow = {"machine.override.costs.csr_nonzero_cycles": 60}
    kept, from_dram = (ran("smoke", DRAM | slow | {"mapping.weights": where}).summary for where in ("sram", "dram"))
    assert from_dram["time"]["total_s"] < 1.01 * kept["time"]["total_s"]


@pytest.mark.parametrize("cycles", [0.25, 0.8, 1, 1.25, 4])
def test_blocks_are_worked_on_while_others_come(ran, cycles):
    """A layer on one PE whose weights take more or less long to walk than to fetch: the longer of the two is what a
    step takes, and a little for beginning and end; one after the other they would take their sum."""
    asked = BIG | {"mapping.pes_per_layer": [1, 1], "workload.tokens": 6, "mapping.block_bytes": 4096}
    small = {"csr_row_cycles": 0, "update_neuron_cycles": 0, "receive_packet_cycles": 0, "receive_value_cycles": 0}
    walking = {"machine.override.costs": small | {"csr_nonzero_cycles": cycles}}

    def lasts(weights, override):
        summary = ran("smoke", asked | override | {"mapping.weights": weights}).summary
        return summary["time"]["by_layer_s"]["layer1"]

    room = {"machine.override.sram.total_bytes": 1 << 20}
    computing = lasts("sram", walking | room)
    fetching = lasts("dram", {"machine.override.costs": small | {"csr_nonzero_cycles": 0}})
    both = lasts("dram", walking)
    assert max(computing, fetching) <= both < 1.1 * max(computing, fetching)
