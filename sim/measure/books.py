"""The books every run closes before it says done; one that does not close means the simulator is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.measure.critical_path import parts
from sim.measure.energy_summary import windows_agree
from sim.measure.network import Deliveries
from sim.measure.ran import Ran
from sim.measure.tables import use_shares

Books = dict[str, bool]


def network_books(deliveries: Deliveries, shares: Iterable[float]) -> Books:
    """What must hold for any traffic."""
    return {
        "sent_equals_delivered_plus_lost": _balanced(deliveries),
        "use_at_most_one": all(share <= 1 for share in shares),
    }


def run_books(ran: Ran) -> Books:
    """What must hold for a network's run that has come to its end."""
    recorder = ran.recorder
    noc = ran.machine.noc
    shares = use_shares(recorder.links.flits, noc.clock, noc.flit_cycles, ran.elapsed)
    return {
        **network_books(recorder.deliveries, shares),
        **({"energy_parts_sum_to_total": windows_agree(ran.account)} if ran.account else {}),
        "critical_path_sums_to_elapsed": sum(parts(recorder.path.end(ran.total_ps)).values()) == ran.total_ps,
        "time_never_runs_back": recorder.busy.overlaps == 0,
        "busy_plus_idle_equals_elapsed": all(
            recorder.busy.gapless(pe.name) and recorder.busy.busy(pe.name) <= ran.total_ps for pe in ran.machine.pes
        ),
    }


def open_books(books: Mapping[str, bool]) -> list[str]:
    """The names of those that do not close."""
    return [name for name, closed in books.items() if not closed]


def _balanced(deliveries: Deliveries) -> bool:
    return deliveries.sent_to_receivers == deliveries.received + deliveries.losses.total()
