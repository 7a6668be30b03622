"""Receive FIFOs that fill up: what waits upstream, and what a run says of what it lost."""

import pytest

TINY = {"mapping.pes_per_layer": [4, 4, 4]}


def waits(result, kind):
    """Mean cycles waited over the flits of all links of a kind."""
    link = result.table("link")
    mine = (link["kind"] == kind) & (link["flits"] > 0)
    return float((link["waited_cycles_mean"][mine] * link["flits"][mine]).sum() / link["flits"][mine].sum())


def test_a_fifo_that_stalls_is_seen_in_the_waits_of_links_out_of_the_mesh_and_upstream_in_it(ran):
    """With room for one packet and one flit in each buffer, what one PE does not read holds up links it is not on."""
    asked = TINY | {"network.buffer_flits": 1}
    plain, stalled = (
        ran("smoke", asked | {"network.receive_fifo": fifo})
        for fifo in ({"policy": "grow"}, {"policy": "stall", "packets": 1})
    )
    for kind in ("ejection", "mesh", "injection"):
        assert waits(stalled, kind) > 2 * waits(plain, kind), kind
    assert stalled.summary["network"]["packets_lost"] == 0
    held_back = [result.table("pe")["packets_held_back"] for result in (plain, stalled)]
    assert held_back[0].sum() == 0 < held_back[1].sum() == stalled.summary["network"]["packets_held_back"]
    assert (held_back[1] <= stalled.table("pe")["packets_received"]).all()
    same = [result.summary["workload"]["outputs_sha256"] for result in (plain, stalled)]
    assert same[0] == same[1]
    assert stalled.summary["time"]["total_s"] > plain.summary["time"]["total_s"]


@pytest.mark.parametrize("policy", ["drop", "overwrite"])
def test_a_language_model_that_loses_events_says_how_many_where_and_that_its_outputs_are_affected(ran, policy):
    whole = ran("smoke", TINY)
    lossy = ran("smoke", TINY | {"network.receive_fifo": {"policy": policy, "packets": 1}})
    lost = lossy.summary["network"]["packets_lost"]
    pe = lossy.table("pe")
    assert lost == pe["packets_lost"].sum() > 0
    (warning,) = (text for text in lossy.summary["warnings"] if "lost" in text)
    worst = pe["name"][pe["packets_lost"].argmax()]
    cause = "dropped by a full receive FIFO" if policy == "drop" else "overwritten in a full receive FIFO"
    assert warning.startswith(f"{lost} packets were lost ({lost} {cause}; at {worst} {pe['packets_lost'].max()}, ")
    assert "outputs are affected" in warning
    assert lossy.summary["workload"]["outputs_sha256"] != whole.summary["workload"]["outputs_sha256"]
    assert whole.table("pe")["packets_lost"].sum() == 0


def test_the_scheduler_of_a_barrier_is_told_as_such_and_takes_what_every_program_takes(ran):
    pe = ran("smoke", TINY | {"sync.protocol": "barrier"}).table("pe")
    (scheduler,) = (pe["role"] == "scheduler").nonzero()[0]
    used = pe["role"] == "slices"
    assert used.sum() == (pe["units"] > 0).sum()
    assert 0 < pe["sram_bytes"][scheduler] < pe["sram_bytes"][used].min()
    assert (pe["sram_bytes"][pe["role"].mask] == 0).all()


def test_buffers_of_the_event_router_say_how_full_they_were(ran):
    link = ran("smoke", TINY).table("link")
    into_router = [name.startswith("event router") and name.endswith("out") for name in link["name"]]
    assert not link["queue_peak"].mask[into_router].any()
    assert 1 <= link["queue_peak"][into_router].max() <= 8
