"""Which of the software's costs a run pays: they differ by kernel and by number formats."""

from __future__ import annotations

from typing import Final

from sim.scenario.formats import Formats

ALWAYS: Final = frozenset({"receive_packet_cycles", "update_neuron_cycles", "emit_event_cycles", "sync_message_cycles"})
BY_KERNEL: Final = {
    "csr_rows": frozenset({"receive_value_cycles", "csr_nonzero_cycles", "csr_row_cycles"}),
    "event_columns": frozenset({"receive_value_cycles", "event_cycles", "event_nonzero_cycles"}),
    "mac_array": frozenset(
        {"receive_value_cycles", "mac_array_setup_cycles", "mac_array_macs_per_cycle", "mac_array_use"}
    ),
}
"""`event_columns` pays `receive_value_cycles` for values that are zero, where any arrive."""


OF_STAGES: Final = {
    "int8": BY_KERNEL["mac_array"] | {"mac_array_conv_use", "stage_value_cycles", "dma_packet_cycles"},
    "fp32": frozenset({"fp32_mac_cycles", "stage_value_cycles", "dma_packet_cycles"}),
}
OF_READOUT: Final = frozenset({"fp32_mac_cycles", "receive_value_cycles", "dma_packet_cycles"})


OF_DECODER: Final = frozenset({"receive_value_cycles", "score_word_cycles", "dma_setup_cycles"})


def costs_paid(
    kernel: str, formats: Formats, arithmetic: str | None = None, *, streamed: bool = False, decodes: bool = False
) -> frozenset[str]:
    """The names of the costs (fields of `Costs`) that such a run can pay; `arithmetic` is that of the front end and
    readout of a workload that has them; `streamed` where weights may come from DRAM, `decodes` where PEs decode.
    """
    names = ALWAYS | BY_KERNEL[kernel]
    if streamed:
        names |= {"dma_setup_cycles"}
    if decodes:
        names |= OF_DECODER | (frozenset() if kernel == "mac_array" else {"fp32_mac_cycles"})
    if arithmetic is not None:
        names |= OF_STAGES[arithmetic] | OF_READOUT
    if {formats.inputs, formats.events} != {"fp32"}:
        names |= {"convert_value_cycles"}
    if formats.weights == "int8":
        names |= {"int8_row_cycles"} | ({"int8_nonzero_cycles"} if kernel != "mac_array" else set())
    if formats.events_per_packet > 1:
        names |= {"pack_value_cycles"}
    return names
