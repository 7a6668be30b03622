"""What a choice must change, and what it must not: kernels, protocols, schedules."""

import pytest

from sim.scenario.complaints import Refused

SMALL = {
    "workload.weights.synthetic": {"layers": [64, 96, 96, 64], "sparsity": 0.8, "activity": 0.2, "vocabulary": 4000},
    "mapping.pes_per_layer": [8, 8, 8],
}


def figures(result):
    work, time = result.summary["workload"], result.summary["time"]
    return (work["events_by_layer"], work["outputs_sha256"]), time["total_s"]


def test_both_kernels_give_the_same_numbers_in_different_times(ran):
    rows, columns = (ran("smoke", SMALL | {"compute.kernel": kernel}) for kernel in ("csr_rows", "event_columns"))
    assert figures(rows)[0] == figures(columns)[0]
    assert figures(columns)[1] < figures(rows)[1]
    needed = rows.summary["workload"]["macs_needed"]
    assert columns.summary["workload"]["macs"] == columns.summary["workload"]["macs_needed"] == needed
    assert needed < rows.summary["workload"]["macs"]


def test_rows_are_walked_whole_in_every_step(ran):
    result = ran("smoke", SMALL)
    stored = int(result.table("pe")["nonzeros"].sum())
    assert result.summary["workload"]["macs"] == stored * result.summary["workload"]["steps"]


def test_barrier_and_markers_give_the_same_numbers_with_messages_of_their_own(ran):
    barrier, markers = (ran("smoke", SMALL | {"sync.protocol": protocol}) for protocol in ("barrier", "markers"))
    assert figures(barrier)[0] == figures(markers)[0]
    assert figures(barrier)[1] != figures(markers)[1]
    assert barrier.summary["sync"]["messages"] != markers.summary["sync"]["messages"]


@pytest.mark.parametrize("protocol", ["barrier", "markers"])
def test_a_pipeline_gives_the_same_numbers_sooner(ran, protocol):
    settings = SMALL | {"workload.tokens": 10, "sync.protocol": protocol}
    one_by_one, pipelined = (ran("smoke", settings | {"sync.schedule": s}) for s in ("sequential", "pipelined"))
    assert figures(one_by_one)[0] == figures(pipelined)[0]
    # Three layers work at once; the busiest alone bounds the gain.
    assert figures(pipelined)[1] < 0.7 * figures(one_by_one)[1]


def test_a_pipeline_is_refused_where_each_input_is_an_output(ran):
    with pytest.raises(Refused) as refused:
        ran("lm_generate", {"sync.schedule": "pipelined"})
    assert str(refused.value) == (
        "--set: sync.schedule: pipelined needs all inputs beforehand, but in workload.mode generate each input is the "
        "output of the step before; set sync.schedule to sequential, or workload.mode to score"
    )


def test_the_buffer_of_a_link_is_never_full_under_a_light_load(ran):
    light = {"workload.rate": 0.001, "workload.measure_cycles": 3000, "workload.warmup_cycles": 0}
    link = ran("traffic_uniform", light).table("link")
    # A flit and its credit take 7 cycles; at this rate hardly ever does another one follow so soon.
    assert link["queue_peak"].max() < 8


def test_perfect_balance_takes_the_same_work_shared_out_evenly(ran):
    mapped, even = (ran("smoke", SMALL | {"compute.balance": balance}) for balance in ("as_mapped", "perfect"))
    assert figures(mapped)[0] == figures(even)[0]
    assert figures(even)[1] < figures(mapped)[1]
    for layer in (1, 2, 3):
        own, shared = (
            sorted(
                time
                for time, of in zip(*(r.table("pe")[c] for c in ("compute_s", "layer")), strict=True)
                if of == layer
            )
            for r in (mapped, even)
        )
        assert own[-1] > own[0] and shared[-1] == shared[0]
        assert sum(shared) == pytest.approx(sum(own), rel=1e-4)


def test_weights_that_are_streamed_cannot_be_balanced(ran):
    with pytest.raises(Refused, match=r"compute\.balance: 'perfect' asked, but the weights of layer 1"):
        ran("smoke", {"mapping.weights": "dram", "compute.balance": "perfect"})
