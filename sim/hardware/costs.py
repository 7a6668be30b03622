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


def costs_paid(kernel: str, formats: Formats) -> frozenset[str]:
    """The names of the costs (fields of `Costs`) that such a run can pay."""
    names = ALWAYS | BY_KERNEL[kernel]
    if {formats.inputs, formats.events} != {"fp32"}:
        names |= {"convert_value_cycles"}
    if formats.weights == "int8":
        names |= {"int8_row_cycles"} | ({"int8_nonzero_cycles"} if kernel != "mac_array" else set())
    if formats.events_per_packet > 1:
        names |= {"pack_value_cycles"}
    return names
