"""What the links between chips carried, and the tables of links and chips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.ma as ma
import numpy.typing as npt

from sim.engine.packet import Flit, Packet
from sim.engine.probe import Crossing, Probe
from sim.machine.links import ChipLink
from sim.machine.machine import Chip
from sim.mapping.foresee import Foreseen
from sim.mapping.mapping import Entry, Mapping
from sim.measure.columns import Table
from sim.measure.messages import SYNC_KINDS
from sim.units import ps_to_ns


class Crossings(Probe):
    """Sums by the number of the link."""

    def __init__(self) -> None:
        self.packets: Counter[int] = Counter()
        self.link_packets: Counter[int] = Counter()
        self.resent: Counter[int] = Counter()
        self.bits: Counter[int] = Counter()
        self.busy: Counter[int] = Counter()
        self.waited: Counter[int] = Counter()
        self.peak: Counter[int] = Counter()
        self.reinjections: Counter[int] = Counter()
        self.by_kind: Counter[str] = Counter()
        self.layer_events = 0

    def crossed(self, flit: Flit, packet: Packet, crossing: Crossing) -> None:
        link = crossing.link
        self.packets[link] += 1
        self.link_packets[link] += crossing.link_packets
        self.resent[link] += crossing.resent
        self.bits[link] += crossing.bits
        self.busy[link] += crossing.busy
        self.waited[link] += crossing.start - crossing.seen
        self.peak[link] = max(self.peak[link], crossing.filled)
        self.by_kind[packet.kind] += 1
        self.layer_events += packet.kind == "events" and packet.population > 0

    def reinjected(self, packet: Packet, link: int) -> None:
        self.reinjections[link] += 1


def chip_link_table(links: Sequence[ChipLink], heard: Crossings, elapsed: int, foreseen: Foreseen | None) -> Table:
    """One row per directed link between chips, with what was foreseen of it, if anything was, beside what came of it;
    times in ns, as a link is no whole number of any clock's cycles."""
    packets = _column(links, heard.packets)
    waited = ps_to_ns(np.array([heard.waited[link.index] for link in links], np.float64))  # of all packets: no int64
    return {
        "link": np.arange(len(links)),
        "name": np.array([link.name for link in links], dtype=object),
        "kind": np.array([link.kind for link in links], dtype=object),
        "source_chip": np.array([link.source for link in links], dtype=np.int64),
        "target_chip": np.array([link.target for link in links], dtype=np.int64),
        "packets": packets,
        "bits": _column(links, heard.bits),
        **(_foreseen(foreseen) if foreseen else {}),
        "link_packets": _column(links, heard.link_packets),
        "resent": _column(links, heard.resent),
        "reinjected": _column(links, heard.reinjections),
        "use_share": _column(links, heard.busy) / elapsed,
        "waited_ns_mean": ma.masked_array(waited / np.maximum(packets, 1), mask=packets == 0),
        "queue_peak": _column(links, heard.peak),
    }


def _foreseen(of: Foreseen) -> Table:
    return {"foreseen_packets_per_step": of.packets, "foreseen_bits_per_step": of.bits}


def chip_table(chips: Sequence[Chip], mapping: Mapping, links: Table, pes: Table) -> Table:
    """One row per chip: what it holds, and what came over its links."""
    used = np.asarray(pes["units"]) > 0
    count = len(chips)
    return crossed_table(chips, mapping.entries, links) | {
        "pes_used": np.bincount(pes["chip"][used], minlength=count),
        "units": np.bincount(pes["chip"], pes["units"], count).astype(np.int64),
        "events_sent": np.bincount(pes["chip"], pes["events_sent"], count).astype(np.int64),
        "compute_s": np.bincount(pes["chip"], pes["compute_s"], count),
    }


def crossed_table(chips: Sequence[Chip], entries: Sequence[Entry], links: Table) -> Table:
    """One row per chip: where it is, its table, and what came and went over its links."""
    lines, count = Counter(entry.chip for entry in entries), len(chips)
    return {
        "chip": np.arange(count),
        "name": np.array([chip.name for chip in chips], dtype=object),
        "x": np.array([chip.x for chip in chips]),
        "y": np.array([chip.y for chip in chips]),
        "router_entries": np.array([lines[chip.index] for chip in chips], dtype=np.int64),
        "packets_in": np.bincount(links["target_chip"], links["packets"], count).astype(np.int64),
        "packets_out": np.bincount(links["source_chip"], links["packets"], count).astype(np.int64),
    }


def chips_section(chips: Table, links: Table, mapping: Mapping, heard: Crossings) -> dict[str, Any]:
    """The section `chips` of a summary."""
    return carried(links) | {
        "number": len(chips["chip"]),
        "used": int((chips["pes_used"] > 0).sum()),
        "event_crossings": heard.layer_events,
        "sync_packets_crossed": sum(heard.by_kind[kind] for kind in sorted(SYNC_KINDS)),
        "router_entries_max": int(chips["router_entries"].max()),
        "router_entries_defaulted": mapping.defaulted,
    }


def carried(links: Table) -> dict[str, Any]:
    """What went over all links between chips, and which was the busiest."""
    return _busiest(links) | {
        "packets_crossed": int(links["packets"].sum()),
        "link_packets": int(links["link_packets"].sum()),
        "resent": int(links["resent"].sum()),
        "reinjected": int(links["reinjected"].sum()),
    }


def estimate_section(links: Table, foreseen: Foreseen, steps: int) -> dict[str, Any]:
    """What was foreseen of a step beside what came of `steps`, over all links and on the link foreseen to be the
    busiest; nothing where no chip has a link or no step is over."""
    if not len(foreseen.packets) or not steps:
        return {}
    worst = foreseen.busiest
    return {
        "activity": "stated" if foreseen.stated else "all units fire",
        "packets_per_step": float(foreseen.packets.sum()),
        "bits_per_step": float(foreseen.bits.sum()),
        "busiest_link": str(links["name"][worst]),
        "busiest_link_packets_per_step": float(foreseen.packets[worst]),
        "busiest_link_bits_per_step": float(foreseen.bits[worst]),
        "carried_packets_per_step": float(links["packets"].sum() / steps),
        "carried_bits_per_step": float(links["bits"].sum() / steps),
        "carried_busiest_link_packets_per_step": float(links["packets"][worst] / steps),
        "carried_busiest_link_bits_per_step": float(links["bits"][worst] / steps),
    }


def _busiest(links: Table) -> dict[str, Any]:
    """The link that was in use most, where any is left between chips."""
    if not len(links["use_share"]):
        return {}
    busiest = int(np.argmax(links["use_share"]))
    return {
        "busiest_link": str(links["name"][busiest]),
        "busiest_link_share": float(links["use_share"][busiest]),
    }


def _column(links: Sequence[ChipLink], counts: Counter[int]) -> npt.NDArray[np.int64]:
    return np.array([counts[link.index] for link in links], dtype=np.int64)
