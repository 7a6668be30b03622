"""What number formats and packing do to a whole run: packets, memory and time, and what they leave as it was."""

import pytest

from sim.scenario.complaints import Refused

ASKED = {"workload.tokens": 6, "mapping.pes_per_layer": [3, 3, 2]}


@pytest.fixture
def summary(ran):
    def summary(**formats):
        others = {key: formats.pop(key) for key in ("compute",) if key in formats}
        return ran("lm_trained", ASKED | {"formats": formats} | others).summary

    return summary


def packets(summary):
    return summary["network"]["packets_injected"]


def test_packed_events_are_fewer_packets_in_less_time_and_the_same_outputs(summary):
    alone, pairs, block = summary(), summary(events_per_packet=2), summary(packing="block", events_per_packet=4)
    assert alone["workload"] == pairs["workload"] == block["workload"]
    events = alone["workload"]["events"]
    slices, steps = 8, 6
    most_saved = packets(alone) - events // 2
    assert most_saved <= packets(pairs) <= most_saved + slices * steps
    assert packets(block) < packets(pairs) < packets(alone)  # half of the units fire, so blocks are well filled
    assert pairs["time"]["total_s"] < alone["time"]["total_s"]
    assert pairs["network"]["flit_hops"] < alone["network"]["flit_hops"]


def test_fp16_lets_more_values_share_a_packet(summary):
    four = summary(inputs="fp16")
    eight = summary(inputs="fp16", compute={"values_per_packet": 8})
    assert packets(four) - packets(eight) == 6 * (128 // 4 - 128 // 8)
    assert eight["host"]["input_bits"] < four["host"]["input_bits"]


def test_int8_weights_take_less_memory_and_more_cycles_and_say_what_they_change(summary):
    plain, narrow = summary(), summary(weights="int8", indices=16)
    assert narrow["memory"]["sram_max_bytes"] < plain["memory"]["sram_max_bytes"]
    assert (
        narrow["pe"]["compute_share"] * narrow["time"]["total_s"]
        > plain["pe"]["compute_share"] * plain["time"]["total_s"]
    )
    assert narrow["workload"]["quantisation"]["perplexity"] == narrow["workload"]["perplexity"]
    short = summary(indices=16)
    assert short["workload"] == plain["workload"] and short["time"] == plain["time"]
    assert narrow["memory"]["sram_max_bytes"] < short["memory"]["sram_max_bytes"] < plain["memory"]["sram_max_bytes"]


def test_dram_delivers_narrow_inputs_sooner(ran):
    asked = ASKED | {"workload.embedding": "dram", "compute.values_per_packet": 4}
    wide, narrow = (ran("lm_trained", asked | {"formats.inputs": form}).summary for form in ("fp32", "int8"))
    assert narrow["memory"]["dram_bytes"] * 4 == wide["memory"]["dram_bytes"]


def test_what_a_packet_of_the_machine_cannot_hold_is_refused(ran):
    with pytest.raises(Refused, match="8 fp32 values take 256 bits"):
        ran("smoke", {"compute.values_per_packet": 8})
    with pytest.raises(Refused, match=r"4 fp32 values take 128 bits, the largest payload of a packet has 64; set 2"):
        ran("smoke", {"machine.override.packets.payload_bits": [0, 32, 64]})


def test_the_mac_array_multiplies_all_and_pays_for_it_in_energy(ran):
    formats = {"weights": "int8", "inputs": "int8", "events": "int8"}
    asked = {"workload.tokens": 3, "mapping.pes_per_layer": [6, 8, 4], "formats": formats}
    rows, array = (
        ran("lm_trained", asked | {"compute.kernel": kernel}).summary for kernel in ("csr_rows", "mac_array")
    )
    assert array["workload"]["macs"] == 3 * 3 * (230 * (128 + 230) + 230 * (230 + 230) + 128 * (230 + 128))
    assert array["workload"]["outputs_sha256"] == rows["workload"]["outputs_sha256"]
    parts = array["energy"]["by_part_j"]
    assert parts["mac_array"] == pytest.approx(array["workload"]["macs"] * 0.351e-12)
    assert "mac_array" not in rows["energy"]["by_part_j"]


def test_a_summary_rests_on_costs_that_its_run_pays_and_on_no_others(summary):
    plain, narrow = summary(), summary(weights="int8", events_per_packet=2)
    assert "costs.csr_row_cycles" in plain["assumed"] and "costs.event_cycles" not in plain["assumed"]
    more = {"costs.int8_nonzero_cycles", "costs.int8_row_cycles", "costs.pack_value_cycles"}
    assert set(narrow["assumed"]) - set(plain["assumed"]) == more
